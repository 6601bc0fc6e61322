"""Finding rows by their words, or by how these begin; accents and case do not count. SQLite's FTS5, PostgreSQL's GIN.

Each table has an index (models/words.py), whose rows bear the ids of the table's. What is deleted leaves it by a trigger.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models import database

MAX_WORDS = 12
MAX_TEXT_CHARACTERS = 20_000
MAX_ASKED_CHARACTERS = 500

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(f"[{''.join(mark for code in range(0x300, 0xFE30) if unicodedata.combining(mark := chr(code)))}]+")
_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": " ", "'": " "}
_ANY_LETTER = re.compile(f"[{''.join(_LETTERS)}]")


class Found(StrEnum):
    """Whose words they are: the table, from which its index has its name."""

    EVENT = "event"
    POST = "post"
    ACTOR = "actor"

    @property
    def table(self) -> str:
        """The table that holds the words."""
        return f"{self.value}_words"


@dataclass(frozen=True, slots=True)
class Words:
    """What a text must have to be found: beginnings of words, words that follow each other, and none that begin so.

    All are written as `folded` writes them.
    """

    beginnings: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing says what is looked for: what a text must not have is no way to find it."""
        return not (self.beginnings or self.phrases)

    def fit(self, text: str) -> bool:
        """Whether a text would be found, where it stands in no index."""
        said = f" {_indexed(text)} "
        return (
            all(f" {word}" in said for word in self.beginnings)
            and all(f" {' '.join(phrase)} " in said for phrase in self.phrases)
            and not any(f" {word}" in said for word in self.without)
        )


def folded(text: str) -> str:
    """Write a text as it is compared: small letters without accents."""
    text = _ANY_LETTER.sub(lambda found: _LETTERS[found[0]], text.casefold())
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", text))


def split(text: str) -> list[str]:
    """Give the words of what somebody looks for, as they are compared."""
    return _WORD.findall(folded(text[:MAX_ASKED_CHARACTERS]))[:MAX_WORDS]


def words_of(text: str) -> Words:
    """Look for the beginnings of all words of a text."""
    return Words(tuple(dict.fromkeys(split(text))))


def _indexed(text: str) -> str:
    return " ".join(_WORD.findall(folded(text[:MAX_TEXT_CHARACTERS])))


async def put(kind: Found, id_: int, text: str, *, is_new: bool = False) -> None:
    """Have a row found by the words of a text, and by no others; `is_new`: it cannot have been in the index before."""
    words = _indexed(text)
    if database.is_postgres():
        await database.execute(_PUT_IN_POSTGRES.format(index=kind.table), id_, words)
        return
    if not is_new:
        await database.execute(f"DELETE FROM {kind.table} WHERE rowid = $1", id_)
    await database.execute(f"INSERT INTO {kind.table} (rowid, words) VALUES ($1, $2)", id_, words)


async def has(kind: Found, id_: int) -> bool:
    """Whether a row is in its index."""
    return bool(await database.select(f"SELECT 1 AS found FROM {kind.table} WHERE {key()} = $1", id_))


def key() -> str:
    """Name the column of an index that holds the ids of its rows."""
    return "id" if database.is_postgres() else "rowid"


def condition(words: Words, parameter: int, alias: str = "") -> tuple[str, str]:
    """Give what stands in a WHERE about an index, and its value, numbered `parameter`. `words` must not be empty."""
    if database.is_postgres():
        return f"{alias}words @@ to_tsquery('simple', ${parameter})", _in_postgres(words)
    return f"{alias}words MATCH ${parameter}", _in_sqlite(words)


def matching(kind: Found, text: str, first: int) -> tuple[str, list[str]] | None:
    """Give the query for the ids of the rows that have every word of a text, or its beginning; None for no words.

    (SQL to stand in `id IN (…)`, its value, numbered `first`).
    """
    if (words := words_of(text)).is_empty:
        return None
    where, value = condition(words, first)
    return f"SELECT {key()} FROM {kind.table} WHERE {where}", [value]


def _in_sqlite(words: Words) -> str:
    wanted = [f'"{word}"*' for word in words.beginnings] + [f'"{" ".join(phrase)}"' for phrase in words.phrases]
    unwanted = " OR ".join(f'"{word}"*' for word in words.without)
    return f"({' AND '.join(wanted)}) NOT ({unwanted})" if unwanted else " AND ".join(wanted)


def _in_postgres(words: Words) -> str:
    wanted = [f"'{word}':*" for word in words.beginnings] + [_following(phrase) for phrase in words.phrases]
    return " & ".join([*wanted, *(f"!'{word}':*" for word in words.without)])


def _following(phrase: Sequence[str]) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")"


_PUT_IN_POSTGRES = """
INSERT INTO {index} (id, words) VALUES ($1::bigint, to_tsvector('simple', $2))
ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words
"""
