"""Events organised together: what other sections ask this one, what it asks others."""

from starlette.requests import Request
from starlette.responses import Response

from models.event import Organising
from models.post import Post
from server.errors import AppError, NotFound
from server.sections import organising
from server.sections.permissions import Act
from web.sections.finding import Desk, DeskDeed, at_desk, desk_form, desk_page
from web.shared.asking import group_at
from web.shared.forms import read_id
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of


@at_desk(Act.ORGANISE_TOGETHER)
async def together(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/together."""
    return await _page(request, desk, {})


@desk_form(Act.ORGANISE_TOGETHER)
async def change(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/together: do=accept, decline, leave or take_back and organising; ask and event, address."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _page(request, desk, typed, refused)
    return go(f"{desk.address}/together", said)


def _answer(said: str, *, accept: bool) -> DeskDeed:
    async def answer(request: Request, desk: Desk, typed: Typed) -> str:
        row, ctx = await _organising_of(typed), context_of(request)
        await organising.answer(desk.section.actor, row, desk.by, ctx, accept=accept)
        return said

    return answer


async def _take_back(request: Request, desk: Desk, typed: Typed) -> str:
    await organising.take_back(desk.section.actor, await _organising_of(typed), desk.by, context_of(request))
    return "taken_back"


async def _ask(request: Request, desk: Desk, typed: Typed) -> str:
    ctx = context_of(request)
    event = await Post.get_or_none(id=read_id(typed.get("event", "")), actor_id=desk.section.actor_id, type="Event")
    if event is None:
        raise NotFound("This section has no such event.")
    other = await group_at(typed.get("address", ""), ctx)
    await organising.ask(desk.section.actor, event, other, desk.by, ctx)
    return "together_asked"


async def _organising_of(typed: Typed) -> Organising:
    row = await Organising.get_or_none(id=read_id(typed.get("organising", "")))
    if row is None:
        raise NotFound("No such event waits for the answer of this section.")
    return row


_DEEDS = {
    "accept": _answer("together", accept=True),
    "decline": _answer("declined", accept=False),
    "leave": _answer("left", accept=False),
    "take_back": _take_back,
    "ask": _ask,
}


async def _page(request: Request, desk: Desk, typed: Typed, refused: AppError | None = None) -> Response:
    section, now = desk.section.actor, context_of(request).now()
    return await desk_page(
        request,
        desk,
        "together.html",
        refused,
        asked=await organising.waiting_at(section, desk.by, now),
        asking=await organising.asked_by(section, desk.by, now),
        events=await organising.to_come(section, now),
        values={name: typed.get(name, "") for name in ("event", "address")},
    )
