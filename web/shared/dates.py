"""Days and hours, written out as they are said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_CLOCKS = {"fr": "H'\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}'mm", "en": "HH:mm"}


@lru_cache(maxsize=4096)
def written_day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Write the day: "samedi 5 décembre 2026", "Saturday 5 December 2026"."""
    return written_weekday(moment.astimezone(zone).date(), language)


@lru_cache(maxsize=4096)
def written_weekday(at: date, language: str) -> str:
    """Write a date with its weekday: "samedi 5 décembre 2026", "Saturday 5 December 2026"."""
    day = "d'er'" if language == "fr" and at.day == 1 else "d"
    return str(format_date(at, f"EEEE {day} MMMM y", locale=_LOCALES[language]))


@lru_cache(maxsize=4096)
def written_date(at: date, language: str) -> str:
    """Write a date without a weekday: "5 décembre 2026", "5 December 2026"."""
    first = "d'er'" if language == "fr" and at.day == 1 else "d"
    return str(format_date(at, f"{first} MMMM y", locale=_LOCALES[language]))


@lru_cache(maxsize=4096)
def written_clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Write the hour: "14 h 00", "14:00"."""
    return str(format_datetime(moment.astimezone(zone), _CLOCKS[language], locale=_LOCALES[language]))


def written_wall_clock(clock: datetime, language: str) -> str:
    """Write the hour that a clock shows somewhere: "14 h 00", "14:00"."""
    return str(format_datetime(clock, _CLOCKS[language], locale=_LOCALES[language]))


def written_number(number: int, language: str) -> str:
    """Write a number with the language's own separators."""
    return str(format_decimal(number, locale=_LOCALES[language]))


@dataclass(frozen=True, slots=True)
class DateBlock:
    """A day as it stands beside an event: "sam.", "5", "déc.", and the same for programs: "2026-12-05"."""

    weekday: str
    day: str
    month: str
    iso: str


@lru_cache(maxsize=4096)
def date_block(moment: datetime, zone: ZoneInfo, language: str) -> DateBlock:
    """Write a day in as little room as can be."""
    here, locale = moment.astimezone(zone), _LOCALES[language]
    weekday, month = format_date(here, "EEE", locale=locale), format_date(here, "MMM", locale=locale)
    return DateBlock(str(weekday), str(here.day), str(month), here.date().isoformat())


@lru_cache(maxsize=256)
def written_month(first: date, language: str) -> str:
    """Write a month: "décembre 2026", "December 2026"."""
    return str(format_date(first, "LLLL y", locale=_LOCALES[language]))


@lru_cache(maxsize=16)
def weekdays(language: str) -> tuple[tuple[str, str], ...]:
    """Name the days of a week that begins on Monday, in short and in full: (("lun.", "lundi"), …)."""
    locale, monday = _LOCALES[language], date(2024, 1, 1)
    days = [monday + timedelta(days=number) for number in range(7)]
    return tuple(
        (str(format_date(at, "EEE", locale=locale)), str(format_date(at, "EEEE", locale=locale))) for at in days
    )


def zone_of(timezone: str, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the time zone of that name; `otherwise` where it is ''."""
    return ZoneInfo(timezone) if timezone else otherwise


def is_same_clock(moment: datetime, zone: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks show the same in both zones then."""
    return moment.astimezone(zone).utcoffset() == moment.astimezone(other).utcoffset()


def last_moment(ends_at: datetime) -> datetime:
    """Give the last second before an end, whose day is the last one of what is there all day."""
    return ends_at - timedelta(seconds=1)
