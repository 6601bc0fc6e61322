"""Reading who belongs to what. Lists of members are for those who manage the section; one's own are for oneself."""

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipHistory, MembershipState
from server.sections import acting
from server.sections.permissions import Act


async def requests(section: Actor, by: Actor | None, ctx: Context) -> list[Membership]:
    """List who asks to belong to a section, oldest first, with their messages; `member` is loaded. The look is logged.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    return await _looked_at(section, by, MembershipState.REQUESTED, "requests", ctx)


async def invitations(section: Actor, by: Actor | None, ctx: Context) -> list[Membership]:
    """List whom a section invited and who has not answered, oldest first; `member` and `former` loaded. The look is logged.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    return await _looked_at(section, by, MembershipState.INVITED, "invitations", ctx)


async def _looked_at(
    section: Actor, by: Actor | None, state: MembershipState, at_what: str, ctx: Context
) -> list[Membership]:
    await acting.check(by, Act.SEE_REQUESTS, section)
    rows = await Membership.filter(group_id=section.id, state=state).select_related("member", "former").order_by("id")
    viewer_id = by.id if by else None
    await Look.create(group_id=section.id, viewer_id=viewer_id, at_what=at_what, rows=len(rows), at=ctx.now())
    return rows


async def own(member: Actor) -> list[Membership]:
    """List to what somebody belongs, asked to or is invited to, `group` and `former` loaded: for themselves alone."""
    return await Membership.filter(member_id=member.id).select_related("group", "former").order_by("id")


async def history_of(member: Actor) -> list[MembershipHistory]:
    """List every step of somebody's memberships, oldest first, `group` and `other` loaded: for themselves alone."""
    return await MembershipHistory.filter(member_id=member.id).select_related("group", "other").order_by("id")


async def history_in(section: Actor, member: Actor, by: Actor | None, ctx: Context) -> list[MembershipHistory]:
    """List the steps of somebody's membership of a section, and of the one they came from. The look is logged.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    await acting.check(by, Act.SEE_MEMBERS, section)
    own_steps = MembershipHistory.filter(member_id=member.id, group_id=section.id)
    came_from = [id_ for id_ in await own_steps.values_list("other_id", flat=True) if id_ is not None]
    rows = MembershipHistory.filter(member_id=member.id, group_id__in=[section.id, *came_from])
    found = await rows.select_related("group", "other").order_by("id")
    viewer_id = by.id if by else None
    await Look.create(group_id=section.id, viewer_id=viewer_id, at_what=member.handle, rows=len(found), at=ctx.now())
    return found
