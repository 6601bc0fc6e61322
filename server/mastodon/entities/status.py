"""Status: a post, a boost around one, a post just deleted.   Source: docs.joinmastodon.org/entities/Status"""

from html import escape
from typing import NotRequired, TypedDict

from federation.naming import Names
from federation.sanitise import plain_text
from models.actor import Actor
from models.edit import PostEdit
from models.post import Post, Visibility
from models.reaction import Announce
from server.mastodon.entities import event as events
from server.mastodon.entities.account import Account, CustomEmoji, account, custom_emojis
from server.mastodon.entities.filter import FilterResult, filter_results
from server.mastodon.entities.kinds import Html, Id, Instant, Nothing, Url
from server.mastodon.entities.media import MediaAttachment, media_attachment
from server.mastodon.entities.moments import instant
from server.mastodon.entities.poll import Poll, poll
from server.mastodon.entities.quote import QuoteApproval, quote_approval, quote_state
from server.media.addresses import copy_url, small_copy_url
from server.posts.queries import PostView
from server.posts.reactions import EmojiTotal

WORD_OF = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.SECTION: "private",
    Visibility.DIRECT: "direct",
}


class Mention(TypedDict):
    """Somebody whom a status names."""

    id: Id
    username: str
    acct: str
    url: Url


class StatusTag(TypedDict):
    """A hashtag that a status bears."""

    name: str
    url: Url


class EmojiReaction(TypedDict):
    """How many answered with one emoji; never who."""

    name: str
    count: int
    me: bool
    url: Url | None
    static_url: Url | None
    accounts: list[Nothing]
    account_ids: list[Id]


class Pleroma(TypedDict):
    """What clients of Pleroma look for."""

    emoji_reactions: list[EmojiReaction]


class Quote(TypedDict):
    """A status inside another, or what became of it; inside a quote its id alone."""

    state: str
    quoted_status: NotRequired["Status | None"]
    quoted_status_id: NotRequired[Id | None]


class Marks(TypedDict, total=False):
    """What somebody who is logged in did with a status."""

    favourited: bool
    reblogged: bool
    muted: bool
    bookmarked: bool
    pinned: bool
    filtered: list[FilterResult]


class Status(Marks):
    """A post, or a boost around one; `text` stands in one that was just deleted."""

    id: Id
    uri: Url
    url: Url
    created_at: Instant
    edited_at: Instant | None
    account: Account
    content: Html
    visibility: str
    sensitive: bool
    spoiler_text: str
    language: str | None
    media_attachments: list[MediaAttachment]
    mentions: list[Mention]
    tags: list[StatusTag]
    emojis: list[CustomEmoji]
    reblogs_count: int
    favourites_count: int
    replies_count: int
    quotes_count: int
    in_reply_to_id: Id | None
    in_reply_to_account_id: Id | None
    reblog: "Status | None"
    poll: Poll | None
    card: None
    application: None
    quote: Quote | None
    emoji_reactions: list[EmojiReaction]
    pleroma: Pleroma
    quote_approval: QuoteApproval
    event: NotRequired[events.EventDetails]
    text: NotRequired[str]


class Context(TypedDict):
    """What a status answers, and what answers it."""

    ancestors: list[Status]
    descendants: list[Status]


class StatusSource(TypedDict):
    """A status as it was typed."""

    id: Id
    text: str
    spoiler_text: str


class StatusEdit(TypedDict):
    """What a status said from a moment on."""

    account: Account
    content: Html
    created_at: Instant
    emojis: list[CustomEmoji]
    media_attachments: list[MediaAttachment]
    sensitive: bool
    spoiler_text: str


def status(view: PostView, names: Names, viewer: Actor | None) -> Status:
    """Write a Status as `viewer` sees it (None is the public); a post that somebody shows stands inside theirs."""
    written: Status = {**_post(view, names, viewer), **_marks(view, viewer)}
    return _boost(view.announce, written, names) if view.announce else written


def _post(view: PostView, names: Names, viewer: Actor | None) -> Status:
    written = _any_post(view, names, viewer)
    if view.event is None:
        return written
    return {
        **written,
        "content": events.content(view.event, view.post),
        "poll": events.event_poll(view.event, view.post),
        "event": events.details(view.event),
    }


def _any_post(view: PostView, names: Names, viewer: Actor | None) -> Status:
    post = view.post
    return {
        "id": str(post.id),
        "uri": post.uri,
        "url": post.url,
        "created_at": instant(post.published_at),
        "edited_at": instant(post.edited_at) if post.edited_at else None,
        "account": account(post.actor, names),
        "content": content(post.title, post.content_html, post.url),
        "visibility": WORD_OF[post.visibility],
        "sensitive": post.is_sensitive,
        "spoiler_text": post.content_warning,
        "language": post.language,
        "media_attachments": [media_attachment(item, names) for item in view.attachments],
        "mentions": [_mention(actor) for actor in view.mentioned],
        "tags": [{"name": tag.name, "url": names.tag(tag.name)} for tag in view.tags],
        "emojis": [] if post.actor.is_media_rejected else custom_emojis(post.emojis, names),
        "reblogs_count": post.announces_count,
        "favourites_count": post.likes_count,
        "replies_count": post.replies_count,
        "quotes_count": view.quotes_count,
        "in_reply_to_id": str(view.parent.id) if view.parent else None,
        "in_reply_to_account_id": str(view.parent.actor_id) if view.parent else None,
        "reblog": None,
        "poll": poll(view.poll) if view.poll else None,
        "card": None,
        "application": None,
        "quote": quote(view, names, viewer),
        "emoji_reactions": [emoji_reaction(item, names) for item in view.emojis],
        "pleroma": {"emoji_reactions": [emoji_reaction(item, names) for item in view.emojis]},
        "quote_approval": quote_approval(post, viewer),
    }


def emoji_reaction(item: EmojiTotal, names: Names) -> EmojiReaction:
    """Write how many answered with one emoji, and whether the viewer did; never who. Source: Pleroma (`emoji_reactions`)."""
    return {
        "name": item.emoji.strip(":"),
        "count": item.total,
        "me": item.is_mine,
        "url": copy_url(item.url, names) if item.url else None,
        "static_url": small_copy_url(item.url, names) if item.url else None,
        "accounts": [],
        "account_ids": [],
    }


def quote(view: PostView, names: Names, viewer: Actor | None) -> Quote | None:
    """Write the Quote in a status, and in a status that is quoted itself a ShallowQuote."""
    if view.quote is None:
        return None
    state, shown = quote_state(view.quote), view.quote.shown
    if view.quote.is_inner:
        return {"state": state, "quoted_status_id": str(view.quote.row.quoted_id) if view.quote.row.quoted_id else None}
    return {"state": state, "quoted_status": status(shown, names, viewer) if shown else None}


def _mention(actor: Actor) -> Mention:
    return {"id": str(actor.id), "username": actor.username, "acct": actor.handle, "url": actor.url}


def _marks(view: PostView, viewer: Actor | None) -> Marks:
    """What only somebody who is logged in is told: what they did with the post."""
    if viewer is None:
        return {}
    marks: Marks = {
        "favourited": view.is_liked,
        "reblogged": view.is_announced,
        "muted": view.is_muted,
        "bookmarked": view.is_bookmarked,
        "filtered": filter_results(view.filtered, view.post.id),
    }
    return {**marks, "pinned": view.is_featured} if view.post.actor_id == viewer.id else marks


def _boost(announce: Announce, original: Status, names: Names) -> Status:
    """Put a post inside the Status of whoever shows it: empty itself, with the post's counts and marks."""
    return {
        **original,
        "id": str(announce.id),
        "uri": announce.uri,
        "created_at": instant(announce.published_at),
        "edited_at": None,
        "account": account(announce.actor, names),
        "content": "",
        "sensitive": False,
        "spoiler_text": "",
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "reblog": original,
    }


def content(title: str, html: str, url: str) -> str:
    """Give the HTML of a post; the title of an article comes first, and one without text links to its page."""
    if not title:
        return html
    text = html or f'<p><a href="{escape(url)}">{escape(url)}</a></p>'
    return f"<p><strong>{escape(title)}</strong></p>{text}"


def status_source(post: Post) -> StatusSource:
    """Write a StatusSource: what its author typed, to be changed.   Source: docs.joinmastodon.org/entities/StatusSource"""
    return {"id": str(post.id), "text": typed_text(post), "spoiler_text": post.content_warning}


def typed_text(post: Post) -> str:
    """Give what the author typed, or else the text of what others read."""
    return plain_text(post.content_html) if post.source_text is None else post.source_text


def status_edit(version: PostEdit, view: PostView, names: Names) -> StatusEdit:
    """Write a StatusEdit: what a post said from a moment on.   Source: docs.joinmastodon.org/entities/StatusEdit"""
    return {
        "account": account(view.post.actor, names),
        "content": content(version.title, version.content_html, view.post.url),
        "created_at": instant(version.stood_from),
        "emojis": custom_emojis(view.post.emojis, names),
        "media_attachments": [media_attachment(item, names) for item in view.attachments],
        "sensitive": version.is_sensitive,
        "spoiler_text": version.content_warning,
    }


def deleted_status(view: PostView, names: Names, viewer: Actor) -> Status:
    """Write a Status that was just deleted, with the `text` from which it may be written anew."""
    return {**status(view, names, viewer), "text": typed_text(view.post)}
