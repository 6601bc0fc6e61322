"""Telling of polls that closed: whoever asked, and whoever here voted."""

from collections.abc import Sequence

from federation.facts import PollClosed
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.poll import PollVote


async def on_poll_closed(facts: Sequence[PollClosed]) -> None:
    """Tell the author, if it is one of ours, and those of ours who voted; once each."""
    for fact in facts:
        votes = PollVote.filter(option__poll_id=fact.poll.id, actor__is_local=True)
        recipients = {int(str(id_)) for id_ in await votes.distinct().values_list("actor_id", flat=True)}
        if await Actor.exists(id=fact.post.actor_id, is_local=True):
            recipients.add(fact.post.actor_id)
        said = {"type": NotificationType.POLL, "actor_id": fact.post.actor_id, "post_id": fact.post.id}
        told = await Notification.filter(recipient_id__in=list(recipients), **said).values_list(
            "recipient_id", flat=True
        )
        recipients -= {int(str(id_)) for id_ in told}
        await Notification.bulk_create(Notification(recipient_id=id_, **said) for id_ in sorted(recipients))
