"""What somebody types to find posts, read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search import Words
from server.search.questions import MAX_NARROWINGS, TRAITS, read


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Été à Lille", Words(("ete", "a", "lille"))),
        ('"Porte à porte" lille', Words(("lille",), (("porte", "a", "porte"),))),
        ("marché -Noël", Words(("marche",), (), ("noel",))),
        ('-"mot à mot" fin', Words(("fin",), (), ("mot", "a"))),
        ('"seul"', Words(("seul",))),
        ("l'œuvre", Words(("l", "oeuvre"))),
        ("#climat", Words(("climat",))),
        ("note: ici", Words(("note", "ici"))),
        ("heure:18", Words(("heure", "18"))),
        ("before:demain", Words(("before", "demain"))),
        ("has:rien", Words(("has", "rien"))),
        ("", Words()),
        ("-", Words()),
        ('"', Words()),
    ],
)
def test_words_are_told_from_phrases_and_from_what_must_not_be_there(typed: str, words: Words) -> None:
    assert read(typed).words == words


def test_what_narrows_the_search_is_no_word() -> None:
    asked = read(
        "Lille from:@Zoe -from:noor@far.test from:me after:2026-11-01 -during:2026-11-20 before:2026-12-01 "
        "has:media -is:reply"
    )
    assert asked.words == Words(("lille",))
    assert asked.authors == [("zoe", True), ("noor@far.test", False), ("me", True)]
    assert [time[2] for time in asked.times] == [True, False, True]
    assert asked.times[0][0] == day("2026-11-02")
    assert asked.times[1][:2] == (day("2026-11-20"), day("2026-11-21"))
    assert asked.times[2][1] == day("2026-12-01")
    assert asked.traits == [("has:media", True), ("is:reply", False)]


def test_case_does_not_count_and_all_is_no_narrowing() -> None:
    asked = read("IN:all Has:POLL")
    assert (asked.words, asked.traits) == (Words(), [("has:poll", True)])


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from([*TRAITS, "from:x", "-a", '"b c"', "after:2026-01-01"])).map(" ".join)
    )
)
def test_whatever_is_typed_is_a_question(typed: str) -> None:
    asked = read(typed)
    narrowings = [*asked.authors, *asked.times, *asked.traits, *asked.languages]
    assert len(narrowings) <= MAX_NARROWINGS
    words = (
        *asked.words.beginnings,
        *asked.words.without,
        *(word for phrase in asked.words.phrases for word in phrase),
    )
    assert all(word.isalnum() for word in words)
