"""Whoever does not belong asks for everything there is: what is for the members of a section shows nowhere.

Not its words, nor a number that moves, nor that there is anything at its address.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from federation.context import Context
from federation.signatures import Signer
from models.member import Member
from models.poll import Poll
from models.post import Post
from server.activitypub.routes import ROUTES as ACTIVITYPUB
from server.config import read_settings
from server.front_door import Repeats
from server.main import create_app
from server.mastodon.routes import API
from server.oauth.tokens import create_token
from tests.server.activitypub import inner_life
from tests.server.activitypub.asker import Asker, Reply
from tests.server.activitypub.inner_life import (
    COMRADE,
    INNER,
    LEAVER,
    OUTSIDER,
    SECRET,
    SERVER_OF_LEAVER,
    TAG,
    InnerLife,
)
from tests.world import ACTIVITY_JSON, ORIGIN, World
from web.routes import ROUTES as WEB

NO_ROW = 123456789
ACCEPTS = (ACTIVITY_JSON, "text/html", "application/json")
NOT_ASKED = {"/about/source.tar.gz", "/static/{path}", "/setup/{token}", "/setup/done"}
QUERIES = ("?page=true", "?before=9223372036854775807", "?after=1", "?pinned=true", "?local=true", "?exclude_replies=1")


def paths_of(routes: Iterable[Any], prefix: str = "") -> list[str]:
    """Name the paths that can be read, with places for ids in them."""
    found = [route.path_format for route in routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return [prefix + path for path in found if path not in NOT_ASKED]


async def ids_of_what_is_inner(life: InnerLife) -> set[int]:
    polls = await Poll.filter(post__visibility=INNER).values_list("id", flat=True)
    posts = await Post.filter(visibility=INNER).values_list("id", flat=True)
    own = {int(match[0]) for uri in life.uris if uri.startswith(ORIGIN) and (match := re.search(r"\d+$", uri))}
    return own | {int(str(id_)) for id_ in (*polls, *posts)}


async def ids_of_what_is_open(life: InnerLife) -> set[int]:
    people = (life.section, life.member, life.former, life.comrade, life.outsider, life.leaver)
    posts = Post.filter(visibility="public").values_list("id", flat=True)
    return {actor.id for actor in people} | {int(str(id_)) for id_ in await posts}


def filled(path: str, id_: int, username: str = "lille") -> str:
    values = {"id": id_, "username": username, "version": "2.1", "name": TAG, "emoji": "👍", "quoting_id": id_}
    return path.format_map(defaultdict(lambda: "none", values))


def addresses(paths: Iterable[str], ids: Iterable[int]) -> list[str]:
    """Every address that these paths make of these ids, the pages of each among them."""
    plain = {filled(path, id_, name) for path in paths for id_ in ids for name in ("lille", "zoe", "ali")}
    fingers = {f"/.well-known/webfinger?resource=acct:{name}@lille.test" for name in ("zoe", "ali", "lille")}
    looked = {f"/api/v1/accounts/lookup?acct={name}" for name in ("zoe", "noor@far.test", "ines@third.test")}
    sought = {f"/api/v2/search?q={SECRET}", f"/api/v2/search?q=%23{TAG}"}
    return sorted(
        plain | {path + query for path in plain if "?" not in path for query in QUERIES} | fingers | looked | sought
    )


async def walk(
    asker: Asker, targets: Iterable[str], accepts: Iterable[str] = ACCEPTS, signer: Signer | None = None, **headers: str
) -> dict[tuple[str, str], Reply]:
    return {
        (target, accept): await asker.get(target, accept=accept, signer=signer, **headers)
        for target in targets
        for accept in accepts
    }


def new_asker(ctx: Context, world: World, folder: Path) -> Asker:
    """Somebody who asks an application that has answered nothing yet."""
    environment = {"COOPOLE_DATA": str(folder), "COOPOLE_ORIGIN": ORIGIN, "COOPOLE_API_REQUESTS": "0"}
    app = create_app(read_settings(environment))
    app.state.context = ctx
    app.state.repeats = Repeats(lambda: ctx.now().timestamp())
    return Asker(app, world)


def check_silent(replies: dict[tuple[str, str], Reply], life: InnerLife) -> None:
    """Fail where a reply has a word of what is for members, or names where it stands."""
    for asked, reply in replies.items():
        assert reply.status < 500, asked
        said = reply.body.decode() + " ".join(reply.headers.values())
        assert SECRET not in said, asked
        assert not [uri for uri in life.uris if uri in said and uri.removeprefix(ORIGIN) not in asked[0]], asked


def as_if(reply: Reply, id_: int) -> tuple[int, dict[str, str], bytes]:
    """Give a reply with the id that was asked for taken out of it."""
    status, headers, body = steady(reply)
    headers = {name: value.replace(str(id_), "_") for name, value in headers.items() if name != "content-length"}
    return status, headers, body.replace(str(id_).encode(), b"_")


def steady(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Give a reply without what is new each time: the token of a form and the question to a passkey, and their cookies."""
    headers = {name: value for name, value in reply.headers.items() if name != "set-cookie"}
    return (
        reply.status,
        headers,
        re.sub(rb'((?:name="(?:form_token|challenge)" value|data-options)=")[^"]+', rb"\1", reply.body),
    )


OF_A_ROW = [path for path in paths_of(ACTIVITYPUB) + paths_of(WEB) + paths_of(API, "/api") if "{id}" in path]


# A list of one's own followers is asked for by strangers too, whose key is fetched at any address.
FOR_SERVERS = [path for path in OF_A_ROW if not path.startswith("/api") and "followers_sync" not in path]


async def signer_of(who: str, world: World) -> Signer | None:
    return None if who == "nobody" else world.signer(who)


@pytest.mark.parametrize("who", ["nobody", OUTSIDER, LEAVER, SERVER_OF_LEAVER])
async def test_at_its_addresses_there_is_what_is_at_any_other(
    lived: InnerLife, asker: Asker, world: World, who: str
) -> None:
    signer = await signer_of(who, world)
    ids, accepts = await ids_of_what_is_inner(lived), ACCEPTS if signer is None else (ACTIVITY_JSON,)
    assert len(ids) > 15
    paths = OF_A_ROW if signer is None else FOR_SERVERS
    for path in paths:
        for username in ("lille", "zoe") if "{username}" in path else ("",):
            for accept in accepts:
                nothing = await asker.get(filled(path, NO_ROW, username), accept=accept, signer=signer)
                for id_ in ids:
                    target = filled(path, id_, username)
                    reply = await asker.get(target, accept=accept, signer=signer)
                    assert as_if(reply, id_) == as_if(nothing, NO_ROW), target
    assert world.fetched == []


async def test_whoever_left_finds_no_more_in_the_client_api_than_a_stranger(
    lived: InnerLife, asker: Asker, ctx: Context
) -> None:
    token = await create_token(await Member.get(actor_id=lived.former.id), ("read", "write"))
    bearer = {"authorization": f"Bearer {token}"}
    paths = paths_of(API, "/api")
    targets = addresses(paths, {*await ids_of_what_is_inner(lived), *await ids_of_what_is_open(lived)})
    sought = [f"/api/v2/search?q={uri}" for uri in lived.uris] + [f"/api/v2/search?q={SECRET}&type=statuses"]
    check_silent(await walk(asker, [*targets, *sought], ("application/json",), **bearer), lived)


async def test_whoever_left_can_do_nothing_with_it(lived: InnerLife, asker: Asker, ctx: Context) -> None:
    token = await create_token(await Member.get(actor_id=lived.former.id), ("read", "write", "follow"))
    paths = [
        (method, f"/api{route.path_format}")
        for route in API
        for method in sorted(route.methods or ())
        if method not in ("GET", "HEAD") and "{id}" in route.path_format and "/accounts/" not in route.path_format
    ]
    assert len(paths) > 10
    for id_ in await ids_of_what_is_inner(lived):
        for method, path in paths:
            target = filled(path, id_)
            reply = await asker.ask(method, target, authorization=f"Bearer {token}", content_type="application/json")
            assert reply.status in (404, 422), (method, target, reply.status)
            assert SECRET.encode() not in reply.body


@pytest.mark.parametrize("who", ["nobody", OUTSIDER, LEAVER])
async def test_nothing_that_everybody_may_read_changes_by_it(
    life: InnerLife, ctx: Context, world: World, tmp_path: Path, who: str
) -> None:
    signer = await signer_of(who, world)
    paths = paths_of(ACTIVITYPUB) + paths_of(WEB) + (paths_of(API, "/api") if signer is None else [])
    targets = addresses(paths, await ids_of_what_is_open(life))
    accepts = ACCEPTS if signer is None else (ACTIVITY_JSON,)
    before = await walk(new_asker(ctx, world, tmp_path), targets, accepts, signer)
    assert len([reply for reply in before.values() if reply.status == 200]) > 50

    await inner_life.speak(life, ctx)
    await inner_life.part(life, ctx)

    after = await walk(new_asker(ctx, world, tmp_path), targets, accepts, signer)
    check_silent(after, life)
    assert [asked for asked in after if steady(after[asked]) != steady(before[asked])] == []
    for (target, accept), reply in before.items():
        if "etag" in reply.headers:
            asked_again = {"if_none_match": reply.headers["etag"]}
            again = await new_asker(ctx, world, tmp_path).get(target, accept=accept, signer=signer, **asked_again)
            assert again.status == 304, target
            break


async def test_members_read_it(lived: InnerLife, asker: Asker, world: World) -> None:
    for uri in [uri for uri in lived.uris if uri.startswith(ORIGIN) and "/posts/" in uri]:
        post = await Post.get_or_none(uri=uri)
        reply = await asker.get(uri, signer=world.signer(COMRADE))
        assert (SECRET.encode() in reply.body) == (post is not None)
    token = await create_token(await Member.get(actor_id=lived.member.id), ("read",))
    home = await asker.get("/api/v1/timelines/home", authorization=f"Bearer {token}")
    assert home.body.count(f"{SECRET} encore".encode()) == 1
    assert home.body.count(f"{SECRET} mieux".encode()) == 2
