"""The page behind the private link in letters about an event: see one's answer, change it, take it away, erase it.

Nothing is changed by opening it: programs that read e-mail open what is in it.
"""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.participation import Participation, ParticipationState
from server.errors import AppError, Conflict, NotFound
from server.events import by_email, queries
from server.events.by_email import SAYABLE
from server.events.queries import EventView
from server.throttle import throttled
from web.events.shown import standing
from web.events.wishes import Fields, read_wish, said_before, typed_again
from web.shared.downloads import download
from web.shared.forms import check_own_form, read_form
from web.shared.kept_pages import hour_of
from web.shared.logged_in import Typed, refusal
from web.shared.rendering import NEVER_KEEP, render
from web.shared.site import context_of, site_of

UNSEEN = {"X-Robots-Tag": "noindex"}
SAID = {"yes": SAYABLE[0], "perhaps": SAYABLE[1], "no": SAYABLE[2]}


@throttled("answer link", burst=60, every_seconds=2)
async def private_page(request: Request) -> Response:
    """GET /answers/{token}."""
    row = await by_email.of_link(request.path_params["token"])
    return await _page(request, row, await said_before(row))


@throttled("answer link", burst=60, every_seconds=2)
async def change(request: Request) -> Response:
    """POST /answers/{token}: do=confirm; yes, with how; perhaps; no; erase. 303 to what is then."""
    check_own_form(request)
    token: str = request.path_params["token"]
    row, typed = await by_email.of_link(token), await read_form(request)
    try:
        await _do(request, row, typed)
    except AppError as refused:
        return await _page(request, row, typed_again(typed), refused)
    address = "/answers/erased" if typed.get("do") == "erase" else f"/answers/{token}?saved"
    return RedirectResponse(address, 303, {"Cache-Control": NEVER_KEEP})


async def _do(request: Request, row: Participation, typed: Typed) -> None:
    ctx = context_of(request)
    match typed.get("do", ""):
        case "confirm":
            await by_email.confirm(row, ctx)
        case "erase":
            await by_email.withdraw(row, ctx)
        case ("yes" | "perhaps" | "no") as said:
            wish = read_wish(typed) if said == "yes" else read_wish(_as_before(await said_before(row)))
            await by_email.change(row, wish, ctx, state=SAID[said])
        case _:
            raise Conflict("This form could not be read.")


def _as_before(fields: Fields) -> dict[str, str]:
    """Type what was said before: perhaps and no say nothing of guests and questions, and take no shift."""
    answers = {f"question-{id_}": said for id_, said in fields.answers.items()}
    return {"name": fields.name, "guests": fields.guests, "message": fields.message, **answers}


async def erased(request: Request) -> Response:
    """GET /answers/erased: nothing is left."""
    site = await site_of(request)
    return render(request, "events/said.html", site=site, caching=NEVER_KEEP, is_erased=True)


@throttled("answer link", burst=60, every_seconds=2)
async def as_json(request: Request) -> Response:
    """GET /answers/{token}/data.json: all that is known of whoever left the address, to be taken along."""
    row = await by_email.of_link(request.path_params["token"])
    return download(orjson.dumps(await _known(row)), "application/json", "event.json")


async def _known(row: Participation) -> dict[str, Any]:
    fields, held = await said_before(row), await _event(row)
    return {
        "event": row.event.url,
        "title": row.event.title,
        "email": row.email,
        "name": row.name,
        "answer": row.state.value,
        "guests": row.guests,
        "shifts": [shift.name for shift in held.shifts if shift.id in fields.shift_ids],
        "answers": [
            {"question": question["label"], "answer": fields.answers[str(question["id"])]}
            for question in held.event.questions
            if str(question["id"]) in fields.answers
        ],
        "message": row.message,
        "language": row.language,
        "left_at": row.created_at.isoformat(),
        "answered_at": row.said_at.isoformat(),
        "came_at": row.came_at.isoformat() if row.came_at is not None else None,
    }


async def _event(row: Participation) -> EventView:
    """Load what is shown of the event that was answered.

    Raises:
        NotFound: nothing is known of when it is.
    """
    if (held := (await queries.views([row.event_id])).get(row.event_id)) is None:
        raise NotFound("This event does not exist any more.")
    return held


async def _page(request: Request, row: Participation, fields: Fields, refused: AppError | None = None) -> Response:
    held, site = await _event(row), await site_of(request)
    return render(
        request,
        "events/private.html",
        site=site,
        coloured=await site.section_of(held.organisers[0]),
        status=refused.status if refused else 200,
        caching=NEVER_KEEP,
        headers=UNSEEN,
        row=row,
        post=row.event,
        held=held,
        is_unconfirmed=row.state is ParticipationState.UNCONFIRMED,
        **standing(held, hour_of(request)),
        fields=fields,
        token=request.path_params["token"],
        is_saved="saved" in request.query_params,
        problem=refusal(request, refused.status, refused.message) if refused else "",
    )
