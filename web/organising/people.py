"""Who comes to an event, for those who organise it: the list, answering requests, and the door."""

from collections import Counter
from collections.abc import Sequence
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from models.participation import ParticipationState
from server.errors import AppError
from server.events import door, people, queries
from server.events.people import Participant
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, own_event
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.downloads import download
from web.shared.forms import read_id, read_number
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

AT_THE_DOOR = (
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.WAITING,
    ParticipationState.REQUESTED,
    ParticipationState.INVITED,
)


@at_desk(Act.SEE_PARTICIPANTS)
async def list_people(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/people: that somebody looked is written down."""
    return await _list(request, desk, await own_event(request, desk))


@desk_form(Act.SEE_PARTICIPANTS)
async def answer(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/people: do=accept or decline with person; do=export for the list as CSV."""
    own = await own_event(request, desk)
    try:
        if typed.get("do") == "export":
            body = await people.exported(own.post, desk.by)
            return download(
                body.encode(), "text/csv; charset=utf-8", f"{desk.section.actor.username}_{own.post.id}.csv"
            )
        said = await perform(_ANSWERS, typed.get("do", ""), request, desk, own, typed)
    except AppError as refused:
        return await _list(request, desk, own, refused)
    return go(f"{own.address}/people", said)


async def _accept(request: Request, desk: Desk, own: OwnEvent, typed: Typed) -> str:
    id_ = read_id(typed.get("person", ""))
    await people.decide(own.post, id_, desk.by, context_of(request), accept=True)
    return "comes"


async def _decline(request: Request, desk: Desk, own: OwnEvent, typed: Typed) -> str:
    id_ = read_id(typed.get("person", ""))
    await people.decide(own.post, id_, desk.by, context_of(request), accept=False)
    return "comes_not"


_ANSWERS = {"accept": _accept, "decline": _decline}


async def _list(request: Request, desk: Desk, own: OwnEvent, refused: AppError | None = None) -> Response:
    found = await people.people(own.post, desk.by)
    view = (await queries.views([own.post.id]))[own.post.id]
    return await desk_page(
        request,
        desk,
        "organising/people.html",
        refused,
        own=own,
        view=view,
        groups=[
            (state, rows) for state in ParticipationState if (rows := [one for one in found if one.state is state])
        ],
        heads=_heads(found),
    )


def _heads(found: Sequence[Participant]) -> Counter[ParticipationState]:
    """Count persons by what they said, guests included."""
    heads: Counter[ParticipationState] = Counter()
    for one in found:
        heads[one.state] += 1 + one.guests
    return heads


@at_desk(Act.SEE_PARTICIPANTS)
async def at_door(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/door: one tap for each who comes in."""
    return await _door(request, desk, await own_event(request, desk))


@desk_form(Act.SEE_PARTICIPANTS)
async def check_in(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/door: do=in or out with person; do=add with name, guests, and key, so that sending
    it twice writes one person down. 303 to where it was.
    """
    own = await own_event(request, desk)
    try:
        person = await perform(_AT_THE_DOOR, typed.get("do", ""), request, desk, own, typed)
    except AppError as refused:
        return await _door(request, desk, own, refused, typed)
    return go(f"{own.address}/door#{person}" if person else f"{own.address}/door")


async def _in(request: Request, desk: Desk, own: OwnEvent, typed: Typed) -> str:
    id_ = read_id(typed.get("person", ""))
    await door.check_in(own.post, id_, desk.by, context_of(request))
    return f"person-{id_}"


async def _out(request: Request, desk: Desk, own: OwnEvent, typed: Typed) -> str:
    id_ = read_id(typed.get("person", ""))
    await door.undo_check_in(own.post, id_, desk.by, context_of(request))
    return f"person-{id_}"


async def _add(request: Request, desk: Desk, own: OwnEvent, typed: Typed) -> str:
    guests, form_key = read_number(typed.get("guests", "") or "0"), typed.get("key", "")
    await door.add_at_door(
        own.post, typed.get("name", ""), desk.by, context_of(request), guests=guests, form_key=form_key
    )
    return ""


_AT_THE_DOOR = {"in": _in, "out": _out, "add": _add}


async def _door(
    request: Request, desk: Desk, own: OwnEvent, refused: AppError | None = None, typed: Typed | None = None
) -> Response:
    listed = [one for one in await people.people(own.post, desk.by) if one.state in AT_THE_DOOR]
    expected = sum(1 + one.guests for one in listed if one.state is ParticipationState.ACCEPTED)
    listed.sort(key=lambda one: (one.name or one.handle).casefold())
    return await desk_page(
        request,
        desk,
        "organising/door.html",
        refused,
        own=own,
        waiting=[one for one in listed if one.came_at is None],
        inside=[one for one in listed if one.came_at is not None],
        came=sum(1 + one.guests for one in listed if one.came_at is not None),
        expected=expected,
        values={name: (typed or {}).get(name, "") for name in ("name", "guests")} | {"key": token_urlsafe(16)},
    )
