"""MediaAttachment.   Source: docs.joinmastodon.org/entities/MediaAttachment"""

from typing import Any

from models.media import small_url
from models.post import Attachment

Entity = dict[str, Any]

TYPES = {"image": "image", "video": "video", "audio": "audio"}


def media_attachment(item: Attachment, *, is_local: bool) -> Entity:
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


def _meta(item: Attachment) -> Entity:
    meta: Entity = {}
    if item.width and item.height:
        size = {"width": item.width, "height": item.height}
        meta["original"] = size | {"size": f"{item.width}x{item.height}", "aspect": item.width / item.height}
    if item.focal_x is not None and item.focal_y is not None:
        meta["focus"] = {"x": item.focal_x, "y": item.focal_y}
    return meta
