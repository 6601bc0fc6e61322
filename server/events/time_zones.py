"""Time zones as calendar files describe them: every change of the clock in the years that are spoken of.

The library's own description puts the beginning of summer time an hour late.   Source: RFC 5545 §3.6.5
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=64)
def described(name: str, first_year: int, last_year: int) -> Timezone:
    """Describe a zone from the first day of a year to the last of another."""
    zone, begins = ZoneInfo(name), datetime(first_year, 1, 1, tzinfo=UTC)
    written = Timezone()
    written.add("tzid", name)
    written.add_component(_observance(begins, begins.astimezone(zone), begins.astimezone(zone)))
    for moment in _changes(zone, date(first_year, 1, 1), date(last_year, 12, 31)):
        written.add_component(_observance(moment, (moment - SECOND).astimezone(zone), moment.astimezone(zone)))
    return written


def _changes(zone: ZoneInfo, first: date, last: date) -> Iterator[datetime]:
    """Give the moments at which the clock is changed."""
    moment = datetime(first.year, first.month, first.day, tzinfo=UTC)
    while moment.date() <= last:
        following = moment + DAY
        if moment.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            yield _change_between(zone, moment, following)
        moment = following


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after


def _observance(moment: datetime, before: datetime, after: datetime) -> TimezoneStandard | TimezoneDaylight:
    """Write what holds from a moment on, which is told by the clock as it was until then."""
    offset = before.utcoffset() or timedelta()
    written = TimezoneDaylight() if after.dst() else TimezoneStandard()
    written.add("dtstart", (moment + offset).replace(tzinfo=None))
    written.add("tzoffsetfrom", offset)
    written.add("tzoffsetto", after.utcoffset() or timedelta())
    written.add("tzname", after.tzname() or "")
    return written
