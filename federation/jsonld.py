"""Reading ActivityStreams properties in every shape that servers write them: a string, an object, or a list of either."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeGuard

import orjson

from federation.errors import MalformedActivity

MAX_NESTED_LEVELS = 64
MAX_LIST_ITEMS = 1000
EARLIEST_YEAR = 1970

Json = dict[str, Any]


def load(text: str | bytes) -> Json:
    """Parse the JSON text of one object.

    Raises:
        MalformedActivity: it is not JSON, not an object, or nested too deeply.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedActivity("the body is not JSON") from error
    if not isinstance(document, dict):
        raise MalformedActivity("the body is not a JSON object")
    if _opens(text) > MAX_NESTED_LEVELS and _is_deeper(document, MAX_NESTED_LEVELS):
        raise MalformedActivity(f"the document is nested more than {MAX_NESTED_LEVELS} levels deep")
    return document


def _opens(text: str | bytes) -> int:
    """Count the brackets that open something: a document cannot have more levels, and most need not be walked."""
    if isinstance(text, bytes):
        return text.count(b"{") + text.count(b"[")
    return text.count("{") + text.count("[")


def _is_deeper(document: Json, most_levels: int) -> bool:
    """Whether walking it would hurt: beyond 254 levels it could not even be written again."""
    level: list[Any] = [document]
    for _ in range(most_levels):
        values = (value for node in level for value in (node.values() if isinstance(node, dict) else node))
        level = [value for value in values if isinstance(value, dict | list)]
        if not level:
            return False
    return True


def dump(document: Json) -> str:
    """Write a document as the JSON text that is kept and sent."""
    return orjson.dumps(document).decode()


def each(value: Any) -> Iterator[Any]:
    """Give the items of a list, or the one value standing for a list of one; nothing for null."""
    if isinstance(value, list):
        yield from value[:MAX_LIST_ITEMS]
    elif value is not None:
        yield value


def is_uri(value: Any) -> TypeGuard[str]:
    """Whether this is an absolute http(s) URI of a length we keep: 2,048 bytes, what an index of PostgreSQL holds."""
    return (
        isinstance(value, str)
        and value.startswith(("https://", "http://"))
        and len(value) <= 2048
        and value.isprintable()
        and len(value.encode()) <= 2048
    )


def uri_of(value: Any) -> str | None:
    """Give the id that a reference stands for: itself, or the `id` (else `href`) of an object; None where there is none."""
    for item in each(value):
        if is_uri(item):
            return item
        if isinstance(item, dict):
            for name in ("id", "@id", "href"):
                if is_uri(found := item.get(name)):
                    return found
    return None


def uris_of(value: Any) -> tuple[str, ...]:
    """Give every id in a property, in order and once each; plain words such as `as:Public` are kept as they are."""
    found: dict[str, None] = {}
    for item in each(value):
        if isinstance(item, str):
            if 0 < len(item) <= 2048 and item.isprintable():
                found[item] = None
        elif (uri := uri_of(item)) is not None:
            found[uri] = None
    return tuple(found)


def type_of(document: Any) -> str | None:
    """Give the (first) type of an object; None where it has none."""
    if not isinstance(document, dict):
        return None
    return next((item for item in each(document.get("type")) if isinstance(item, str) and len(item) <= 64), None)


def text_of(value: Any) -> str:
    """Give a string property; of a language map or a list the first text; '' where there is none. NULs are dropped."""
    if isinstance(value, dict):
        value = list(value.values())
    for item in each(value):
        if isinstance(item, str):
            return item.replace("\x00", "").encode(errors="ignore").decode()
    return ""


def instant_of(value: Any) -> datetime | None:
    """Read an xsd:dateTime as aware UTC; a time without a zone counts as UTC; None where it cannot be read."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= EARLIEST_YEAR else None


def integer_of(value: Any, *, most: int = 2**31 - 1) -> int | None:
    """Read a whole number between 0 and `most`; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return int(value)


def written_instant(moment: datetime) -> str:
    """Write a time as ActivityStreams wants it: '2026-11-22T18:00:00Z'."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
