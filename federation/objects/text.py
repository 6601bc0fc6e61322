"""What a post says: its title, its text as clean HTML, its content warning, its language.

Source: Activity Vocabulary §4 (name, content, summary, mediaType); ActivityPub §3.3 (source); Mastodon for `summary` as
content warning; Lemmy and PeerTube for `language`; BookWyrm for `quote`.
"""

from html import escape
from typing import Any

from markdown_it import MarkdownIt

from federation import markup, sanitise
from federation.jsonld import Json, text_of, type_of, uris_of
from federation.objects import attachment, place

MAX_TITLE_CHARS = 500
MAX_WARNING_CHARS = 500
PLAIN = frozenset({"text/plain", "text/x.misskeymarkdown", "text/bbcode"})
MARKDOWN = "text/markdown"
# Elsewhere `summary` is what the word says: a few lines of a longer text.
WARNED_BY_SUMMARY = frozenset({"Note", "Question", "ChatMessage", "Comment", "Quotation", "Review"})

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": True}).enable("linkify")


def read(document: Json) -> dict[str, Any]:
    """Read what an object says, as columns of Post."""
    kind, summary = type_of(document) or "", text_of(document.get("summary")) or text_of(document.get("summaryMap"))
    is_sensitive = document.get("sensitive") is True
    is_warning = (kind in WARNED_BY_SUMMARY or is_sensitive) and summary != document.get("name")  # Lotide says it twice
    warning = _warning(summary) if is_warning else ""
    return {
        "title": _cut(sanitise.plain_text(_one_of(document, "name")), MAX_TITLE_CHARS),
        "content_html": _html(document, kind, "" if is_warning else summary),
        "source_text": _source(document.get("source")),
        "content_warning": warning,
        "is_sensitive": is_sensitive or bool(warning),
        "language": language(document),
    }


def _one_of(document: Json, name: str) -> str:
    return text_of(document.get(name)) or text_of(document.get(f"{name}Map"))


def _html(document: Json, kind: str, summary: str) -> str:
    """Make the HTML of a post: its content, else its summary; above it what it quotes, below it the pages it links to."""
    content = _one_of(document, "content")
    if kind == "Event" and summary:  # some say when and where again at the head of the text
        content = content.removeprefix(summary)
    media_type = text_of(document.get("mediaType"))
    if media_type == MARKDOWN:
        content = _MARKDOWN.render(content[: sanitise.MAX_POST_CHARS])
    elif media_type in PLAIN:
        content = markup.render(content, mention=lambda _: None, tag_url=lambda _: "").html
    html = content or summary
    if kind == "Quotation" and (quoted := document.get("quote")) and isinstance(quoted, str):
        html = f"<blockquote>{quoted}</blockquote>{html}"
    html = sanitise.post_html(html)
    told = {*uris_of(document.get("url")), place.read(document, "").online_url} if kind == "Event" else set()
    pages = [url for url in attachment.links(document) if escape(url) not in html and url not in told]
    return html + "".join(_paragraph(url) for url in pages)


def _paragraph(url: str) -> str:
    return sanitise.post_html(f'<p><a href="{escape(url)}">{escape(url)}</a></p>')


def _warning(summary: str) -> str:
    return _cut(sanitise.plain_text(summary), MAX_WARNING_CHARS)


def _cut(text: str, most_chars: int) -> str:
    return text if len(text) <= most_chars else f"{text[: most_chars - 1].rstrip()}…"


def _source(source: Any) -> str | None:
    typed = source.get("content") if isinstance(source, dict) and source.get("mediaType") == "text/plain" else None
    return text_of(typed) if isinstance(typed, str) else None


def language(document: Json) -> str | None:
    """Read the language of a text: of a map with one entry, or whose entry is the text; else the property itself."""
    for name in ("content", "name", "summary"):
        texts = document.get(f"{name}Map")
        if not isinstance(texts, dict):
            continue
        said = [tag for tag, text in texts.items() if len(texts) == 1 or text == document.get(name)]
        if len(said) == 1 and _is_language(said[0]):
            return str(said[0])
    named = document.get("language") or document.get("inLanguage")
    if isinstance(named, dict):
        named = named.get("identifier")
    return named if isinstance(named, str) and _is_language(named) else None


def _is_language(tag: str) -> bool:
    """Whether this is shaped like a language tag. 'und' says that nobody knows.   Source: RFC 5646 §2.1"""
    return 2 <= len(tag) <= 35 and tag.replace("-", "").isalnum() and tag.isascii() and tag != "und"
