"""What a section says of itself: changing it, and the Update that tells others of what they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from federation.context import Context
from federation.sanitise import plain_text
from models.actor import Actor
from models.section import Openness, Section
from server.atomically import atomically
from server.errors import Invalid
from server.members.profiles import document_of, send_update
from server.sections.actions import CONTROLS, check_description, check_line, check_name, written
from server.sections.permissions import Act, check, note
from server.sections.typed import read_codes, read_colour, read_coordinates, written_coordinates

MAX_CHARTER_CHARACTERS = 20_000

_CHARTER = frozenset({"charter"})
_OPENING = frozenset({"openness", "shows_authors"})
_OF_ACTOR = frozenset({"display_name", "note_html"})


@dataclass(frozen=True, slots=True)
class SectionChanges:
    """What is changed of a section, as it was typed; None leaves it as it is, "" empties it.

    `description` and `charter` are plain text, `coordinates` "50.63, 3.06" in degrees, `insee_codes` have blanks between
    them, colours are "#rrggbb".
    """

    name: str | None = None
    description: str | None = None
    place: str | None = None
    address: str | None = None
    coordinates: str | None = None
    insee_codes: str | None = None
    first_colour: str | None = None
    second_colour: str | None = None
    contact: str | None = None
    charter: str | None = None
    openness: Openness | None = None
    shows_authors: bool | None = None


async def typed(section: Section) -> SectionChanges:
    """Give what a section says of itself as it would be typed, to be shown in a form."""
    actor = await Actor.get(id=section.actor_id)
    return SectionChanges(
        name=actor.display_name,
        description=plain_text(actor.note_html) if actor.note_html else "",
        place=section.place,
        address=section.address,
        coordinates=written_coordinates(section.latitude, section.longitude),
        insee_codes=" ".join(section.insee_codes),
        first_colour=section.first_colour,
        second_colour=section.second_colour,
        contact=section.contact,
        charter=section.charter,
        openness=section.openness,
        shows_authors=section.shows_authors,
    )


async def edit(section: Section, changes: SectionChanges, by: Actor | None, ctx: Context) -> None:
    """Change a section, and tell its followers where its document changes; `by` is None for the command line.

    Only what really changes must be allowed. Whoever agreed to the charter agreed to the version of that day.

    Raises:
        Invalid: a text is too long, or a colour, coordinates or a code are none.
        Forbidden: `by` may not change that; then nothing is changed.
    """
    wanted = _columns(changes, ctx)
    async with atomically(ctx) as whole:
        row = await Section.select_for_update().get(id=section.id)
        actor = await Actor.get(id=row.actor_id)
        changed = {
            name: value for name, value in wanted.items() if value != getattr(actor if name in _OF_ACTOR else row, name)
        }
        for act, about in _acts(changed).items():
            await check(by, act, row)
            await note(by, act, row, about)
        if changed:
            before = await document_of(actor, ctx)
            await _write(row, actor, changed)
            if await document_of(actor, ctx) != before:
                await send_update(actor, whole)
    section.update_from_dict(
        {name: getattr(row, name) for name in (*changed, "charter_version") if name not in _OF_ACTOR}
    )


async def _write(row: Section, actor: Actor, changed: Mapping[str, Any]) -> None:
    of_actor = {name: value for name, value in changed.items() if name in _OF_ACTOR}
    of_section = {name: value for name, value in changed.items() if name not in _OF_ACTOR}
    if "charter" in of_section:
        of_section["charter_version"] = row.charter_version + 1
    for kept, columns in ((row, of_section), (actor, of_actor)):
        if columns:
            await kept.update_from_dict(columns).save(update_fields=list(columns))


def _acts(changed: Mapping[str, Any]) -> dict[Act, str]:
    """Tell which acts changing these columns is, and what to note of each."""
    sorted_out = {
        Act.CHANGE_CHARTER: _CHARTER & changed.keys(),
        Act.CHANGE_OPENNESS: _OPENING & changed.keys(),
        Act.EDIT_PAGE: changed.keys() - _CHARTER - _OPENING,
    }
    return {act: " ".join(sorted(names)) for act, names in sorted_out.items() if names}


def _columns(changes: SectionChanges, ctx: Context) -> dict[str, Any]:
    """Give the columns that are wanted, of the section and of its actor, checked."""
    columns: dict[str, Any] = {"openness": changes.openness, "shows_authors": changes.shows_authors}
    if changes.name is not None:
        columns["display_name"] = check_name(changes.name)
    if changes.description is not None:
        columns["note_html"] = written(check_description(changes.description), ctx)
    for name in ("place", "address", "contact"):
        if (line := getattr(changes, name)) is not None:
            columns[name] = check_line(line)
    for name in ("first_colour", "second_colour"):
        if (colour := getattr(changes, name)) is not None:
            columns[name] = read_colour(colour)
    if changes.insee_codes is not None:
        columns["insee_codes"] = read_codes(changes.insee_codes)
    if changes.charter is not None:
        columns["charter"] = _read_charter(changes.charter)
    columns = {name: value for name, value in columns.items() if value is not None}
    if changes.coordinates is not None:
        columns["latitude"], columns["longitude"] = read_coordinates(changes.coordinates) or (None, None)
    return columns


def _read_charter(text: str) -> str:
    """Read a charter; only what a text has in it besides words is taken out.

    Raises:
        Invalid: it is too long.
    """
    charter = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(charter) > MAX_CHARTER_CHARACTERS:
        raise Invalid("A charter may have 20,000 characters at most.")
    return charter
