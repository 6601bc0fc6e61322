"""What processes tell each other of facts: ids, by which whoever hears them finds the rows and asks who may see them."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from federation.facts import Announced, Fact, PostDeleted, Posted, PostEdited


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that was deleted, and, unless it was open, who had it."""

    post_id: int
    was_open: bool
    shown_to: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What is new. `announces` are (announce id, post id). Without anything: somebody was notified."""

    posts: tuple[int, ...] = ()
    announces: tuple[tuple[int, int], ...] = ()
    edited: tuple[int, ...] = ()
    gone: tuple[Gone, ...] = ()

    def write(self) -> bytes:
        """Write it as it is published."""
        return orjson.dumps(self)


def news_of(facts: Sequence[Fact]) -> News:
    """Tell what of these facts is news to streams."""
    return News(
        posts=tuple(fact.post.id for fact in facts if isinstance(fact, Posted)),
        announces=tuple((fact.announce.id, fact.post.id) for fact in facts if isinstance(fact, Announced)),
        edited=tuple(fact.post.id for fact in facts if isinstance(fact, PostEdited)),
        gone=tuple(Gone(fact.post_id, fact.was_open, fact.shown_to) for fact in facts if isinstance(fact, PostDeleted)),
    )


def parse(message: bytes) -> News | None:
    """Read what was published; None for what is no news, such as that of another version."""
    try:
        said = orjson.loads(message)
        return News(
            posts=_ids(said["posts"]),
            announces=tuple((first, second) for first, second in map(_ids, said["announces"])),
            edited=_ids(said["edited"]),
            gone=tuple(
                Gone(_id(item["post_id"]), item["was_open"] is True, _ids(item["shown_to"])) for item in said["gone"]
            ),
        )
    except (ValueError, TypeError, KeyError):
        return None


def merge(some: Iterable[News]) -> News:
    """Make one of several."""
    items = list(some)
    return News(
        posts=tuple(dict.fromkeys(id_ for item in items for id_ in item.posts)),
        announces=tuple(dict.fromkeys(pair for item in items for pair in item.announces)),
        edited=tuple(dict.fromkeys(id_ for item in items for id_ in item.edited)),
        gone=tuple(dict.fromkeys(gone for item in items for gone in item.gone)),
    )


def publisher(send: Callable[[bytes], Awaitable[None]]) -> Callable[[Sequence[Fact]], Awaitable[None]]:
    """Make what publishes facts, by what sends a message to every process."""

    async def publish(facts: Sequence[Fact]) -> None:
        await send(news_of(facts).write())

    return publish


def _ids(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError("a list of ids is wanted")
    return tuple(_id(item) for item in value)


def _id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("an id is wanted")
    return value
