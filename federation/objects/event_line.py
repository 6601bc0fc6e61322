"""One line that says when and where an event is, for whoever is shown its summary or its text and nothing else.

GoToSocial and Friendica show the text alone, Mastodon the summary.
"""

from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from federation.objects import place as places
from models.event import Event, EventStatus, Place

LANGUAGES = ("fr", "en")
_WORDS = {
    "fr": {"online": "en ligne", "cancelled": "Annulé", "postponed": "Reporté"},
    "en": {"online": "online", "cancelled": "Cancelled", "postponed": "Postponed"},
}


_CALLED_OFF = {"fr": "[Annulé] ", "en": "[Cancelled] "}
MAX_NAME = 200  # what Mobilizon takes


def named(title: str, status: EventStatus, language: str | None) -> str:
    """Name an event as other servers show it: one that was called off says so, where the name does not become too long."""
    called = f"{_CALLED_OFF[spoken(language)]}{title}"
    return called if status is EventStatus.CANCELLED and len(called) <= MAX_NAME else title


def title_in(name: str, status: EventStatus) -> str:
    """Give the title in such a name: that it was called off is shown apart."""
    if status is not EventStatus.CANCELLED:
        return name
    mark = next((mark for mark in _CALLED_OFF.values() if name.startswith(mark) and name != mark), "")
    return name.removeprefix(mark)


def spoken(language: str | None) -> str:
    """Choose the language of the line: the event's, where it is one of ours, else French."""
    base = (language or "").partition("-")[0].lower()
    return base if base in LANGUAGES else LANGUAGES[0]


def line(event: Event, place: Place | None, language: str | None) -> str:
    """Write the line as plain text: 'Samedi 5 décembre 2026, 14:00-17:00 (Paris) - Halles de Wazemmes, 59000 Lille'."""
    language = spoken(language)
    words, where = _WORDS[language], [places.full_name(place)] if place is not None else []
    if event.online_url:
        where.append(words["online"])
    told = " - ".join(part for part in (when(event, language), " / ".join(where)) if part)
    state = words.get(event.status.value)
    return f"{state} - {told}" if state and event.status in (EventStatus.CANCELLED, EventStatus.POSTPONED) else told


def html(event: Event, place: Place | None, language: str | None) -> str:
    """Write the line as a paragraph."""
    return f"<p>{escape(line(event, place, language), quote=False)}</p>"


def when(event: Event, language: str) -> str:
    """Say from when to when an event lasts, as the clock shows it there."""
    zone = ZoneInfo(event.timezone) if event.timezone else ZoneInfo("UTC")
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    first = _day(starts, language)
    if event.is_all_day:
        last = (ends - timedelta(seconds=1)).date()
        return first if last <= starts.date() else f"{first} - {_day(ends - timedelta(seconds=1), language)}"
    named = f" ({city(event.timezone)})" if city(event.timezone) else " (UTC)"
    if not event.is_end_shown:
        return f"{first}, {_hour(starts, language)}{named}"
    if ends.date() == starts.date():
        return f"{first}, {_hour(starts, language)}-{_hour(ends, language)}{named}"
    return f"{first}, {_hour(starts, language)} - {_day(ends, language)}, {_hour(ends, language)}{named}"


def city(zone: str) -> str:
    """Name a time zone as people do: by its city; '' where it has none."""
    area, _, name = zone.rpartition("/")
    return name.replace("_", " ") if area and area != "Etc" else ""


def _day(moment: datetime, language: str) -> str:
    day = format_date(moment, "EEEE d MMMM y", locale=language)
    return day[:1].upper() + day[1:]


def _hour(moment: datetime, language: str) -> str:
    return format_time(moment, "HH:mm", locale=language)
