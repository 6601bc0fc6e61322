"""What somebody writes when they ask to belong, whatever another server makes of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import join_messages

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Bonjour", "Bonjour"),
        ("<p>Bonjour <b>à vous</b></p><script>x()</script>", "Bonjour à vous"),
        ({"fr": "Bonjour"}, "Bonjour"),
        ("  ", None),
        (None, None),
        (7, None),
    ],
)
def test_is_read_as_plain_text(value: Any, text: str | None) -> None:
    assert join_messages.read({join_messages.NAME: value}) == text


@given(JSON)
def test_whatever_it_is_it_is_short_text_that_can_be_kept_or_nothing(value: Any) -> None:
    text = join_messages.read({join_messages.NAME: value})
    assert text is None or (0 < len(text) <= join_messages.MAX_CHARACTERS and text == text.strip())
    assert "\x00" not in (text or "")
    (text or "").encode()


def test_a_join_without_it_is_the_same_join() -> None:
    assert join_messages.without({"id": "a", join_messages.NAME: "b"}) == {"id": "a"}
