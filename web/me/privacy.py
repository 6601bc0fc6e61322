"""Who knows what of a member, on one calm page, and the way to each thing that they can do about it."""

from starlette.requests import Request
from starlette.responses import Response

from models.membership import MembershipState
from server.oauth import held
from server.sections import belonging
from server.sessions import queries as sessions
from web.shared.logged_in import LoggedIn, for_members, member_page
from web.shared.site import context_of


@for_members
async def privacy(request: Request, who: LoggedIn) -> Response:
    """GET /me/privacy."""
    rows = await belonging.own(who.actor)
    return await member_page(
        request,
        who,
        "me/privacy.html",
        groups=[row.group for row in rows if row.state is MembershipState.ACCEPTED],
        sessions_count=len(await sessions.of_member(who.member, context_of(request))),
        applications_count=len(await held.of_member(who.member)),
        has_email=bool(who.member.email),
    )
