"""Telling of organising together: who manages a section learns that it is asked, and what others answered it."""

from collections.abc import Sequence

from federation.facts import OrganisingAnswered, OrganisingAsked, OrganisingTakenBack
from models.notification import Notification, NotificationType
from server.notifications.membership import tell_managers


async def on_asked(facts: Sequence[OrganisingAsked]) -> None:
    """Tell those who manage a section of ours that another one asks it to organise an event, too."""
    for fact in facts:
        await tell_managers(fact.section, NotificationType.ORGANISE_REQUEST, fact.event.actor, fact.event)


async def on_answered(facts: Sequence[OrganisingAnswered]) -> None:
    """Tell those who manage the section that made the event, if it is ours, what the other one says."""
    for fact in facts:
        await tell_managers(fact.event.actor, NotificationType.ORGANISE_ANSWER, fact.section, fact.event)


async def on_taken_back(facts: Sequence[OrganisingTakenBack]) -> None:
    """Take away what those who manage a section were told of a question that no longer stands."""
    for fact in facts:
        if fact.section.is_local:
            await Notification.filter(type=NotificationType.ORGANISE_REQUEST, post_id=fact.event.id).delete()
