"""A member's home asks the database as often for thirteen of anything as for three: one row for each page."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.bookmark import Bookmark
from models.follow import Follow, FollowState
from models.lists import Listed, ReadingList
from models.notification import Notification, NotificationType
from models.poll import PollOption
from models.post import Attachment, Mention, Post, PostTag
from models.quote import Quote, QuoteState
from models.reaction import Announce, Like
from models.tag_follow import TagFollow
from models.timeline import HomeRow
from tests import factories
from tests.web.test_member_queries import cost
from tests.web.test_queries import needs_sqlite
from tests.world import World

DOORS = {
    "/home": ("/home", 34),
    "/home/network": ("/home/network", 40),
    "/home/local": ("/home/local", 40),
    "/home/lists/{id:row}": ("/home/lists/{list}", 34),
    "/home/tags/{name}": ("/home/tags/nord", 34),
    "/home/bookmarks": ("/home/bookmarks", 34),
    "/home/favourites": ("/home/favourites", 34),
    "/threads/{id:row}": ("/threads/{post}", 44),
    "/notifications": ("/notifications", 40),
}


async def fill(
    ctx: Context, world: World, section: Actor, zoe: Actor, post: Post, of: ReadingList, numbers: range
) -> None:
    """Add, for each number, whatever any of these pages lists."""
    for number in numbers:
        author = await factories.remote_actor(ctx, world, f"https://far{number}.test/users/noor{number}", key=1)
        other = await factories.remote_actor(ctx, world, f"https://far{number}.test/users/max{number}", key=1)
        theirs = await factories.post(author, "nord")
        here = await factories.post(section, "ici", uri=f"{section.uri}/{number}")
        reply = await factories.post(other, "far", in_reply_to=post, in_reply_to_uri=post.uri)
        answer = await factories.post(author, "non", in_reply_to=reply, in_reply_to_uri=reply.uri)
        event = await factories.event(author, f"Réunion {number}")
        poll = await factories.poll(author)
        asked = await Post.get(id=poll.post_id).select_related("actor")
        quoting = await factories.post(author, "cite")
        await Quote.create(post=quoting, quoted=here, quoted_uri=here.uri, state=QuoteState.ACCEPTED)
        await Listed.create(list=of, actor=author)
        for shown in (theirs, here, reply, answer, event, asked, quoting):
            await HomeRow.bring_to([zoe.id], shown.id, shown.id, shown.actor_id)
            await Attachment.create(post=shown, url="https://far.test/1.png", media_type="image/png")
            await PostTag.create(post=shown, name="nord", shown="Nord")
            await Bookmark.create(actor=zoe, post=shown)
            await Like.create(uri=f"{shown.uri}#like", actor=zoe, post=shown)
            await Mention.create(post=shown, actor=zoe)
            await Notification.create(recipient=zoe, type=NotificationType.MENTION, actor=author, post=shown)
        shared = await factories.post(author, "encore")
        announce = await Announce.create(uri=f"{shared.uri}#a", actor=other, post=shared)
        await HomeRow.create(owner=zoe, post=shared, item_id=announce.id, actor=other, is_announce=True)
        await Notification.create(recipient=zoe, type=NotificationType.LIKE, actor=other, post=here)
        await Notification.create(recipient=zoe, type=NotificationType.FOLLOW, actor=other, is_filtered=True)
        await Follow.create(uri=f"{other.uri}/f", follower=other, followed=zoe, state=FollowState.REQUESTED)
        await TagFollow.create(actor=zoe, name=f"mot{number}")
        await ReadingList.create(owner=zoe, title=f"Liste {number}")
    assert await PollOption.all().count()


@needs_sqlite
async def test_a_page_asks_as_much_for_thirteen_as_for_three(
    zoe: AsyncClient, member: Actor, section: Actor, ctx: Context, world: World
) -> None:
    post = await factories.post(section, "Bonjour", uri=f"{section.uri}/first")
    of = await ReadingList.create(owner=member, title="Amis")
    costs = []
    for numbers in (range(3), range(3, 13)):
        await fill(ctx, world, section, member, post, of, numbers)
        named = {door: address.format(list=of.id, post=post.id) for door, (address, _) in DOORS.items()}
        named["requests"] = "/notifications?only=requests"
        costs.append({door: await cost(zoe, address) for door, address in named.items()})

    assert costs[0] == costs[1]
    assert {door: count for door, count in costs[1].items() if count > DOORS.get(door, ("", 30))[1]} == {}
