"""Signed notes: what we wrote is read again, for its purpose and in its time; anything else is nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import secrets
from server import notes

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def key() -> None:
    secrets.use_key(b"k" * 32)


def test_a_note_is_read_for_its_purpose_until_its_moment() -> None:
    note = notes.sign("half in", "17-abc", SOON)

    assert notes.read("half in", note, NOW) == "17-abc"
    assert notes.read("password", note, NOW) is None
    assert notes.read("half in", note, SOON) is None


@pytest.mark.parametrize("part", range(3))
def test_a_note_that_was_changed_is_nothing(part: int) -> None:
    parts = notes.sign("half in", "17", SOON).split(".")
    parts[part] = parts[part][:-1] + ("1" if parts[part][-1] != "1" else "2")

    assert notes.read("half in", ".".join(parts), NOW) is None


@given(st.text(alphabet="0123456789abcXYZ_-.\n é"))
def test_any_text_is_nothing(text: str) -> None:
    secrets.use_key(b"k" * 32)
    assert notes.read("half in", text, NOW) is None


@given(st.from_regex(r"[A-Za-z0-9_-]{0,60}", fullmatch=True), st.text(max_size=20))
def test_words_come_back_as_they_were(words: str, purpose: str) -> None:
    secrets.use_key(b"k" * 32)
    assert notes.read(purpose, notes.sign(purpose, words, SOON), NOW) == words


def test_another_key_reads_nothing() -> None:
    note = notes.sign("half in", "17", SOON)
    secrets.use_key(b"x" * 32)

    assert notes.read("half in", note, NOW) is None
    secrets.use_key(b"k" * 32)
