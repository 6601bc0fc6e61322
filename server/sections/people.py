"""The people of a section as its managers see them. Every look is written down; nobody else sees any of it.

`by` is who looks or writes; None is whoever runs the server from its command line, who is asked nothing. The `actor` of
a section must be loaded.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models.actor import Actor
from models.membership import Membership, MembershipState, MembershipStatus
from models.role import Role, RoleHolder
from models.section import Section
from server.consents.looks import look
from server.errors import Invalid, NotFound
from server.sections.permissions import Act, check, may, note

MAX_NOTE_CHARACTERS = 2000

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who belongs to a section, or asked or was asked to. What was not shared, or is not theirs to see, is empty.

    `since` is when they were let in, or asked. `message` is what they wrote when they asked.
    """

    member: Actor
    state: MembershipState
    status: MembershipStatus
    since: datetime
    roles: tuple[Role, ...] = ()
    dues_until: date | None = None
    note: str = ""
    email: str = ""
    phone: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a person somebody may see besides that they belong."""

    details: bool
    notes: bool


async def people(section: Section, by: Actor | None) -> list[Person]:
    """List who belongs to a section, in the order in which they came.

    Raises:
        Forbidden: their role does not allow it.
    """
    await _allow(by, Act.SEE_MEMBERS, section)
    found = await _people(section, await _sight(section, by))
    await look(section.actor, by, "list", len(found))
    return found


async def person(section: Section, member: Actor, by: Actor | None) -> Person:
    """Show one who belongs to a section.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: they do not belong to it.
    """
    await _allow(by, Act.SEE_MEMBERS, section)
    row = await _belonging(section, member)
    await look(section.actor, by, f"@{member.handle}", 1)
    held = await _roles(section, [member.id])
    return _shown(row, held[member.id], await _sight(section, by))


async def waiting(section: Section, by: Actor | None) -> list[Person]:
    """List who asked to belong to a section, with what they wrote, and who was invited.

    Raises:
        Forbidden: their role does not allow it.
    """
    await _allow(by, Act.SEE_REQUESTS, section)
    rows = Membership.filter(group_id=section.actor_id).exclude(state=MembershipState.ACCEPTED)
    found = [_shown(row, (), Sight(False, False)) for row in await rows.select_related("member").order_by("id")]
    await look(section.actor, by, "requests", len(found))
    return found


async def everybody(section: Section, by: Actor | None) -> list[Person]:
    """Give all that a section knows of its members, to be taken away; that it was is noted among its acts too.

    Raises:
        Forbidden: their role does not allow it.
    """
    await _allow(by, Act.EXPORT_MEMBERS, section)
    found = await _people(section, Sight(details=True, notes=True))
    await look(section.actor, by, "export", len(found))
    await note(by, Act.EXPORT_MEMBERS, section, f"{len(found)} members")
    return found


async def set_status(section: Section, member: Actor, status: MembershipStatus, by: Actor | None) -> None:
    """Say whether somebody belongs as a member or as a sympathiser.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: they do not belong to it.
    """
    row = await _to_write(section, member, by)
    await Membership.filter(id=row.id).update(status=status)
    await note(by, Act.KEEP_NOTES, section, f"status of @{member.handle}")


async def set_dues(section: Section, member: Actor, until: date | None, by: Actor | None) -> None:
    """Say until when somebody has paid their dues; None is never.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: they do not belong to it.
    """
    row = await _to_write(section, member, by)
    await Membership.filter(id=row.id).update(dues_until=until.isoformat() if until else None)
    await note(by, Act.KEEP_NOTES, section, f"dues of @{member.handle}")


async def set_note(section: Section, member: Actor, text: str, by: Actor | None) -> None:
    """Keep a note about somebody, instead of the one before. They may ask to read it, as all that is known of them.

    Raises:
        Forbidden: their role does not allow it.
        Invalid: it is too long.
        NotFound: they do not belong to the section.
    """
    text = check_note(text)
    row = await _to_write(section, member, by)
    await Membership.filter(id=row.id).update(note=text or None)
    await note(by, Act.KEEP_NOTES, section, f"note about @{member.handle}")


def check_note(typed: str) -> str:
    """Read a note.

    Raises:
        Invalid: it is too long.
    """
    if len(text := typed.strip()) > MAX_NOTE_CHARACTERS:
        raise Invalid("A note may have 2,000 characters at most.")
    return text


def read_date(typed: str) -> date | None:
    """Read a date as browsers send it, 2027-12-31; nothing typed is None.   Source: HTML §2.3.5.2

    Raises:
        Invalid: it is none.
    """
    if not (typed := typed.strip()):
        return None
    try:
        return date.fromisoformat(typed if _DATE.fullmatch(typed) else "")
    except ValueError as error:
        raise Invalid("This is not a date: write it as 2027-12-31.") from error


async def _allow(by: Actor | None, act: Act, section: Section) -> None:
    if by is not None:
        await check(by, act, section)


async def _sight(section: Section, by: Actor | None) -> Sight:
    if by is None:
        return Sight(details=True, notes=True)
    return Sight(await may(by, Act.SEE_SHARED_DETAILS, section), await may(by, Act.KEEP_NOTES, section))


async def _people(section: Section, sight: Sight) -> list[Person]:
    rows = Membership.filter(group_id=section.actor_id, state=MembershipState.ACCEPTED).select_related("member")
    found = await rows.order_by("id")
    held = await _roles(section, [row.member_id for row in found])
    return [_shown(row, held[row.member_id], sight) for row in found]


async def _roles(section: Section, ids: Iterable[int]) -> defaultdict[int, tuple[Role, ...]]:
    held: defaultdict[int, tuple[Role, ...]] = defaultdict(tuple)
    wanted = set(ids)
    for row in await RoleHolder.filter(section_id=section.id).order_by("id"):
        if row.holder_id in wanted:
            held[row.holder_id] += (row.role,)
    return held


def _shown(row: Membership, roles: tuple[Role, ...], sight: Sight) -> Person:
    return Person(
        member=row.member,
        state=row.state,
        status=row.status,
        since=row.accepted_at or row.created_at,
        roles=roles,
        dues_until=date.fromisoformat(row.dues_until) if row.dues_until and sight.notes else None,
        note=row.note or "" if sight.notes else "",
        email=row.email or "" if sight.details else "",
        phone=row.phone or "" if sight.details else "",
        message="" if row.state is MembershipState.ACCEPTED else row.message or "",
    )


async def _to_write(section: Section, member: Actor, by: Actor | None) -> Membership:
    await _allow(by, Act.KEEP_NOTES, section)
    return await _belonging(section, member)


async def _belonging(section: Section, member: Actor) -> Membership:
    rows = Membership.filter(group_id=section.actor_id, member_id=member.id, state=MembershipState.ACCEPTED)
    if (row := await rows.select_related("member").first()) is None:
        raise NotFound(f"{member.handle} does not belong to this section.")
    return row
