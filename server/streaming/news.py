"""What processes tell each other of facts: ids, by which whoever hears them finds the rows and asks who may see them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson

from federation.facts import (
    ActorGone,
    Announced,
    AnnounceEnded,
    Blocked,
    ConversationRead,
    Fact,
    FiltersChanged,
    MembershipEnded,
    OutOfSight,
    PostDeleted,
    Posted,
    PostEdited,
    RequestsAccepted,
)


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that was deleted, and, unless it was open, who had it."""

    post_id: int
    was_open: bool
    shown_to: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What is new. Without anything: somebody was notified.

    `announces` are (announce id, post id), `ended` the ids of announces that are no more. What the actors in `hidden`
    wrote is shown to nobody any more, what one of `apart` wrote is not for the other, what is for the members of a group
    not for those who `left`: (member id, group id). `filters` and `accepted` name members whose filters changed, or who
    are told now what was kept apart; `read` names conversations.
    """

    posts: tuple[int, ...] = ()
    announces: tuple[tuple[int, int], ...] = ()
    edited: tuple[int, ...] = ()
    gone: tuple[Gone, ...] = ()
    ended: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    left: tuple[tuple[int, int], ...] = ()
    filters: tuple[int, ...] = ()
    accepted: tuple[int, ...] = ()
    read: tuple[int, ...] = ()

    def write(self) -> bytes:
        """Write it as it is published."""
        return orjson.dumps(self)


def news_of(facts: Sequence[Fact]) -> News:
    """Tell what of these facts is news to streams."""
    deleted = [Gone(fact.post_id, fact.was_open, fact.shown_to) for fact in facts if isinstance(fact, PostDeleted)]
    deleted += [Gone(id_, True) for fact in facts if isinstance(fact, ActorGone) for id_ in fact.post_ids]
    return News(
        posts=tuple(fact.post.id for fact in facts if isinstance(fact, Posted)),
        announces=tuple((fact.announce.id, fact.post.id) for fact in facts if isinstance(fact, Announced)),
        edited=tuple(fact.post.id for fact in facts if isinstance(fact, PostEdited)),
        gone=tuple(deleted),
        ended=tuple(fact.announce_id for fact in facts if isinstance(fact, AnnounceEnded)),
        hidden=tuple(id_ for fact in facts if isinstance(fact, OutOfSight) for id_ in fact.actor_ids),
        apart=tuple((fact.blocker.id, fact.blocked.id) for fact in facts if isinstance(fact, Blocked)),
        left=tuple((fact.member.id, fact.group.id) for fact in facts if isinstance(fact, MembershipEnded)),
        filters=tuple(fact.owner.id for fact in facts if isinstance(fact, FiltersChanged)),
        accepted=tuple(fact.recipient.id for fact in facts if isinstance(fact, RequestsAccepted)),
        read=tuple(fact.conversation_id for fact in facts if isinstance(fact, ConversationRead)),
    )


def parse(message: bytes) -> News | None:
    """Read what was published; None for what is no news, such as that of another version."""
    try:
        said = orjson.loads(message)
        return News(
            posts=_ids(said["posts"]),
            announces=_pairs(said["announces"]),
            edited=_ids(said["edited"]),
            gone=tuple(
                Gone(_id(item["post_id"]), item["was_open"] is True, _ids(item["shown_to"])) for item in said["gone"]
            ),
            ended=_ids(said["ended"]),
            hidden=_ids(said["hidden"]),
            apart=_pairs(said["apart"]),
            left=_pairs(said["left"]),
            filters=_ids(said["filters"]),
            accepted=_ids(said["accepted"]),
            read=_ids(said["read"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def merge(some: Iterable[News]) -> News:
    """Make one of several, each thing once."""
    items = list(some)
    parts: dict[str, Any] = {}
    for part in fields(News):
        parts[part.name] = tuple(dict.fromkeys(one for item in items for one in getattr(item, part.name)))
    return News(**parts)


def publisher(send: Callable[[bytes], Awaitable[None]]) -> Callable[[Sequence[Fact]], Awaitable[None]]:
    """Make what publishes facts, by what sends a message to every process."""

    async def publish(facts: Sequence[Fact]) -> None:
        await send(news_of(facts).write())

    return publish


def _pairs(value: Any) -> tuple[tuple[int, int], ...]:
    return tuple((first, second) for first, second in map(_ids, value))


def _ids(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of ids is wanted")
    return tuple(_id(item) for item in value)


def _id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("an id is wanted")
    return value
