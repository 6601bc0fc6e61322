"""The page on which somebody asks to join a section of ours, whoever they are."""

from starlette.requests import Request
from starlette.responses import Response

from federation.errors import FederationError
from models.actor import Actor
from models.consent import Purpose
from models.membership import Membership, MembershipState
from models.section import Openness, Section
from models.sign_up import SignUpMode
from server.errors import AppError, Forbidden
from server.sections import joining
from server.sections.joining import Wish
from server.sign_up.mode import mode
from web.sections.finding import section_of
from web.shared.logged_in import LoggedIn, Typed, go, member_page, own_form, who_is
from web.shared.rendering import language_of
from web.shared.site import context_of


async def join_form(request: Request) -> Response:
    """GET /@{username}/join: whoever is logged in is given the form, others are told how to come in."""
    return await _form(request, await section_of(request), await who_is(request))


@own_form
async def join(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /@{username}/join: message; agree_membership, agree_charter. 303 to their own page."""
    section = await section_of(request)
    try:
        row = await joining.join(who.actor, section, wish_of(request, typed), context_of(request))
    except AppError as refused:
        return await _form(request, section, who, typed, refused)
    except FederationError:
        return await _form(request, section, who, typed, Forbidden("This section does not take you in."))
    return go("/me", "joined" if row.state is MembershipState.ACCEPTED else "asked")


def wish_of(request: Request, typed: Typed) -> Wish:
    """Read what was typed and ticked by somebody who joins."""
    agreed = frozenset(purpose for purpose in Purpose if typed.get(f"agree_{purpose}"))
    return Wish(typed.get("message", ""), agreed, language_of(request))


async def _form(
    request: Request,
    section: Section,
    who: LoggedIn | None,
    typed: Typed | None = None,
    refused: AppError | None = None,
) -> Response:
    row = await _standing(section, who.actor) if who else None
    return await member_page(
        request,
        who,
        "sections/join.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        section=section,
        state=row.state if row else None,
        former=row.former if row else None,
        takes_in=section.openness is not Openness.INVITATION or row is not None,
        words=await joining.words(section, language_of(request)),
        values={"message": typed.get("message", "") if typed else ""},
        agreed=wish_of(request, typed).agreed if typed else frozenset(),
        makes_accounts=await mode() in (SignUpMode.OPEN, SignUpMode.APPROVAL),
        handle=f"@{context_of(request).names.handle(section.actor.username)}",
    )


async def _standing(section: Section, actor: Actor) -> Membership | None:
    return await Membership.get_or_none(group_id=section.actor_id, member_id=actor.id).select_related("former")
