"""When something that repeats takes place: rules of RFC 5545 §3.3.10, reckoned by the clock on the wall.

Only this module imports dateutil. Whoever wrote the rule, reckoning ends: with a bounded number of answers, and soon.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule

from server.errors import Invalid

MAX_OCCURRENCES = 104
MAX_INTERVAL = 366
MAX_LOOKED_AT = 20_000
FIRST_YEAR, LAST_YEAR = 1970, 2200
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY}
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_CYCLE_YEARS = 400  # after which the Gregorian calendar has the same days of the same weeks
_LAST_CYCLE_BEGINS_BEFORE = 9950


class Frequency(StrEnum):
    """What an event repeats by."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Rule:
    """How an event repeats, as somebody chooses it: every `interval` days, weeks or months.

    It ends after `count` times or with the day `until`; one of the two is given. A month's event is on the same day, or with
    `is_by_weekday` on the same day of the week: "the second Tuesday", and "the last" for one after the 28th.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    is_by_weekday: bool = False

    def written(self, starts: datetime) -> str:
        """Write it as RFC 5545 does: 'FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU;COUNT=10'. Times are what the clock shows there.

        Raises:
            Invalid: it does not end, or its numbers are none.
        """
        if not 1 <= self.interval <= MAX_INTERVAL:
            raise Invalid("An event repeats every 1 to 366 days, weeks or months.")
        if (self.count is None) == (self.until is None):
            raise Invalid("Say how many times it takes place, or until when.")
        if self.count is not None and not 1 <= self.count <= MAX_OCCURRENCES:
            raise Invalid("An event repeats 104 times at most.")
        parts = [f"FREQ={self.frequency.name}", f"INTERVAL={self.interval}"]
        if self.frequency is Frequency.MONTHLY and self.is_by_weekday:
            parts.append(f"BYDAY={nth_weekday(starts)}")
        parts.append(f"COUNT={self.count}" if self.count is not None else f"UNTIL={self.until:%Y%m%d}T235959")
        return ";".join(parts)


def parts_of(rule: str) -> dict[str, str]:
    """Read the parts of a rule by name.

    Raises:
        Invalid: it has a part that is not understood, or one twice.
    """
    pairs = [part.partition("=")[::2] for part in rule.strip().rstrip(";").upper().split(";")]
    parts = dict(pairs)
    if len(parts) != len(pairs) or not parts.keys() <= _PARTS or parts.get("FREQ") not in _FREQUENCIES:
        raise Invalid("It repeats in a way that is not understood here.")
    return parts


def occurrences(rule: str, starts: datetime, zone: str = "UTC", *, since: datetime | None = None) -> list[datetime]:
    """Reckon when something that first begins at `starts` takes place, from `since` on, 104 times at most.

    Every time is naive: what the clock shows in `zone`, in which a rule's UNTIL may be an instant. What a rule counts from
    need not follow it.

    Raises:
        Invalid: the rule is not understood.
    """
    if not FIRST_YEAR <= starts.year <= LAST_YEAR:
        raise Invalid("It repeats in a way that is not understood here.")
    parts = parts_of(rule)
    later = (_LAST_CYCLE_BEGINS_BEFORE - starts.year) // _CYCLE_YEARS * _CYCLE_YEARS
    try:
        reckoned: Iterator[datetime] = iter(rrule.rrule(**_arguments(parts, starts, zone, later)))
    except (ValueError, TypeError, OverflowError) as error:
        raise Invalid("It repeats in a way that is not understood here.") from error
    earlier = (moment.replace(year=moment.year - later) for moment in islice(reckoned, MAX_LOOKED_AT))
    return list(islice((moment for moment in earlier if since is None or moment >= since), MAX_OCCURRENCES))


def _arguments(parts: dict[str, str], starts: datetime, zone: str, later: int) -> dict[str, Any]:
    """Give a rule as dateutil takes it, in the last 400 years it knows.

    A rule that nothing fits, such as the 30th of February, has it look through all years to come.
    """
    arguments: dict[str, Any] = {
        "freq": _FREQUENCIES[parts["FREQ"]],
        "dtstart": starts.replace(year=starts.year + later, microsecond=0),
        "interval": _number(parts.get("INTERVAL", "1"), MAX_INTERVAL),
    }
    if "COUNT" in parts:
        arguments["count"] = _number(parts["COUNT"], MAX_LOOKED_AT)
    if "UNTIL" in parts:
        until = _until(parts["UNTIL"], zone)
        arguments["until"] = until.replace(year=min(until.year, LAST_YEAR) + later)
    if "WKST" in parts:
        arguments["wkst"] = WEEKDAYS.index(parts["WKST"])
    if "BYDAY" in parts:
        arguments["byweekday"] = [_weekday(word) for word in parts["BYDAY"].split(",")]
    for name, most in (("BYMONTH", 12), ("BYMONTHDAY", 31), ("BYSETPOS", 366)):
        if name in parts:
            arguments[name.lower()] = [_number(word, most, is_signed=True) for word in parts[name].split(",")]
    return arguments


def _number(text: str, most: int, *, is_signed: bool = False) -> int:
    digits = text.lstrip("+-") if is_signed else text
    if not (digits.isascii() and digits.isdigit() and len(digits) < 6 and 1 <= int(digits) <= most):
        raise ValueError(f"{text} is not a number from 1 to {most}")
    return int(text)


def _weekday(word: str) -> Any:
    """Read 'TU', '2TU' or '-1TU'."""
    day = rrule.weekday(WEEKDAYS.index(word[-2:]))
    return day(_number(word[:-2], 53, is_signed=True)) if word[:-2] else day


def _until(text: str, zone: str) -> datetime:
    """Read up to when: a day, what the clock shows, or an instant, as what the clock then shows in `zone`."""
    if len(text) == 8:
        return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time(23, 59, 59))  # noqa: DTZ007
    if text.endswith("Z"):
        instant = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007


def ended(rule: str, last: datetime) -> str:
    """Give a rule that ends at `last`, whatever it was to end with."""
    return _joined(_endless(rule) | {"UNTIL": f"{last:%Y%m%dT%H%M%S}"})


def restarted(rule: str, starts: datetime, count: int) -> str:
    """Give a rule that goes on from `starts`, so many times: on that day of the week, if it was on one of the month's."""
    parts = _endless(rule) | {"COUNT": str(count)}
    if parts["FREQ"] == "MONTHLY" and "BYDAY" in parts:
        parts["BYDAY"] = nth_weekday(starts)
    return _joined(parts)


def nth_weekday(day: datetime) -> str:
    """Say which of the weekdays of its month a day is: '2TU', and '-1TU' for one after the 28th."""
    nth = (day.day - 1) // 7 + 1
    return f"{nth if nth <= 4 else -1}{WEEKDAYS[day.weekday()]}"


def _endless(rule: str) -> dict[str, str]:
    return {name: value for name, value in parts_of(rule).items() if name not in ("COUNT", "UNTIL")}


def _joined(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())
