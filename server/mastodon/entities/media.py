"""MediaAttachment.   Source: docs.joinmastodon.org/entities/MediaAttachment"""

from fractions import Fraction
from typing import TypedDict

from federation.naming import Names
from models.media import SMALL_SIDE, Media, MediaState
from models.post import Attachment
from server.mastodon.entities.kinds import Id, Url
from server.media.addresses import shown_url, small_shown_url
from server.media.queries import as_attachment

TYPES = {"image": "image", "video": "video", "audio": "audio"}


class Size(TypedDict, total=False):
    """How large a picture is, in pixels."""

    width: int
    height: int
    size: str
    aspect: float


class Original(Size, total=False):
    """How large a picture is; how long a film or a sound lasts, in seconds, and how many pictures a second it has."""

    duration: float
    frame_rate: str


class Focus(TypedDict):
    """The point of a picture that matters most, each way from -1 to 1."""

    x: float
    y: float


class Meta(TypedDict, total=False):
    """What is known of a picture, film or sound; of a film, much of it is said twice.   Source: Mastodon does so."""

    original: Original
    small: Size
    focus: Focus
    width: int
    height: int
    size: str
    aspect: float
    duration: float
    length: str
    fps: int


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

    What is of another server is shown by its copy here; a film of one has a preview as soon as somebody has played it,
    and is known to be a `gifv` from then on.
    """
    return {
        "id": str(item.id),
        "type": _type_of(item),
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


def _type_of(item: Attachment) -> str:
    found = TYPES.get(item.media_type.partition("/")[0].lower(), "unknown")
    return "gifv" if found == "video" and item.playing.loops else found


def _meta(item: Attachment) -> Meta:
    meta: Meta = {}
    original: Original = {}
    duration_ms = item.duration_ms or item.playing.duration_ms
    if item.width and item.height:
        original["width"], original["height"] = item.width, item.height
        original["size"], original["aspect"] = f"{item.width}x{item.height}", item.width / item.height
        scale = min(1.0, SMALL_SIDE / max(item.width, item.height))
        meta["small"] = _size(max(1, round(item.width * scale)), max(1, round(item.height * scale)))
    if duration_ms:
        original["duration"] = duration_ms / 1000
    if original:
        meta["original"] = original
    if item.media_type.lower().startswith("video/"):
        _say_twice(meta, item, duration_ms)
    if item.focal_x is not None and item.focal_y is not None:
        meta["focus"] = {"x": item.focal_x, "y": item.focal_y}
    return meta


def _size(width: int, height: int) -> Size:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}


def _say_twice(meta: Meta, item: Attachment, duration_ms: int | None) -> None:
    if item.width and item.height:
        meta.update(_size(item.width, item.height))  # type: ignore[typeddict-item]
    if duration_ms:
        hours, rest = divmod(duration_ms / 1000, 3600)
        meta["duration"] = duration_ms / 1000
        meta["length"] = f"{hours:.0f}:{rest // 60:02.0f}:{rest % 60:05.2f}"
    if item.playing.frame_rate:
        rate = Fraction(item.playing.frame_rate).limit_denominator(1001)
        meta["fps"] = round(rate)
        meta.setdefault("original", {})["frame_rate"] = f"{rate.numerator}/{rate.denominator}"
