"""Reading single values of an event in a calendar file."""

import re
from collections.abc import Mapping
from typing import Any

from federation import sanitise
from models.actor import MAX_URI
from models.event import EventKind
from server.events.calendar_writing import KIND_WORDS

Component = Mapping[str, Any]
"""An event as the library reads it: its properties by name, in upper case; a list where there are several."""

_KINDS = {word.casefold(): kind for words in KIND_WORDS.values() for kind, word in words.items()}
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


def repeats(event: Component) -> bool:
    """Whether it takes place more than once."""
    return "RRULE" in event or "RDATE" in event


def kind_of(event: Component) -> EventKind:
    """Read what kind of meeting it is, where a category says so in words of ours."""
    held = event.get("CATEGORIES")
    for item in held if isinstance(held, list) else [held]:
        for word in getattr(item, "cats", ()):
            if (kind := _KINDS.get(str(word).casefold())) is not None:
                return kind
    return EventKind.MEETING


def degrees_of(event: Component) -> tuple[float | None, float | None]:
    """Read where on the map it is: latitude and longitude, both or neither."""
    point = event.get("GEO")
    latitude, longitude = getattr(point, "latitude", None), getattr(point, "longitude", None)
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        return None, None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else (None, None)


def picture_of(event: Component) -> str:
    """Read where its picture is said to be; '' where it has none, or holds it itself.   Source: RFC 7986 §5.10"""
    held = event.get("IMAGE")
    for item in held if isinstance(held, list) else [] if held is None else [held]:
        params = getattr(item, "params", {})
        url = line_of(item) if str(params.get("VALUE", "URI")).upper() == "URI" else ""
        if len(url) <= MAX_URI and sanitise.safe_url(url):
            return url
    return ""


def paragraphs_of(value: Any) -> str:
    """Read a text; some programs write HTML into it."""
    text = "" if value is None or isinstance(value, list) else str(value)
    if re.search(r"<(p|br|a|b|div|span|ul)\b", text, re.IGNORECASE):
        text = sanitise.plain_text(text)
    return _NEVER.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def line_of(value: Any) -> str:
    """Read a text that stands in one line."""
    return " ".join(paragraphs_of(value).split())
