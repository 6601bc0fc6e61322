"""Events from the command line: announce, list, call off, ask who comes, see who does, decide, keep the list at the door."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from federation.objects import event_line
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode
from models.participation import Participation
from models.post import Post, Visibility
from server.cli.console import out, with_context
from server.cli.files import write_private
from server.cli.posting import hosted_section, our_actor
from server.config import Settings
from server.errors import Invalid, NotFound
from server.events import door as at_door
from server.events import organising
from server.events import people as rooms
from server.events.drafts import EventDraft, PlaceDraft
from server.events.people import Participant

events = typer.Typer(
    no_args_is_help=True,
    help="Events: announce them, and keep the list of who comes; every look at it is written down.",
)

EventArgument = Annotated[str, typer.Argument(help="URI of the event, or the number at its end.")]
ByOption = Annotated[str | None, typer.Option(help="Username of the member who acts in the section's name.")]
IdArgument = Annotated[int, typer.Argument(help="Number of the person, as `coopole event people` shows it.")]
MAX_LISTED = 200
OutputOption = Annotated[Path | None, typer.Option(help="File to write, readable by its owner alone; not there yet.")]


@events.command("announce")
def announce(
    section: Annotated[str, typer.Argument(help="Username of the section that announces it.")],
    title: Annotated[str, typer.Argument(help="What it is called.")],
    starts: Annotated[str, typer.Argument(help="When it begins, as the clock shows it there: 2026-12-05 14:00.")],
    ends: Annotated[str | None, typer.Option(help="When it ends, as 2026-12-05 17:00.")] = None,
    text: Annotated[str, typer.Option(help="What there is to say of it.")] = "",
    place: Annotated[str, typer.Option(help="Name of the place.")] = "",
    street: Annotated[str, typer.Option(help="Street and number.")] = "",
    postal_code: Annotated[str, typer.Option(help="Postal code.")] = "",
    locality: Annotated[str, typer.Option(help="Town.")] = "",
    online: Annotated[str, typer.Option(help="Page on which people meet.")] = "",
    timezone: Annotated[str, typer.Option(help="Time zone of the place.")] = "Europe/Paris",
    kind: Annotated[EventKind, typer.Option(help="What kind of meeting it is.")] = EventKind.MEETING,
    capacity: Annotated[int | None, typer.Option(help="How many may come.")] = None,
    guests: Annotated[int, typer.Option(help="How many guests each may bring.")] = 0,
    join: Annotated[JoinMode, typer.Option(help="How one comes to take part.")] = JoinMode.FREE,
    visibility: Annotated[Visibility, typer.Option(help="Who may see it.")] = Visibility.PUBLIC,
    language: Annotated[str, typer.Option(help="Language, such as fr.")] = "fr",
    by: ByOption = None,
) -> None:
    """Announce an event in a section's name."""
    draft = EventDraft(
        title=title,
        starts=read_clock(starts),
        ends=read_clock(ends) if ends else None,
        text=text,
        timezone=timezone,
        kind=kind,
        place=PlaceDraft(place, street, postal_code, locality),
        online_url=online,
        join_mode=join,
        capacity=capacity,
        most_guests=guests,
        visibility=visibility,
        language=language,
    )

    async def work(ctx: Context, settings: Settings) -> str:
        return (await organising.announce(await hosted_section(section), await _by(by), draft, ctx)).uri

    out.print(with_context(work), markup=False)


@events.command("list")
def list_events(
    section: Annotated[str, typer.Argument(help="Username of the section.")],
    past: Annotated[bool, typer.Option(help="Those that are over, the latest first.")] = False,
) -> None:
    """List the events of a section that are to come, with how many come to each."""

    async def work(ctx: Context, settings: Settings) -> list[tuple[Event, int]]:
        organised = Event.filter(organiser_id=(await our_actor(section)).id).select_related("post", "place")
        now, order = ctx.now(), "-starts_at" if past else "starts_at"
        some = organised.filter(ends_at__lte=now) if past else organised.filter(ends_at__gt=now)
        rows = await some.order_by(order, "id").limit(MAX_LISTED)
        coming = await Participation.coming([row.post_id for row in rows])
        return [(row, coming.get(row.post_id, 0)) for row in rows]

    table = Table("Event", "Title", "When and where", "Status", "Come", "Places", "Came")
    for row, coming in with_context(work):
        line = event_line.line(row, row.place, "en")
        places, came = (str(number) if number is not None else "" for number in (row.capacity, row.came_count))
        cells = (str(row.post_id), row.post.title, line, row.status.value, str(coming), places, came)
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@events.command("status")
def set_status(
    event: EventArgument,
    status: Annotated[EventStatus, typer.Argument(help="Whether it takes place.")],
    by: ByOption = None,
) -> None:
    """Call an event off, put it off to a day not known yet, or hold it after all; everybody who got it is told."""

    async def work(ctx: Context, settings: Settings) -> str:
        return (await organising.set_status(await _event(event), await _by(by), status, ctx)).uri

    out.print(f"{with_context(work)}: {status.value}", markup=False)


@events.command("poll")
def poll(event: EventArgument, by: ByOption = None) -> None:
    """Ask below an event, in a poll, whether one comes: for apps that know polls and no events."""

    async def work(ctx: Context, settings: Settings) -> str:
        return (await organising.ask_everybody(await _event(event), await _by(by), ctx)).url

    out.print(with_context(work), markup=False)


@events.command("people")
def people(event: EventArgument, by: ByOption = None) -> None:
    """List who answered an event, with what they wrote. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[Participant]:
        return await rooms.people(await _event(event), await _by(by))

    table = Table("Number", "Name", "Who", "Answer", "Channel", "Guests", "Shifts", "Answers", "Message", "Came")
    for one in with_context(work):
        answers = "; ".join(f"{label} {said}" for label, said in one.answers)
        came = f"{one.came_at:%H:%M}" if one.came_at else ""
        cells = (
            str(one.id), one.name, one.handle or one.email, one.state.value, one.channel.value, str(one.guests),
            ", ".join(one.shifts), answers, one.message, came,
        )  # fmt: skip
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@events.command("export")
def export(event: EventArgument, output: OutputOption = None, by: ByOption = None) -> None:
    """Write who answered an event as CSV."""

    async def work(ctx: Context, settings: Settings) -> str:
        return await rooms.exported(await _event(event), await _by(by))

    text = with_context(work)
    if output is None:
        out.print(text, markup=False, end="")
        return
    write_private(output, text.encode())
    out.print(f"{output} is written. Delete it when you are done.", markup=False)


@events.command("decide")
def decide(
    event: EventArgument,
    person: IdArgument,
    accept: Annotated[bool, typer.Option("--accept/--refuse", help="Whether they may come.")],
    by: ByOption = None,
) -> None:
    """Agree to somebody's coming, or not, whatever way they asked."""

    async def work(ctx: Context, settings: Settings) -> None:
        await rooms.decide(await _event(event), person, await _by(by), ctx, accept=accept)

    with_context(work)
    out.print("They may come." if accept else "They are refused.")


@events.command("door")
def door(
    event: EventArgument,
    name: Annotated[str, typer.Argument(help="Number of a person on the list, or the name of one who is not.")],
    guests: Annotated[int, typer.Option(help="How many come with somebody who is not on the list.")] = 0,
    undo: Annotated[bool, typer.Option(help="Say that they were not seen after all.")] = False,
    by: ByOption = None,
) -> None:
    """Note at the door who came."""

    async def work(ctx: Context, settings: Settings) -> int | None:
        post, who = await _event(event), await _by(by)
        if undo:
            await at_door.undo_check_in(post, _number(name), who, ctx)
        elif name.isascii() and name.isdigit():
            await at_door.check_in(post, int(name), who, ctx)
        else:
            await at_door.add_at_door(post, name, who, ctx, guests=guests)
        return (await Event.get(post_id=post.id)).came_count

    out.print(f"Came so far: {with_context(work)}")


def read_clock(typed: str) -> datetime:
    """Read what a clock shows: 2026-12-05 14:00, or a day alone.

    Raises:
        Invalid: it is no time, or names a zone.
    """
    try:
        clock = datetime.fromisoformat(typed.strip())
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None:
        raise Invalid("This is not a time: write it as 2026-12-05 14:00.")
    return clock


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit()):
        raise Invalid("Give the number of a person on the list.")
    return int(typed)


async def _by(username: str | None) -> Actor | None:
    return await our_actor(username) if username else None


async def _event(named: str) -> Post:
    """Find an event of ours by its URI, or by the number at its end.

    Raises:
        NotFound: there is none.
    """
    rows = Post.filter(is_local=True, type="Event")
    is_number = named.isascii() and named.isdigit() and len(named) < 19
    if (found := await (rows.get_or_none(id=int(named)) if is_number else rows.get_or_none(uri=named))) is None:
        raise NotFound(f"{named} is no event of this server.")
    return found
