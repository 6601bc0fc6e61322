"""Search: who and what is found, by whom, and when other servers are asked."""

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from federation import findable, pipeline
from federation.activities import parse
from federation.context import Context
from federation.naming import Names
from models import database, search
from models.actor import Actor
from models.post import Post, Visibility
from server.members import profiles
from server.members.leaving import delete
from server.members.profiles import ProfileChanges
from server.posts.actions import Draft, publish
from server.search.queries import handle_at, post_at
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, OWN_STATUS, TAG, Many, assert_shape
from tests.world import ORIGIN, World

NOTHING: dict[str, object] = {"accounts": [], "statuses": [], "hashtags": []}


@pytest.fixture
def far(world: World) -> str:
    """Somebody nobody here has met, whose server answers WebFinger; their uri."""
    uri = "https://far.test/users/lou"
    world.serve(factories.actor_document(uri))
    jrd = {
        "subject": "acct:lou@far.test",
        "links": [{"rel": "self", "type": "application/activity+json", "href": uri}],
    }
    for resource in ("acct:lou@far.test", "acct%3Alou%40far.test"):
        url = f"https://far.test/.well-known/webfinger?resource={resource}"
        world.serve(jrd, url=url, content_type="application/jrd+json")
    return uri


async def found(client: AsyncClient, q: str, **more: object) -> list[str]:
    """Whom both searches find: their handles."""
    parameters = {"q": q, **more}
    first = await client.get("/api/v1/accounts/search", params=parameters)
    second = await client.get("/api/v2/search", params=parameters | {"type": "accounts"})
    assert_shape(second.json(), {"accounts": Many(ACCOUNT), "statuses": list, "hashtags": list})
    assert second.json()["accounts"] == first.json()
    return [row["acct"] for row in first.json()]


async def test_members_find_accounts_by_the_beginnings_of_their_names(
    zoe: AsyncClient, other_member: Actor, remote_actor: Actor
):
    await Actor.filter(id=remote_actor.id).update(display_name="Noor al-Fâr")
    await findable.index_actor(await Actor.get(id=remote_actor.id))

    assert await found(zoe, "no") == ["noor@far.test"]
    assert await found(zoe, "NOOR@fa") == ["noor@far.test"]
    assert await found(zoe, "al-f") == ["noor@far.test"]
    assert await found(zoe, "al") == ["ali", "noor@far.test"]
    assert await found(zoe, "@ali") == ["ali"]
    assert await found(zoe, "noor fa") == ["noor@far.test"]
    assert await found(zoe, "zoe") == ["zoe"]
    assert await found(zoe, "oor") == []
    assert await found(zoe, "nobody") == []
    assert await found(zoe, "") == []
    assert await found(zoe, "@") == []


async def test_wildcards_in_a_search_are_letters(zoe: AsyncClient, other_member: Actor):
    for text in ("%", "_", "%li", "a_i", "\\"):
        assert await found(zoe, text) == []


async def test_the_handle_asked_for_comes_first(zoe: AsyncClient, ctx: Context, other_member: Actor):
    await factories.member(ctx, "alice", "Alice")
    await Actor.filter(username="alice").update(followers_count=99)

    assert await found(zoe, "ali") == ["ali", "alice"]
    assert await found(zoe, "al") == ["alice", "ali"]
    assert await found(zoe, "al", limit=1) == ["alice"]


async def test_those_one_follows_come_first(zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context):
    alice = await factories.member(ctx, "alice", "Alice")
    await Actor.filter(id=other_member.id).update(followers_count=99)
    assert await found(zoe, "al") == ["ali", "alice"]
    await factories.follow(member, alice)
    assert await found(zoe, "al") == ["alice", "ali"]


async def test_whoever_is_called_otherwise_is_found_so(zoe: AsyncClient, ctx: Context, other_member: Actor):
    await profiles.edit(other_member, ProfileChanges(display_name="Aliénor"), ctx)
    assert await found(zoe, "alienor") == ["ali"]
    await profiles.edit(other_member, ProfileChanges(display_name=""), ctx)
    assert await found(zoe, "alienor") == []
    assert await found(zoe, "al") == ["ali"]


async def test_whoever_is_gone_is_in_no_index(zoe: AsyncClient, ctx: Context, other_member: Actor):
    await delete(other_member, ctx)
    assert await found(zoe, "al") == []
    assert (
        await database.select("SELECT 1 AS n FROM actor_words WHERE " + search.key() + " = $1", other_member.id) == []
    )


async def test_whom_their_home_suspends_leaves_the_index_until_they_are_back(
    zoe: AsyncClient, ctx: Context, remote_actor: Actor
):
    document = factories.actor_document(remote_actor.uri)
    for columns, handles in ((document | {"suspended": True}, []), (document, ["noor@far.test"])):
        update = factories.activity("Update", remote_actor.uri, columns, len(handles))
        await pipeline.submit(parse(update), acting=remote_actor, ctx=ctx)
        assert await found(zoe, "noor", limit=5) == handles or handles == []
        assert len(await database.select("SELECT 1 AS n FROM actor_words")) == 1 + len(handles)


async def test_following_narrows_a_search_to_those_one_follows(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    await factories.member(ctx, "alice", "Alice")
    await factories.follow(member, await Actor.get(username="alice"))

    assert await found(zoe, "al", following="true") == ["alice"]
    assert await found(zoe, "ali", following="true") == ["alice"]


async def test_who_declined_to_be_found_is_found_by_full_handle_alone(zoe: AsyncClient, other_member: Actor):
    await Actor.filter(id=other_member.id).update(is_discoverable=False)

    assert await found(zoe, "al") == []
    assert await found(zoe, "ali") == ["ali"]


async def test_the_public_finds_only_whom_it_can_name_in_full(public: AsyncClient, member: Actor, remote_actor: Actor):
    async def handles(q: str) -> list[str]:
        rows = (await public.get("/api/v2/search", params={"q": q})).json()["accounts"]
        return [row["acct"] for row in rows]

    assert await handles("z") == []
    assert await handles("zo") == []
    assert await handles("@zoe@lille.test") == ["zoe"]
    assert await handles("noor@far.test") == await handles(remote_actor.uri) == []
    await factories.post(remote_actor)
    assert await handles("noor@far.test") == ["noor@far.test"]
    assert await handles(remote_actor.uri) == ["noor@far.test"]
    assert (await public.get("/api/v1/accounts/search", params={"q": "zo"})).status_code == 401


async def test_resolving_a_handle_asks_its_server(zoe: AsyncClient, far: str, world: World):
    assert await found(zoe, "@lou@far.test") == []
    assert world.fetched == []

    assert await found(zoe, "@lou@far.test", resolve="true") == ["lou@far.test"]
    assert (await Actor.get(uri=far)).username == "lou"


async def test_resolving_a_uri_asks_its_server(zoe: AsyncClient, far: str):
    assert await found(zoe, far, resolve="true") == ["lou@far.test"]


async def test_resolving_the_address_of_a_profile_page_finds_its_actor(zoe: AsyncClient, far: str):
    assert await found(zoe, "https://far.test/@lou", resolve="true") == ["lou@far.test"]


async def test_the_address_of_a_profile_page_of_ours_finds_its_member(zoe: AsyncClient, other_member: Actor):
    assert await found(zoe, f"{ORIGIN}/@ali") == ["ali"]
    assert await found(zoe, other_member.uri) == ["ali"]


async def test_what_cannot_be_resolved_is_not_found(zoe: AsyncClient, world: World):
    for q in (
        "@lou@nowhere.test",
        "https://nowhere.test/users/x",
        "https://",
        "https://[",
        "a@b@c@d",
        "@@",
        "http://a b",
    ):
        assert await found(zoe, q, resolve="true") == [], q


async def test_a_beginning_of_a_name_asks_nobody(zoe: AsyncClient, world: World):
    await found(zoe, "lou", resolve="true")

    assert world.fetched == []


async def test_the_public_may_not_make_us_ask_other_servers(public: AsyncClient, far: str, world: World):
    answer = await public.get("/api/v2/search", params={"q": "@lou@far.test", "resolve": "true"})

    assert answer.status_code == 401
    assert world.fetched == []


async def test_a_token_without_the_scope_does_not_search(log_in: LogIn, member: Actor):
    client = await log_in(member, "write", "read:statuses")

    assert (await client.get("/api/v1/accounts/search?q=z")).status_code == 403
    assert (await client.get("/api/v2/search?q=z")).status_code == 403


async def test_the_address_of_a_post_finds_it(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    mine = await factories.post(member)
    theirs = await factories.post(remote_actor)
    await Post.filter(id=theirs.id).update(url="https://far.test/@noor/7")

    for address, post in (
        (mine.uri, mine), (f"{ORIGIN}/@zoe/{mine.id}", None), (theirs.uri, theirs), ("https://far.test/@noor/7", theirs),
    ):  # fmt: skip
        answer = (await zoe.get("/api/v2/search", params={"q": address})).json()
        assert_shape(answer["statuses"], Many(OWN_STATUS))
        assert [row["id"] for row in answer["statuses"]] == ([str(post.id)] if post else [])


async def test_the_page_of_a_post_of_ours_finds_it_for_the_public_too(public: AsyncClient, zoe: AsyncClient):
    sent = (await zoe.post("/api/v1/statuses", json={"status": "x"})).json()

    for address in (sent["url"], sent["uri"]):
        answer = (await public.get("/api/v2/search", params={"q": address})).json()
        assert [row["id"] for row in answer["statuses"]] == [sent["id"]]


async def test_a_post_is_at_its_address_for_its_readers_alone(ctx: Context, member: Actor, other_member: Actor):
    post = await factories.post(member, visibility=Visibility.FOLLOWERS)

    assert await post_at(post.uri, member, ctx.names) == post
    assert await post_at(post.uri, other_member, ctx.names) is None
    assert await post_at(post.uri, None, ctx.names) is None


async def test_a_search_goes_on_where_the_last_page_ended(zoe: AsyncClient, public: AsyncClient, ctx: Context):
    for name in ("alba", "alban", "albane"):
        await factories.member(ctx, name, name.title())

    async def page(offset: int) -> list[str]:
        asked = {"q": "alb", "offset": offset, "limit": 2, "type": "accounts"}
        return [row["acct"] for row in (await zoe.get("/api/v2/search", params=asked)).json()["accounts"]]

    assert [await page(0), await page(2), await page(4)] == [["alba", "alban"], ["albane"], []]
    assert await page(1) == ["alban", "albane"]
    assert (await zoe.get("/api/v2/search", params={"q": "alba", "offset": 20})).json() == NOTHING
    assert (await zoe.get("/api/v2/search", params={"q": "https://lille.test/@alba", "offset": 1})).json() == NOTHING
    assert (await public.get("/api/v2/search", params={"q": "alba", "offset": 1})).status_code == 401


async def test_words_find_statuses_accounts_and_hashtags_at_once(zoe: AsyncClient, other_member: Actor, ctx: Context):
    await Actor.filter(id=other_member.id).update(is_indexable=True)
    other_member.is_indexable = True
    post = await publish(other_member, Draft("Alignement des #alizes"), ctx)

    answer = (await zoe.get("/api/v2/search", params={"q": "ali"})).json()

    assert_shape(answer, {"accounts": Many(ACCOUNT), "statuses": Many(OWN_STATUS), "hashtags": Many(TAG)})
    assert [row["acct"] for row in answer["accounts"]] == ["ali"]
    assert [row["id"] for row in answer["statuses"]] == [str(post.id)]
    assert [(row["name"], row["following"]) for row in answer["hashtags"]] == [("alizes", False)]
    for kind in ("accounts", "statuses", "hashtags"):
        one = (await zoe.get("/api/v2/search", params={"q": "ali", "type": kind})).json()
        assert one == NOTHING | {kind: answer[kind]}


async def test_a_hashtag_is_no_name_and_a_handle_no_word(zoe: AsyncClient, other_member: Actor, ctx: Context):
    await publish(other_member, Draft("#ali @zoe"), ctx)

    tagged = (await zoe.get("/api/v2/search", params={"q": "#ali"})).json()
    named = (await zoe.get("/api/v2/search", params={"q": "@zoe"})).json()

    assert (tagged["accounts"], len(tagged["hashtags"]), len(tagged["statuses"])) == ([], 1, 1)
    assert ([row["acct"] for row in named["accounts"]], named["hashtags"], named["statuses"]) == (["zoe"], [], [])


async def test_the_public_finds_hashtags_but_nothing_by_words(public: AsyncClient, section: Actor, ctx: Context):
    await publish(section, Draft("Les #alizes"), ctx)

    answer = (await public.get("/api/v2/search", params={"q": "alizes"})).json()

    assert (answer["accounts"], answer["statuses"]) == ([], [])
    assert [row["name"] for row in answer["hashtags"]] == ["alizes"]
    assert "following" not in answer["hashtags"][0]


async def test_statuses_of_one_account_are_found(zoe: AsyncClient, member: Actor, section: Actor, ctx: Context):
    theirs, mine = await publish(section, Draft("alizes"), ctx), await publish(member, Draft("alizes"), ctx)

    async def ids(**more: object) -> list[str]:
        asked = {"q": "alizes", "type": "statuses", **more}
        return [row["id"] for row in (await zoe.get("/api/v2/search", params=asked)).json()["statuses"]]

    assert await ids() == [str(mine.id), str(theirs.id)]
    assert await ids(account_id=section.id) == [str(theirs.id)]
    assert await ids(max_id=mine.id) == [str(theirs.id)]
    assert await ids(min_id=theirs.id) == [str(mine.id)]
    assert (await zoe.get("/api/v2/search", params={"q": "x", "account_id": "y"})).status_code == 422


async def test_what_a_filter_hides_is_not_found(zoe: AsyncClient, section: Actor, ctx: Context):
    await publish(section, Draft("alizes"), ctx)
    hidden = {
        "title": "Vents",
        "context[]": "public",
        "filter_action": "hide",
        "keywords_attributes[0][keyword]": "alizes",
    }
    assert (await zoe.post("/api/v2/filters", data=hidden)).status_code == 200

    assert (await zoe.get("/api/v2/search", params={"q": "alizes"})).json()["statuses"] == []


async def test_resolving_the_address_of_a_post_fetches_it_with_its_author(zoe: AsyncClient, far: str, world: World):
    note = factories.note(far, 7)
    world.serve(note)
    world.serve(note, url="https://far.test/@lou/7")

    for address in ("https://far.test/@lou/7", note["id"]):
        asked = {"q": address, "type": "accounts", "resolve": "true"}
        assert (await zoe.get("/api/v2/search", params=asked)).json() == NOTHING
        answer = (await zoe.get("/api/v2/search", params={"q": address, "resolve": "true"})).json()
        assert [row["uri"] for row in answer["statuses"]] == [note["id"]]
        assert answer["accounts"] == []


async def test_a_post_that_is_not_for_everybody_is_not_fetched(zoe: AsyncClient, far: str, world: World):
    note = factories.note(far, 7, to=[f"{far}/followers"], cc=[])
    world.serve(note)

    answer = await zoe.get("/api/v2/search", params={"q": note["id"], "resolve": "true"})

    assert answer.json() == NOTHING
    assert await Post.all().count() == 0


async def test_a_page_that_is_neither_is_not_found(zoe: AsyncClient, far: str, world: World):
    world.serve(
        {"id": f"{far}/outbox", "type": "OrderedCollection", "@context": "https://www.w3.org/ns/activitystreams"}
    )

    for address in (f"{far}/outbox", f"{ORIGIN}/posts/1", "https://nowhere.test/x"):
        answer = await zoe.get("/api/v2/search", params={"q": address, "resolve": "true"})
        assert (answer.status_code, answer.json()) == (200, NOTHING)


async def test_a_search_for_one_kind_finds_no_other(zoe: AsyncClient, member: Actor, other_member: Actor):
    post = await factories.post(member, visibility=Visibility.PUBLIC)

    assert (await zoe.get("/api/v2/search", params={"q": "ali", "type": "hashtags"})).json()["accounts"] == []
    assert (await zoe.get("/api/v2/search", params={"q": post.uri, "type": "accounts"})).json()["statuses"] == []


@given(st.one_of(st.text(), st.from_regex(r"https?://[^\n]*"), st.from_regex(r"https://far\.test/@.*", fullmatch=True)))
def test_any_address_is_read_as_a_handle_or_as_none(address: str):
    handle = handle_at(address, Names(ORIGIN))

    assert handle is None or handle.strip("@") == handle
