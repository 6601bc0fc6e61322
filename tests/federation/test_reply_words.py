"""A few words answer an event, and nothing else does."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.reply_words import REPLIES, Meaning, Reply, folded, read

PHRASES = st.sampled_from(sorted(REPLIES))


@pytest.mark.parametrize(
    ("text", "meaning", "guests"),
    [
        ("+1", Meaning.YES, 0),
        ("@lille +2", Meaning.YES, 1),
        ("Je viens !", Meaning.YES, None),
        ("JE PARTICIPE.", Meaning.YES, None),
        ("Présent·e", Meaning.YES, None),
        ("présente", Meaning.YES, None),
        ("Oui @lille@lille.test, @ali@far.test", Meaning.YES, None),
        ("I'm in", Meaning.YES, None),
        ("I’m in!!", Meaning.YES, None),
        ("yes", Meaning.YES, None),
        ("Peut-être…", Meaning.PERHAPS, None),
        ("peut etre", Meaning.PERHAPS, None),
        ("maybe", Meaning.PERHAPS, None),
        ("Annuler", Meaning.NO, None),
        ("je ne viens pas", Meaning.NO, None),
        ("no.", Meaning.NO, None),
        ("RSVP", Meaning.ASK, None),
        ("s’inscrire", Meaning.ASK, None),
    ],
)
def test_these_count(text: str, meaning: Meaning, guests: int | None) -> None:
    assert read(f"<p>{escape(text)}</p>") == Reply(meaning, guests)


def test_a_mention_as_mastodon_writes_it_is_passed_over() -> None:
    named = (
        '<span class="h-card"><a href="https://lille.test/@lille" class="u-url mention">@<span>lille</span></a></span>'
    )
    assert read(f"<p>{named} je viens</p>") == Reply(Meaning.YES)


@pytest.mark.parametrize(
    "text",
    [
        "", "@lille", "1", "-1", "+0", "+11", "+99999999999", "+1 +1", "oui ?", "je viens ?", "oui 👎", "oui non",
        "je viens demain", "non mais oui", "je ne viens pas si Max vient", "+1 pour la buvette", "ouioui", "nonante",
        "#oui", "https://oui.test", "o u i", "y​es",
    ],
)  # fmt: skip
def test_anything_else_is_talk(text: str) -> None:
    assert read(f"<p>{escape(text)}</p>") is None


@given(st.text(max_size=200))
def test_no_text_counts_that_is_not_in_the_list(text: str) -> None:
    found = read(f"<p>{escape(text)}</p>")
    if found is not None:
        words = "".join(character for character in folded(text) if character.isalnum())
        assert words in {"".join(filter(str.isalnum, phrase)) for phrase in REPLIES}


@given(PHRASES, st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20))
def test_a_word_more_makes_it_talk(phrase: str, word: str) -> None:
    longer = f"{phrase} {word}"
    assert (read(longer) is None) is (longer not in REPLIES)


@given(PHRASES, st.sampled_from([".", "!", " ", "…", ",", "\n", "»"]), st.booleans())
def test_neither_punctuation_nor_capitals_matter(phrase: str, mark: str, is_loud: bool) -> None:
    text = f"{mark}{phrase.upper() if is_loud else phrase}{mark}"
    assert read(escape(text)) == REPLIES[phrase]


@given(st.text())
def test_html_of_others_is_read_without_a_fall(html: str) -> None:
    assert read(html) in (None, *REPLIES.values())


def test_what_is_long_is_not_read() -> None:
    assert read("<b></b>" * 5000 + "oui") is None
