"""What somebody types to find posts: words, "words that follow each other", and what narrows the search.

from:name, from:me; before:, after: and during: a day; has:media, has:poll; is:reply, is:sensitive; language:fr;
in:library (one's own, and what one is named in, likes or keeps) and in:public (what others agreed to have found). A minus
before any of them, or before a word, turns it round.   Source: docs.joinmastodon.org/user/discoverability
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from models import search
from models.search import MAX_ASKED_CHARACTERS, MAX_WORDS, Words

MAX_NARROWINGS = 8

T = TypeVar("T")

_PART = re.compile(r'(-?)(?:"([^"]*)"|([A-Za-z]+):("[^"]*"|\S+)|(\S+))')


@dataclass(slots=True)
class Question:
    """What is looked for. `authors` are handles, or "me"; each narrowing is (what, whether it must be so)."""

    words: Words = field(default_factory=Words)
    authors: list[tuple[str, bool]] = field(default_factory=list)
    times: list[tuple[datetime, datetime, bool]] = field(default_factory=list)
    traits: list[tuple[str, bool]] = field(default_factory=list)
    languages: list[tuple[str, bool]] = field(default_factory=list)


TRAITS = frozenset({"has:media", "has:poll", "is:reply", "is:sensitive", "in:library", "in:public"})
_BEGINNING, _END = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


def read(text: str) -> Question:
    """Read what somebody typed; whatever narrows nothing that is known is a word."""
    asked = Question()
    beginnings: list[str] = []
    phrases: list[tuple[str, ...]] = []
    without: list[str] = []
    for minus, phrase, name, value, word in _PART.findall(text[:MAX_ASKED_CHARACTERS]):
        if name and _narrow(asked, name.lower(), value.strip('"').lower(), is_wanted=not minus):
            continue
        words = tuple(search.split(phrase or word or f"{name} {value}"))
        if phrase and len(words) > 1 and not minus:
            phrases.append(words)
        else:
            (without if minus else beginnings).extend(words)
    asked.words = Words(_once(beginnings), _once(phrases), _once(without))
    return asked


def _once(found: list[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))[:MAX_WORDS]


def _narrow(asked: Question, name: str, value: str, *, is_wanted: bool) -> bool:
    """Take in what narrows the search; False where it is nothing that does."""
    if len(asked.authors) + len(asked.times) + len(asked.traits) + len(asked.languages) >= MAX_NARROWINGS:
        return False
    if name == "from" and value:
        asked.authors.append((value.lstrip("@"), is_wanted))
    elif name in _TIMES and (day := _day(value)) is not None:
        asked.times.append((*_TIMES[name](day), is_wanted))
    elif name == "language" and value:
        asked.languages.append((value, is_wanted))
    elif f"{name}:{value}" in TRAITS:
        asked.traits.append((f"{name}:{value}", is_wanted))
    else:
        return f"{name}:{value}" == "in:all"
    return True


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if 1000 < day.year < 9999 else None


_TIMES: dict[str, Callable[[datetime], tuple[datetime, datetime]]] = {
    "before": lambda day: (_BEGINNING, day),
    "after": lambda day: (day + timedelta(days=1), _END),
    "during": lambda day: (day, day + timedelta(days=1)),
}
