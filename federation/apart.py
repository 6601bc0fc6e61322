"""Keeping apart those of whom one blocks the other.   Source: ActivityPub §6.9"""

from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor


def are_apart(actor: Actor, other: Actor, ctx: Context) -> bool:
    """Whether one of two blocks the other."""
    return not ctx.known.blocks.isdisjoint({(actor.id, other.id), (other.id, actor.id)})


def check(actor: Actor, other: Actor, ctx: Context) -> None:
    """Refuse what one of two would do to the other, where either blocks the other.

    Raises:
        NotAuthorised: one does.
    """
    if are_apart(actor, other, ctx):
        raise NotAuthorised(f"{actor.uri} and {other.uri} are kept apart")
