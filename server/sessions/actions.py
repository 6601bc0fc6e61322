"""What is done with sessions: log in, log out, end those of other browsers.   Source: OWASP Session Management Cheat Sheet

A session lives a month from its last use, and half a year at most. The cookie is known to the browser alone.
"""

import secrets
from datetime import timedelta

from tortoise.transactions import in_transaction

from federation.context import Context
from models.member import Member
from models.oauth import token_hash
from models.session import Session
from server.errors import Invalid, NotFound
from server.members.actions import check_password
from server.members.queries import by_login
from server.sessions.guesses import Guesses

TOKEN_BYTES = 32
UNUSED_FOR = timedelta(days=30)
LONGEST = timedelta(days=180)
MOST_SESSIONS = 20


async def log_in(
    typed_name: str,
    password: str,
    ctx: Context,
    *,
    guesses: Guesses,
    address: str,
    device: str = "",
    old_token: str = "",
) -> str:
    """Open a session for whoever knows the password; its token, for the cookie. The session of `old_token` ends.

    Raises:
        Invalid: nobody has this name or e-mail address with this password; which of the two is wrong is not said.
        TooMany: too many were tried.
    """
    name = typed_name.strip().removeprefix("@").casefold()
    guesses.check(name, address)
    member = await by_login(typed_name)
    if not await check_password(member, password) or member is None:
        raise Invalid("This name and this password do not go together.")
    guesses.forgive(name, address)
    return await open_session(member, ctx, device=device, old_token=old_token)


async def prove(member: Member, password: str, *, guesses: Guesses, address: str) -> None:
    """Have somebody who is logged in type their password again, before what cannot be undone. `actor` must be loaded.

    Raises:
        Invalid: it is not theirs.
        TooMany: too many were tried.
    """
    guesses.check(member.actor.username, address)
    if not await check_password(member, password):
        raise Invalid("This is not your password.")
    guesses.forgive(member.actor.username, address)


async def open_session(member: Member, ctx: Context, *, device: str = "", old_token: str = "") -> str:
    """Open a session for a member; its token. It is always a new one, so that nobody can lay one ready for others."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = ctx.now()
    async with in_transaction():
        await log_out(old_token)
        await Session.create(
            hash=token_hash(token),
            member=member,
            device=device[:100],
            created_at=now,
            seen_at=now,
            expires_at=now + UNUSED_FOR,
        )
        ids = await Session.filter(member_id=member.id).order_by("-id").values_list("id", flat=True)
        await Session.filter(id__in=ids[MOST_SESSIONS:]).delete()
    return token


async def log_out(token: str) -> None:
    """End the session of this browser; one that is unknown or has ended changes nothing."""
    if token:
        await Session.filter(hash=token_hash(token)).delete()


async def end(member: Member, session_id: int) -> None:
    """End one of a member's sessions.

    Raises:
        NotFound: they have no such session.
    """
    if not await Session.filter(id=session_id, member_id=member.id).delete():
        raise NotFound("This session has ended already.")


async def end_others(session: Session) -> int:
    """End every session of a member but this one; how many there were."""
    return await Session.filter(member_id=session.member_id).exclude(id=session.id).delete()
