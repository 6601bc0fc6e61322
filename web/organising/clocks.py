"""Days and hours as browsers send them from fields of a form, and as they are put there.

Source: HTML, input type=date and type=time (a valid date string, a valid time string)
"""

import re
from datetime import date, datetime, time, timedelta

FIRST_YEAR, LAST_YEAR = 2000, 2199
NIGHT = timedelta(hours=12)

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,3})?)?")


def read_date(typed: str) -> date | None:
    """Read a day; None for what is none, or lies in another century than this and the next."""
    found = _DATE.fullmatch(typed.strip())
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def read_time(typed: str) -> time | None:
    """Read an hour, without its seconds; None for what is none."""
    found = _TIME.fullmatch(typed.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def ending(starts: datetime, day: date | None, clock: time) -> datetime:
    """Tell when something ends of which the hour was typed: that day; where none was, on the day on which it begins.

    What would end before it begins lasts into the night, up to twelve hours.
    """
    ends = datetime.combine(day or starts.date(), clock)
    if day is None and ends <= starts and ends + timedelta(days=1) - starts <= NIGHT:
        return ends + timedelta(days=1)
    return ends


def written_ending(starts: datetime, ends: datetime) -> tuple[str, str]:
    """Put into fields when something ends, so that `ending` reads the same: (day, '' where it needs none; hour)."""
    clock = ends.time().replace(second=0, microsecond=0)
    is_plain = ending(starts, None, clock) == ends.replace(second=0, microsecond=0)
    return "" if is_plain else ends.date().isoformat(), written_time(ends)


def written_time(clock: datetime) -> str:
    """Put an hour into a field."""
    return f"{clock:%H:%M}"
