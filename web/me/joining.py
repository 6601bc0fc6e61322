"""Joining a group of another server, and moving from one section to another."""

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.membership import MembershipState
from server.errors import AppError
from server.sections import membership, transfer
from server.throttle import throttled
from web.me.pages import HOME, own_group
from web.shared.asking import group_at
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of


@for_members
async def join_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/join?of=<address of a section or group>, where other servers send members: a group we know is shown at once.

    No server is asked before the member presses a button.
    """
    of = request.query_params.get("of", "")
    is_uri = of.startswith(("https://", "http://")) and of.isprintable()
    known = await Actor.get_or_none(uri=of, is_local=False, gone_at=None, blocked_at=None) if is_uri else None
    return await _join(request, who, of, group=known if known is not None and known.is_group else None)


@throttled("join", burst=20, every_seconds=15)
@own_form
async def join(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/join: of, message; do=look to see first who it is. 303 to the list, or to the join page of a section here."""
    of, message = typed.get("of", ""), typed.get("message", "")
    group = None
    try:
        group = await group_at(of, context_of(request))
        if group.is_local:
            return go(f"/@{group.username}/join")
        if typed.get("do") != "join":
            return await _join(request, who, of, group=group, message=message)
        said = await perform({"join": _ask}, "join", request, who, group, message)
    except AppError as refused:
        return await _join(request, who, of, group=group, message=message, refused=refused)
    return go(HOME, said)


async def _ask(request: Request, who: LoggedIn, group: Actor, message: str) -> str:
    row = await membership.ask(who.actor, group, context_of(request), message)
    return "joined" if row.state is MembershipState.ACCEPTED else "asked"


async def _join(
    request: Request,
    who: LoggedIn,
    of: str,
    *,
    group: Actor | None = None,
    message: str = "",
    refused: AppError | None = None,
) -> Response:
    return await member_page(
        request,
        who,
        "me/join.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        group=group,
        values={"of": of, "message": message},
    )


@for_members
async def move_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/move?group=<id of the section that is left>."""
    return await _move(request, who, await own_group(who, request.query_params), "")


@throttled("join", burst=20, every_seconds=15)
@own_form
async def move(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/move: group, of. 303 to the list, where it says how far both sections have come."""
    origin, of = await own_group(who, typed), typed.get("of", "")
    try:
        said = await perform({"move": _ask_to_move}, "move", request, who, origin, of)
    except AppError as refused:
        return await _move(request, who, origin, of, refused)
    return go(HOME, said)


async def _ask_to_move(request: Request, who: LoggedIn, origin: Actor, of: str) -> str:
    ctx = context_of(request)
    asked = await transfer.ask(who.actor, origin, await group_at(of, ctx), ctx)
    return "moving" if asked is not None else "move_answered"


async def _move(request: Request, who: LoggedIn, origin: Actor, of: str, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "me/move.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        group=origin,
        values={"of": of},
    )
