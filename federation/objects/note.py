"""A post row as a Note, Article or Page, and back.

Source: ActivityPub §6.2; Activity Vocabulary; Mastodon for `sensitive`, `summary` as content warning, Hashtag, `blurhash`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation import addressing, sanitise, vocabulary
from federation.errors import MalformedActivity, NotAuthorised
from federation.jsonld import (
    Json,
    each,
    instant_of,
    integer_of,
    is_uri,
    text_of,
    type_of,
    uri_of,
    uris_of,
    written_instant,
)
from federation.markup import normalise_tag
from federation.naming import Names
from federation.objects import question
from federation.objects import quote as quotes
from federation.uris import same_origin
from models.actor import Actor
from models.poll import Poll, PollOption
from models.post import Attachment, Post, PostTag
from models.quote import Quote

MAX_TAGS = 64
MAX_MENTIONS = 100
MAX_ATTACHMENTS = 32


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post read from JSON: its columns, and the rows that hang on it.

    `mentioned_uris` are the actors it names; `tags` are (canonical, as written); `attachments` are columns of Attachment;
    `poll` is what a Question asks, `quote` what the post quotes.
    """

    columns: dict[str, Any]
    mentioned_uris: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    attachments: tuple[dict[str, Any], ...]
    poll: question.ReadPoll | None = None
    quote: quotes.ReadQuote | None = None


def write(
    post: Post,
    author: Actor,
    mentioned: Sequence[Actor],
    tags: Sequence[PostTag],
    attachments: Sequence[Attachment],
    names: Names,
    *,
    poll: tuple[Poll, Sequence[PollOption]] | None = None,
    quoted: tuple[Quote, str] | None = None,
) -> Json:
    """Write a post of ours for other servers.

    `poll` comes with its options in their order, `quoted` with the page of the post that is quoted.
    """
    document: Json = {
        "@context": vocabulary.POST_CONTEXT,
        "id": post.uri,
        "type": post.type,
        "attributedTo": author.uri,
        "url": post.url,
        "to": post.to_uris,
        "cc": post.cc_uris,
        "content": post.content_html,
        "published": written_instant(post.published_at),
        "sensitive": post.is_sensitive,
        "tag": [_written_mention(actor, names) for actor in mentioned]
        + [{"type": "Hashtag", "name": f"#{tag.shown}", "href": names.tag(tag.name)} for tag in tags],
        "attachment": [_written_attachment(item) for item in attachments],
    }
    optional = {
        "name": post.title,
        "summary": post.content_warning,
        "inReplyTo": post.in_reply_to_uri,
        "context": post.conversation_uri,
        "conversation": post.conversation_uri,
        "updated": written_instant(post.edited_at) if post.edited_at else None,
        "contentMap": {post.language: post.content_html} if post.language else None,
        "source": {"content": post.source_text, "mediaType": "text/plain"} if post.source_text is not None else None,
    }
    document |= {name: value for name, value in optional.items() if value} | quotes.write_policy(post, author)
    if poll:
        document |= question.write(*poll)
    return quotes.write(document, *quoted) if quoted else document


def _written_mention(actor: Actor, names: Names) -> Json:
    host = actor.handle_host or names.host
    return {"type": "Mention", "href": actor.uri, "name": f"@{actor.username}@{host}"}


def _written_attachment(item: Attachment) -> Json:
    written: Json = {"type": "Document", "mediaType": item.media_type, "url": item.url, "name": item.description}
    sizes = {"width": item.width, "height": item.height, "blurhash": item.blurhash}
    if item.focal_x is not None and item.focal_y is not None:
        written["focalPoint"] = [item.focal_x, item.focal_y]
    return written | {name: value for name, value in sizes.items() if value}


def read(
    document: Json, author: Actor, *, activity_to: Sequence[str], activity_cc: Sequence[str], now: datetime
) -> ReadPost:
    """Read a post of `author` from JSON; where the object has no addressing, the activity's counts.

    Raises:
        MalformedActivity: no id, or no type we keep.
        NotAuthorised: it is another's, or its id is not of its author's origin.
    """
    uri, kind = document.get("id"), type_of(document)
    if not is_uri(uri) or kind not in vocabulary.POST_TYPES:
        raise MalformedActivity("the object has no id, or no type that is a post")
    if author.uri not in uris_of(document.get("attributedTo") or author.uri):
        raise NotAuthorised(f"{uri} is not by {author.uri}")
    if not same_origin(uri, author.uri):
        raise NotAuthorised(f"{uri} is not of its author's server")
    to, cc = uris_of(document.get("to")), uris_of(document.get("cc"))
    if not to and not cc:
        to, cc = tuple(activity_to), tuple(activity_cc)
    columns = {
        "uri": uri,
        "url": _page_url(document.get("url")) or uri,
        "type": kind,
        "visibility": addressing.visibility_of(to, cc, author),
        "to_uris": list(to),
        "cc_uris": list(cc),
        **_read_text(document),
        "in_reply_to_uri": uri_of(document.get("inReplyTo")),
        "conversation_uri": _conversation(document),
        "quote_policy": quotes.read_policy(document, author),
        "published_at": min(instant_of(document.get("published")) or now, now),
        "edited_at": min(edited_at, now) if (edited_at := instant_of(document.get("updated"))) else None,
    }
    tags = [item for item in each(document.get("tag")) if isinstance(item, dict)]
    poll = question.read(document, now=now) if kind == "Question" else None
    attachments = _attachments(document.get("attachment"))
    return ReadPost(columns, _mentioned(tags, to, cc), _hashtags(tags), attachments, poll, quotes.read(document))


def _read_text(document: Json) -> dict[str, Any]:
    content = text_of(document.get("content")) or text_of(document.get("contentMap"))
    warning = sanitise.plain_text(text_of(document.get("summary")))[:500]
    source = document.get("source")
    typed = source.get("content") if isinstance(source, dict) and source.get("mediaType") == "text/plain" else None
    return {
        "title": sanitise.plain_text(text_of(document.get("name")))[:500],
        "content_html": sanitise.post_html(content),
        "source_text": text_of(typed) if isinstance(typed, str) else None,
        "content_warning": warning,
        "is_sensitive": document.get("sensitive") is True or bool(warning),
        "language": _language(document),
    }


def _language(document: Json) -> str | None:
    languages = document.get("contentMap")
    named = list(languages) if isinstance(languages, dict) and len(languages) == 1 else [document.get("language")]
    name = named[0]
    is_tag = isinstance(name, str) and 2 <= len(name) <= 35 and name.replace("-", "").isalnum() and name != "und"
    return name if is_tag else None


def _conversation(document: Json) -> str | None:
    for name in ("context", "conversation"):
        value = document.get(name)
        if isinstance(value, str) and 0 < len(value) <= 2048 and value.isprintable():
            return value
    return None


def _page_url(value: Any) -> str | None:
    """Take the link to a page for people, where `url` offers several."""
    links = [item for item in each(value) if isinstance(item, dict)]
    pages = [link for link in links if link.get("mediaType") == "text/html"] or links
    chosen = uri_of(pages[0]) if pages else uri_of(value)
    return sanitise.safe_url(chosen)


def _mentioned(tags: list[Json], to: Sequence[str], cc: Sequence[str]) -> tuple[str, ...]:
    by_tag = [uri for tag in tags if type_of(tag) == "Mention" and (uri := uri_of(tag.get("href")))]
    addressed = [uri for uri in (*to, *cc) if is_uri(uri) and uri not in vocabulary.PUBLIC_SPELLINGS]
    return tuple(dict.fromkeys([*by_tag, *addressed]))[:MAX_MENTIONS]


def _hashtags(tags: list[Json]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for tag in tags:
        shown = text_of(tag.get("name")).lstrip("#").strip()[:128] if type_of(tag) == "Hashtag" else ""
        if shown and (name := normalise_tag(shown)[:128]):
            found.setdefault(name, shown)
    return tuple(found.items())[:MAX_TAGS]


def _attachments(value: Any) -> tuple[dict[str, Any], ...]:
    rows = [_attachment(item) for item in each(value) if isinstance(item, dict)]
    kept = [row for row in rows if row is not None][:MAX_ATTACHMENTS]
    return tuple({"position": position} | row for position, row in enumerate(kept))


def _attachment(item: Json) -> dict[str, Any] | None:
    url = sanitise.safe_url(uri_of(item.get("url")) or uri_of(item.get("href")))
    if url is None or type_of(item) not in ("Document", "Image", "Video", "Audio"):
        return None
    link = next((part for part in each(item.get("url")) if isinstance(part, dict)), {})
    focus = item.get("focalPoint")
    focal = (
        focus
        if isinstance(focus, list) and len(focus) == 2 and all(isinstance(n, int | float) for n in focus)
        else None
    )
    blurhash = text_of(item.get("blurhash"))
    return {
        "media_type": text_of(item.get("mediaType") or link.get("mediaType"))[:127],
        "url": url,
        "description": sanitise.plain_text(text_of(item.get("name")) or text_of(item.get("summary")))[:5000],
        "width": integer_of(item.get("width") or link.get("width"), most=100_000),
        "height": integer_of(item.get("height") or link.get("height"), most=100_000),
        "blurhash": blurhash if 6 <= len(blurhash) <= 128 else None,
        "focal_x": float(max(-1, min(1, focal[0]))) if focal else None,
        "focal_y": float(max(-1, min(1, focal[1]))) if focal else None,
    }
