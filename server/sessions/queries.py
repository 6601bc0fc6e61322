"""Finding who is logged in, and with which browsers."""

import hmac
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from federation.context import Context
from models.member import Member
from models.oauth import token_hash
from models.session import Session
from server.sessions.actions import LONGEST, UNUSED_FOR

MAX_TOKEN_CHARACTERS = 128
SEEN_EVERY = timedelta(hours=1)


async def of_token(token: str, ctx: Context) -> Session | None:
    """Find the session that a cookie stands for, its member and their actor loaded; None for one that has ended.

    It is written down that it was used, once an hour at most; with that it lives on.
    """
    if not token or len(token) > MAX_TOKEN_CHARACTERS:
        return None
    now = ctx.now()
    rows = Session.filter(
        hash=token_hash(token), expires_at__gt=now, member__disabled_at=None, member__actor__gone_at=None
    )
    session = await rows.select_related("member__actor").first()
    if session is not None and session.seen_at <= now - SEEN_EVERY:
        session.seen_at = now
        session.expires_at = min(now + UNUSED_FOR, session.created_at + LONGEST)
        await session.save(update_fields=["seen_at", "expires_at"])
    return session


async def of_member(member: Member, ctx: Context) -> list[Session]:
    """List a member's sessions that stand, the latest used first."""
    return await Session.filter(member_id=member.id, expires_at__gt=ctx.now()).order_by("-seen_at", "-id")


async def still_open(ids: Sequence[int]) -> set[int]:
    """Tell which of these sessions have not been ended, nor their logins closed."""
    rows = Session.filter(id__in=list(ids), member__disabled_at=None, member__actor__gone_at=None)
    return {int(str(id_)) for id_ in await rows.values_list("id", flat=True)}


def form_token(cookie: str) -> str:
    """Give what a form must bring along with a cookie: nobody who cannot read the page or the cookie knows it."""
    return hmac.new(cookie.encode(), b"a form of ours", sha256).hexdigest()


def is_form_token(typed: str, cookie: str) -> bool:
    """Whether a form brings what belongs to the cookie that came with it."""
    return bool(cookie) and hmac.compare_digest(typed.encode(), form_token(cookie).encode())
