"""Pages ask the database a number of questions that does not grow with what they show."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models import database
from server.front_door import Repeats
from server.kept_answers import KeptAnswers
from tests import databases

_OF_INDEX = "SELECT k, v FROM 'main'."
needs_sqlite = pytest.mark.skipif(databases.KIND != "sqlite", reason="statements are counted on SQLite only")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SELECT that is run meanwhile, but those by which an index of words reads its own settings."""
    seen: list[str] = []
    raw = database.connection()._connection._conn
    raw.set_trace_callback(lambda sql: seen.append(sql) if sql.startswith("SELECT") and _OF_INDEX not in sql else None)
    try:
        yield seen
    finally:
        raw.set_trace_callback(None)


async def asked(visitor, address):
    """Count what is asked to make a page."""
    state = visitor._transport.app.state
    state.kept_answers, state.repeats, state.site = KeptAnswers(), Repeats(), None
    with statements() as seen:
        assert (await visitor.get(address)).status_code == 200
    return len(seen)


@needs_sqlite
async def test_section_page_asks_as_much_for_twenty_posts_as_for_one(visitor, section, say):
    await say(section, "Bonjour #bus")
    one = await asked(visitor, "/")
    for number in range(19):
        await say(section, f"Bonjour {number} #bus")

    assert await asked(visitor, "/") == one <= 12


@needs_sqlite
async def test_post_page_asks_as_much_for_twenty_replies_as_for_one(visitor, section, member, say):
    post = await say(section, "Bonjour")
    await say(member, "Salut #bus", in_reply_to=post)
    one = await asked(visitor, f"/@lille/{post.id}")
    for number in range(19):
        await say(member, f"Salut {number} #bus", in_reply_to=post)

    assert await asked(visitor, f"/@lille/{post.id}") == one <= 16


@needs_sqlite
async def test_feed_asks_as_much_for_twenty_posts_as_for_one(visitor, section, say):
    await say(section, "Bonjour #bus")
    one = await asked(visitor, "/@lille.atom")
    for number in range(19):
        await say(section, f"Bonjour {number} #bus")

    assert await asked(visitor, "/@lille.atom") == one <= 7


@needs_sqlite
async def test_static_files_ask_nothing(visitor, section):
    assert await asked(visitor, "/static/favicon.svg") == 0
