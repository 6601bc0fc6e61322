"""Conversations: what a member and a few others write to each other."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.conversation import Conversation
from models.post import Post, Visibility
from server.posts.actions import Draft, delete, publish
from tests import factories
from tests.federation.submitting import submit
from tests.server.api import LogIn
from tests.server.mastodon.shapes import CONVERSATION, Many, assert_shape

PATH = "/api/v1/conversations"


async def write(author: Actor, text: str, ctx: Context, parent: Post | None = None) -> Post:
    return await publish(author, Draft(text, Visibility.DIRECT, in_reply_to=parent), ctx)


async def listed(client: AsyncClient, query: str = "") -> list[tuple[list[str], str, bool]]:
    """What is in the list: (who else takes part, the id of the last post, whether it is unread)."""
    found = (await client.get(PATH + query)).json()
    assert_shape(found, Many(CONVERSATION))
    return [
        (sorted(actor["acct"] for actor in row["accounts"]), row["last_status"]["id"], row["unread"]) for row in found
    ]


async def test_a_conversation_goes_on_and_is_unread_to_the_other(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    first = await write(member, "@ali bonjour", ctx)
    assert await listed(zoe) == [(["ali"], str(first.id), False)]
    assert await listed(ali) == [(["zoe"], str(first.id), True)]

    answer = await write(other_member, "@zoe oui ?", ctx, first)
    assert await listed(zoe) == [(["ali"], str(answer.id), True)]
    assert await listed(ali) == [(["zoe"], str(answer.id), False)]


async def test_another_thread_or_other_people_are_another_conversation(
    zoe: AsyncClient, member: Actor, section: Actor, other_member: Actor, ctx: Context
):
    first = await write(member, "@ali bonjour", ctx)
    second = await write(member, "@ali autre chose", ctx)
    third = await write(member, "@ali et @lille", ctx, first)

    assert await listed(zoe) == [
        (["ali", "lille"], str(third.id), False),
        (["ali"], str(second.id), False),
        (["ali"], str(first.id), False),
    ]


async def test_what_arrives_from_elsewhere_begins_one_and_what_is_for_more_does_not(
    zoe: AsyncClient, member: Actor, remote_actor: Actor, ctx: Context
):
    mention = {"type": "Mention", "href": member.uri, "name": "@zoe"}
    private = factories.create(remote_actor.uri, 1, to=[member.uri], cc=[], tag=[mention])
    await submit(private, remote_actor, ctx)
    await publish(member, Draft("@noor@far.test bonjour"), ctx)

    post = await Post.get(visibility=Visibility.DIRECT)
    assert await listed(zoe) == [([remote_actor.handle], str(post.id), True)]


async def test_it_is_read(zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor, ctx: Context):
    await write(other_member, "@zoe bonjour", ctx)
    [found] = (await zoe.get(f"{PATH}/")).json()

    read = (await zoe.post(f"{PATH}/{found['id']}/read")).json()

    assert_shape(read, CONVERSATION)
    assert read == found | {"unread": False}
    assert (await ali.post(f"{PATH}/{found['id']}/read")).status_code == 404
    assert (await ali.delete(f"{PATH}/{found['id']}")).status_code == 404


async def test_it_is_put_away_until_somebody_writes_and_its_posts_stay(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    first = await write(other_member, "@zoe bonjour", ctx)
    [found] = (await zoe.get(PATH)).json()

    assert (await zoe.delete(f"{PATH}/{found['id']}")).json() == {}
    assert await listed(zoe) == []
    assert (await zoe.delete(f"{PATH}/{found['id']}")).status_code == 404
    assert await Post.exists(id=first.id)
    again = await write(other_member, "@zoe encore", ctx, first)
    assert await listed(zoe) == [(["ali"], str(again.id), True)]


async def test_without_its_last_post_the_one_before_is_shown_and_without_any_nothing(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    first = await write(other_member, "@zoe un", ctx)
    second = await write(other_member, "@zoe deux", ctx, first)
    [row] = await Conversation.filter(owner_id=member.id)

    await delete(other_member, second, ctx)
    assert await listed(zoe) == [(["ali"], str(first.id), True)]
    await delete(other_member, first, ctx)
    assert await listed(zoe) == []
    assert (await zoe.post(f"{PATH}/{row.id}/read")).status_code == 404


async def test_who_blocks_and_is_blocked_is_not_in_it(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    await write(other_member, "@zoe un", ctx)
    await factories.block(other_member, member)
    assert await listed(zoe) == []


async def test_pages_count_the_last_posts(zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context):
    posts = [await write(other_member, f"@zoe {number}", ctx) for number in range(3)]
    first = await zoe.get(f"{PATH}?limit=2")
    second = await zoe.get(first.links["next"]["url"])

    assert [row["last_status"]["id"] for row in first.json()] == [str(posts[2].id), str(posts[1].id)]
    assert [row["last_status"]["id"] for row in second.json()] == [str(posts[0].id)]
    assert await listed(zoe, f"?min_id={posts[0].id}&limit=1") == [(["ali"], str(posts[1].id), True)]


async def test_the_scopes(public: AsyncClient, log_in: LogIn, member: Actor):
    reader = await log_in(member, "read")

    assert (await public.get(PATH)).status_code == 401
    assert (await reader.get(PATH)).status_code == 200
    assert (await reader.post(f"{PATH}/1/read")).status_code == 403
    assert (await reader.delete(f"{PATH}/1")).status_code == 403
