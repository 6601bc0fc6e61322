"""The desk of a section: where it leads, the requests to join, those to move, and whom the section invited."""

from starlette.requests import Request
from starlette.responses import Response

from models.membership import Membership, MembershipState, Transfer
from server.errors import AppError, NotFound
from server.sections import belonging, links, membership, reports, transfer
from server.sections.permissions import Act
from web.sections.finding import Desk, at_desk, desk_form, desk_page, person_of
from web.shared.asking import found_at
from web.shared.forms import read_id, read_number
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

DEFAULT_USES, DEFAULT_DAYS = 20, 14


@at_desk()
async def home(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk: where somebody with these roles may go."""
    rows = Membership.filter(group_id=desk.section.actor_id, state=MembershipState.REQUESTED)
    return await desk_page(
        request,
        desk,
        "desk.html",
        waiting=await rows.count() if desk.may("see requests") else 0,
        reported=await reports.waiting(desk.section, desk.by) if desk.may("handle reports") else 0,
    )


@at_desk(Act.SEE_REQUESTS, Act.ANSWER_TRANSFER)
async def requests(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/requests."""
    return await _requests(request, desk)


@desk_form(Act.ANSWER_REQUESTS, Act.ANSWER_TRANSFER)
async def answer(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/requests: do=approve or refuse and person, do=agree or disagree and transfer."""
    try:
        said = await perform(_ANSWERS, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _requests(request, desk, refused)
    return go(f"{desk.address}/requests", said)


async def _requests(request: Request, desk: Desk, refused: AppError | None = None) -> Response:
    ctx, section = context_of(request), desk.section.actor
    asked = await belonging.requests(section, desk.by, ctx) if desk.may("see requests") else []
    moving = await transfer.waiting_at(section, desk.by, ctx) if desk.may("answer transfer") else []
    return await desk_page(request, desk, "requests.html", refused, asked=asked, moving=moving)


async def _approve(request: Request, desk: Desk, typed: Typed) -> str:
    person = await person_of(desk, typed.get("person", ""))
    await membership.approve(desk.section.actor, person, desk.by, context_of(request))
    return "approved"


async def _refuse(request: Request, desk: Desk, typed: Typed) -> str:
    person = await person_of(desk, typed.get("person", ""))
    await membership.refuse(desk.section.actor, person, desk.by, context_of(request))
    return "refused"


async def _agree(request: Request, desk: Desk, typed: Typed) -> str:
    moving = await _transfer_of(desk, typed)
    await transfer.answer(desk.section.actor, moving, desk.by, context_of(request), agrees=True)
    return "agreed"


async def _disagree(request: Request, desk: Desk, typed: Typed) -> str:
    moving = await _transfer_of(desk, typed)
    await transfer.answer(desk.section.actor, moving, desk.by, context_of(request), agrees=False)
    return "refused"


async def _transfer_of(desk: Desk, typed: Typed) -> Transfer:
    moving = await Transfer.get_or_none(id=read_id(typed.get("transfer", "")))
    if moving is None or desk.section.actor_id not in (moving.origin_id, moving.target_id):
        raise NotFound("No such transfer waits for the answer of this section.")
    return moving


_ANSWERS = {"approve": _approve, "refuse": _refuse, "agree": _agree, "disagree": _disagree}


@at_desk(Act.INVITE)
async def invitations(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/invitations."""
    return await _invitations(request, desk, {})


@desk_form(Act.INVITE)
async def invite(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/invitations: do=invite and address, take_back and person, link and uses, days, end and link.

    A new link is shown on the page that answers, this once.
    """
    try:
        if typed.get("do") == "link":
            return await _new_link(request, desk, typed)
        said = await perform(_INVITING, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _invitations(request, desk, typed, refused)
    return go(f"{desk.address}/invitations", said)


async def _invite(request: Request, desk: Desk, typed: Typed) -> str:
    ctx = context_of(request)
    await membership.invite(desk.section.actor, await found_at(typed.get("address", ""), ctx), desk.by, ctx)
    return "invited"


async def _take_back(request: Request, desk: Desk, typed: Typed) -> str:
    person = await person_of(desk, typed.get("person", ""))
    row = await Membership.get_or_none(group_id=desk.section.actor_id, member_id=person.id)
    if row is None or row.state is not MembershipState.INVITED:
        raise NotFound("This invitation has been answered meanwhile.")
    await membership.remove(desk.section.actor, person, desk.by, context_of(request))
    return "taken_back"


async def _end_link(request: Request, desk: Desk, typed: Typed) -> str:
    await links.revoke_link(desk.section.actor, read_id(typed.get("link", "")), desk.by)
    return "link_ended"


async def _new_link(request: Request, desk: Desk, typed: Typed) -> Response:
    ctx = context_of(request)
    uses, days = read_number(typed.get("uses", "")), read_number(typed.get("days", ""))
    token = await links.make_link(desk.section.actor, desk.by, uses, days, ctx)
    return await _invitations(request, desk, {}, link=f"{ctx.names.origin}/join/{token}")


_INVITING = {"invite": _invite, "take_back": _take_back, "end": _end_link}


async def _invitations(
    request: Request, desk: Desk, typed: Typed, refused: AppError | None = None, *, link: str = ""
) -> Response:
    ctx, section = context_of(request), desk.section.actor
    return await desk_page(
        request,
        desk,
        "invitations.html",
        refused,
        invited=await belonging.invitations(section, desk.by, ctx),
        links=await links.links_of(section, desk.by, ctx),
        link=link,
        values={
            "address": typed.get("address", ""),
            "uses": typed.get("uses", str(DEFAULT_USES)),
            "days": typed.get("days", str(DEFAULT_DAYS)),
        },
    )
