"""The follow box: visitors type an address once, and are sent to their own server to follow, join, answer, like or share."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.errors import AppError, Invalid
from server.throttle import throttled
from web.follow.home import Way, complete, is_host, way_home
from web.follow.targets import Act, Target, target_of
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import go
from web.shared.rendering import NEVER_KEEP, gettext_of, render
from web.shared.site import context_of, site_of

COOKIE = "coopole_home"
COOKIE_SECONDS = 180 * 24 * 3600


async def follow_form(request: Request) -> Response:
    """GET /follow?of=<username>, with &act=join to join it; /follow?post=<id>&act=<reply, like or share>."""
    target = await target_of(request.query_params, context_of(request))
    return await _form(request, target)


@throttled("follow", burst=20, every_seconds=6)
async def follow(request: Request) -> Response:
    """POST /follow: of or post, act; address. 303 to the visitor's own server, whose host is remembered in a cookie.

    A server that has no page for joining leads to a page that says what to do there.
    """
    check_own_form(request)
    ctx, values = context_of(request), await read_form(request)
    target = await target_of(values, ctx)
    address = values.get("address", "")
    try:
        user, host = complete(address, request.cookies.get(COOKIE, ""))
        if ctx.names.is_our_host(host):
            if target.act is Act.JOIN:
                return go(f"/login?{urlencode({'next': f'/@{target.of}/join'})}")
            raise Invalid("You are at home here: follow from the application you use with this server.")
        way = await way_home(user, host, target, ctx)
    except AppError as problem:
        return await _form(request, target, address=address, problem=problem)
    response = go(way.does) if way.does else await _by_hand(request, target, host, way)
    settings: Settings = request.app.state.settings
    response.set_cookie(
        COOKIE, host, max_age=COOKIE_SECONDS, path="/follow", secure=settings.is_secure, httponly=True, samesite="lax"
    )
    return response


async def _by_hand(request: Request, target: Target, host: str, way: Way) -> Response:
    """Say how to join from a server that has no page for it."""
    site = await site_of(request)
    return render(
        request, "follow/by_hand.html", site=site, caching=NEVER_KEEP, target=target, host=host, shows=way.shows
    )


async def _form(request: Request, target: Target, *, address: str = "", problem: AppError | None = None) -> Response:
    remembered, site = request.cookies.get(COOKIE, ""), await site_of(request)
    return render(
        request,
        "follow/follow.html",
        site=site,
        coloured=await site.section_of(target.actor),
        status=problem.status if problem else 200,
        caching=NEVER_KEEP,
        target=target,
        address=address,
        problem=gettext_of(request)(problem.message) if problem else "",
        remembered_host=remembered if is_host(remembered) else "",
    )
