"""To what a member belongs, asked to, or is invited to; which roles they hold or are offered; leaving."""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.actor import Actor
from models.membership import Membership, MembershipState, Transfer
from models.role import Role, RoleOffer
from server.errors import AppError, Invalid, NotFound
from server.sections import belonging, membership, roles, transfer
from web.shared.forms import read_id
from web.shared.logged_in import Deed, LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

HOME = "/me"


@for_members
async def me(request: Request, who: LoggedIn) -> Response:
    """GET /me."""
    return await _me(request, who)


@own_form
async def answer(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me: do=take_up, decline or withdraw and group; accept_role or decline_role and offer; stay and transfer."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _me(request, who, refused)
    return go(HOME, said)


async def _me(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    ctx = context_of(request)
    rows = await belonging.own(who.actor)
    held = await roles.sections_of(who.actor)
    offers = await roles.offers_for(who.actor)
    return await member_page(
        request,
        who,
        "me/me.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        belonging=[row for row in rows if row.state is MembershipState.ACCEPTED],
        asked=[row for row in rows if row.state is MembershipState.REQUESTED],
        invited=[row for row in rows if row.state is MembershipState.INVITED],
        desks=[(section, names - {Role.MEMBER}) for section, names in held if names - {Role.MEMBER}],
        offers=[offer for offer in offers if offer.expires_at > ctx.now()],
        moving=await transfer.own(who.actor),
        handle=f"@{ctx.names.handle(who.actor.username)}",
    )


async def _take_up(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    group = await own_group(who, typed)
    if group.is_local:
        raise Invalid("To join, agree to each of these points.")
    await membership.reply(who.actor, group, ctx, accept=True)
    return "joined"


async def _decline(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await membership.reply(who.actor, await own_group(who, typed), ctx, accept=False)
    return "declined"


async def _withdraw(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    group = await own_group(who, typed)
    if await Membership.is_member(who.actor.id, group.id):
        raise Invalid("You have been let in meanwhile. To leave is another button.")
    await membership.leave(who.actor, group, ctx)
    return "withdrawn"


async def _accept_role(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await roles.accept(who.actor, await _offer(who, typed), ctx)
    return "role_taken"


async def _decline_role(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await roles.decline(who.actor, await _offer(who, typed))
    return "declined"


async def _offer(who: LoggedIn, typed: Typed) -> RoleOffer:
    offer = await RoleOffer.get_or_none(id=read_id(typed.get("offer", "")), person_id=who.actor.id)
    if offer is None:
        raise NotFound("This offer no longer stands.")
    return offer


async def _stay(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    moving = await Transfer.get_or_none(id=read_id(typed.get("transfer", "")), member_id=who.actor.id)
    if moving is None:
        raise NotFound("You did not ask for this.")
    await transfer.withdraw(who.actor, moving, ctx)
    return "withdrawn"


_DEEDS: dict[str, Deed] = {
    "take_up": _take_up,
    "decline": _decline,
    "withdraw": _withdraw,
    "accept_role": _accept_role,
    "decline_role": _decline_role,
    "stay": _stay,
}


@for_members
async def leave_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/leave?group=<id>: asks once whether they mean it."""
    group = await own_group(who, request.query_params)
    return await member_page(request, who, "me/leave.html", group=group)


@own_form
async def leave(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/leave: group. 303 to the list."""
    await membership.leave(who.actor, await own_group(who, typed), context_of(request))
    return go(HOME, "left")


async def own_group(who: LoggedIn, typed: Typed) -> Actor:
    """Find the group of one of their memberships by its id, `group`.

    Raises:
        Invalid: it is no id.
        NotFound: they have none there.
    """
    rows = Membership.filter(member_id=who.actor.id, group_id=read_id(typed.get("group", "")))
    if (row := await rows.select_related("group").first()) is None:
        raise NotFound("You do not belong to this section, nor did you ask to.")
    return row.group
