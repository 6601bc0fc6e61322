"""Where an event takes place: read from every shape that servers write, and written as one Place that all of them read.

Source: Activity Vocabulary (Place); FEP-8a8e (VirtualLocation); Mobilizon, Gancio, WordPress, Friendica, Hubzilla.
"""

from dataclasses import dataclass
from typing import Any

from federation import sanitise
from federation.jsonld import Json, each, is_uri, text_of, type_of
from federation.uris import same_origin
from models.event import MAX_LINE, Place

MAX_POSTAL_CODE = 32
_PARTS = {
    "street": ("streetAddress",),
    "postal_code": ("postalCode",),
    "locality": ("addressLocality",),
    "region": ("addressRegion", "addressState"),
    "country": ("addressCountry",),
}


@dataclass(frozen=True, slots=True)
class ReadLocation:
    """Where an event takes place: columns of Place, None where it is nowhere in particular; and the page it meets on."""

    place: dict[str, Any] | None
    online_url: str


def read(document: Json, event_uri: str) -> ReadLocation:
    """Read the `location` of an event: missing, a name, an object with or without an address, or several of them."""
    place, online_url = None, ""
    for item in each(document.get("location")):
        if isinstance(item, str):
            item = {"url": item} if is_uri(item) else {"name": item}
        if not isinstance(item, dict):
            continue
        online_url = online_url or _online(item)
        if place is None and not _is_virtual(item):
            place = _columns(item, event_uri)
    return ReadLocation(place, online_url)


def _is_virtual(item: Json) -> bool:
    """Whether it is a page and no place: said to be, or with nothing to it but an address on the web."""
    if type_of(item) == "VirtualLocation":
        return True
    return bool(_online(item)) and not any(item.get(name) is not None for name in ("latitude", "longitude"))


def _online(item: Json) -> str:
    for value in (item.get("url"), item.get("address")):
        for part in each(value):
            written = part.get("url") or part.get("href") if isinstance(part, dict) else part
            if isinstance(written, str) and (url := sanitise.safe_url(written)) is not None:
                return url
    return ""


def _columns(item: Json, event_uri: str) -> dict[str, Any] | None:
    """Read a Place; None where it says nothing."""
    name = _line(item.get("name") or item.get("content"))
    columns: dict[str, Any] = {"name": name, **_address(item.get("address")), **_point(item)}
    if not any(columns.values()):
        return None
    uri = item.get("id")
    is_own = is_uri(uri) and same_origin(uri, event_uri) and uri != event_uri
    return {"uri": uri if is_own else f"{event_uri}#place"} | columns


def _address(value: Any) -> dict[str, str]:
    found = next(iter(each(value)), None)
    parts = dict.fromkeys(_PARTS, "")
    if isinstance(found, str):
        parts["street"] = _line(found)
    elif isinstance(found, dict):
        for column, names in _PARTS.items():
            parts[column] = next((line for name in names if (line := _line(_named(found.get(name))))), "")
    parts["postal_code"] = parts["postal_code"][:MAX_POSTAL_CODE]
    return parts


def _named(value: Any) -> Any:
    return value.get("name") if isinstance(value, dict) else value


def _line(value: Any) -> str:
    """Read a line of text; numbers are such, too."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return " ".join(sanitise.plain_text(text_of(value)).split())[:MAX_LINE].strip()


def _point(item: Json) -> dict[str, float | None]:
    latitude, longitude = _degrees(item.get("latitude"), 90), _degrees(item.get("longitude"), 180)
    if latitude is None or longitude is None:
        return {"latitude": None, "longitude": None}
    return {"latitude": latitude, "longitude": longitude}


def _degrees(value: Any, most: float) -> float | None:
    """Read degrees, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if -most <= degrees <= most else None


def address_line(place: Place) -> str:
    """Write an address in one line: '12 rue Colbert, 59000 Lille'."""
    town = " ".join(part for part in (place.postal_code, place.locality) if part)
    return ", ".join(part for part in (place.street, town) if part)


def full_name(place: Place) -> str:
    """Name a place so that whoever reads its name alone finds it: 'Halles de Wazemmes, 12 rue Colbert, 59000 Lille'."""
    return ", ".join(part for part in (place.name, address_line(place)) if part)


def write(place: Place) -> Json:
    """Write a place of ours. Degrees are never whole numbers, which Mobilizon drops."""
    address = {name: value for column, (name, *_) in _PARTS.items() if (value := getattr(place, column))}
    written: Json = {"id": place.uri, "type": "Place", "name": place.name or address_line(place)}
    if place.latitude is not None and place.longitude is not None:
        written |= {"latitude": float(place.latitude), "longitude": float(place.longitude)}
    return written | ({"address": {"type": "PostalAddress"} | address} if address else {})


def write_online(url: str, name: str) -> Json:
    """Write where people meet who are nowhere: as a Place, since others take a VirtualLocation for a street."""
    return {"type": "Place", "name": name, "address": url}
