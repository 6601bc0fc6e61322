"""Coming to an event without any account: a form for a name and an e-mail address, to which one letter goes."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.errors import AppError, NotFound
from server.events import by_email
from server.posts.queries import PostView
from server.throttle import throttled
from web.events.shown import standing
from web.events.wishes import read_wish, typed_again
from web.posts.pages import open_view
from web.shared.forms import check_own_form, read_form
from web.shared.kept_pages import hour_of
from web.shared.logged_in import refusal
from web.shared.rendering import NEVER_KEEP, language_of, render
from web.shared.site import context_of, site_of


async def come_form(request: Request) -> Response:
    """GET /@{username}/{id}/come."""
    return await _form(request, await _event(request), {})


@throttled("coming", burst=10, every_seconds=60)
async def come(request: Request) -> Response:
    """POST /@{username}/{id}/come: email, name, guests, shift-<id>, question-<id>, message. 303, known or not."""
    check_own_form(request)
    view, typed = await _event(request), await read_form(request)
    try:
        await by_email.leave_address(
            view.post, typed.get("email", ""), read_wish(typed), context_of(request), language=language_of(request)
        )
    except AppError as refused:
        return await _form(request, view, typed, refused)
    return RedirectResponse("/answers/sent", 303, {"Cache-Control": NEVER_KEEP})


async def sent(request: Request) -> Response:
    """GET /answers/sent: look into your letter box."""
    site = await site_of(request)
    return render(request, "events/said.html", site=site, caching=NEVER_KEEP, is_erased=False)


async def _event(request: Request) -> PostView:
    view = await open_view(request, of_username=request.path_params["username"])
    if view.event is None:
        raise NotFound("This page does not exist.")
    return view


async def _form(
    request: Request, view: PostView, typed: Mapping[str, str], refused: AppError | None = None
) -> Response:
    assert view.event is not None
    site = await site_of(request)
    return render(
        request,
        "events/come.html",
        site=site,
        coloured=await site.section_of(view.post.actor),
        status=refused.status if refused else 200,
        caching=NEVER_KEEP,
        view=view,
        **standing(view.event, hour_of(request)),
        fields=typed_again(typed),
        problem=refusal(request, refused.status, refused.message) if refused else "",
    )
