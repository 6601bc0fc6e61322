"""What follows when somebody is gone: nothing that is written here names them any more."""

from collections.abc import Sequence

from federation.facts import ActorGone
from server.privacy.words import scrub


async def on_gone(facts: Sequence[ActorGone]) -> None:
    """Take a person who is gone out of activities, journals, and what waits to be done."""
    for fact in facts:
        if not fact.actor.is_group:
            await scrub(fact.actor, fact.uris)
