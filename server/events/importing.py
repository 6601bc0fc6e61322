"""Taking the events of another calendar into a section's agenda: looked at first, those chosen announced after.

What was read is kept for a day between the two, the file is not: it may name people.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from federation.context import Context
from federation.errors import FederationError
from federation.objects import place as places
from models.actor import Actor
from models.calendar import CalendarImport
from models.event import Event, Place
from models.ids import new_id
from models.media import Media
from models.post import Post
from models.section import Section
from models.setting import Setting
from server.errors import Invalid, NotFound
from server.events import actions, calendar_reading, kept_drafts
from server.events.calendar_reading import MAX_BYTES, Found, ReadCalendar, Unreadable
from server.events.drafts import EventDraft
from server.sections.permissions import Act, check, noted
from server.sections.setup import DEFAULT_ZONE, ZONE_SETTING

MAX_CHOSEN = 25
ACCEPT = "text/calendar, text/plain;q=0.5, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a calendar holds for a section: what is new, what is in its agenda already, what cannot be read, and why."""

    id: int
    new: tuple[Found, ...]
    known: tuple[Found, ...]
    unreadable: tuple[Unreadable, ...]
    over_count: int

    @property
    def offered(self) -> tuple[Found, ...]:
        """Those that may be chosen now: so many that whoever follows the section is not flooded."""
        return self.new[:MAX_CHOSEN]


async def fetch(url: str, ctx: Context) -> bytes:
    """Fetch a calendar that somebody gave the address of.

    Raises:
        Invalid: nothing is to be had there, or it is no place to go to.
    """
    url = url.strip()
    scheme, separator, rest = url.partition("://")
    url = f"https://{rest}" if separator and scheme.lower() in ("webcal", "webcals") else url
    try:
        answer = await ctx.client.get(url, accept=ACCEPT, now=ctx.now(), max_body_bytes=MAX_BYTES)
    except FederationError as error:
        raise Invalid("No calendar could be fetched from this address.") from error
    return answer.body


async def bring(section: Section, by: Actor | None, body: bytes, ctx: Context, *, usual_place: str = "") -> Preview:
    """Read a calendar, and keep what is in it to be chosen from. `usual_place` is where what names no place takes place.

    Raises:
        Forbidden: `by` may not publish for the section.
        Invalid: it is no calendar, or too large.
    """
    await check(by, Act.ORGANISE, section)
    zone = str(await Setting.read(ZONE_SETTING, DEFAULT_ZONE))
    read = await asyncio.to_thread(
        calendar_reading.read, body, zone=zone, now=ctx.now(), usual_place=" ".join(usual_place.split())
    )
    row = await CalendarImport.create(section_id=section.actor_id, found=_kept(read), created_at=ctx.now())
    return await preview(section, row.id)


async def preview(section: Section, id_: int) -> Preview:
    """Look again at what was read of a calendar.

    Raises:
        NotFound: it is no longer kept.
    """
    row = await CalendarImport.get_or_none(id=id_, section_id=section.actor_id)
    if row is None:
        raise NotFound("This calendar is no longer kept. Bring it once more.")
    found, unreadable = _found(row.found), tuple(Unreadable(*pair) for pair in row.found["unreadable"])
    known = await _known(section, found)
    return Preview(
        row.id,
        tuple(one for one in found if one.key not in known),
        tuple(one for one in found if one.key in known),
        unreadable,
        row.found["over"],
    )


async def take(section: Section, by: Actor | None, id_: int, keys: Collection[str], ctx: Context) -> list[Post]:
    """Announce those events of a calendar that were chosen and are new, in the section's name.

    Raises:
        Forbidden: `by` may not.
        NotFound: the calendar is no longer kept.
        Invalid: none is chosen, or too many are.
    """
    await check(by, Act.ORGANISE, section)
    chosen = [one for one in (await preview(section, id_)).new if one.key in keys]
    if not chosen or len(chosen) > MAX_CHOSEN:
        raise Invalid("Choose 1 to 25 events.")
    actor = await Actor.get(id=section.actor_id)
    return [await _announce(section, actor, by, one, ctx) for one in chosen]


async def _announce(section: Section, actor: Actor, by: Actor | None, one: Found, ctx: Context) -> Post:
    post_id = new_id()
    async with noted(by, Act.ORGANISE, section, ctx.names.post(post_id)):
        shown = await _pictures(actor, one, ctx)
        post = await actions.publish(actor, replace(one.draft, media=shown), ctx, id_=post_id)
    await Event.filter(post_id=post_id).update(imported_hash=one.key)
    return post


async def _pictures(actor: Actor, one: Found, ctx: Context) -> list[Media]:
    """Give the picture that a calendar names, if it is one that the section shows here already; no other is fetched."""
    if not one.picture_url or not ctx.names.is_ours(one.picture_url):
        return []
    own = Media.filter(url=one.picture_url, owner_id=actor.id, is_leaving=False, is_withdrawn=False)
    held = await own.filter(post_id__isnull=False).first()
    again = await held.again(ctx.now()) if held is not None else None
    return [] if again is None else [again]


async def _known(section: Section, found: Sequence[Found]) -> set[str]:
    """Tell which of these are here: under the name they bear, or with the same title at the same time and place."""
    if not found:
        return set()
    organised = Event.filter(organiser_id=section.actor_id)
    hashes = {
        str(hash_)
        for hash_ in await organised.filter(imported_hash__in=[one.key for one in found]).values_list(
            "imported_hash", flat=True
        )
    }
    uids = [one.uid for one in found if one.uid]
    here = (
        {str(uri) for uri in await Event.filter(post__uri__in=uids).values_list("post__uri", flat=True)}
        if uids
        else set()
    )
    moments = list({one.draft.starts_at for one in found})
    same = await organised.filter(starts_at__in=moments).select_related("post", "place")
    alike = {
        (event.post.title.casefold(), event.starts_at, where) for event in same for where in _where(event.place, event)
    }
    return {one.key for one in found if one.key in hashes or one.uid in here or _told(one.draft) in alike}


def _told(draft: EventDraft) -> tuple[str, datetime, str]:
    where = draft.place.name.casefold() if draft.place is not None else draft.online_url
    return (draft.title.casefold(), draft.starts_at, where)


def _where(place: Place | None, event: Event) -> set[str]:
    """Give the ways in which a calendar may say where an event of ours is."""
    if place is None:
        return {event.online_url}
    return {words.casefold() for words in (place.name, places.address_line(place), places.full_name(place)) if words}


def _kept(read: ReadCalendar) -> dict[str, Any]:
    """Write what was read as JSON; a text that many have in common is kept once."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(one.draft.text for one in read.found))}
    return {
        "texts": list(texts),
        "events": [
            {
                "key": one.key,
                "uid": one.uid,
                "picture": one.picture_url,
                "text": texts[one.draft.text],
                "draft": kept_drafts.kept(replace(one.draft, text="")),
            }
            for one in read.found
        ],
        "unreadable": [[one.title, one.reason] for one in read.unreadable],
        "over": read.over_count,
    }


def _found(kept: dict[str, Any]) -> tuple[Found, ...]:
    return tuple(
        Found(
            one["key"],
            replace(kept_drafts.read(one["draft"]), text=kept["texts"][one["text"]]),
            one["uid"],
            one.get("picture", ""),  # one that was kept by an older release has none
        )
        for one in kept["events"]
    )
