"""The ledger of consents: give one, withdraw one, and tell which stand.

A row is never changed but to say that it was withdrawn, by whatever way. What somebody shared goes with the consent to it.
"""

from datetime import datetime
from typing import Any

from tortoise import timezone
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from models.actor import Actor
from models.consent import SENT, SHARED_COLUMNS, Consent, Contact, Purpose
from models.membership import Membership
from server.consents import texts
from server.consents.texts import Words
from server.errors import Conflict, Invalid

OF_CONTACTS = frozenset({Purpose.NEWS, Purpose.EVENTS})
OF_BELONGING = frozenset({Purpose.MEMBERSHIP, Purpose.CHARTER, *SHARED_COLUMNS})
BY_THEMSELVES = frozenset({"form", "link", "command", "api"})


async def give(
    group: Actor, who: Actor | Contact, purpose: Purpose, *, language: str, by: str, at: datetime | None = None
) -> Consent:
    """Write down that somebody agrees to one purpose of a section, in the words of today. Agreed already, it stands.

    `by` is one of BY_THEMSELVES. An older version of the words is replaced. `text` is loaded.

    Raises:
        Invalid: a contact cannot agree to this, or there are no such words.
    """
    check_purpose(group, who, purpose)
    wanted, moment = await texts.words(group, purpose, language), at or timezone.now()
    async with in_transaction():
        before = await _standing(group, who).filter(purpose=purpose)
        if (same := next((row for row in before if row.text.version == wanted.version), None)) is not None:
            return same
        return await _replace(group, who, wanted, by, moment, moment)


async def take_over(group: Actor, who: Actor, words: Words, given_at: datetime) -> bool:
    """Write down what a member agreed to on their own server, in the words that were shown there; whether it stands.

    Read again, it is the same. One that was withdrawn here since does not stand.
    """
    async with in_transaction():
        rows = Consent.filter(group_id=group.id, actor_id=who.id, purpose=words.purpose, given_at=given_at)
        if await rows.filter(withdrawn_by__in=list(BY_THEMSELVES)).exists():
            return False
        if not await rows.filter(withdrawn_at=None, text__hash=words.hash).exists():
            await _replace(group, who, words, "elsewhere", given_at, timezone.now())
        return True


async def _replace(
    group: Actor, who: Actor | Contact, wanted: Words, by: str, given_at: datetime, moment: datetime
) -> Consent:
    """Keep a consent in the place of one to other words."""
    before = _standing(group, who).filter(purpose=wanted.purpose)
    await before.update(withdrawn_at=moment, withdrawn_by="replaced")
    text = await texts.keep(wanted)
    return await Consent.create(
        group=group, **_whose(who), purpose=wanted.purpose, text=text, given_at=given_at, given_by=by
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


async def hide_sent(group_id: int, member_id: int) -> None:
    """Erase what a member elsewhere shows to a section of ours, until it has been read anew: it has changed."""
    rows = Consent.filter(group_id=group_id, actor_id=member_id, withdrawn_at=None, purpose__in=list(SENT))
    columns = {SHARED_COLUMNS[row.purpose]: None for row in await rows}
    if columns:
        await Membership.filter(group_id=group_id, member_id=member_id).update(**columns)


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
