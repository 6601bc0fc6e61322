"""Finding an actor: here if we know it, else by asking its own server, and believing only what both sides say."""

from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from server.errors import NotFound
from server.follows.lookup import find, find_many, known
from tests import factories
from tests.world import World

MAX = "https://elsewhere.test/users/max"


def webfinger(world: World, handle: str, actor_uri: str, *, subject: str | None = None, aliases: Any = None) -> None:
    """Have the handle's server say whom it stands for."""
    host = handle.partition("@")[2]
    document = {
        "subject": f"acct:{subject or handle}",
        "links": [{"rel": "self", "type": "application/activity+json", "href": actor_uri}],
    }
    url = f"https://{host}/.well-known/webfinger?resource=acct:{handle}"
    world.serve(document, url=url, content_type="application/jrd+json")


@pytest.mark.parametrize(
    "text", ["zoe", "@zoe", "ZOE", "zoe@lille.test", "@Zoe@LILLE.test", "acct:zoe@lille.test", " zoe "]
)
async def test_one_of_ours_is_found_in_any_spelling(member: Actor, ctx: Context, world: World, text: str) -> None:
    assert (await find(text, ctx)).id == member.id
    assert world.fetched == []


@pytest.mark.parametrize(
    "text", ["noor@far.test", "@Noor@Far.TEST", "acct:noor@far.test", "https://far.test/users/noor"]
)
async def test_one_we_know_is_found_without_asking(remote_actor: Actor, ctx: Context, world: World, text: str) -> None:
    assert (await find(text, ctx)).id == remote_actor.id
    assert world.fetched == []


async def test_one_we_do_not_know_is_asked_for(ctx: Context, world: World) -> None:
    webfinger(world, "max@elsewhere.test", MAX)
    world.serve(factories.actor_document(MAX))
    found = await find("@max@elsewhere.test", ctx)
    assert (found.uri, found.handle) == (MAX, "max@elsewhere.test")
    assert len(world.fetched) == 2


async def test_an_actor_may_be_named_by_another_domain_that_it_names_itself(ctx: Context, world: World) -> None:
    uri = "https://social.elsewhere.test/users/max"
    webfinger(world, "max@elsewhere.test", uri)
    webfinger(world, "max@social.elsewhere.test", uri, subject="max@elsewhere.test")
    world.serve(factories.actor_document(uri))
    assert (await find("max@elsewhere.test", ctx)).handle == "max@elsewhere.test"
    assert (await find("max@elsewhere.test", ctx)).uri == uri


async def test_asked_under_its_servers_name_it_bears_the_other_one_all_the_same(ctx: Context, world: World) -> None:
    uri = "https://social.elsewhere.test/users/max"
    webfinger(world, "max@elsewhere.test", uri)
    webfinger(world, "max@social.elsewhere.test", uri, subject="max@elsewhere.test")
    world.serve(factories.actor_document(uri))
    assert (await find("max@social.elsewhere.test", ctx)).handle == "max@elsewhere.test"


@pytest.mark.parametrize("is_known", [True, False])
async def test_no_other_domain_takes_an_actor_over(
    ctx: Context, world: World, remote_actor: Actor, is_known: bool
) -> None:
    """Whoever runs evil.test may say that noor@evil.test is our Noor; only Noor's own server can confirm it."""
    uri = remote_actor.uri if is_known else MAX
    name, host = uri.rpartition("/")[2], uri.split("/")[2]
    webfinger(world, f"{name}@evil.test", uri)
    webfinger(world, f"{name}@{host}", uri)
    world.serve(factories.actor_document(uri))

    with pytest.raises(NotFound):
        await find(f"{name}@evil.test", ctx)

    assert {actor.handle_host for actor in await Actor.filter(uri=uri)} <= {host}


async def test_no_other_name_is_given_to_an_actor(ctx: Context, world: World, remote_actor: Actor) -> None:
    webfinger(world, "president@evil.test", remote_actor.uri)
    webfinger(world, "noor@far.test", remote_actor.uri, subject="president@evil.test")
    with pytest.raises(NotFound):
        await find("president@evil.test", ctx)
    assert (await Actor.get(id=remote_actor.id)).handle == "noor@far.test"


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "nobody", "nobody@lille.test", "max@", "@@max", "max@elsewhere.test", "max@else where.test", "a b",
        "https://void.test/1", "https://", "https://lille.test/actors/7", "http://[::1", "max@elsewhere.test/x", "a\x00b",
        "https://far.test/\x00", "max\x00@far.test", "max@far.test\x00",
    ],
)  # fmt: skip
async def test_whoever_is_not_there_is_not_found(ctx: Context, text: str) -> None:
    with pytest.raises(NotFound):
        await find(text, ctx)


@pytest.mark.parametrize("status", [0, 404, 410, 500])
async def test_a_server_that_does_not_answer_finds_nobody(ctx: Context, world: World, status: int) -> None:
    webfinger(world, "max@elsewhere.test", MAX)
    world.statuses[MAX] = status
    with pytest.raises(NotFound, match="cannot be found"):
        await find("max@elsewhere.test", ctx)


async def test_one_who_is_gone_is_not_known(ctx: Context, remote_actor: Actor, member: Actor) -> None:
    await Actor.all().update(gone_at=ctx.now())
    assert await known("noor@far.test", ctx) is None
    assert await known("zoe", ctx) is None


async def test_of_a_text_those_are_found_who_can_be(
    ctx: Context, world: World, member: Actor, remote_actor: Actor
) -> None:
    found = await find_many(["zoe", "nobody@void.test", "noor@far.test", "zoe"], ctx)
    assert {handle: actor.id for handle, actor in found.items()} == {"zoe": member.id, "noor@far.test": remote_actor.id}


async def test_no_text_makes_us_ask_a_thousand_servers(ctx: Context, world: World) -> None:
    assert await find_many([f"a@{number}.test" for number in range(100)], ctx, most=3) == {}
    assert {url.split("/")[2] for url in world.fetched} == {"0.test", "1.test", "2.test"}
