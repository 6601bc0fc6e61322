"""Who must log in with a second step: whoever runs the server, unless that was turned off from its command line.

There is a while to set it up, from the first login on; afterwards nothing else is open to them.
Source: NIST SP 800-63B §4.2
"""

from datetime import datetime, timedelta

from federation.context import Context
from models.member import Member, MemberRole
from models.passkey import Passkey
from models.second_step import CodeApp
from server.admin.switches import Switch, is_on

GRACE = timedelta(days=14)


async def begin(member: Member, ctx: Context) -> datetime | None:
    """Tell somebody who logs in until when they must have set up a second step; None for who need not, or has done so.

    It is written down the first time.
    """
    if not await _lacks(member):
        return None
    if member.second_step_due_at is None:
        member.second_step_due_at = ctx.now() + GRACE
        await member.save(update_fields=["second_step_due_at"])
    return member.second_step_due_at


async def due_at(member: Member) -> datetime | None:
    """Tell the same of somebody who is logged in, of whom it was written down."""
    return member.second_step_due_at if member.second_step_due_at is not None and await _lacks(member) else None


async def is_overdue(member: Member, now: datetime) -> bool:
    """Whether their time is over: asked for each page, so that for everybody else nothing is read."""
    due = member.second_step_due_at
    return due is not None and due <= now and await _lacks(member)


async def fulfil(member: Member) -> None:
    """Write down that somebody has a second step now."""
    await Member.filter(id=member.id, second_step_due_at__not_isnull=True).update(second_step_due_at=None)


async def fall_back(member: Member, ctx: Context) -> None:
    """Write down that somebody gave up what they have: if they must have it, there is no second while to do so."""
    if await _lacks(member):
        await Member.filter(id=member.id).update(second_step_due_at=ctx.now())


async def _lacks(member: Member) -> bool:
    """Whether somebody must have a second step, and has none."""
    if member.role is not MemberRole.ADMIN or not await is_on(Switch.SECOND_STEP):
        return False
    has_codes = await CodeApp.exists(member_id=member.id, confirmed_at__not_isnull=True)
    return not has_codes and not await Passkey.exists(member_id=member.id)
