"""An e-mail address or a phone number that a member shows to the managers of a section: each by a consent of its own.

To a section of the member's own server it is shown there. For one on another server the consent is another, since it
leaves for that server: which is told that something has changed, and then reads it (server/activitypub/details.py).
"""

import re
import secrets
from datetime import datetime
from enum import StrEnum

from federation import pipeline
from federation.activities import build
from federation.actors import refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from federation.objects import details
from models.actor import Actor
from models.consent import SENT, Purpose
from models.details import SharedDetails
from models.membership import Membership, MembershipState
from server.atomically import atomically
from server.consents import actions as consents
from server.errors import Invalid, NotFound
from server.members.actions import check_email

MIN_DIGITS, MAX_DIGITS = 6, 15

_PHONE = re.compile(r"\+?[0-9][0-9 .()/\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}-]*", re.ASCII)
_NOT_DIGITS = re.compile(r"[^0-9]")


class Shared(StrEnum):
    """What a member may show: the columns of a membership."""

    EMAIL = "email"
    PHONE = "phone"

    def purpose(self, *, is_sent: bool) -> Purpose:
        """The consent by which it is shown; `is_sent`: by which it leaves the member's server for the section's."""
        if self is Shared.EMAIL:
            return Purpose.SEND_EMAIL if is_sent else Purpose.SHARE_EMAIL
        return Purpose.SEND_PHONE if is_sent else Purpose.SHARE_PHONE


async def share(
    member: Actor, group: Actor, field: Shared, value: str, ctx: Context, *, language: str = "fr", by: str = "form"
) -> None:
    """Show an e-mail address or a phone number to the managers of a section, sealed; anew, it is replaced.

    Raises:
        Invalid: it is no address or number, or the section's server does not take it.
        NotFound: they do not belong to the section.
    """
    value, is_sent = checked(field, value), not group.is_local
    if not await Membership.is_member(member.id, group.id):
        raise NotFound("Only members share this with a section.")
    if is_sent and not await takes_details(group, ctx):
        raise Invalid("The server of this section cannot take this: give it to them yourself.")
    async with atomically(ctx) as whole:
        rows = Membership.filter(group_id=group.id, member_id=member.id, state=MembershipState.ACCEPTED)
        if not await rows.update(**{field.value: value}):
            raise NotFound("Only members share this with a section.")
        await consents.give(group, member, field.purpose(is_sent=is_sent), language=language, by=by, at=ctx.now())
        if is_sent:
            await _tell(member, group, whole)


async def stop_sharing(member: Actor, group: Actor, field: Shared, ctx: Context, *, by: str = "form") -> None:
    """Show it no longer: the consent is withdrawn, and what was shown is erased, here and on the section's server."""
    await withdraw(member, group, field.purpose(is_sent=not group.is_local), ctx, by=by)


async def withdraw(
    member: Actor, group: Actor, purpose: Purpose, ctx: Context, *, by: str, at: datetime | None = None
) -> bool:
    """Withdraw a consent of a member, and tell the section's server where something was sent by it; whether there was one.

    Raises:
        Conflict: it is what belonging to the section rests on.
    """
    async with atomically(ctx) as whole:
        was_given = await consents.withdraw(group, member, purpose, by=by, at=at or ctx.now())
        if was_given and purpose in SENT and member.is_local:
            await _tell(member, group, whole)
    return was_given


async def takes_details(group: Actor, ctx: Context) -> bool:
    """Whether the server of a section elsewhere reads what is shown to its managers; if it is not known to, it is asked."""
    if group.takes_shared_details:
        return True
    try:
        asked = await refresh(group.uri, ctx.for_batch(), Dereferencer(ctx.client, ctx.signer))
    except FederationError:
        return False
    return asked.takes_shared_details


async def _tell(member: Actor, group: Actor, ctx: Context) -> None:
    """Tell the section's server, and nobody else, that what a member shows has changed; not what."""
    row = await Membership.get_or_none(group_id=group.id, member_id=member.id, state=MembershipState.ACCEPTED)
    if row is None:
        return
    named = {"uri": ctx.names.shared_details(secrets.token_urlsafe(32))}
    shown, _ = await SharedDetails.get_or_create(named, membership=row)
    changed = details.notice(shown.uri)
    update = build("Update", member, changed, uri=ctx.names.new_activity(), to=[group.uri])
    await pipeline.submit(update, acting=member, ctx=ctx)


def checked(field: Shared, typed: str) -> str:
    """Read an e-mail address or a phone number as it was typed.

    Raises:
        Invalid: it is none.
    """
    if field is Shared.PHONE:
        return check_phone(typed)
    if not (email := check_email(typed)):
        raise Invalid("This is not an e-mail address.")
    return email


def check_phone(typed: str) -> str:
    """Read a phone number: its digits, with the + where it had one.   Source: ITU-T E.164 §6.1 (15 digits)

    Raises:
        Invalid: it is none.
    """
    typed = typed.strip()
    digits = _NOT_DIGITS.sub("", typed)
    if not _PHONE.fullmatch(typed) or not MIN_DIGITS <= len(digits) <= MAX_DIGITS:
        raise Invalid("This is not a phone number.")
    return f"+{digits}" if typed.startswith("+") else digits
