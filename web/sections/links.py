"""An invitation as a link: somebody from here comes in at once, somebody from elsewhere is sent an invitation."""

from starlette.requests import Request
from starlette.responses import Response

from federation.errors import FederationError
from models.membership import JoinLink, MembershipState
from models.section import Section
from models.sign_up import SignUpMode
from server.errors import AppError, Forbidden
from server.sections import joining, links
from server.sign_up.mode import mode
from server.throttle import throttled
from web.sections.join import wish_of
from web.shared.asking import found_at
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import LoggedIn, Typed, go, member_page, own_form, who_is
from web.shared.rendering import language_of
from web.shared.site import context_of


@throttled("join link", burst=30, every_seconds=10)
async def link_form(request: Request) -> Response:
    """GET /join/{token}."""
    return await _form(request, await who_is(request))


@throttled("join link", burst=30, every_seconds=10)
@own_form
async def redeem(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /join/{token}: agree_membership, agree_charter. 303 to their own page."""
    try:
        row = await joining.join_by_link(who.actor, _token(request), wish_of(request, typed), context_of(request))
    except AppError as refused:
        return await _form(request, who, typed, refused)
    except FederationError:
        return await _form(request, who, typed, Forbidden("This section does not take you in."))
    return go("/me", "joined" if row.state is MembershipState.ACCEPTED else "asked")


@throttled("join link elsewhere", burst=10, every_seconds=30)
async def redeem_elsewhere(request: Request) -> Response:
    """POST /join/{token}/elsewhere: address. The section invites whoever lives there; 303 back, with a notice."""
    check_own_form(request)
    typed, ctx = await read_form(request), context_of(request)
    try:
        person = await found_at(typed.get("address", ""), ctx)
        await links.redeem_elsewhere(_token(request), person, ctx)
    except AppError as refused:
        return await _form(request, None, typed, refused)
    except FederationError:
        return await _form(request, None, typed, Forbidden("This section does not take you in."))
    return go(f"/join/{_token(request)}", "invited_elsewhere")


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token


async def _form(
    request: Request, who: LoggedIn | None, typed: Typed | None = None, refused: AppError | None = None
) -> Response:
    link: JoinLink = await links.open_link(_token(request), context_of(request))
    section = await Section.get(actor_id=link.group_id).select_related("actor")
    return await member_page(
        request,
        who,
        "sections/link.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        section=section,
        token=_token(request),
        words=await joining.words(section, language_of(request)),
        agreed=wish_of(request, typed).agreed if typed else frozenset(),
        address_typed=typed.get("address", "") if typed else "",
        takes_in=await mode() is not SignUpMode.CLOSED,
    )
