"""The ledger of consents: give one, withdraw one, and tell which stand.

A row is never changed but to say that it was withdrawn, by whatever way. What somebody shared goes with the consent to it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tortoise import timezone
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from models.actor import Actor
from models.consent import Consent, Contact, Purpose
from models.membership import Membership
from server.consents import texts
from server.errors import Conflict, Invalid

OF_CONTACTS = frozenset({Purpose.NEWS, Purpose.EVENTS})
OF_BELONGING = frozenset({Purpose.MEMBERSHIP, Purpose.CHARTER, Purpose.SHARE_EMAIL, Purpose.SHARE_PHONE})
SHARED_COLUMNS: Mapping[Purpose, str] = {Purpose.SHARE_EMAIL: "email", Purpose.SHARE_PHONE: "phone"}


async def give(
    group: Actor, who: Actor | Contact, purpose: Purpose, *, language: str, by: str, at: datetime | None = None
) -> Consent:
    """Write down that somebody agrees to one purpose of a section, in the words of today. Agreed already, it stands.

    `by` is "form", "link", "command" or "api". An older version of the words is replaced. `text` is loaded.

    Raises:
        Invalid: a contact cannot agree to this, or there are no such words.
    """
    check_purpose(group, who, purpose)
    wanted, moment = await texts.words(group, purpose, language), at or timezone.now()
    async with in_transaction():
        before = await _standing(group, who).filter(purpose=purpose)
        if (same := next((row for row in before if row.text.version == wanted.version), None)) is not None:
            return same
        await _standing(group, who).filter(purpose=purpose).update(withdrawn_at=moment, withdrawn_by="replaced")
        text = await texts.keep(wanted)
        return await Consent.create(
            group=group, **_whose(who), purpose=purpose, text=text, given_at=moment, given_by=by
        )


async def withdraw(
    group: Actor, who: Actor | Contact, purpose: Purpose, *, by: str, at: datetime | None = None
) -> bool:
    """Withdraw a consent, and erase what was shared by it; whether there was one.

    Raises:
        Conflict: it is what belonging to the section rests on.
    """
    rests_on_it = purpose in (Purpose.MEMBERSHIP, Purpose.CHARTER) and isinstance(who, Actor)
    if rests_on_it and await Membership.exists(group_id=group.id, member_id=who.id):
        raise Conflict("You belong to the section by this: to withdraw it, leave the section.")
    moment = at or timezone.now()
    async with in_transaction():
        if isinstance(who, Actor) and (column := SHARED_COLUMNS.get(purpose)) is not None:
            await Membership.filter(group_id=group.id, member_id=who.id).update(**{column: None})
        rows = _standing(group, who).filter(purpose=purpose)
        return await rows.update(withdrawn_at=moment, withdrawn_by=by) > 0


async def standing(group: Actor, who: Actor | Contact) -> dict[Purpose, Consent]:
    """Tell to what of a section somebody agrees now, `text` loaded. A contact not confirmed yet agrees to nothing."""
    if isinstance(who, Contact) and who.confirmed_at is None:
        return {}
    return {row.purpose: row for row in await _standing(group, who).order_by("id")}


async def ledger(who: Actor | Contact) -> list[Consent]:
    """Give every consent that somebody gave, withdrawn or not, newest first; `group` and `text` are loaded."""
    return await Consent.filter(**_whose(who)).select_related("group", "text").order_by("-id")


async def end_with_membership(group_id: int, member_id: int) -> None:
    """Withdraw what rested on belonging to a section: the membership has ended."""
    rows = Consent.filter(group_id=group_id, actor_id=member_id, withdrawn_at=None, purpose__in=list(OF_BELONGING))
    await rows.update(withdrawn_at=timezone.now(), withdrawn_by="ended")


def check_purpose(group: Actor, who: Actor | Contact, purpose: Purpose) -> None:
    """Refuse a consent that makes no sense.

    Raises:
        Invalid: it is no section's, or is for members and a contact gives it.
    """
    if not group.is_group:
        raise Invalid("This is no section.")
    if isinstance(who, Contact) and (purpose not in OF_CONTACTS or who.group_id != group.id):
        raise Invalid("Only members can agree to this.")


def _standing(group: Actor, who: Actor | Contact) -> QuerySet[Consent]:
    return Consent.filter(**_whose(who), group_id=group.id, withdrawn_at=None).select_related("text")


def _whose(who: Actor | Contact) -> dict[str, Any]:
    return {"contact_id": who.id} if isinstance(who, Contact) else {"actor_id": who.id}
