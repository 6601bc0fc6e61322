"""The follow box: visitors type an address once, and are sent to their own server to follow, join, answer, like or share."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.errors import AppError, Invalid
from server.throttle import throttled
from web.follow.home import Way, complete, is_host, way_by, way_home
from web.follow.remembering import read, written
from web.follow.targets import Act, Target, target_of
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import go
from web.shared.rendering import NEVER_KEEP, gettext_of, host_of, render
from web.shared.site import context_of, site_of

COOKIE, WAYS = "coopole_home", "coopole_ways"
COOKIE_SECONDS = 180 * 24 * 3600


async def follow_form(request: Request) -> Response:
    """GET /follow?of=<username>, with &act=join to join it; /follow?post=<id>&act=<reply, like or share>."""
    target = await target_of(request.query_params, context_of(request))
    return await _form(request, target)


@throttled("follow", burst=20, every_seconds=6)
async def follow(request: Request) -> Response:
    """POST /follow: of or post, act; address, or known=yes. 303 to the visitor's own server, which their browser remembers.

    A server that has no page for joining leads to a page that says what to do there.
    """
    check_own_form(request)
    ctx, values = context_of(request), await read_form(request)
    target = await target_of(values, ctx)
    address = values.get("address", "")
    if values.get("known") and (known := _known_way(request, target)):
        return go(known.does)
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
    _remember(request, response, COOKIE, host)
    _remember(request, response, WAYS, written(way.jrd, user))
    return response


def _remember(request: Request, response: Response, name: str, value: str) -> None:
    settings: Settings = request.app.state.settings
    seconds = COOKIE_SECONDS if value else 0
    response.set_cookie(
        name, value, max_age=seconds, path="/follow", secure=settings.is_secure, httponly=True, samesite="lax"
    )


def _known_way(request: Request, target: Target) -> Way | None:
    """Give the way home that the browser remembers, if it leads to a page that does what is wished."""
    jrd = read(request.cookies.get(WAYS, ""))
    way = way_by(jrd, target, context_of(request)) if jrd is not None else None
    return way if way is not None and way.does else None


async def _by_hand(request: Request, target: Target, host: str, way: Way) -> Response:
    """Say how to join from a server that has no page for it."""
    site = await site_of(request)
    return render(
        request, "follow/by_hand.html", site=site, caching=NEVER_KEEP, target=target, host=host, shows=way.shows
    )


async def _form(request: Request, target: Target, *, address: str = "", problem: AppError | None = None) -> Response:
    remembered, site, known = request.cookies.get(COOKIE, ""), await site_of(request), _known_way(request, target)
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
        known_host=host_of(known.does) if known is not None else "",
    )
