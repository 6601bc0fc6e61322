"""An e-mail address or a phone number that a member shows to the managers of a section: each by a consent of its own."""

import re
from enum import StrEnum

from tortoise.transactions import in_transaction

from models.actor import Actor
from models.consent import Purpose
from models.membership import Membership, MembershipState
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

    @property
    def purpose(self) -> Purpose:
        """The consent by which it is shown."""
        return Purpose.SHARE_EMAIL if self is Shared.EMAIL else Purpose.SHARE_PHONE


async def share(
    member: Actor, group: Actor, field: Shared, value: str, *, language: str = "fr", by: str = "form"
) -> None:
    """Show an e-mail address or a phone number to the managers of a section of ours, sealed; anew, it is replaced.

    Raises:
        Invalid: it is no address or number, or the section lives on another server.
        NotFound: they do not belong to the section.
    """
    value = checked(field, value)
    if not group.is_local:
        raise Invalid("This section is on another server: give it to them there.")
    async with in_transaction():
        rows = Membership.filter(group_id=group.id, member_id=member.id, state=MembershipState.ACCEPTED)
        if not await rows.update(**{field.value: value}):
            raise NotFound("Only members share this with a section.")
        await consents.give(group, member, field.purpose, language=language, by=by)


async def stop_sharing(member: Actor, group: Actor, field: Shared, *, by: str = "form") -> None:
    """Show it no longer: the consent is withdrawn, and what was shown is erased."""
    await consents.withdraw(group, member, field.purpose, by=by)


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
