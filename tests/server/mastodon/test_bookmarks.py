"""Bookmarks, favourites, who marked a status, conversations of which one hears no more, and batches."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.bookmark import Bookmark
from models.mute import ConversationMute
from models.notification import Notification
from models.post import Post, Visibility
from server.members.blocks import block
from server.members.leaving import delete
from server.posts.actions import Draft, announce, like, publish
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, OWN_STATUS, Many, assert_shape


@pytest.mark.parametrize(
    ("verb", "back", "mark", "listed"),
    [("bookmark", "unbookmark", "bookmarked", "bookmarks"), ("favourite", "unfavourite", "favourited", "favourites")],
)
async def test_what_is_marked_is_found_again(
    zoe: AsyncClient, ali: AsyncClient, other_member: Actor, verb: str, back: str, mark: str, listed: str
):
    older, newer = await factories.post(other_member, "un"), await factories.post(other_member, "deux")
    for post in (newer, older, newer):
        assert (await zoe.post(f"/api/v1/statuses/{post.id}/{verb}")).json()[mark] is True

    found = await zoe.get(f"/api/v1/{listed}")
    assert_shape(found.json(), Many(OWN_STATUS))
    assert [(row["id"], row[mark]) for row in found.json()] == [(str(older.id), True), (str(newer.id), True)]
    assert (await ali.get(f"/api/v1/{listed}")).json() == []
    assert (await ali.get(f"/api/v1/statuses/{older.id}")).json()[mark] is False

    first = await zoe.get(f"/api/v1/{listed}", params={"limit": 1})
    second = await zoe.get(first.links["next"]["url"])
    assert [row["id"] for row in second.json()] == [str(newer.id)]
    assert [row["id"] for row in (await zoe.get(second.links["prev"]["url"])).json()] == [str(older.id)]

    assert (await zoe.post(f"/api/v1/statuses/{older.id}/{back}")).json()[mark] is False
    assert [row["id"] for row in (await zoe.get(f"/api/v1/{listed}")).json()] == [str(newer.id)]


async def test_of_a_boost_the_post_itself_is_kept(zoe: AsyncClient, other_member: Actor, section: Actor, ctx: Context):
    post = await factories.post(section)
    boost = await announce(other_member, post, ctx)
    assert (await zoe.post(f"/api/v1/statuses/{boost.id}/bookmark")).json()["id"] == str(post.id)
    assert (await zoe.get(f"/api/v1/statuses/{boost.id}")).json()["bookmarked"] is True


@pytest.mark.parametrize("listed", ["bookmarks", "favourites"])
async def test_what_may_no_longer_be_read_is_no_longer_there(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, ctx: Context, listed: str
):
    for author in (other_member, section):
        post = await factories.post(author)
        await Bookmark.create(actor=member, post=post)
        await like(member, post, ctx)
    await block(other_member, member, ctx)

    [left] = (await zoe.get(f"/api/v1/{listed}", params={"limit": 1})).json()
    assert left["account"]["acct"] == "lille"
    assert len((await zoe.get(f"/api/v1/{listed}")).json()) == 1

    await Post.filter(actor_id=section.id).update(visibility=Visibility.DIRECT)
    assert (await zoe.get(f"/api/v1/{listed}")).json() == []


async def test_a_page_is_full_though_much_of_it_may_no_longer_be_read(zoe: AsyncClient, member: Actor, section: Actor):
    wanted = []
    for number in range(12):
        visibility = Visibility.PUBLIC if number % 4 == 0 else Visibility.DIRECT
        post = await factories.post(section, str(number), visibility)
        await Bookmark.create(actor=member, post=post)
        wanted += [str(post.id)] if number % 4 == 0 else []
    newest = await zoe.get("/api/v1/bookmarks", params={"limit": 2})
    assert [row["id"] for row in newest.json()] == wanted[:0:-1]
    assert [row["id"] for row in (await zoe.get(newest.links["next"]["url"])).json()] == wanted[:1]
    upward = await zoe.get("/api/v1/bookmarks", params={"limit": 2, "min_id": "1"})
    assert [row["id"] for row in upward.json()] == wanted[1::-1]


async def test_what_one_may_not_read_cannot_be_marked(zoe: AsyncClient, other_member: Actor):
    hidden = await factories.post(other_member, visibility=Visibility.DIRECT)
    for verb in ("bookmark", "unbookmark", "mute", "unmute"):
        assert (await zoe.post(f"/api/v1/statuses/{hidden.id}/{verb}")).status_code == 404
    assert await Bookmark.all().count() + await ConversationMute.all().count() == 0


async def test_who_likes_a_post_is_told_to_its_author_alone(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    post = await factories.post(member)
    await like(other_member, post, ctx)
    await announce(other_member, post, ctx)
    address = f"/api/v1/statuses/{post.id}"

    found = (await zoe.get(f"{address}/favourited_by")).json()
    assert_shape(found, Many(ACCOUNT))
    assert [row["acct"] for row in found] == ["ali"]
    assert (await ali.get(f"{address}/favourited_by")).json() == []
    assert (await public.get(f"{address}/favourited_by")).json() == []

    assert [row["acct"] for row in (await ali.get(f"{address}/reblogged_by")).json()] == ["ali"]
    assert (await public.get(f"{address}/reblogged_by")).json() == []
    hidden = await factories.post(member, visibility=Visibility.DIRECT)
    for name in ("favourited_by", "reblogged_by"):
        assert (await ali.get(f"/api/v1/statuses/{hidden.id}/{name}")).status_code == 404


async def test_of_a_muted_conversation_nobody_is_told_until_it_is_unmuted(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    begun = await publish(member, Draft("Bonjour"), ctx)
    address = f"/api/v1/statuses/{begun.id}"
    assert (await zoe.post(f"{address}/mute")).json()["muted"] is True

    reply = await publish(other_member, Draft("@zoe oui", in_reply_to=begun), ctx)
    await publish(other_member, Draft("@zoe encore", in_reply_to=reply), ctx)
    await like(other_member, begun, ctx)
    assert await Notification.filter(recipient_id=member.id).count() == 0
    assert (await zoe.get(f"/api/v1/statuses/{reply.id}")).json()["muted"] is True

    await publish(other_member, Draft("@zoe autre chose"), ctx)
    assert await Notification.filter(recipient_id=member.id).count() == 1
    assert (await zoe.post(f"/api/v1/statuses/{reply.id}/unmute")).json()["muted"] is False
    await publish(other_member, Draft("@zoe alors", in_reply_to=begun), ctx)
    assert await Notification.filter(recipient_id=member.id).count() == 2


async def test_an_answer_from_a_server_with_another_name_for_it_belongs_to_the_conversation(
    zoe: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
):
    theirs = await factories.post(remote_actor, conversation_uri="https://far.test/contexts/1")
    await zoe.post(f"/api/v1/statuses/{theirs.id}/mute")
    reply = await factories.post(member, in_reply_to=theirs, conversation_uri="https://lille.test/contexts/2")
    await like(other_member, reply, ctx)
    assert await Notification.filter(recipient_id=member.id).count() == 0


async def test_several_statuses_come_in_the_order_asked_for(
    zoe: AsyncClient, public: AsyncClient, other_member: Actor
):  # fmt: skip
    posts = [await factories.post(other_member, str(number)) for number in range(3)]
    hidden = await factories.post(other_member, visibility=Visibility.FOLLOWERS)
    wanted = [str(post.id) for post in (posts[1], hidden, posts[0], posts[2])]
    for client in (zoe, public):
        found = (await client.get("/api/v1/statuses", params={"id[]": [*wanted, "7", "x"]})).json()
        assert [row["id"] for row in found] == [wanted[0], wanted[2], wanted[3]]
        assert (await client.get("/api/v1/statuses")).json() == []


async def test_several_accounts_come_in_the_order_asked_for(
    zoe: AsyncClient, public: AsyncClient, other_member: Actor, remote_actor: Actor, section: Actor, stranger: Actor
):
    await Actor.filter(id=stranger.id).update(blocked_at=stranger.published_at)
    wanted = [str(actor.id) for actor in (section, remote_actor, other_member, stranger)]
    found = (await zoe.get("/api/v1/accounts", params={"id[]": wanted})).json()
    assert_shape(found, Many(ACCOUNT))
    assert [row["id"] for row in found] == wanted[:3]
    seen = (await public.get("/api/v1/accounts", params={"id[]": wanted})).json()
    assert [row["id"] for row in seen] == [wanted[0], wanted[2]]


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, other_member: Actor):
    post = await factories.post(other_member)
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", "/api/v1/bookmarks"), ("GET", "/api/v1/favourites"),
        *(("POST", f"/api/v1/statuses/{post.id}/{verb}") for verb in ("bookmark", "unbookmark", "mute", "unmute")),
    ):  # fmt: skip
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403
    for path in ("/api/v1/statuses", "/api/v1/accounts", f"/api/v1/statuses/{post.id}/favourited_by"):
        assert (await other.get(path)).status_code == 403


async def test_bookmarks_go_with_their_owner(zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context):
    post = await factories.post(other_member)
    await zoe.post(f"/api/v1/statuses/{post.id}/bookmark")
    await zoe.post(f"/api/v1/statuses/{post.id}/mute")
    await delete(member, ctx)
    assert await Bookmark.all().count() + await ConversationMute.all().count() == 0
