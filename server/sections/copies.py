"""Copies of what members of other servers show to the managers of sections here: read where it is, renewed, and erased.

A copy stands while its consent can be read, and no longer than `details.KEEP_FOR` without that.
"""

from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from federation import shared_details
from federation.context import Context
from federation.errors import FederationError, ObjectGone, RemoteUnavailable
from federation.handlers.details import ASK_AGAIN_AFTER
from federation.objects.details import Between, Detail, Shown
from models.consent import Purpose
from models.details import SharedDetails
from models.errand import Errand, ErrandType
from models.membership import Membership, MembershipState
from server.consents import actions as consents
from server.consents.texts import Words
from server.errors import Invalid
from server.sections.sharing import Shared, checked

RENEW_AFTER = timedelta(days=7)
RENEW_AFTER_AT_LEAST = timedelta(hours=1)
AT_ONCE = 100


async def read_again(uri: str, ctx: Context) -> None:
    """Read what somebody shows to a section here, and keep that and nothing else; what cannot be read is erased.

    Raises:
        RemoteUnavailable: their server does not answer; what was read before stands for a while.
    """
    found = SharedDetails.filter(uri=uri, membership__group__is_local=True, membership__state=MembershipState.ACCEPTED)
    if (row := await found.select_related("membership__group", "membership__member").first()) is None:
        return
    member, group = row.membership.member, row.membership.group
    renew_at: datetime | None = ctx.now() + RENEW_AFTER
    shown = None
    try:
        shown = await shared_details.fetch(Between(uri, member.uri, group.uri), group, ctx)
        renew_at = _renewal(shown, ctx.now())
    except RemoteUnavailable:
        raise
    except ObjectGone:
        renew_at = None
    except FederationError:
        pass
    await _keep(row, shown, renew_at)


def _renewal(shown: Shown, now: datetime) -> datetime | None:
    """Say when to read it again: long before it has to go; what is shown no longer is not read again by itself."""
    if not shown.details:
        return None
    return now + max(RENEW_AFTER_AT_LEAST, min(RENEW_AFTER, (shown.keep_until - now) / 2))


async def _keep(row: SharedDetails, shown: Shown | None, renew_at: datetime | None) -> None:
    """Write down what was read, unless it has changed since."""
    details = {detail.name: detail for detail in shown.details} if shown is not None else {}
    async with in_transaction():
        current = await SharedDetails.select_for_update().get_or_none(id=row.id)
        if current is None or current.notices != row.notices:
            return
        kept = [await _keep_one(row.membership, field, details.get(field.value)) for field in Shared]
        keep_until = shown.keep_until if shown is not None and any(kept) else None
        await SharedDetails.filter(id=row.id).update(keep_until=keep_until, renew_at=renew_at)


async def _keep_one(membership: Membership, field: Shared, detail: Detail | None) -> bool:
    """Keep one thing that is shown with its consent, or erase what was shown of it before; whether it is kept."""
    purpose = field.purpose(is_sent=True)
    group, member = membership.group, membership.member
    if detail is not None and (value := _typed(field, detail.value)):
        agreed = detail.agreement
        words = Words(purpose, agreed.language, agreed.version, agreed.words)
        if await consents.take_over(group, member, words, agreed.given_at):
            await Membership.filter(id=membership.id).update(**{field.value: value})
            return True
    await _end(membership, purpose, by="elsewhere")
    return False


async def _end(membership: Membership, purpose: Purpose, *, by: str) -> None:
    """End a consent with what was shown by it. What was given here by another one stays."""
    if purpose in await consents.standing(membership.group, membership.member):
        await consents.withdraw(membership.group, membership.member, purpose, by=by)


def _typed(field: Shared, value: str) -> str:
    """Read a value as if it had been typed here; '' for none."""
    try:
        return checked(field, value)
    except Invalid:
        return ""


async def keep_up(ctx: Context) -> None:
    """Have copies read again when it is time, and erase those that could not be for too long."""
    ours = SharedDetails.filter(membership__group__is_local=True)
    late = ours.filter(keep_until__lte=ctx.now()).select_related("membership__group", "membership__member")
    for row in await late.limit(AT_ONCE):
        await _expire(row)
    for row in await ours.filter(renew_at__lte=ctx.now()).order_by("renew_at").limit(AT_ONCE):
        await SharedDetails.filter(id=row.id).update(renew_at=ctx.now() + ASK_AGAIN_AFTER)
        await Errand.ask_anew(ErrandType.DETAILS, row.uri, ctx.now())


async def _expire(row: SharedDetails) -> None:
    async with in_transaction():
        for field in Shared:
            await _end(row.membership, field.purpose(is_sent=True), by="expired")
        await SharedDetails.filter(id=row.id).update(keep_until=None)
