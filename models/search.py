"""Finding rows by their words, or by how these begin; accents and case do not count. SQLite's FTS5, PostgreSQL's GIN.

One index for all tables (models/words.py): our ids are unique among them (models/ids.py). What is deleted leaves it by a
trigger.
"""

import re
import unicodedata
from enum import StrEnum

from models import database

MAX_WORDS = 12
MAX_TEXT_CHARACTERS = 20_000

_WORD = re.compile(r"\w+")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": " ", "'": " "})


class Found(StrEnum):
    """Whose words they are: the table, which is also the name of its rows in the index."""

    EVENT = "event"


def folded(text: str) -> str:
    """Write a text as it is compared: small letters without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """Give the words of what somebody looks for, once each, as they are compared."""
    return list(dict.fromkeys(_WORD.findall(folded(text[:500]))))[:MAX_WORDS]


async def put(kind: Found, id_: int, text: str) -> None:
    """Have a row found by the words of a text, and by no others."""
    words = " ".join(_WORD.findall(folded(text[:MAX_TEXT_CHARACTERS])))
    if database.is_postgres():
        await database.execute(_PUT_IN_POSTGRES, id_, kind.value, words)
        return
    await database.execute("DELETE FROM search_text WHERE rowid = $1", id_)
    await database.execute("INSERT INTO search_text (rowid, kind, words) VALUES ($1, $2, $3)", id_, kind.value, words)


def matching(kind: Found, text: str, first: int) -> tuple[str, list[str]] | None:
    """Give the query for the ids of the rows that have every word of a text, or its beginning; None for no words.

    (SQL to stand in `id IN (…)`, its two values, numbered from `first`).
    """
    if not (words := words_of(text)):
        return None
    if database.is_postgres():
        sql = f"SELECT id FROM search_text WHERE words @@ to_tsquery('simple', ${first}) AND kind = ${first + 1}"
        return sql, [" & ".join(f"'{word}':*" for word in words), kind.value]
    sql = f"SELECT rowid FROM search_text WHERE words MATCH ${first} AND kind = ${first + 1}"
    return sql, [" ".join(f'"{word}"*' for word in words), kind.value]


_PUT_IN_POSTGRES = """
INSERT INTO search_text (id, kind, words) VALUES ($1::bigint, $2, to_tsvector('simple', $3))
ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words
"""
