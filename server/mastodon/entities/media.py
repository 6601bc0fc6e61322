"""MediaAttachment.   Source: docs.joinmastodon.org/entities/MediaAttachment"""

from typing import TypedDict

from federation.naming import Names
from models.media import Media, MediaState
from models.post import Attachment
from server.mastodon.entities.kinds import Id, Url
from server.media.addresses import shown_url, small_shown_url
from server.media.queries import as_attachment

TYPES = {"image": "image", "video": "video", "audio": "audio"}


class Original(TypedDict, total=False):
    """How large a picture is, in pixels; how long a film or a sound, in seconds."""

    width: int
    height: int
    size: str
    aspect: float
    duration: float


class Focus(TypedDict):
    """The point of a picture that matters most, each way from -1 to 1."""

    x: float
    y: float


class Meta(TypedDict, total=False):
    """What is known of a picture, film or sound."""

    original: Original
    focus: Focus


class MediaAttachment(TypedDict):
    """A picture, film or sound."""

    id: Id
    type: str
    url: Url | None
    preview_url: Url | None
    remote_url: Url | None
    preview_remote_url: Url | None
    text_url: Url | None
    description: str | None
    blurhash: str | None
    meta: Meta


def media_attachment(item: Attachment, names: Names) -> MediaAttachment:
    """Write a MediaAttachment; a document that is no picture, film or sound is `unknown`.

    A picture of another server is shown by its copy here; a film or a sound of one is there alone, and has no preview.
    """
    return {
        "id": str(item.id),
        "type": TYPES.get(item.media_type.partition("/")[0].lower(), "unknown"),
        "url": shown_url(item, names),
        "preview_url": small_shown_url(item, names),
        "remote_url": None if names.is_ours(item.url) else item.url,
        "preview_remote_url": None,
        "text_url": None,
        "description": item.description or None,
        "blurhash": item.blurhash or None,
        "meta": _meta(item),
    }


def own_attachment(media: Media, names: Names) -> MediaAttachment:
    """Write a MediaAttachment of a file that somebody here brought; one that is not ready yet is nowhere."""
    written = media_attachment(as_attachment(media), names)
    if media.state is not MediaState.READY:
        written["url"] = written["preview_url"] = None
    return written


def _meta(item: Attachment) -> Meta:
    meta: Meta = {}
    original: Original = {"duration": item.duration_ms / 1000} if item.duration_ms else {}
    if item.width and item.height:
        original["width"], original["height"] = item.width, item.height
        original["size"], original["aspect"] = f"{item.width}x{item.height}", item.width / item.height
    if original:
        meta["original"] = original
    if item.focal_x is not None and item.focal_y is not None:
        meta["focus"] = {"x": item.focal_x, "y": item.focal_y}
    return meta
