"""What facts members are told about."""

from collections.abc import Sequence

from federation.facts import Announced, FollowAccepted, Followed, FollowEnded, Liked, Moved, Posted
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post


async def _tell(recipient_id: int, type_: NotificationType, actor: Actor, post: Post | None = None) -> None:
    """Write one notification, unless the same was told before or somebody would be told of themselves."""
    if recipient_id == actor.id:
        return
    said = {"recipient_id": recipient_id, "type": type_, "actor_id": actor.id, "post_id": post.id if post else None}
    if not await Notification.exists(**said):
        await Notification.create(**said)


async def on_followed(facts: Sequence[Followed]) -> None:
    """Tell a member of ours who approves followers that somebody asks."""
    for fact in facts:
        if fact.followed.is_local and fact.followed.approves_followers:
            await _tell(fact.followed.id, NotificationType.FOLLOW_REQUEST, fact.follower)


async def on_follow_accepted(facts: Sequence[FollowAccepted]) -> None:
    """Tell a member of ours who follows it now."""
    for fact in facts:
        if fact.followed.is_local:
            asked = {"actor_id": fact.follower.id, "type": NotificationType.FOLLOW_REQUEST}
            await Notification.filter(recipient_id=fact.followed.id, **asked).delete()
            await _tell(fact.followed.id, NotificationType.FOLLOW, fact.follower)


async def on_follow_ended(facts: Sequence[FollowEnded]) -> None:
    """Take away what a member of ours was told of a request that is no more."""
    for fact in facts:
        if fact.followed.is_local:
            asked = {"actor_id": fact.follower.id, "type": NotificationType.FOLLOW_REQUEST}
            await Notification.filter(recipient_id=fact.followed.id, **asked).delete()


async def on_posted(facts: Sequence[Posted]) -> None:
    """Tell the members of ours whom a post names."""
    for fact in facts:
        if fact.mentioned:
            here = Actor.filter(id__in=list(fact.mentioned), is_local=True).values_list("id", flat=True)
            for id_ in await here:
                await _tell(int(str(id_)), NotificationType.MENTION, fact.author, fact.post)


async def on_liked(facts: Sequence[Liked]) -> None:
    """Tell a member of ours who likes its post."""
    for fact in facts:
        if fact.post.is_local:
            await _tell(fact.post.actor_id, NotificationType.LIKE, fact.actor, fact.post)


async def on_announced(facts: Sequence[Announced]) -> None:
    """Tell a member of ours who shows its post."""
    for fact in facts:
        if fact.post.is_local:
            await _tell(fact.post.actor_id, NotificationType.ANNOUNCE, fact.actor, fact.post)


async def on_moved(facts: Sequence[Moved]) -> None:
    """Tell the members of ours who followed an actor that it lives on under another name."""
    for fact in facts:
        for id_ in fact.follower_ids:
            await _tell(id_, NotificationType.MOVE, fact.actor)
