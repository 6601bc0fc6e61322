"""Status: a post, a boost around one, a post just deleted.   Source: docs.joinmastodon.org/entities/Status"""

from html import escape
from typing import Any

from federation.naming import Names
from federation.sanitise import plain_text
from models.actor import Actor
from models.post import Post, Visibility
from models.reaction import Announce
from server.mastodon.entities.account import account
from server.mastodon.entities.media import media_attachment
from server.mastodon.entities.moments import instant
from server.mastodon.entities.poll import poll
from server.mastodon.entities.quote import quote_approval, quote_state
from server.posts.queries import PostView

Entity = dict[str, Any]

WORD_OF = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.SECTION: "private",
    Visibility.DIRECT: "direct",
}


def status(view: PostView, names: Names, viewer: Actor | None) -> Entity:
    """Write a Status as `viewer` sees it (None is the public); a post that somebody shows stands inside theirs."""
    written = _post(view, names, viewer) | _marks(view, viewer)
    return _boost(view.announce, written, names) if view.announce else written


def _post(view: PostView, names: Names, viewer: Actor | None) -> Entity:
    post = view.post
    return {
        "id": str(post.id),
        "uri": post.uri,
        "url": post.url,
        "created_at": instant(post.published_at),
        "edited_at": instant(post.edited_at) if post.edited_at else None,
        "account": account(post.actor, names),
        "content": content(post),
        "visibility": WORD_OF[post.visibility],
        "sensitive": post.is_sensitive,
        "spoiler_text": post.content_warning,
        "language": post.language,
        "media_attachments": [media_attachment(item, is_local=post.is_local) for item in view.attachments],
        "mentions": [_mention(actor) for actor in view.mentioned],
        "tags": [{"name": tag.name, "url": names.tag(tag.name)} for tag in view.tags],
        "emojis": [],
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
        "quote_approval": quote_approval(post, viewer),
    }


def quote(view: PostView, names: Names, viewer: Actor | None) -> Entity | None:
    """Write the Quote in a status, and in a status that is quoted itself a ShallowQuote."""
    if view.quote is None:
        return None
    state, shown = quote_state(view.quote), view.quote.shown
    if view.quote.is_inner:
        return {"state": state, "quoted_status_id": str(view.quote.row.quoted_id) if view.quote.row.quoted_id else None}
    return {"state": state, "quoted_status": status(shown, names, viewer) if shown else None}


def _mention(actor: Actor) -> Entity:
    return {"id": str(actor.id), "username": actor.username, "acct": actor.handle, "url": actor.url}


def _marks(view: PostView, viewer: Actor | None) -> Entity:
    """What only somebody who is logged in is told: what they did with the post."""
    if viewer is None:
        return {}
    marks = {
        "favourited": view.is_liked,
        "reblogged": view.is_announced,
        "muted": False,
        "bookmarked": False,
        "filtered": [],
    }
    return marks | {"pinned": False} if view.post.actor_id == viewer.id else marks


def _boost(announce: Announce, original: Entity, names: Names) -> Entity:
    """Put a post inside the Status of whoever shows it: empty itself, with the post's counts and marks."""
    return original | {
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


def content(post: Post) -> str:
    """Give the HTML of a post; the title of an article comes first, and one without text links to its page."""
    if not post.title:
        return post.content_html
    text = post.content_html or f'<p><a href="{escape(post.url)}">{escape(post.url)}</a></p>'
    return f"<p><strong>{escape(post.title)}</strong></p>{text}"


def deleted_status(view: PostView, names: Names, viewer: Actor) -> Entity:
    """Write a Status that was just deleted, with the `text` from which it may be written anew."""
    text = view.post.source_text
    return status(view, names, viewer) | {"text": plain_text(view.post.content_html) if text is None else text}
