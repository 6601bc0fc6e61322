"""A month as a table of weeks, and a list as days: what stands on which day."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.event import Event
from server.posts.queries import PostView
from web.shared.dates import last_moment, zone_of

MONDAY = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day and what takes place on it, as it follows each other. `is_inside` is false for days of other months."""

    date: date
    views: list[PostView]
    is_inside: bool = True


@dataclass(frozen=True, slots=True)
class Month:
    """A month, its weeks from Monday on, and the months beside it."""

    first: date
    weeks: list[list[Day]]

    @property
    def before(self) -> str:
        """The month before, as addresses name it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def next(self) -> str:
        """The month after, as addresses name it."""
        return f"{following(self.first):%Y-%m}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing takes place."""
        return not any(day.views for week in self.weeks for day in week if day.is_inside)


def following(first: date) -> date:
    """Give the first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def month_of(first: date, views: Sequence[PostView], zone: ZoneInfo) -> Month:
    """Put what takes place in a month on its days; what lasts for several stands on each of them."""
    by_day: dict[date, list[PostView]] = defaultdict(list)
    last = following(first) - timedelta(days=1)
    for view in views:
        if view.event is not None:
            begins, ends = days_of(view.event.event, zone)
            at = max(begins, first)
            while at <= min(ends, last):
                by_day[at].append(view)
                at += timedelta(days=1)
    weeks = Calendar(MONDAY).monthdatescalendar(first.year, first.month)
    inside = [[Day(at, by_day.get(at, []), at.month == first.month) for at in week] for week in weeks]
    return Month(first, inside)


def by_day(views: Sequence[PostView], zone: ZoneInfo) -> list[Day]:
    """Put events that follow each other under the days on which they begin."""
    days: list[Day] = []
    for view in views:
        if view.event is not None:
            begins, _ = days_of(view.event.event, zone)
            if not days or days[-1].date != begins:
                days.append(Day(begins, []))
            days[-1].views.append(view)
    return days


def days_of(event: Event, zone: ZoneInfo) -> tuple[date, date]:
    """Tell the first and the last day of an event, as the calendar shows it there."""
    there = zone_of(event.timezone, zone)
    begins = event.starts_at.astimezone(there).date()
    last: datetime = last_moment(event.ends_at) if event.ends_at > event.starts_at else event.ends_at
    ends = last.astimezone(there).date() if event.is_end_shown or event.is_all_day else begins
    return begins, max(begins, ends)
