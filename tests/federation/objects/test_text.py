"""Title, text, warning and language, as other servers say them."""

from typing import Any

import pytest
from hypothesis import given, settings

from federation.objects import text
from tests.federation import hostile


def read(kind: str = "Note", **more: Any) -> dict[str, Any]:
    return text.read({"type": kind, **more})


@pytest.mark.parametrize("kind", ["Note", "Question", "ChatMessage", "Comment", "Review"])
def test_the_summary_of_a_short_post_warns_of_its_content(kind: str) -> None:
    read_ = read(kind, summary="Chat", content="<p>Miaou</p>")
    assert (read_["content_warning"], read_["is_sensitive"], read_["content_html"]) == ("Chat", True, "<p>Miaou</p>")


@pytest.mark.parametrize("kind", ["Article", "Page", "Event", "Video", "Audio", "Image"])
def test_the_summary_of_a_long_text_warns_of_nothing(kind: str) -> None:
    read_ = read(kind, summary="En bref", content="<p>Au long</p>")
    assert (read_["content_warning"], read_["is_sensitive"], read_["content_html"]) == ("", False, "<p>Au long</p>")


def test_a_long_text_that_is_sensitive_warns_by_its_summary() -> None:
    read_ = read("Article", summary="Violence", sensitive=True, content="<p>Au long</p>")
    assert (read_["content_warning"], read_["is_sensitive"]) == ("Violence", True)


def test_without_content_the_summary_of_an_event_is_its_text() -> None:
    assert read("Event", summary="<p>Samedi, 14 h</p>")["content_html"] == "<p>Samedi, 14 h</p>"


def test_a_warning_that_repeats_the_title_warns_of_nothing() -> None:
    assert read(name="Image", summary="Image")["content_warning"] == ""


def test_what_is_too_long_is_seen_to_be_cut() -> None:
    warning = read(summary="mot " * 200)["content_warning"]
    assert len(warning) <= text.MAX_WARNING_CHARS
    assert warning.endswith("mot…")
    assert read(name="x" * 501)["title"] == "x" * 499 + "…"


def test_a_quotation_shows_what_it_quotes() -> None:
    read_ = read("Quotation", quote="<p>Être ou ne pas être</p>", content="<p>Bien dit</p>")
    assert read_["content_html"] == "<blockquote><p>Être ou ne pas être</p></blockquote><p>Bien dit</p>"


def test_markdown_is_rendered_and_cleaned() -> None:
    html = read("Video", content="**Oui** <script>x</script> https://far.test/a", mediaType="text/markdown")[
        "content_html"
    ]
    assert "<strong>Oui</strong>" in html
    assert 'href="https://far.test/a"' in html
    assert "<script>" not in html


def test_plain_text_keeps_its_lines_and_its_signs() -> None:
    assert read(content="a < b\nc", mediaType="text/plain")["content_html"] == "<p>a &lt; b<br>c</p>"


def test_the_page_that_a_post_links_to_stands_below_its_text() -> None:
    page = read("Page", content="<p>Lisez</p>", attachment=[{"type": "Link", "href": "https://news.test/1"}])
    assert page["content_html"].startswith("<p>Lisez</p><p><a ")
    assert ">https://news.test/1</a></p>" in page["content_html"]


@pytest.mark.parametrize(
    ("document", "language"),
    [
        ({"content": "x", "contentMap": {"fr": "x", "en": "y"}}, "fr"),
        ({"nameMap": {"nl": "x"}, "name": "x"}, "nl"),
        ({"language": {"identifier": "fr", "name": "Français"}}, "fr"),
        ({"inLanguage": "de"}, "de"),
        ({"language": {"identifier": "und"}}, None),
        ({"language": ["fr"]}, None),
        ({"contentMap": ["fr"]}, None),
    ],
)
def test_a_language_is_told_in_many_ways(document: dict[str, Any], language: str | None) -> None:
    assert read(**document)["language"] == language


def test_a_title_in_one_language_only_is_read() -> None:
    assert read(nameMap={"fr": "Réunion"})["title"] == "Réunion"


@given(hostile.objects)
@settings(max_examples=60)
def test_any_document_is_read(document: dict[str, Any]) -> None:
    for media_type in ("text/markdown", "text/plain", "text/html"):
        columns = text.read(document | {"mediaType": media_type})
        assert len(columns["title"]) <= text.MAX_TITLE_CHARS
