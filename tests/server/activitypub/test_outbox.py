"""What an actor published for everybody, in pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import pipeline
from federation.activities import build
from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.activitypub.outbox import PAGE_ITEMS, read_before
from server.errors import NotFound
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker


async def publish(author: Actor, ctx: Context, text: str, visibility: Visibility = Visibility.PUBLIC) -> Post:
    return await actions.publish(author, Draft(text, visibility), ctx)


async def test_an_outbox_says_how_much_there_is_and_where_it_begins(asker: Asker, member: Actor, ctx: Context):
    await publish(member, ctx, "Un")
    await publish(member, ctx, "Deux", Visibility.UNLISTED)
    reply = await asker.get(f"{member.uri}/outbox")

    assert reply.json["id"] == member.outbox_uri
    assert reply.json["type"] == "OrderedCollection"
    assert reply.json["totalItems"] == 2
    assert reply.json["first"] == f"{member.outbox_uri}?page=true"
    assert "orderedItems" not in reply.json


async def test_posts_for_some_are_neither_shown_nor_counted(asker: Asker, member: Actor, ctx: Context):
    await publish(member, ctx, "entre nous", Visibility.FOLLOWERS)
    await publish(member, ctx, "pour toi", Visibility.DIRECT)

    assert (await asker.get(f"{member.uri}/outbox")).json["totalItems"] == 0
    assert (await asker.get(f"{member.uri}/outbox?page=true")).json["orderedItems"] == []


async def test_a_page_holds_the_activities_newest_first(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context):
    old = await publish(member, ctx, "Un")
    shown = await factories.post(remote_actor)
    announce = await actions.announce(member, shown, ctx)
    new = await publish(member, ctx, "Deux")
    page = (await asker.get(f"{member.uri}/outbox?page=true")).json

    assert (page["type"], page["partOf"]) == ("OrderedCollectionPage", member.outbox_uri)
    assert page["id"] == f"{member.outbox_uri}?page=true"
    assert [item["type"] for item in page["orderedItems"]] == ["Create", "Announce", "Create"]
    assert [item["object"]["id"] for item in page["orderedItems"][::2]] == [new.uri, old.uri]
    assert page["orderedItems"][1]["object"] == shown.uri
    assert page["orderedItems"][1]["id"] == announce.uri
    assert "next" not in page


async def test_each_activity_of_a_page_is_the_one_under_its_own_uri(asker: Asker, member: Actor, ctx: Context):
    await publish(member, ctx, "Bonjour #Lille")
    [item] = (await asker.get(f"{member.uri}/outbox?page=true")).json["orderedItems"]
    alone = (await asker.get(item["id"])).json

    assert alone.pop("@context")
    assert item == alone


async def test_a_post_whose_activity_is_not_kept_is_shown_without_its_name(asker: Asker, member: Actor, db: str):
    post = await factories.post(member)
    [item] = (await asker.get(f"{member.uri}/outbox?page=true")).json["orderedItems"]

    assert item["object"]["id"] == post.uri
    assert "id" not in item


async def test_the_pages_hold_everything_once(asker: Asker, member: Actor, db: str):
    posts = [await factories.post(member, f"{number}") for number in range(2 * PAGE_ITEMS + 3)]
    seen, address, sizes = [], f"{member.uri}/outbox?page=true", []
    while address:
        page = (await asker.get(address)).json
        assert page["id"] == address
        seen += [item["object"]["id"] for item in page["orderedItems"]]
        sizes.append(len(page["orderedItems"]))
        address = page.get("next")

    assert seen == [post.uri for post in reversed(posts)]
    assert sizes == [PAGE_ITEMS, PAGE_ITEMS, 3]


async def test_an_undone_announce_leaves_the_outbox(asker: Asker, member: Actor, remote_actor: Actor, ctx: Context):
    post = await factories.post(remote_actor)
    await actions.announce(member, post, ctx)
    await actions.unannounce(member, post, ctx)

    assert (await asker.get(f"{member.uri}/outbox")).json["totalItems"] == 0
    assert (await asker.get(f"{member.uri}/outbox?page=true")).json["orderedItems"] == []


async def test_an_announce_for_followers_alone_is_not_in_the_outbox(
    asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
):
    post = await factories.post(remote_actor)
    to = [member.followers_uri]
    announce = build("Announce", member, post.uri, uri=ctx.names.new_activity(), to=to)
    await pipeline.submit(announce, acting=member, ctx=ctx)

    assert (await asker.get(f"{member.uri}/outbox?page=true")).json["orderedItems"] == []


async def test_the_outbox_of_the_server_itself_is_empty(asker: Asker, instance: Actor):
    assert (await asker.get("/actor/outbox")).json["totalItems"] == 0


async def test_a_gone_actor_has_no_outbox(asker: Asker, member: Actor, ctx: Context):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    assert (await asker.get(f"{member.uri}/outbox")).status == 410
    assert (await asker.get(f"{member.uri}/outbox?page=true")).status == 410


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "1.5", "9223372036854775808", "1" * 5000, "%00", "%D9%A1"])
async def test_a_page_that_cannot_be_is_not_found(asker: Asker, member: Actor, before: str):
    assert (await asker.get(f"{member.uri}/outbox?before={before}")).status == 404


@given(st.text() | st.integers().map(str))
def test_any_beginning_of_a_page_is_read_or_refused(text: str):
    try:
        before = read_before(text)
    except NotFound:
        return
    assert 0 < before < 2**63
    assert int(text) == before


@given(st.integers(1, 2**63 - 1))
def test_the_id_of_any_row_is_a_beginning(id_: int):
    assert read_before(str(id_)) == id_
