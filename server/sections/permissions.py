"""What each role may do in a section: one table. Who holds no role and does not belong may do nothing of it.

Whoever runs the server from its command line is asked nothing: they have the database. They are None below.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum

from federation.errors import FederationError
from models.actor import Actor
from models.membership import Membership
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.errors import AppError, Forbidden


class Act(StrEnum):
    """Everything that is done in a section's name or with its members."""

    PUBLISH = "publish"
    EDIT_POST = "edit post"
    DELETE_POST = "delete post"
    WRITE_TO_MEMBERS = "write to members"
    READ_FOR_MEMBERS = "read for members"
    EDIT_PAGE = "edit page"
    CHANGE_CHARTER = "change charter"
    CHANGE_OPENNESS = "change openness"
    STOP_ANNOUNCING = "stop announcing"
    HANDLE_REPORTS = "handle reports"
    SEE_REQUESTS = "see requests"
    ANSWER_REQUESTS = "answer requests"
    INVITE = "invite"
    SEE_MEMBERS = "see members"
    SEE_SHARED_DETAILS = "see shared details"
    KEEP_NOTES = "keep notes"
    REMOVE_MEMBER = "remove member"
    EXPORT_MEMBERS = "export members"
    SEE_CONTACTS = "see contacts"
    ANSWER_TRANSFER = "answer transfer"
    ORGANISE_TOGETHER = "organise together"
    GIVE_ROLES = "give roles"
    TAKE_ROLES = "take roles"
    HAND_OVER = "hand over"
    RETIRE = "retire"
    SEE_ACTS = "see acts"
    ORGANISE = "organise"
    SEE_PARTICIPANTS = "see participants"
    DECIDE_WHO_COMES = "decide who comes"
    EXPORT_PARTICIPANTS = "export participants"
    ANSWER_SIGN_UPS = "answer sign ups"


_BOARD = frozenset({Role.ANIMATOR, Role.MANAGER})
_EDITING = _BOARD | {Role.EDITOR}
_ORDER = _BOARD | {Role.MODERATOR}
_HOLDING = frozenset(Role) - {Role.MEMBER}
_BELONGING = frozenset({Role.MEMBER})

PERMISSIONS: Mapping[Act, frozenset[Role]] = {
    Act.PUBLISH: _EDITING,
    Act.EDIT_POST: _EDITING,
    Act.DELETE_POST: _EDITING | _ORDER,
    Act.WRITE_TO_MEMBERS: _BELONGING,
    Act.READ_FOR_MEMBERS: _BELONGING,
    Act.EDIT_PAGE: _EDITING,
    Act.CHANGE_CHARTER: frozenset({Role.ANIMATOR}),
    Act.CHANGE_OPENNESS: _BOARD,
    Act.STOP_ANNOUNCING: _ORDER,
    Act.HANDLE_REPORTS: _ORDER,
    Act.SEE_REQUESTS: _BOARD,
    Act.ANSWER_REQUESTS: _BOARD,
    Act.INVITE: _BOARD,
    Act.SEE_MEMBERS: _BOARD,
    Act.SEE_SHARED_DETAILS: _BOARD,
    Act.KEEP_NOTES: _BOARD,
    Act.REMOVE_MEMBER: _BOARD,
    Act.EXPORT_MEMBERS: frozenset({Role.ANIMATOR}),
    Act.SEE_CONTACTS: _BOARD,
    Act.ANSWER_TRANSFER: _BOARD,
    Act.ORGANISE_TOGETHER: _BOARD,
    Act.GIVE_ROLES: frozenset({Role.ANIMATOR}),
    Act.TAKE_ROLES: frozenset({Role.ANIMATOR}),
    Act.HAND_OVER: _HOLDING,
    Act.RETIRE: _HOLDING,
    Act.SEE_ACTS: _BOARD,
    Act.ORGANISE: _EDITING,
    Act.SEE_PARTICIPANTS: _EDITING,
    Act.DECIDE_WHO_COMES: _EDITING,
    Act.EXPORT_PARTICIPANTS: _BOARD,
    Act.ANSWER_SIGN_UPS: _BOARD,
}
"""Who may do what. HAND_OVER and RETIRE are of one's own role. CHANGE_OPENNESS is about everything that opens the section:
who comes in, whose posts it passes on, whether it says who wrote. What is for members is for those who belong, and to hold
a role is not to belong. Accounts are answered for by the main section."""

UNNOTED = frozenset(
    {
        Act.READ_FOR_MEMBERS,
        Act.SEE_REQUESTS,
        Act.SEE_MEMBERS,
        Act.SEE_SHARED_DETAILS,
        Act.SEE_PARTICIPANTS,
        Act.SEE_ACTS,
    }
)
"""Acts that change nothing. To look at members is noted elsewhere, in `look` (server/consents/looks.py)."""


async def held_roles(person: Actor, section: Section) -> frozenset[Role]:
    """Tell which roles somebody was given in a section, whether they belong to it or not."""
    rows = await RoleHolder.filter(section_id=section.id, holder_id=person.id, holder__gone_at=None)
    return frozenset(row.role for row in rows)


async def roles_of(person: Actor, section: Section) -> frozenset[Role]:
    """Tell which roles somebody holds in a section; to belong to it is one."""
    belongs = await Membership.is_member(person.id, section.actor_id)
    return await held_roles(person, section) | ({Role.MEMBER} if belongs else frozenset())


async def may(person: Actor, act: Act, section: Section) -> bool:
    """Whether somebody may do that in a section now."""
    roles = PERMISSIONS[act]
    held = RoleHolder.filter(section_id=section.id, holder_id=person.id, holder__gone_at=None, role__in=list(roles))
    return await held.exists() or (Role.MEMBER in roles and await Membership.is_member(person.id, section.actor_id))


async def check(person: Actor | None, act: Act, section: Section) -> None:
    """Let somebody do what their roles allow.

    Raises:
        Forbidden: they do not.
    """
    if person is not None and not await may(person, act, section):
        raise Forbidden("Your role in this section does not allow this.")


async def note(person: Actor | None, act: Act, section: Section, about: str = "") -> None:
    """Write down who did something in a section's name."""
    await _written(person, act, section, about)


@asynccontextmanager
async def noted(person: Actor | None, act: Act, section: Section, about: str = "") -> AsyncIterator[None]:
    """Let somebody do something if their roles allow it, and write it down before: what is done is always noted.

    What is refused meanwhile is not.

    Raises:
        Forbidden: their roles do not allow it.
    """
    await check(person, act, section)
    row = await _written(person, act, section, about)
    try:
        yield
    except (AppError, FederationError):
        await row.delete()
        raise


async def _written(person: Actor | None, act: Act, section: Section, about: str) -> SectionAct:
    author_id = None if person is None else person.id
    return await SectionAct.create(section_id=section.id, author_id=author_id, act=act.value, about=about[:2048])
