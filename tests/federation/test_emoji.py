"""What is an emoji, and which of them a Like or an EmojiReact bears."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import emoji

PICTURE = {"type": "Emoji", "name": ":rose:", "icon": {"type": "Image", "url": "https://far.test/rose.png"}}
GERMANY, SCOTLAND = "🇩🇪", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "text", ["🎉", "❤", "❤️", "☕", "👍🏽", "1️⃣", "#⃣", GERMANY, SCOTLAND, FAMILY, "🏳️\u200d🌈", "‼️", "ℹ️", "©", "🫪", "⬛"]
)
def test_an_emoji_is_one(text: str) -> None:
    assert emoji.is_unicode(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "~",
        "pudding",
        "1",
        "🎉🎉",
        "🎉!",
        " 🎉",
        "+",
        "é",
        "🇩",
        "\u200d",
        "\ufe0f",
        "🎉\u200d",
        "中",
        "🎉" * 65,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not emoji.is_unicode(text)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [("❤", "❤️"), ("❤️", "❤️"), ("☕", "☕"), ("☕️", "☕"), ("🎉", "🎉"), ("🎉️", "🎉"), (FAMILY, FAMILY)],
)
def test_one_emoji_has_one_spelling(text: str, spelt: str) -> None:
    assert emoji.one_spelling(text) == spelt


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (":rose:", "rose"),
        ("rose", "rose"),
        (":rose@far.test:", "rose"),
        ("rose@.", "rose"),
        ("ro se", None),
        (":", None),
    ],
)
def test_a_shortcode_is_read_in_each_of_its_forms(text: str, name: str | None) -> None:
    assert emoji.shortcode(text) == name


@pytest.mark.parametrize(
    "document", [{"content": "🎉"}, {"_misskey_reaction": "🎉"}, {"content": "", "_misskey_reaction": "🎉"}]
)
def test_an_emoji_is_read_from_either_property(document: dict[str, Any]) -> None:
    assert emoji.read(document) == emoji.Emoji("🎉")


@pytest.mark.parametrize(
    "tag", [PICTURE, [{"type": "Hashtag", "name": "#rose"}, PICTURE], PICTURE | {"name": "rose"}, PICTURE | {"icon": "https://far.test/rose.png"}]
)  # fmt: skip
def test_a_servers_own_emoji_comes_with_its_picture(tag: Any) -> None:
    assert emoji.read({"content": ":rose:", "tag": tag}) == emoji.Emoji(":rose:", "https://far.test/rose.png")


@pytest.mark.parametrize(
    "tag",
    [
        None,
        [],
        "rose",
        PICTURE | {"name": ":lys:"},
        PICTURE | {"icon": None},
        PICTURE | {"icon": {"url": "javascript:1"}},
    ],
)
def test_without_a_picture_it_is_none(tag: Any) -> None:
    assert emoji.read({"content": ":rose:", "tag": tag}) is None


@pytest.mark.parametrize("text", ["❤", "❤️", "👍"])
def test_a_heart_and_a_thumb_are_likes(text: str) -> None:
    found = emoji.read({"content": text})
    assert found is not None
    assert emoji.is_like(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["content", "_misskey_reaction", "tag", "type"]), json_values))
def test_whatever_comes_is_an_emoji_that_fits_its_column_or_none(document: dict[str, Any]) -> None:
    found = emoji.read(document)
    assert found is None or (0 < len(found.text) <= 128 and (found.url is not None) == found.text.startswith(":"))


@settings(max_examples=50)
@given(st.text())
def test_any_text_is_spelt_in_one_way(text: str) -> None:
    assert emoji.one_spelling(emoji.one_spelling(text)) == emoji.one_spelling(text)
