"""Calendars as two other programs read them."""

from typing import Any

import icalendar
import vobject


def read(body: bytes) -> icalendar.Calendar:
    """Read a calendar, every line of which is at most 75 bytes long."""
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    calendar = icalendar.Calendar.from_ical(body)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def only(body: bytes) -> icalendar.Event:
    """The one event of a calendar."""
    [event] = read(body).events
    return event


def by_another(body: bytes) -> Any:
    """The same as vobject reads it, which has checked it."""
    calendar = vobject.readOne(body.decode())
    calendar.validate(raiseException=True)
    return calendar
