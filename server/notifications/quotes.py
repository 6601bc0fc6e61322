"""Telling of quotes: whoever wrote what is quoted."""

from collections.abc import Sequence

from federation.facts import Quoted
from models.notification import Notification, NotificationType
from models.notification_policy import Treatment
from models.post import Post
from server.notifications.policy import treatment


async def on_quoted(facts: Sequence[Quoted]) -> None:
    """Tell a member of ours who quotes its post, once, if it may read that."""
    for fact in facts:
        recipient = await fact.quoted.actor
        if not recipient.is_local or recipient.id == fact.author.id:
            continue
        said = {
            "recipient_id": recipient.id,
            "type": NotificationType.QUOTE,
            "actor_id": fact.author.id,
            "post_id": fact.post.id,
        }
        is_readable = await Post.visible_to(recipient).filter(id=fact.post.id).exists()
        if not is_readable or await Notification.exists(**said):
            continue
        decided = await treatment(recipient.id, NotificationType.QUOTE, fact.author, fact.post)
        if decided is not Treatment.DROP:
            await Notification.create(**said, is_filtered=decided is Treatment.FILTER)
