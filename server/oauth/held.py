"""Which programs act for a member, and ending that."""

from tortoise import timezone

from models.member import Member
from models.oauth import AccessToken
from server.errors import NotFound


async def of_member(member: Member) -> list[AccessToken]:
    """List a member's tokens that stand, with the `application` of each, the latest used first."""
    rows = AccessToken.filter(member_id=member.id, revoked_at=None).select_related("application")
    return sorted(await rows, key=lambda row: (row.used_at or row.created_at, row.id), reverse=True)


async def end(member: Member, token_id: int) -> None:
    """Make one of a member's tokens worthless, at once.

    Raises:
        NotFound: they have no such token.
    """
    rows = AccessToken.filter(id=token_id, member_id=member.id, revoked_at=None)
    if not await rows.update(revoked_at=timezone.now()):
        raise NotFound("This application has been ended already.")


async def end_all(member: Member) -> int:
    """Make every token of a member worthless; how many there were."""
    return await AccessToken.filter(member_id=member.id, revoked_at=None).update(revoked_at=timezone.now())
