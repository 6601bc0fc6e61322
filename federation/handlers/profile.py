"""What an actor says of itself: its profile changes, it goes.   Source: ActivityPub §7.3, §7.4."""

from collections.abc import Mapping
from typing import Any

from tortoise.expressions import F, Subquery
from tortoise.models import Model

from federation import attendance, taking_over
from federation.activities import Activity
from federation.actors import keep
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised
from federation.facts import ActorGone, Fact, OutOfSight
from federation.handlers import follow, reaction
from federation.handlers.handler import Effects
from federation.objects import actor as actor_object
from models.actor import Actor
from models.announcement import AnnouncementReaction, AnnouncementRead
from models.bookmark import Bookmark
from models.consent import Consent, Contact, Look
from models.conversation import Conversation
from models.event import Organising
from models.featured import FeaturedActor, FeaturedTag
from models.filters import Filter
from models.follow import Follow
from models.lists import Listed, ReadingList
from models.marker import Marker
from models.membership import JoinLink, Membership, MembershipHistory, Transfer
from models.moderation import Block
from models.mute import ConversationMute, HostMute, Mute
from models.notification import Notification
from models.notification_policy import NotificationPermission, NotificationPolicy
from models.participation import Participation
from models.poll import PollVote
from models.post import Post
from models.reaction import Announce, EmojiReaction, Like
from models.remark import Remark
from models.role import RoleHolder, RoleOffer
from models.scheduled import ScheduledPost
from models.tag_follow import TagFollow
from models.timeline import HomeRow

LAST_POSTS = 20  # so many are taken off the screens of whoever has a stream open
NOTHING_LEFT: Mapping[str, Any] = {
    "posts_count": 0, "last_post_at": None, "public_key_pem": "", "key_uri": None, "other_keys": {},
    "display_name": "", "note_html": "", "profile_fields": [], "icon_url": None, "image_url": None,
    "also_known_as": [], "moved_to_uri": None, "emojis": [],
}  # fmt: skip
# Rows that an actor's end takes along, by the columns that name it.
TAKEN_ALONG: tuple[tuple[type[Model], str], ...] = (
    (HomeRow, "actor_id"), (HomeRow, "owner_id"), (Notification, "actor_id"), (Notification, "recipient_id"),
    (Conversation, "owner_id"), (NotificationPolicy, "actor_id"), (NotificationPermission, "recipient_id"),
    (NotificationPermission, "actor_id"),
    (EmojiReaction, "actor_id"), (PollVote, "actor_id"), (Participation, "actor_id"),
    (Membership, "member_id"), (Membership, "group_id"), (MembershipHistory, "member_id"), (MembershipHistory, "group_id"),
    (Transfer, "member_id"), (Transfer, "origin_id"), (Transfer, "target_id"), (JoinLink, "maker_id"),
    (JoinLink, "group_id"), (RoleHolder, "holder_id"), (RoleOffer, "person_id"), (RoleOffer, "giver_id"),
    (Consent, "actor_id"), (Consent, "group_id"), (Contact, "group_id"), (Look, "group_id"),
    (Organising, "section_id"),
    (Block, "blocker_id"), (Block, "blocked_id"), (Listed, "actor_id"), (ReadingList, "owner_id"),
    (Filter, "owner_id"), (Bookmark, "actor_id"), (Mute, "muter_id"), (Mute, "muted_id"), (ConversationMute, "muter_id"),
    (HostMute, "muter_id"),
    (FeaturedTag, "actor_id"), (FeaturedActor, "actor_id"), (FeaturedActor, "featured_id"),
    (AnnouncementRead, "actor_id"), (AnnouncementReaction, "actor_id"),
    (TagFollow, "actor_id"), (ScheduledPost, "author_id"), (Marker, "actor_id"), (Remark, "writer_id"), (Remark, "about_id"),
    (Post, "actor_id"),
)  # fmt: skip


async def authorise(activity: Activity, ctx: Context) -> None:
    """An actor speaks for itself alone.

    Raises:
        NotAuthorised: it speaks of another.
    """
    if activity.object_uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.actor_uri} may not change {activity.object_uri}")


async def update(activity: Activity, ctx: Context) -> Effects:
    """Keep the new profile. Our own actors' rows were changed by the action that sent this."""
    actor = ctx.known.actor(activity.actor_uri)
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} does not say what the profile is now")
    if not actor.is_local and actor_object.is_suspended(activity.object):
        # such a document may lack all that makes it an actor
        await Actor.filter(id=actor.id).update(**actor_object.HIDDEN_PROFILE)
        actor.is_suspended = True
        return Effects((OutOfSight((actor.id,)),))
    if not actor.is_local:
        ctx.known.actors[actor.uri] = await keep(actor_object.read(activity.object, now=ctx.now()))
    return Effects()


async def delete(activity: Activity, ctx: Context) -> Effects:
    """The actor is gone, with its posts and its follows."""
    return await bury(ctx.known.actor(activity.actor_uri), ctx)


async def bury(actor: Actor, ctx: Context) -> Effects:
    """Remove what a gone actor left here; its row stays, so that its name is not taken for a new one."""
    facts: list[Fact] = []
    ended: list[str] = []
    for side in ({"follower_id": actor.id}, {"followed_id": actor.id}):
        for row in await Follow.filter(**side).select_related("follower", "followed"):
            ended.append(row.uri)
            facts += (await follow.end(row)).facts
    withdrawn = () if actor.is_local else await reaction.withdraw(Post.filter(actor_id=actor.id), ctx)
    gone = [str(uri) for uri in await Post.filter(actor_id=actor.id).values_list("uri", flat=True)]
    last_ids = await Post.last_open([actor.id], LAST_POSTS)
    ctx.known.deleted_uris.update(gone)
    coming = Participation.filter(actor_id=actor.id).values_list("uri", flat=True)
    ended += [str(uri) for uri in await coming if uri]
    left = Participation.filter(actor_id=actor.id, state__in=list(attendance.HOLDING), event__is_local=True)
    event_uris = tuple(str(uri) for uri in await left.order_by("id").values_list("event__uri", flat=True))
    await taking_over.forget(actor, ctx.now())
    await _take_back_everything(actor)
    actor.gone_at = ctx.now()
    await Actor.filter(id=actor.id).update(gone_at=actor.gone_at, **NOTHING_LEFT)
    return Effects((*facts, ActorGone(actor, (*gone, *ended), event_uris, last_ids)), withdrawn)


async def _take_back_everything(actor: Actor) -> None:
    """Delete what an actor published, liked and announced, and count it no more."""
    for rows, total in ((Like, "likes_count"), (Announce, "announces_count")):
        mine = rows.filter(actor_id=actor.id)
        await Post.filter(id__in=Subquery(mine.values("post_id"))).update(**{total: F(total) - 1})
        await mine.delete()
    await Post.uncount_replies_by(actor.id)
    for table, column in TAKEN_ALONG:
        await table.filter(**{column: actor.id}).delete()
