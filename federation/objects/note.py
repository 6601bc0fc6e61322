"""A post row as a Note, and whatever other servers publish as a post row.

Source: ActivityPub §6.2; Activity Vocabulary; Mastodon for `sensitive`; FEP-1b12 (audience).
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation import addressing, sanitise, vocabulary
from federation.activities import MAX_GROUPS
from federation.errors import MalformedActivity, NotAuthorised
from federation.jsonld import Json, each, instant_of, is_uri, type_of, uri_of, uris_of, written_instant
from federation.naming import Names
from federation.objects import attachment, event_line, question, tag, text
from federation.objects import event as events
from federation.objects import quote as quotes
from federation.uris import same_origin
from models.actor import Actor
from models.poll import Poll, PollOption
from models.post import OPEN, Attachment, Post, PostTag, Visibility
from models.quote import Quote


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post read from JSON: its columns, and the rows that hang on it.

    `mentioned_uris` are the actors it names; `tags` are (canonical, as written); `attachments` are columns of Attachment;
    `audience_uris` may name the group that it is for: the first that is a group is. `poll` is what a Question asks,
    `event` when and where an Event is, `quote` what the post quotes.
    """

    columns: dict[str, Any]
    mentioned_uris: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    attachments: tuple[dict[str, Any], ...]
    audience_uris: tuple[str, ...] = ()
    poll: question.ReadPoll | None = None
    quote: quotes.ReadQuote | None = None
    event: events.ReadEvent | None = None


def write(
    post: Post,
    author: Actor,
    mentioned: Sequence[Actor],
    tags: Sequence[PostTag],
    attachments: Sequence[Attachment],
    names: Names,
    group: Actor | None = None,
    *,
    poll: tuple[Poll, Sequence[PollOption]] | None = None,
    quoted: tuple[Quote, str] | None = None,
    event: events.WholeEvent | None = None,
) -> Json:
    """Write a post of ours for other servers; `group` is the one it is for.

    `poll` comes with its options in their order, `quoted` with the page of the post that is quoted, `event` with all that
    is told of it.
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
        "tag": tag.write(mentioned, tags, post.emojis, names),
        "attachment": attachment.write(attachments),
    }
    optional = {
        "name": post.title,
        "summary": post.content_warning,
        "audience": group.uri if group else None,
        **thread_of(post, names),
        "updated": written_instant(post.edited_at) if post.edited_at else None,
        "contentMap": {post.language: post.content_html} if post.language else None,
        "source": {"content": post.source_text, "mediaType": "text/plain"} if post.source_text is not None else None,
    }
    document |= {name: value for name, value in optional.items() if value} | quotes.write_policy(post, author)
    if poll:
        document |= question.write(*poll)
    if event:
        document |= _as_event(document, event, author)
    return quotes.write(document, *quoted) if quoted else document


def _as_event(document: Json, whole: events.WholeEvent, author: Actor) -> Json:
    """Write what makes an Event of a post. Who shows only its text, or only its summary, still shows when and where."""
    line, language = events.summary(whole, next(iter(document.get("contentMap", ())), None)), document.get("contentMap")
    content = f"{line}{document['content']}"
    title = document.get("name", "")
    return events.write(whole, document["id"]) | {
        "@context": vocabulary.EVENT_CONTEXT,
        "name": event_line.named(title, whole.event.status, next(iter(language or ()), None)),
        "actor": author.uri,
        "audience": document.get("audience") or author.uri,
        "summary": line,
        "content": content,
        "mediaType": "text/html",
        "attachment": [*document["attachment"], *events.links(whole.event, document["url"])],
        **({"contentMap": dict.fromkeys(language, content), "inLanguage": next(iter(language))} if language else {}),
    }


def thread_of(post: Post, names: Names) -> Json:
    """Write where a post of ours stands in a conversation, and where its answers are found.   Source: FEP-7888"""
    return {
        "inReplyTo": post.in_reply_to_uri,
        "context": post.conversation_uri,
        "conversation": names.conversation(post.conversation_uri) if post.conversation_uri else None,
        "replies": f"{post.uri}/replies",
        "likes": f"{post.uri}/likes",
        "shares": f"{post.uri}/shares",
    }


def read(
    document: Json,
    author: Actor,
    *,
    activity_to: Sequence[str],
    activity_cc: Sequence[str],
    now: datetime,
    members_uris: Container[str] = (),
) -> ReadPost:
    """Read a post of `author` from JSON; where the object has no addressing, the activity's counts.

    `members_uris` are the collections that are known to be the members of a group.

    Raises:
        MalformedActivity: no id, or no type we keep.
        NotAuthorised: it is another's, or its id is not of its author's origin.
    """
    uri, kind = _own_name(document, author)
    to, cc = uris_of(document.get("to")), uris_of(document.get("cc"))
    if not to and not cc:
        to, cc = tuple(activity_to), tuple(activity_cc)
    tags = tag.read_all(document.get("tag"))
    audience = _audience(document, author)
    visibility = addressing.visibility_of(to, cc, author, members_uris)
    columns = {
        "uri": uri,
        "url": _page_url(document.get("url")) or uri,
        "type": kind,
        "visibility": visibility,
        "to_uris": list(to),
        "cc_uris": list(cc),
        **text.read(document),
        "emojis": tag.emojis(tags),
        "in_reply_to_uri": uri_of(document.get("inReplyTo")),
        "conversation_uri": _conversation(document),
        "quote_policy": quotes.read_policy(document, author),
        "published_at": min(instant_of(document.get("published")) or now, now),
        "edited_at": min(edited_at, now) if (edited_at := instant_of(document.get("updated"))) else None,
    }
    event = events.read(document) if kind == "Event" else None
    if event is not None:
        columns["title"] = event_line.title_in(columns["title"], event.columns["status"])
    addressed = (*to, *cc)
    if visibility in (*OPEN, Visibility.SECTION):  # its group is addressed, which is not to be named in it
        addressed = tuple(uri for uri in addressed if uri not in audience)
    return ReadPost(
        columns,
        tag.mentioned(tags, addressed),
        tag.hashtags(tags),
        attachment.read(document),
        audience,
        question.read(document, now=now) if kind == "Question" else None,
        quotes.read(document),
        event,
    )


def _own_name(document: Json, author: Actor) -> tuple[str, str]:
    """Give the uri and the type of an object that is a post of `author`; it raises what `read` does."""
    uri, kind = document.get("id"), type_of(document)
    if not is_uri(uri) or kind is None or kind not in vocabulary.POST_TYPES:
        raise MalformedActivity("the object has no id, or no type that is a post")
    if author.uri not in uris_of(document.get("attributedTo") or author.uri):
        raise NotAuthorised(f"{uri} is not by {author.uri}")
    if not same_origin(uri, author.uri):
        raise NotAuthorised(f"{uri} is not of its author's server")
    return uri, kind


def _audience(document: Json, author: Actor) -> tuple[str, ...]:
    """Name what may be the group of a post: its audience, or a second one whom it is attributed to (PeerTube)."""
    found = (*uris_of(document.get("audience")), *uris_of(document.get("attributedTo")))
    named = (uri for uri in found if is_uri(uri) and uri != author.uri and uri not in vocabulary.PUBLIC_SPELLINGS)
    return tuple(dict.fromkeys(named))[:MAX_GROUPS]


def _conversation(document: Json) -> str | None:
    for name in ("context", "conversation"):
        value = document.get(name)
        if isinstance(value, str) and 0 < len(value) <= 2048 and value.isprintable():
            return value
    return None


def _page_url(value: Any) -> str | None:
    """Take the link to a page for people, where `url` offers several."""
    links = [item for item in each(value) if isinstance(item, dict)]
    pages = [link for link in links if attachment.media_type(link) == "text/html"]
    if not pages:
        pages = [link for link in links if not attachment.media_type(link).startswith(("audio/", "video/"))]
    plain = next((item for item in each(value) if isinstance(item, str)), None)
    return sanitise.ascii_url(uri_of(pages[0]) if pages else uri_of(plain))
