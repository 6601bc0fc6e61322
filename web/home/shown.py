"""Posts as a member's pages show them: what filters say of each, whom it answers, whether its poll takes a vote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models.actor import Actor
from models.filters import FilterAction, FilterContext
from server.posts.answered import answered
from server.posts.queries import PostView


@dataclass(frozen=True, slots=True)
class Shown:
    """A post on a page: `item_id` is where a page of the list begins or ends with it.

    `warned_by` and `blurred_by` are the titles of the filters that put it, or its pictures, out of sight.
    """

    item_id: int
    view: PostView
    answered: Actor | None = None
    may_vote: bool = False
    warned_by: Sequence[str] = field(default=())
    blurred_by: Sequence[str] = field(default=())


async def show(
    rows: Iterable[tuple[int, PostView]], viewer: Actor, now: datetime, where: FilterContext | None
) -> list[Shown]:
    """Say of each post how it is shown there; None is where no filter applies. What one hides there is left out."""
    kept = [(id_, view) for id_, view in rows if where is None or not view.is_hidden(where)]
    authors = await answered([view for _, view in kept])
    return [
        Shown(
            id_,
            view,
            authors.get(view.post.id),
            may_vote(view, viewer, now),
            titles(view, FilterAction.WARN, where),
            titles(view, FilterAction.BLUR, where) if view.attachments else (),
        )
        for id_, view in kept
    ]


def may_vote(view: PostView, viewer: Actor, now: datetime) -> bool:
    """Whether the poll of a post takes a vote of the viewer, or another one where it asks who comes."""
    if view.poll is None or view.post.actor_id == viewer.id or not view.poll.poll.takes_votes(now):
        return False
    return not view.poll.own_votes or view.poll.asks_who_comes


def titles(view: PostView, action: FilterAction, where: FilterContext | None) -> tuple[str, ...]:
    """Name the filters that find something in a post and do this about it there."""
    rows = [match.filter.row for match in view.filtered]
    return tuple(
        row.title for row in rows if where is not None and row.action is action and where.value in row.contexts
    )
