"""Pictures, sound, film, documents and links, in the shapes that other servers give them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.objects import attachment
from models.post import Attachment
from tests.federation import hostile

PICTURE = {"type": "Image", "url": "https://far.test/1.png", "name": "Un chat"}


def urls(document: dict[str, Any]) -> list[str]:
    return [row["url"] for row in attachment.read(document)]


def media_types(document: dict[str, Any]) -> list[str]:
    return [row["media_type"] for row in attachment.read(document)]


def video(*heights: int) -> dict[str, Any]:
    """A film in several sizes, as PeerTube has it: a page, files, and a playlist that has files in its tag."""
    files = [
        {"type": "Link", "mediaType": "video/mp4", "href": f"https://far.test/{height}.mp4", "height": height}
        for height in heights
    ]
    playlist = {"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://far.test/all.m3u8", "tag": files}
    page = {"type": "Link", "mediaType": "text/html", "href": "https://far.test/watch"}
    return {"type": "Video", "url": [page, playlist]}


@pytest.mark.parametrize(
    ("heights", "best"), [((240, 480, 1080), 480), ((480, 720, 1080), 720), ((1080, 2160), 1080), ((144,), 144)]
)
def test_of_a_film_in_many_sizes_the_one_that_suits_a_screen_is_taken(heights: tuple[int, ...], best: int) -> None:
    assert urls(video(*heights)) == [f"https://far.test/{best}.mp4"]


def test_a_film_of_which_nothing_can_be_played_has_no_attachment() -> None:
    assert urls({"type": "Video", "url": "https://far.test/watch"}) == []


def test_a_sound_is_the_file_and_not_its_page() -> None:
    links = [
        {"type": "Link", "mimeType": "audio/ogg", "href": "https://far.test/1.ogg"},
        {"type": "Link", "mimeType": "text/html", "href": "https://far.test/track/1"},
    ]
    [row] = attachment.read({"type": "Audio", "url": links, "name": "Discours"})
    assert (row["url"], row["media_type"], row["description"]) == ("https://far.test/1.ogg", "audio/ogg", "Discours")


def test_what_hangs_on_a_film_comes_after_it() -> None:
    assert urls(video(480) | {"attachment": [PICTURE]}) == ["https://far.test/480.mp4", "https://far.test/1.png"]


@pytest.mark.parametrize("image", [PICTURE, [PICTURE], "https://far.test/1.png"])
def test_the_image_of_an_article_is_a_picture(image: Any) -> None:
    assert urls({"type": "Article", "image": image}) == ["https://far.test/1.png"]


def test_a_picture_named_twice_is_shown_once() -> None:
    assert urls({"type": "Page", "attachment": [PICTURE], "image": PICTURE}) == ["https://far.test/1.png"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"type": "Document", "url": "https://far.test/a.jpeg"}, "image/jpeg"),
        ({"type": "Document", "url": "https://far.test/a.pdf?x=1"}, "application/pdf"),
        ({"type": "Image", "url": "https://far.test/a"}, "image/jpeg"),
        ({"type": "Document", "url": "https://far.test/a"}, ""),
        ({"type": "Document", "mediaType": "image/webp", "url": "https://far.test/a.png"}, "image/webp"),
    ],
)
def test_a_media_type_that_nobody_tells_is_guessed(item: dict[str, Any], expected: str) -> None:
    assert media_types({"type": "Note", "attachment": [item]}) == [expected]


def test_links_are_pages_and_no_attachments() -> None:
    page = {"type": "Page", "attachment": [{"type": "Link", "href": "https://news.test/1"}, PICTURE]}
    assert attachment.links(page) == ["https://news.test/1"]
    assert urls(page) == ["https://far.test/1.png"]


def test_a_link_to_the_picture_that_is_shown_is_no_page() -> None:
    page = {"type": "Page", "attachment": [{"type": "Link", "href": PICTURE["url"]}], "image": PICTURE}
    assert attachment.links(page) == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:image/png;base64,x", "//far.test/1", "https://a b/", 3, None]
)
def test_what_cannot_be_opened_safely_is_left_out(url: Any) -> None:
    assert attachment.read({"type": "Note", "attachment": {"type": "Image", "url": url}}) == ()


@given(hostile.objects)
@settings(max_examples=60)
def test_any_document_is_read(document: dict[str, Any]) -> None:
    for kind in ("Note", "Video"):
        rows = attachment.read(document | {"type": kind})
        assert [row["position"] for row in rows] == list(range(len(rows)))
        attachment.links(document)


@pytest.mark.parametrize(
    ("text", "lasts_ms"),
    [
        ("PT63S", 63_000), ("PT1M3S", 63_000), ("PT1H1M3.25S", 3_663_250), ("PT0.0405S", 40), ("P0DT2S", 2_000),
        ("P1D", 86_400_000), ("P1DT1S", None), ("PT0S", None), ("P", None), ("", None), ("-PT3S", None), ("P1Y", None),
        ("PT1S1M", None), ("63", None), (63, None), (None, None), (["PT1S"], None), ("PT٣S", None),
    ],
)  # fmt: skip
def test_how_long_something_lasts_is_read(text: Any, lasts_ms: int | None) -> None:
    assert attachment.duration_ms(text) == lasts_ms


@given(lasts_ms=st.integers(1, attachment.MAX_DURATION_MS))
def test_how_long_something_lasts_is_read_as_it_was_written(lasts_ms: int) -> None:
    [written] = attachment.write(
        [Attachment(url="https://far.test/1.mp4", media_type="video/mp4", duration_ms=lasts_ms)]
    )

    assert attachment.read({"attachment": [written]})[0]["duration_ms"] == lasts_ms


@given(st.text(max_size=40) | st.text("PTDHMS0123456789.", max_size=20))
def test_any_text_is_a_duration_or_none(text: str) -> None:
    found = attachment.duration_ms(text)

    assert found is None or 0 < found <= attachment.MAX_DURATION_MS


def test_how_long_a_film_lasts_is_said_by_the_object_itself() -> None:
    assert attachment.read(video(480) | {"duration": "PT63S"})[0]["duration_ms"] == 63_000
