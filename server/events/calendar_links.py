"""The private address of a member's own agenda: made, renewed, taken back. Whoever has it reads what that member may."""

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from models.calendar import CalendarLink
from models.ids import new_id
from models.member import Member
from models.oauth import token_hash
from models.secrets import link_token

TOKEN_CHARACTERS = 43


async def link_of(member: Member) -> str | None:
    """Give the token in a member's address; None where they have none."""
    row = await CalendarLink.get_or_none(member_id=member.id)
    return None if row is None else _token(row.id)


async def renew(member: Member) -> None:
    """Give a member an address, or another one; the old one leads nowhere from now on."""
    id_ = new_id()
    try:
        async with in_transaction():
            await CalendarLink.filter(member_id=member.id).delete()
            await CalendarLink.create(id=id_, member_id=member.id, hash=token_hash(_token(id_)))
    except IntegrityError:  # pressed twice: the other one made it
        return


async def revoke(member: Member) -> None:
    """Take a member's address back."""
    await CalendarLink.filter(member_id=member.id).delete()


async def member_of(token: str) -> Member | None:
    """Find whose address has this token, their actor loaded; None where it is nobody's."""
    if len(token) != TOKEN_CHARACTERS:
        return None
    rows = CalendarLink.filter(hash=token_hash(token), member__disabled_at=None, member__actor__gone_at=None)
    row = await rows.select_related("member__actor").first()
    return None if row is None else row.member


def _token(id_: int) -> str:
    return link_token(f"calendar {id_}")
