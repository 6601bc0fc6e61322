"""Who holds a section's account: offering a role, handing one over, giving one up, taking one away."""

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.role import Role, RoleOffer
from server.errors import AppError, Invalid, NotFound
from server.sections import roles
from server.sections.permissions import roles_of
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.asking import member_at
from web.shared.forms import read_id
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

GIVEN = (Role.ANIMATOR, Role.MANAGER, Role.MODERATOR, Role.EDITOR)


@at_desk()
async def holders(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/roles: whoever holds one sees who holds which."""
    return await _page(request, desk, {})


@desk_form()
async def change(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/roles: do=offer, hand_over, take_away or retire with role and person; take_back and offer."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _page(request, desk, typed, refused)
    is_out = said == "retired" and await roles_of(desk.by, desk.section) <= {Role.MEMBER}
    return go("/me" if is_out else f"{desk.address}/roles", said)


async def _offer(request: Request, desk: Desk, typed: Typed) -> str:
    return await _ask(request, desk, typed, is_hand_over=False)


async def _hand_over(request: Request, desk: Desk, typed: Typed) -> str:
    return await _ask(request, desk, typed, is_hand_over=True)


async def _ask(request: Request, desk: Desk, typed: Typed, *, is_hand_over: bool) -> str:
    ctx = context_of(request)
    person = await member_at(typed.get("person", ""), ctx)
    await roles.offer(desk.section, person, _role(typed), desk.by, ctx, is_hand_over=is_hand_over)
    return "offered"


async def _take_back(request: Request, desk: Desk, typed: Typed) -> str:
    offer = await RoleOffer.get_or_none(id=read_id(typed.get("offer", "")), section_id=desk.section.id)
    if offer is None:
        raise NotFound("This offer no longer stands.")
    await roles.take_back(desk.section, offer, desk.by)
    return "taken_back"


async def _take_away(request: Request, desk: Desk, typed: Typed) -> str:
    person = await Actor.get_or_none(id=read_id(typed.get("person", "")), is_local=True)
    if person is None:
        raise NotFound("They do not hold this role.")
    await roles.take_away(desk.section, person, _role(typed), desk.by, context_of(request))
    return "role_ended"


async def _retire(request: Request, desk: Desk, typed: Typed) -> str:
    await roles.retire(desk.section, desk.by, _role(typed), context_of(request))
    return "retired"


_DEEDS = {
    "offer": _offer,
    "hand_over": _hand_over,
    "take_back": _take_back,
    "take_away": _take_away,
    "retire": _retire,
}


def _role(typed: Typed) -> Role:
    if (text := typed.get("role", "")) not in list(GIVEN):
        raise Invalid("Choose one of the roles.")
    return Role(text)


async def _page(request: Request, desk: Desk, typed: Typed, refused: AppError | None = None) -> Response:
    doing = typed.get("do", "")
    return await desk_page(
        request,
        desk,
        "roles.html",
        refused,
        holders=await roles.holders(desk.section),
        offers=await roles.offers_of(desk.section),
        given=GIVEN,
        own=[role for role in GIVEN if role in desk.roles],
        typed={name: typed.get(name, "") for name in ("person", "role")} if doing in ("offer", "hand_over") else {},
        doing=doing,
    )
