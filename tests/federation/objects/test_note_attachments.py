"""What hangs on the posts of other servers."""

from typing import Any

import pytest

from federation.objects import attachment, tag
from tests.federation import hostile
from tests.federation.objects.test_note import FULL, PICTURE, read


@pytest.mark.parametrize("url", ["javascript:alert(1)", None, "file:///etc/passwd", {"href": "data:text/html,x"}])
def test_an_attachment_at_an_unsafe_address_is_left_out(url: Any) -> None:
    assert read(FULL | {"attachment": PICTURE | {"url": url}}).attachments == ()


@pytest.mark.parametrize("kind", ["Link", "Note", None, "PropertyValue"])
def test_an_attachment_that_is_no_medium_is_left_out(kind: Any) -> None:
    assert read(FULL | {"attachment": PICTURE | {"type": kind}}).attachments == ()


def test_the_link_of_an_attachment_may_say_what_it_is() -> None:
    link = {
        "type": "Link",
        "href": "https://media.far.test/1.webp",
        "mediaType": "image/webp",
        "width": 10,
        "height": 20,
    }
    [picture] = read(FULL | {"attachment": {"type": "Image", "url": [link]}}).attachments
    assert (picture["media_type"], picture["width"], picture["height"]) == ("image/webp", 10, 20)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"width": -1}, "width"), ({"height": "480"}, "height"), ({"width": 10**9}, "width"), ({"width": True}, "width"),
        ({"blurhash": "short"}, "blurhash"), ({"blurhash": "x" * 200}, "blurhash"), ({"blurhash": 3}, "blurhash"),
        ({"blurhash": "LEHV6nWB2yk8pyo0adR*"}, "blurhash"), ({"blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdn\""}, "blurhash"),
        ({"focalPoint": [1]}, "focal_x"), ({"focalPoint": ["0", "0"]}, "focal_x"), ({"focalPoint": "0,0"}, "focal_y"),
    ],
)  # fmt: skip
def test_odd_measures_of_an_attachment_are_left_out(change: dict[str, Any], column: str) -> None:
    [picture] = read(FULL | {"attachment": [PICTURE | change]}).attachments
    assert picture[column] is None


def test_no_post_brings_more_than_a_page_can_show() -> None:
    many = [{"type": "Mention", "href": f"https://far.test/users/{n}"} for n in range(500)]
    found = read(
        FULL | {"attachment": [PICTURE | {"url": f"https://far.test/{n}.png"} for n in range(100)], "tag": many}
    )
    assert (len(found.attachments), len(found.mentioned_uris)) == (attachment.MAX_ATTACHMENTS, tag.MAX_MENTIONS)
    assert [item["position"] for item in found.attachments] == list(range(attachment.MAX_ATTACHMENTS))


def test_a_focal_point_is_within_the_picture() -> None:
    [picture] = read(FULL | {"attachment": PICTURE | {"focalPoint": [hostile.HUGE, -0.25]}}).attachments
    assert (picture["focal_x"], picture["focal_y"]) == (1.0, -0.25)
