"""Days and hours, written out as they are said."""

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
    here = moment.astimezone(zone)
    day = "d'er'" if language == "fr" and here.day == 1 else "d"
    return str(format_datetime(here, f"EEEE {day} MMMM y", locale=_LOCALES[language]))


@lru_cache(maxsize=4096)
def written_date(at: date, language: str) -> str:
    """Write a date without a weekday: "5 décembre 2026", "5 December 2026"."""
    first = "d'er'" if language == "fr" and at.day == 1 else "d"
    return str(format_date(at, f"{first} MMMM y", locale=_LOCALES[language]))


@lru_cache(maxsize=4096)
def written_clock(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Write the hour: "14 h 00", "14:00"."""
    return str(format_datetime(moment.astimezone(zone), _CLOCKS[language], locale=_LOCALES[language]))


def written_number(number: int, language: str) -> str:
    """Write a number with the language's own separators."""
    return str(format_decimal(number, locale=_LOCALES[language]))


def zone_of(timezone: str, otherwise: ZoneInfo) -> ZoneInfo:
    """Give the time zone of that name; `otherwise` where it is ''."""
    return ZoneInfo(timezone) if timezone else otherwise


def last_moment(ends_at: datetime) -> datetime:
    """Give the last second before an end, whose day is the last one of what is there all day."""
    return ends_at - timedelta(seconds=1)
