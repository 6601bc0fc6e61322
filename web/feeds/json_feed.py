"""Feeds as JSON; what an event has beyond any post stands under `_event`.   Source: https://www.jsonfeed.org/version/1.1/"""

from typing import Any

import orjson

from federation.jsonld import Json
from federation.naming import Names
from federation.objects.event import clock
from models.event import Place
from models.post import Attachment
from server.events.queries import EventView
from server.media.addresses import small_shown_url
from server.posts.queries import PostView
from web.feeds.feed import Feed, content_of, title_of
from web.shared.rendering import excerpt

MEDIA_TYPE = "application/feed+json; charset=utf-8"
VERSION = "https://jsonfeed.org/version/1.1"


def written(feed: Feed, own_url: str, language: str, names: Names) -> bytes:
    """Write a feed."""
    document = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": own_url,
        "description": feed.description,
        "language": language,
        "authors": [{"name": feed.author_name, "url": feed.author_url}],
        "items": [_item(view, names) for view in feed.views],
    }
    return orjson.dumps(document)


def _item(view: PostView, names: Names) -> Json:
    post = view.post
    item: dict[str, Any] = {
        "id": post.uri,
        "url": post.url or post.uri,
        "title": title_of(post),
        "content_html": content_of(view),
        "summary": excerpt(post.content_html),
        "image": view.picture.url if view.picture is not None else None,
        "date_published": post.published_at.isoformat(),
        "date_modified": (post.edited_at or post.published_at).isoformat(),
        "authors": [{"name": post.actor.name, "url": post.actor.url or post.actor.uri}],
        "tags": [tag.shown for tag in view.tags],
        "language": post.language,
        "attachments": [
            {"url": file.url, "mime_type": file.media_type, "title": file.description}
            for file in view.attachments
            if file.media_type
        ],
        "_event": _event(view.event, view.picture, names) if view.event is not None else None,
    }
    return {name: value for name, value in item.items() if value}


def _event(view: EventView, picture: Attachment | None, names: Names) -> Json:
    """Write when and where; who comes is told to nobody."""
    event, zone = view.event, view.event.timezone
    written_: dict[str, Any] = {
        "start": clock(event.starts_at, zone),
        "end": clock(event.ends_at, zone) if event.is_end_shown else None,
        "timezone": zone or "UTC",
        "status": event.status.value,
        "kind": event.kind.value,
        "place": _place(view.place) if view.place is not None else None,
        "online_url": event.online_url,
        "organisers": [{"name": actor.name, "url": actor.url or actor.uri} for actor in view.organisers],
        "accessibility": [
            word
            for word, is_so in (
                ("wheelchair", event.has_wheelchair_access),
                ("sign_language", event.has_sign_language),
                ("streaming", event.is_streamed),
            )
            if is_so
        ],
        "places_left": view.left,
        "cover": _cover(picture, names) if picture is not None else None,
    }
    found = {name: value for name, value in written_.items() if value not in (None, "", [])}
    return found | {"all_day": event.is_all_day}


def _cover(picture: Attachment, names: Names) -> Json | None:
    """Write where a small copy of a picture is, on this server; the width and height are those of the whole one."""
    told = {
        "url": small_shown_url(picture, names),
        "description": picture.description,
        "width": picture.width,
        "height": picture.height,
    }
    return {name: value for name, value in told.items() if value} if told["url"] else None


def _place(place: Place) -> Json:
    names = ("name", "street", "postal_code", "locality", "region", "country", "latitude", "longitude")
    return {name: value for name in names if (value := getattr(place, name)) not in (None, "")}
