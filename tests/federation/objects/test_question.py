"""Polls and votes as other servers write them, and as we do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.jsonld import dump, load, written_instant
from federation.objects import question
from models.poll import Poll, PollOption

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)

titles = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: question.title_of(text) == text and bool(text.strip())
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "replies", "totalItems"]), inner)
    ),
    max_leaves=8,
)


def asked(*names: str, **more: Any) -> dict[str, Any]:
    return {"type": "Question", "oneOf": [{"type": "Note", "name": name} for name in names], **more}


@settings(max_examples=40)
@given(
    offered=st.lists(st.tuples(titles, st.integers(0, 10_000)), min_size=1, max_size=6, unique_by=lambda item: item[0]),
    is_multiple=st.booleans(),
    voters=st.none() | st.integers(0, 10_000),
    closes_at=st.sampled_from([None, SOON]),
)
def test_another_server_reads_the_poll_that_we_wrote(
    offered: list[tuple[str, int]], is_multiple: bool, voters: int | None, closes_at: datetime | None
) -> None:
    poll = Poll(is_multiple=is_multiple, voters_count=voters, closes_at=closes_at)
    rows = [PollOption(position=i, title=title, votes_count=count) for i, (title, count) in enumerate(offered)]
    found = question.read(load(dump(question.write(poll, rows))), now=NOW)
    assert found == question.ReadPoll(is_multiple, tuple(offered), closes_at, None, voters, hides_totals=False)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["oneOf", "anyOf", "closed", "endTime", "votersCount", "name", "inReplyTo", "type"]), anything
    )
)
def test_whatever_is_sent_gives_a_poll_or_none(document: dict[str, Any]) -> None:
    found = question.read(document, now=NOW)
    assert found is None or all(title and count >= 0 for title, count in found.options)
    assert question.is_vote(document) in (True, False)


@pytest.mark.parametrize(
    ("end", "closes_at", "closed_at"),
    [
        ({}, None, None),
        ({"endTime": written_instant(SOON)}, SOON, None),
        ({"endTime": "2026-11-22T17:00:00Z"}, NOW - timedelta(hours=1), NOW - timedelta(hours=1)),
        ({"closed": "2026-11-22T17:00:00Z"}, None, NOW - timedelta(hours=1)),
        ({"closed": True}, None, NOW),
        ({"closed": False}, None, None),
        ({"closed": written_instant(SOON)}, SOON, None),
    ],
)
def test_when_it_closes_is_read_in_every_spelling(
    end: dict[str, Any], closes_at: datetime | None, closed_at: datetime | None
) -> None:
    found = question.read(asked("Oui", "Non", **end), now=NOW)
    assert found is not None
    assert (found.closes_at, found.closed_at) == (closes_at, closed_at)


def test_a_question_that_offers_nothing_has_no_poll() -> None:
    for document in ({}, asked(), asked("", " "), {"oneOf": "Oui"}, {"anyOf": [7, None]}):
        assert question.read(document, now=NOW) is None


def test_one_alone_is_a_list_of_one_and_what_stands_twice_stands_once() -> None:
    alone = question.read({"anyOf": {"name": "Oui"}}, now=NOW)
    twice = question.read(asked("Oui", "Non", "Oui"), now=NOW)
    assert alone is not None
    assert twice is not None
    assert (alone.is_multiple, alone.titles, twice.titles) == (True, ["Oui"], ["Oui", "Non"])


def test_an_option_is_text_and_not_html() -> None:
    found = question.read(asked("a < b", "<3", "x\u202ey\x07"), now=NOW)
    assert found is not None
    assert found.titles == ["a < b", "<3", "xy"]


def test_totals_that_are_hidden_are_not_written_until_it_closes() -> None:
    poll = Poll(hides_totals=True, voters_count=3, closes_at=SOON)
    rows = [PollOption(position=0, title="Oui", votes_count=3)]
    hidden = question.write(poll, rows)
    assert "totalItems" not in hidden["oneOf"][0]["replies"]
    read = question.read(hidden, now=NOW)
    assert read is not None
    assert read.hides_totals

    poll.closed_at = SOON
    assert question.write(poll, rows)["oneOf"][0]["replies"]["totalItems"] == 3


VOTE = {"type": "Note", "name": "Oui", "inReplyTo": "https://lille.test/posts/7"}


@pytest.mark.parametrize("more", [{}, {"content": ""}, {"content": None}, {"attachment": []}])
def test_a_name_without_content_is_a_vote(more: dict[str, Any]) -> None:
    assert question.is_vote(VOTE | more)


@pytest.mark.parametrize(
    "more",
    [{"content": "<p>Oui</p>"}, {"name": ""}, {"inReplyTo": None}, {"type": "Article"}, {"attachment": [{"url": "x"}]}],
)
def test_what_has_anything_to_read_is_none(more: dict[str, Any]) -> None:
    assert not question.is_vote(VOTE | more)
    assert not question.is_vote(None)
