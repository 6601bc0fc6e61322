"""What hangs on a post: pictures, sound, film, documents, links; and an object that is one itself.

Source: Activity Vocabulary (Document, Image, Video, Audio, Link); Mastodon for `blurhash` and `focalPoint`; PeerTube and
Funkwhale for a `url` that lists the same film or sound in several sizes.
"""

import re
from collections.abc import Iterator, Sequence
from mimetypes import guess_type
from typing import Any
from urllib.parse import urlsplit

from federation import sanitise
from federation.jsonld import Json, each, integer_of, text_of, type_of, uri_of
from models.post import Attachment

MAX_ATTACHMENTS = 32
MAX_DESCRIPTION_CHARS = 5000
MAX_BLURHASH_CHARS = 128
BASE_83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
BEST_HEIGHT = 720
DOCUMENTS = frozenset({"Document", "Image", "Video", "Audio"})
MEDIA_OF = {"Image": "image/", "Video": "video/", "Audio": "audio/", "Document": ""}
MAX_DURATION_MS = 24 * 3600 * 1000
USUAL = {"Image": "image/jpeg", "Video": "video/mp4", "Audio": "audio/mpeg"}

_DURATION = re.compile(
    r"P(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,9})(?:\.([0-9]{1,9}))?S)?)?"
)


def read(document: Json) -> tuple[dict[str, Any], ...]:
    """Read what hangs on an object, as columns of Attachment, in order and once each.

    An Image, Video, Audio or Document is itself the first; `image`, the picture of an article or event, comes last.
    """
    found = [*_own(document), *(_attachment(item) for item in _hung(document))]
    by_url = {row["url"]: row for row in reversed(found) if row is not None}
    urls = list(dict.fromkeys(row["url"] for row in found if row is not None))
    return tuple({"position": position} | by_url[url] for position, url in enumerate(urls[:MAX_ATTACHMENTS]))


def _hung(document: Json) -> Iterator[Json]:
    for name in ("attachment", "image"):
        for item in each(document.get(name)):
            if isinstance(item, dict):
                yield item
            elif name == "image" and isinstance(item, str):
                yield {"type": "Image", "url": item}


def _own(document: Json) -> Iterator[dict[str, Any] | None]:
    """Read the object itself, when it is a film, a sound, a picture or a document: the best of the files it offers."""
    kind = type_of(document) or ""
    if kind not in MEDIA_OF:
        return
    files = [link for link in _links(document.get("url")) if _is_file(link, kind)]
    if not files and isinstance(document.get("url"), str) and text_of(document.get("mediaType")).startswith("image/"):
        files = [{"href": document["url"], "mediaType": document["mediaType"]}]
    if files:
        lasts = {"duration": document.get("duration")}
        best = min(files, key=lambda link: abs((integer_of(link.get("height")) or 0) - BEST_HEIGHT))
        yield _row(
            {"type": kind, "name": document.get("name"), "blurhash": document.get("blurhash")} | lasts | best, best
        )


def _links(value: Any) -> Iterator[Json]:
    """Give every Link of a `url`, those within a playlist's `tag` too."""
    for item in each(value):
        if isinstance(item, dict):
            yield item
            yield from (inner for inner in each(item.get("tag")) if isinstance(inner, dict) and "href" in inner)


def _is_file(link: Json, kind: str) -> bool:
    said, wanted = media_type(link), MEDIA_OF[kind]
    return said.startswith(wanted) if wanted else not said.startswith("text/html")


def media_type(link: Json) -> str:
    """Read the media type of a Link; some call it `mimeType`."""
    return text_of(link.get("mediaType") or link.get("mimeType"))


def _attachment(item: Json) -> dict[str, Any] | None:
    if type_of(item) not in DOCUMENTS:
        return None
    link = next((part for part in each(item.get("url")) if isinstance(part, dict)), {})
    return _row(item, link)


def _row(item: Json, link: Json) -> dict[str, Any] | None:
    url = sanitise.ascii_url(uri_of(item.get("url")) or uri_of(item.get("href")))
    if url is None:
        return None
    focal = _focal_point(item.get("focalPoint"))
    description = text_of(item.get("name")) or text_of(item.get("summary"))
    return {
        "media_type": (media_type(item) or media_type(link) or _guessed(url, type_of(item) or ""))[:127],
        "url": url,
        "description": sanitise.plain_text(description)[:MAX_DESCRIPTION_CHARS],
        "width": integer_of(item.get("width") or link.get("width"), most=100_000),
        "height": integer_of(item.get("height") or link.get("height"), most=100_000),
        "duration_ms": duration_ms(item.get("duration")),
        "blurhash": _blurhash(text_of(item.get("blurhash"))),
        "focal_x": focal[0] if focal else None,
        "focal_y": focal[1] if focal else None,
    }


def _blurhash(text: str) -> str | None:
    """Read a blurhash, whose first digit says how long it is: some clients fail at one that is none.

    Source: github.com/woltapp/blurhash, Algorithm
    """
    if not 6 <= len(text) <= MAX_BLURHASH_CHARS or any(digit not in BASE_83 for digit in text):
        return None
    lines, columns = divmod(BASE_83.index(text[0]), 9)
    return text if len(text) == 4 + 2 * (lines + 1) * (columns + 1) else None


def _guessed(url: str, kind: str) -> str:
    """Guess a media type that nobody tells: by the name of the file, else what is usual."""
    return guess_type(urlsplit(url).path)[0] or USUAL.get(kind, "")


def duration_ms(value: Any) -> int | None:
    """Read how long a film or sound lasts, in milliseconds: days and less, no more than one.   Source: XSD 1.1 §3.3.6"""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    fraction = int((match[5] or "").ljust(3, "0")[:3])
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + fraction
    return total if 0 < total <= MAX_DURATION_MS else None


def _focal_point(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, int | float) for part in value):
        return None
    x, y = (float(max(-1, min(1, part))) for part in value)
    return x, y


def links(document: Json) -> list[str]:
    """Give the addresses of the pages that an object links to (Lemmy's posts of a link), but for what hangs on it."""
    hung = {row["url"] for row in read(document)}
    found = [
        url
        for item in each(document.get("attachment"))
        if isinstance(item, dict) and type_of(item) == "Link"
        if (url := sanitise.safe_url(uri_of(item.get("href")) or uri_of(item.get("url"))))
    ]
    return [url for url in dict.fromkeys(found) if url not in hung][:MAX_ATTACHMENTS]


def write(items: Sequence[Attachment]) -> list[Json]:
    """Write the `attachment` of a post of ours."""
    return [_written(item) for item in items]


def _written(item: Attachment) -> Json:
    written: Json = {"type": "Document", "mediaType": item.media_type, "url": item.url, "name": item.description}
    sizes = {"width": item.width, "height": item.height, "blurhash": item.blurhash}
    if item.focal_x is not None and item.focal_y is not None:
        written["focalPoint"] = [item.focal_x, item.focal_y]
    if item.duration_ms:
        written["duration"] = f"PT{item.duration_ms / 1000:.3f}S"
    return written | {name: value for name, value in sizes.items() if value}
