"""The section that an address names, and who stands at its desk."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.membership import Membership
from models.post import Post
from models.role import Role
from models.section import Section
from server.errors import AppError, Forbidden, NotFound
from server.media.actions import MAX_OF_A_POST
from server.sections.permissions import PERMISSIONS, Act, held_roles
from server.sections.published import own_post
from web.profiles.pages import MAX_ID, local_actor
from web.shared.forms import MAX_FORM_BYTES, Files, read_id
from web.shared.logged_in import Endpoint, LoggedIn, Typed, for_members, member_page, own_form, own_upload


@dataclass(frozen=True, slots=True)
class Desk:
    """A section (actor loaded), who is at its desk, and the roles that they were given there."""

    section: Section
    who: LoggedIn
    roles: frozenset[Role]

    @property
    def by(self) -> Actor:
        """Who acts."""
        return self.who.actor

    @property
    def address(self) -> str:
        """Where the desk is."""
        return f"/@{self.section.actor.username}/desk"

    def may(self, name: str) -> bool:
        """Whether their roles allow an act: `desk.may('see members')`."""
        return not PERMISSIONS[Act(name)].isdisjoint(self.roles)

    def may_any(self, names: Iterable[str]) -> bool:
        """Whether their roles allow one of these acts."""
        return any(self.may(name) for name in names)


DeskPage = Callable[[Request, Desk], Awaitable[Response]]
DeskChange = Callable[[Request, Desk, Typed], Awaitable[Response]]
DeskUpload = Callable[[Request, Desk, Typed, Files], Awaitable[Response]]
DeskDeed = Callable[[Request, Desk, Typed], Awaitable[str]]
"""What one button of a desk does: the notice to give afterwards."""


async def section_of(request: Request) -> Section:
    """Find the section of ours that the address names, its actor loaded.

    Raises:
        NotFound: there is none; Gone: there was.
    """
    username: str = request.path_params["username"]
    rows = Section.filter(actor__local_name=username.lower(), actor__gone_at=None).select_related("actor")
    if (section := await rows.first()) is None:
        await local_actor(username)
        raise NotFound("This page does not exist.")
    return section


def at_desk(*acts: Act) -> Callable[[DeskPage], Endpoint]:
    """Have a page of a desk shown to those whose roles allow one of these acts; without any, to whoever holds a role.

    Raises:
        Forbidden: theirs do not.
    """

    def guard(page: DeskPage) -> Endpoint:
        async def endpoint(request: Request, who: LoggedIn) -> Response:
            return await page(request, await _stand(request, who, acts))

        return for_members(endpoint)

    return guard


def desk_form(*acts: Act, most_bytes: int = MAX_FORM_BYTES) -> Callable[[DeskChange], Endpoint]:
    """Have a form of a desk taken from those whose roles allow one of these acts, as `at_desk` and `own_form`."""

    def guard(change: DeskChange) -> Endpoint:
        async def endpoint(request: Request, who: LoggedIn, typed: Typed) -> Response:
            return await change(request, await _stand(request, who, acts), typed)

        return own_form(endpoint, most_bytes=most_bytes)

    return guard


def desk_upload(*acts: Act, most_bytes: int = MAX_FORM_BYTES) -> Callable[[DeskUpload], Endpoint]:
    """Have a form of a desk with pictures taken, as `desk_form` does."""

    def guard(change: DeskUpload) -> Endpoint:
        async def endpoint(request: Request, who: LoggedIn, typed: Typed, files: Files) -> Response:
            return await change(request, await _stand(request, who, acts), typed, files)

        return own_upload(endpoint, MAX_OF_A_POST, most_bytes=most_bytes)

    return guard


async def _stand(request: Request, who: LoggedIn, acts: Iterable[Act]) -> Desk:
    section = await section_of(request)
    desk = Desk(section, who, await held_roles(who.actor, section))
    if not desk.roles or (acts and not desk.may_any(acts)):
        raise Forbidden("Your role in this section does not allow this.")
    return desk


async def desk_page(
    request: Request, desk: Desk, template: str, refused: AppError | None = None, **values: Any
) -> Response:
    """Show a page of a desk; `refused` says what was, and sets the status. Templates of another room name it."""
    return await member_page(
        request,
        desk.who,
        template if "/" in template else f"sections/{template}",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        desk=desk,
        **values,
    )


async def person_of(desk: Desk, id_text: str) -> Actor:
    """Find somebody who belongs to the section, asked to or was invited, by the id in a form of ours.

    Raises:
        Invalid: it is no id.
        NotFound: nobody there has it.
    """
    rows = Membership.filter(group_id=desk.section.actor_id, member_id=read_id(id_text)).select_related("member")
    if (row := await rows.first()) is None:
        raise NotFound("This person does not belong to the section, nor did they ask to.")
    return row.member


async def own_post_of(request: Request, desk: Desk) -> Post:
    """Find the post of the section that the address names, its actor loaded.

    Raises:
        NotFound: there is none.
    """
    return await own_post(desk.section, min(request.path_params["id"], MAX_ID))
