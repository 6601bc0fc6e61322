"""What the picture of a page says: of a section, a member, a post, an event. No more than the page shows to everybody.

Its address bears a mark of all that it says: who changes a title or a colour changes the address, so that whoever keeps the
picture asks anew.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import orjson

from federation.objects import event_line
from models.actor import Actor
from models.event import Event, EventStatus
from models.section import Section
from server.events.calendar_writing import KIND_WORDS
from server.events.queries import EventView
from server.posts.queries import PostView
from web.shared import dates, palette
from web.shared.languages import translations
from web.shared.rendering import excerpt
from web.shared.site import Site

WIDTH, HEIGHT = 1200, 630
VERSION = 1  # of the drawing: another one has other addresses
MAX_TITLE_CHARACTERS = 220
MAX_ABOUT_CHARACTERS = 150
_STATES = {
    EventStatus.CANCELLED: "Cancelled",
    EventStatus.POSTPONED: "Postponed",
    EventStatus.TENTATIVE: "To be confirmed",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What a picture says: what it is of, a title, when and where, by whom. `block` is a day: ("sam.", "5", "déc.").

    `colours` are the section's two.
    """

    title: str
    name: str
    host: str
    kind: str = ""
    lines: tuple[str, ...] = ()
    block: tuple[str, str, str] | None = None
    colours: tuple[str, str] = (palette.FIRST, palette.SECOND)

    @property
    def mark(self) -> str:
        """Name what it says, in 24 hex digits."""
        said = orjson.dumps([VERSION, asdict(self)])
        return hashlib.blake2b(said, digest_size=12).hexdigest()

    @property
    def alt(self) -> str:
        """Say the same in words."""
        return " · ".join(part for part in (self.kind, self.title, *self.lines, self.name) if part)


@dataclass(frozen=True, slots=True)
class CardLink:
    """What the head of a page says of its picture."""

    url: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def link_to_post(view: PostView, section: Section | None, site: Site) -> CardLink:
    """Tell where the picture of a post or an event is, and what it says."""
    card = of_post(view, section, site)
    return CardLink(f"{site.names.origin}{path_of('posts', view.post.id, card)}", card.alt)


def link_to_actor(actor: Actor, section: Section | None, site: Site) -> CardLink:
    """Tell where the picture of a section or a member is, and what it says."""
    card = of_actor(actor, section, site)
    return CardLink(f"{site.names.origin}{path_of('actors', actor.id, card)}", card.alt)


def path_of(what: str, id_: int, card: Card) -> str:
    """Give the address of a picture below the origin; `what` is "posts" or "actors"."""
    return f"/cards/{what}/{id_}/{card.mark}.png"


def of_post(view: PostView, section: Section | None, site: Site) -> Card:
    """Say what the picture of a post is to say: of one with a warning, that alone."""
    post, language = view.post, event_line.spoken(view.post.language)
    colours = _colours(section)
    if view.event is not None:
        return _of_event(view, view.event, language, site, colours)
    title = post.title or post.content_warning or excerpt(post.content_html, MAX_TITLE_CHARACTERS)
    day = dates.written_day(post.published_at, site.zone, language)
    return Card(title, post.actor.name, site.names.host, lines=(_sentence(day),), colours=colours)


def of_actor(actor: Actor, section: Section | None, site: Site) -> Card:
    """Say what the picture of a section or a member is to say."""
    place = section.place if section is not None and section.place not in actor.name else ""
    about = excerpt(actor.note_html, MAX_ABOUT_CHARACTERS)
    is_main = site.section is not None and site.section.actor_id == actor.id
    home = "" if is_main else site.title
    lines = tuple(line for line in (place, about) if line)
    return Card(actor.name, home, site.names.host, lines=lines, colours=_colours(section))


def _of_event(view: PostView, held: EventView, language: str, site: Site, colours: tuple[str, str]) -> Card:
    event, zone = held.event, dates.zone_of(held.event.timezone, site.zone)
    state = _STATES.get(event.status, "")
    said = translations(language).gettext(state) if state else ""
    kind = KIND_WORDS[language].get(event.kind, "")
    short = dates.date_block(event.starts_at, zone, language)
    lines = tuple(line for line in (_when(event, zone, language), _where(held, language)) if line)
    return Card(
        view.post.title or kind,
        " · ".join(actor.name for actor in held.organisers[:3]) or view.post.actor.name,
        site.names.host,
        " · ".join(word for word in (said, kind) if word),
        lines,
        (short.weekday, short.day, short.month),
        colours,
    )


def _colours(section: Section | None) -> tuple[str, str]:
    if section is None or not (section.first_colour or section.second_colour):
        return palette.FIRST, palette.SECOND
    first = section.first_colour or palette.FIRST
    return first, section.second_colour or first


def _when(event: Event, zone: ZoneInfo, language: str) -> str:
    """Say from when to when it lasts, as the clock shows it there."""
    first = dates.written_day(event.starts_at, zone, language)
    if event.is_all_day:
        last = dates.written_day(dates.last_moment(event.ends_at), zone, language)
        return _sentence(first if first == last else f"{first} – {last}")
    begins, ends = (dates.written_clock(moment, zone, language) for moment in (event.starts_at, event.ends_at))
    if not event.is_end_shown or event.ends_at - event.starts_at > timedelta(hours=18):
        return _sentence(f"{first}, {begins}")
    return _sentence(f"{first}, {begins} – {ends}")


def _where(held: EventView, language: str) -> str:
    place = held.place
    parts = [] if place is None else [place.name or place.street, place.locality]
    if held.event.online_url:
        parts.append(translations(language).gettext("online"))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
