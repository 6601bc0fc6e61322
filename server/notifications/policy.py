"""What becomes of a notification by a member's own policy, and the policy itself.

Source: docs.joinmastodon.org/entities/NotificationPolicy. The strictest of what fits decides. Without a policy a member
hears everybody but the silenced whom they do not follow.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from tortoise import timezone

from models.actor import Actor
from models.follow import Follow, FollowState
from models.notification import NotificationType
from models.notification_policy import NotificationPermission, NotificationPolicy, Treatment
from models.post import Post, Visibility

KINDS = (
    "for_not_following",
    "for_not_followers",
    "for_new_accounts",
    "for_private_mentions",
    "for_limited_accounts",
)
NEW_FOR = timedelta(days=30)
FOLLOWER_AFTER = timedelta(days=3)
_STRICTEST = (Treatment.DROP, Treatment.FILTER, Treatment.ACCEPT)


async def policy_of(recipient_id: int) -> NotificationPolicy:
    """Give a member's policy, or the one that holds while they set none."""
    return await NotificationPolicy.get_or_none(actor_id=recipient_id) or NotificationPolicy(actor_id=recipient_id)


async def set_policy(recipient: Actor, changes: Mapping[str, Treatment]) -> NotificationPolicy:
    """Change parts of a member's policy, by the names in KINDS; it holds for what comes from now on."""
    await NotificationPolicy.update_or_create(dict(changes), actor_id=recipient.id)
    return await policy_of(recipient.id)


async def treatment(recipient_id: int, type_: NotificationType, actor: Actor, post: Post | None = None) -> Treatment:
    """Tell what becomes of a notification that an actor causes."""
    return await _judge(await policy_of(recipient_id), type_, actor, post)


async def treatments(recipient_id: int, type_: NotificationType, actors: Sequence[Actor]) -> dict[int, Treatment]:
    """Tell what becomes of notifications of one type that these actors cause, by their ids, in order."""
    policy = await policy_of(recipient_id)
    return {actor.id: await _judge(policy, type_, actor, None) for actor in actors}


async def _judge(policy: NotificationPolicy, type_: NotificationType, actor: Actor, post: Post | None) -> Treatment:
    recipient_id = policy.actor_id
    asked = {kind: getattr(policy, kind) for kind in KINDS if getattr(policy, kind) is not Treatment.ACCEPT}
    if not actor.is_silenced:
        asked.pop("for_limited_accounts", None)
    if not asked or await NotificationPermission.exists(recipient_id=recipient_id, actor_id=actor.id):
        return Treatment.ACCEPT
    fitting = {asked[kind] for kind in await _fitting(set(asked), recipient_id, type_, actor, post)}
    return next((one for one in _STRICTEST if one in fitting), Treatment.ACCEPT)


async def _fitting(
    kinds: set[str], recipient_id: int, type_: NotificationType, actor: Actor, post: Post | None
) -> set[str]:
    """Tell which of these kinds an actor, and what it did, belong to."""
    is_followed = await Follow.exists(follower_id=recipient_id, followed_id=actor.id, state=FollowState.ACCEPTED)
    is_private = type_ is NotificationType.MENTION and post is not None and post.visibility is Visibility.DIRECT
    found = set()
    if not is_followed:
        found |= {"for_not_following", "for_limited_accounts"}
        if is_private and "for_private_mentions" in kinds and not await _answers(post, recipient_id):
            found.add("for_private_mentions")
    if actor.published_at > timezone.now() - NEW_FOR:
        found.add("for_new_accounts")
    if "for_not_followers" in kinds and not await _is_settled_follower(actor, recipient_id):
        found.add("for_not_followers")
    return found & kinds


async def _answers(post: Post | None, recipient_id: int) -> bool:
    """Whether a post answers one of the recipient's: they spoke first."""
    return post is not None and await Post.exists(id=post.in_reply_to_id, actor_id=recipient_id)


async def _is_settled_follower(actor: Actor, recipient_id: int) -> bool:
    """Whether an actor follows the recipient, and not just since now."""
    since = timezone.now() - FOLLOWER_AFTER
    rows = Follow.filter(follower_id=actor.id, followed_id=recipient_id, state=FollowState.ACCEPTED)
    return await rows.filter(created_at__lt=since).exists()
