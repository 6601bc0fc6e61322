"""MediaAttachment.   Source: docs.joinmastodon.org/entities/MediaAttachment"""

from typing import TypedDict

from models.media import small_url
from models.post import Attachment
from server.mastodon.entities.kinds import Id, Url

TYPES = {"image": "image", "video": "video", "audio": "audio"}


class Size(TypedDict):
    """How large a picture is, in pixels."""

    width: int
    height: int
    size: str
    aspect: float


class Focus(TypedDict):
    """The point of a picture that matters most, each way from -1 to 1."""

    x: float
    y: float


class Meta(TypedDict, total=False):
    """What is known of a picture."""

    original: Size
    focus: Focus


class MediaAttachment(TypedDict):
    """A picture, film or sound."""

    id: Id
    type: str
    url: Url
    preview_url: Url
    remote_url: Url | None
    preview_remote_url: Url | None
    text_url: Url | None
    description: str | None
    blurhash: str | None
    meta: Meta


def media_attachment(item: Attachment, *, is_local: bool) -> MediaAttachment:
    """Write a MediaAttachment; a document that is no picture, film or sound is `unknown`."""
    return {
        "id": str(item.id),
        "type": TYPES.get(item.media_type.partition("/")[0].lower(), "unknown"),
        "url": item.url,
        "preview_url": small_url(item.url) if is_local else item.url,
        "remote_url": None if is_local else item.url,
        "preview_remote_url": None,
        "text_url": None,
        "description": item.description or None,
        "blurhash": item.blurhash or None,
        "meta": _meta(item),
    }


def _meta(item: Attachment) -> Meta:
    meta: Meta = {}
    if item.width and item.height:
        meta["original"] = {
            "width": item.width,
            "height": item.height,
            "size": f"{item.width}x{item.height}",
            "aspect": item.width / item.height,
        }
    if item.focal_x is not None and item.focal_y is not None:
        meta["focus"] = {"x": item.focal_x, "y": item.focal_y}
    return meta
