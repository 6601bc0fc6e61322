"""What facts members are told about."""

from collections.abc import Mapping, Sequence

from tortoise.expressions import Q, Subquery

from federation.facts import (
    Announced,
    Blocked,
    FollowAccepted,
    Followed,
    FollowEnded,
    Invited,
    JoinAnswered,
    JoinAsked,
    Liked,
    MembershipEnded,
    Moved,
    Posted,
    Reacted,
    Reported,
)
from models.actor import Actor, ActorType
from models.follow import Follow
from models.member import Member, MemberRole
from models.moderation import Block
from models.mute import HostMute, Mute, is_deaf
from models.notification import Notification, NotificationType
from models.notification_policy import Treatment
from models.post import OPEN, Post, Visibility
from models.rows import create
from server.notifications.policy import treatment, treatments

FOR_FOLLOWERS = (*OPEN, Visibility.FOLLOWERS)


async def _tell(recipient_id: int, type_: NotificationType, actor: Actor, post: Post | None = None) -> None:
    """Write one notification, unless the same was told before or somebody would be told of themselves.

    Nor is anybody told of one whom they block, or who blocks them, or of what they muted; of others their policy decides.
    """
    if recipient_id == actor.id or await Block.is_between(recipient_id, actor.id):
        return
    if await Notification.was_told(recipient_id, type_, actor.id, post.id if post else None):
        return
    if await is_deaf(recipient_id, actor.id, post.id if post else None):
        return
    if (decided := await treatment(recipient_id, type_, actor, post)) is not Treatment.DROP:
        said = {"type": type_, "actor": actor, "post": post, "is_filtered": decided is Treatment.FILTER}
        await create(Notification, recipient_id=recipient_id, **said)


async def on_followed(facts: Sequence[Followed]) -> None:
    """Tell a member of ours who approves followers that somebody asks."""
    for fact in facts:
        if fact.followed.is_local and fact.followed.approves_followers:
            await _tell(fact.followed.id, NotificationType.FOLLOW_REQUEST, fact.follower)


async def on_follow_accepted(facts: Sequence[FollowAccepted]) -> None:
    """Tell a member of ours who follows it now."""
    by_followed: dict[int, dict[int, Actor]] = {}
    for fact in facts:
        if fact.followed.is_local:
            by_followed.setdefault(fact.followed.id, {})[fact.follower.id] = fact.follower
    for recipient_id, followers in by_followed.items():
        asked = Notification.filter(recipient_id=recipient_id, type=NotificationType.FOLLOW_REQUEST)
        await asked.filter(actor_id__in=list(followers)).delete()
        await _tell_of_followers(recipient_id, followers)


async def _tell_of_followers(recipient_id: int, followers: Mapping[int, Actor]) -> None:
    """Do for many new followers, by id, what `_tell` does for one."""
    if len(followers) == 1:
        [follower] = followers.values()
        await _tell(recipient_id, NotificationType.FOLLOW, follower)
        return
    ids = list(followers)
    between = Q(blocker_id=recipient_id, blocked_id__in=ids) | Q(blocker_id__in=ids, blocked_id=recipient_id)
    kept_from = {id_ for pair in await Block.filter(between).values_list("blocker_id", "blocked_id") for id_ in pair}
    deaf = Mute.filter(muter_id=recipient_id, muted_id__in=ids, hides_notifications=True)
    kept_from |= set(await deaf.values_list("muted_id", flat=True))
    hosts = set(await HostMute.filter(muter_id=recipient_id).values_list("host", flat=True))
    kept_from |= {id_ for id_, actor in followers.items() if hosts & {actor.host, actor.handle_host}}
    told = Notification.filter(recipient_id=recipient_id, type=NotificationType.FOLLOW, actor_id__in=ids)
    kept_from |= {recipient_id, *await told.values_list("actor_id", flat=True)}
    new = [followers[id_] for id_ in ids if id_ not in kept_from]
    decided = await treatments(recipient_id, NotificationType.FOLLOW, new)
    said = {"recipient_id": recipient_id, "type": NotificationType.FOLLOW}
    await Notification.bulk_create(
        Notification(actor_id=id_, is_filtered=what is Treatment.FILTER, **said)
        for id_, what in decided.items()
        if what is not Treatment.DROP
    )


async def on_follow_ended(facts: Sequence[FollowEnded]) -> None:
    """Take away what a member of ours was told of a request that is no more."""
    for fact in facts:
        if fact.followed.is_local:
            asked = {"actor_id": fact.follower.id, "type": NotificationType.FOLLOW_REQUEST}
            await Notification.filter(recipient_id=fact.followed.id, **asked).delete()


async def on_posted(facts: Sequence[Posted]) -> None:
    """Tell the members of ours whom a post names, and those who want to be told of each post of its author."""
    for fact in facts:
        if fact.mentioned:
            here = Actor.filter(id__in=list(fact.mentioned), is_local=True).values_list("id", flat=True)
            for id_ in await here:
                await _tell(int(str(id_)), NotificationType.MENTION, fact.author, fact.post)

    await _tell_who_asked(facts)


async def _tell_who_asked(facts: Sequence[Posted]) -> None:
    """Tell of new posts for followers or for everybody, but of no answers to others."""
    begun = [fact for fact in facts if fact.post.in_reply_to_uri is None and fact.post.visibility in FOR_FOLLOWERS]
    if not begun:
        return
    asked = await Follow.to_be_told(list({fact.author.id for fact in begun}))
    for fact in begun:
        for follower_id in (follower_id for author_id, follower_id in asked if author_id == fact.author.id):
            if follower_id not in fact.mentioned:
                await _tell(follower_id, NotificationType.STATUS, fact.author, fact.post)


async def on_liked(facts: Sequence[Liked]) -> None:
    """Tell a member of ours who likes its post."""
    for fact in facts:
        if fact.post.is_local:
            await _tell(fact.post.actor_id, NotificationType.LIKE, fact.actor, fact.post)


async def on_announced(facts: Sequence[Announced]) -> None:
    """Tell a member of ours who shows its post; a server that lists events is nobody."""
    for fact in facts:
        if fact.post.is_local and fact.actor.type is not ActorType.APPLICATION:
            await _tell(fact.post.actor_id, NotificationType.ANNOUNCE, fact.actor, fact.post)


async def on_reacted(facts: Sequence[Reacted]) -> None:
    """Tell a member of ours who answers its post with an emoji."""
    for fact in facts:
        if fact.post.is_local:
            await _tell(fact.post.actor_id, NotificationType.EMOJI_REACTION, fact.actor, fact.post)


async def on_blocked(facts: Sequence[Blocked]) -> None:
    """Take away what two were told of each other, one of whom wants nothing to do with the other."""
    for fact in facts:
        ids = (fact.blocker.id, fact.blocked.id)
        between = Q(recipient_id=ids[0], actor_id=ids[1]) | Q(recipient_id=ids[1], actor_id=ids[0])
        await Notification.filter(between).delete()


async def on_membership_ended(facts: Sequence[MembershipEnded]) -> None:
    """Take away what somebody was told of that is for the members of a group, to which they no longer belong."""
    for fact in facts:
        for_members = Post.filter(group_id=fact.group.id, visibility=Visibility.SECTION).exclude(
            actor_id=fact.member.id
        )
        await Notification.filter(recipient_id=fact.member.id, post_id__in=Subquery(for_members.values("id"))).delete()


async def on_reported(facts: Sequence[Reported]) -> None:
    """Tell the administrators that somebody was reported, each time; not one who is reported."""
    for fact in facts:
        admins = Member.filter(role=MemberRole.ADMIN, disabled_at=None, actor__gone_at=None)
        for id_ in await admins.exclude(actor_id=fact.reported.id).values_list("actor_id", flat=True):
            await Notification.create(
                recipient_id=int(str(id_)), type=NotificationType.ADMIN_REPORT, actor_id=fact.report.reporter_id
            )


async def on_invited(facts: Sequence[Invited]) -> None:
    """Tell a member of ours that they are asked to come to an event."""
    for fact in facts:
        if fact.invited.is_local:
            await _tell(fact.invited.id, NotificationType.EVENT_INVITE, fact.inviter, fact.event)


async def on_join_asked(facts: Sequence[JoinAsked]) -> None:
    """Tell an organiser of ours who asks to come."""
    for fact in facts:
        if fact.event.is_local:
            await _tell(fact.event.actor_id, NotificationType.EVENT_REQUEST, fact.actor, fact.event)


async def on_join_answered(facts: Sequence[JoinAnswered]) -> None:
    """Tell a member of ours that the organiser has decided."""
    for fact in facts:
        if fact.actor is not None and fact.actor.is_local:
            await _tell(fact.actor.id, NotificationType.EVENT_ANSWER, fact.organiser, fact.event)


async def on_moved(facts: Sequence[Moved]) -> None:
    """Tell the members of ours who followed an actor that it lives on under another name."""
    for fact in facts:
        for id_ in fact.follower_ids:
            await _tell(id_, NotificationType.MOVE, fact.actor)
