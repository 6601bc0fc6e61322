"""MediaAttachment.   Source: docs.joinmastodon.org/entities/MediaAttachment"""

from typing import Any

from federation.naming import Names
from models.media import Media, MediaState
from models.post import Attachment
from server.media.addresses import shown_url, small_shown_url
from server.media.queries import as_attachment

Entity = dict[str, Any]

TYPES = {"image": "image", "video": "video", "audio": "audio"}


def media_attachment(item: Attachment, names: Names) -> Entity:
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


def own_attachment(media: Media, names: Names) -> Entity:
    """Write a MediaAttachment of a file that somebody here brought; one that is not ready yet is nowhere."""
    written = media_attachment(as_attachment(media), names)
    return written if media.state is MediaState.READY else written | {"url": None, "preview_url": None}


def _meta(item: Attachment) -> Entity:
    meta: Entity = {}
    original: Entity = {"duration": item.duration_ms / 1000} if item.duration_ms else {}
    if item.width and item.height:
        size = {"width": item.width, "height": item.height}
        original |= size | {"size": f"{item.width}x{item.height}", "aspect": item.width / item.height}
    if original:
        meta["original"] = original
    if item.focal_x is not None and item.focal_y is not None:
        meta["focus"] = {"x": item.focal_x, "y": item.focal_y}
    return meta
