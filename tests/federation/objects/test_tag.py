"""What the tags of an object name."""

from typing import Any

import pytest
from hypothesis import given, settings

from federation.naming import Names
from federation.objects import tag
from tests.federation import hostile

BLOB = {"type": "Emoji", "name": ":blob_cat:", "icon": {"type": "Image", "url": "https://far.test/blob.png"}}


def test_an_emoji_is_its_name_and_its_picture() -> None:
    assert tag.emojis([BLOB]) == [{"shortcode": "blob_cat", "url": "https://far.test/blob.png"}]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ":blob cat:"},
        {"name": ""},
        {"name": ":" + "x" * 65 + ":"},
        {"name": None},
        {"icon": None},
        {"icon": {"url": "http://far.test/blob.png"}},
        {"icon": {"url": "javascript:x"}},
        {"icon": {"url": 3}},
        {"type": "Image"},
    ],
)
def test_anything_else_is_no_emoji(change: dict[str, Any]) -> None:
    assert tag.emojis([BLOB | change]) == []


def test_an_emoji_named_twice_is_the_first() -> None:
    other = BLOB | {"icon": [{"url": "https://far.test/other.png"}]}
    assert tag.emojis([BLOB, other]) == tag.emojis([BLOB])


def test_no_post_brings_more_emoji_than_a_page_can_show() -> None:
    many = [BLOB | {"name": f":blob{number}:"} for number in range(200)]
    assert len(tag.emojis(many)) == tag.MAX_EMOJIS


def test_an_emoji_is_written_as_it_is_read() -> None:
    written = tag.write([], [], tag.emojis([BLOB]), Names("https://lille.test"))
    assert tag.emojis(written) == tag.emojis([BLOB])


@given(hostile.objects)
@settings(max_examples=60)
def test_any_tag_is_read(document: dict[str, Any]) -> None:
    for emoji in tag.emojis([document | {"type": "Emoji"}]):
        assert emoji["url"].startswith("https://")
