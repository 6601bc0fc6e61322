"""The follow box: the visitor types an address once, and is sent to their own server to follow, answer, like or share."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.config import Settings
from server.errors import AppError, Invalid
from server.throttle import throttled
from web.follow.home import complete, is_host, way_home
from web.follow.targets import Target, target_of
from web.shared.forms import check_own_form, read_form
from web.shared.rendering import NEVER_KEEP, gettext_of, render
from web.shared.site import context_of, site_of

COOKIE = "coopole_home"
COOKIE_SECONDS = 180 * 24 * 3600


async def follow_form(request: Request) -> Response:
    """GET /follow?of=<username>, /follow?post=<id>&act=<reply, like or share>."""
    target = await target_of(request.query_params, context_of(request))
    return await _form(request, target)


@throttled("follow", burst=20, every_seconds=6)
async def follow(request: Request) -> Response:
    """POST /follow: of, or post and act; address. 303 to the visitor's own server, whose host is remembered in a cookie."""
    check_own_form(request)
    ctx, values = context_of(request), await read_form(request)
    target = await target_of(values, ctx)
    address = values.get("address", "")
    try:
        user, host = complete(address, request.cookies.get(COOKIE, ""))
        if ctx.names.is_our_host(host):
            raise Invalid("You are at home here: follow from the application you use with this server.")
        place = await way_home(user, host, target, ctx)
    except AppError as problem:
        return await _form(request, target, address=address, problem=problem)
    response = RedirectResponse(place, 303, {"Cache-Control": NEVER_KEEP})
    settings: Settings = request.app.state.settings
    response.set_cookie(
        COOKIE, host, max_age=COOKIE_SECONDS, path="/follow", secure=settings.is_secure, httponly=True, samesite="lax"
    )
    return response


async def _form(request: Request, target: Target, *, address: str = "", problem: AppError | None = None) -> Response:
    remembered = request.cookies.get(COOKIE, "")
    return render(
        request,
        "follow/follow.html",
        site=await site_of(request),
        status=problem.status if problem else 200,
        caching=NEVER_KEEP,
        target=target,
        address=address,
        problem=gettext_of(request)(problem.message) if problem else "",
        remembered_host=remembered if is_host(remembered) else "",
    )
