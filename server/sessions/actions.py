"""What is done with sessions: log in, log out, end those of other browsers.   Source: OWASP Session Management Cheat Sheet

A session lives a month from its last use, and half a year at most. The cookie is known to the browser alone. There is no
session before every step of logging in is taken; after the password alone there is a note of it, good for minutes.
"""

import secrets
from datetime import timedelta

from tortoise.transactions import in_transaction

from federation.context import Context
from models.member import Member
from models.oauth import token_hash
from models.session import Session
from server import notes
from server.atomically import atomically
from server.errors import AppError, Invalid, NotFound
from server.members.actions import check_password
from server.members.queries import by_login, password_mark
from server.passkeys import actions as passkeys
from server.second_step import actions as second_step
from server.sessions.guesses import Guesses

TOKEN_BYTES = 32
UNUSED_FOR = timedelta(days=30)
LONGEST = timedelta(days=180)
MOST_SESSIONS = 20
HALF_IN_FOR = timedelta(minutes=10)


class SecondStepWanted(AppError):
    """The password is right and does not suffice. `half_in` is the note of it, for the browser to bring back."""

    status = 401

    def __init__(self, half_in: str) -> None:
        super().__init__("Type the code of your application, too.")
        self.half_in = half_in


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
        SecondStepWanted: they log in with a second step.
        TooMany: too many were tried.
    """
    name = typed_name.strip().removeprefix("@").casefold()
    guesses.check(name, address)
    member = await by_login(typed_name)
    if not await check_password(member, password) or member is None:
        raise Invalid("This name and this password do not go together.")
    guesses.forgive(name, address)
    if await second_step.is_on(member):
        raise SecondStepWanted(notes.sign("half in", f"{member.id}-{password_mark(member)}", ctx.now() + HALF_IN_FOR))
    return await open_session(member, ctx, device=device, old_token=old_token)


async def who_is_half_in(half_in: str, ctx: Context) -> Member:
    """Tell who has typed their password some minutes ago, their actor loaded.

    Raises:
        Invalid: nobody, or it was too long ago, or the password has changed since.
    """
    id_, _, mark = (notes.read("half in", half_in, ctx.now()) or "").partition("-")
    rows = Member.filter(id=int(id_) if id_ else None, disabled_at=None, actor__gone_at=None)
    member = await rows.select_related("actor").first() if id_ else None
    if member is None or mark != password_mark(member):
        raise Invalid("This took too long. Type your name and your password again.")
    return member


async def finish_log_in(
    half_in: str,
    code: str,
    ctx: Context,
    *,
    guesses: Guesses,
    address: str,
    device: str = "",
    old_token: str = "",
) -> str:
    """Open a session for whoever knows the password and a code; its token. `guesses` are those of codes.

    Raises:
        Invalid: the code is wrong or was used, or the password was typed too long ago.
        TooMany: too many were tried.
    """
    member = await who_is_half_in(half_in, ctx)
    await prove_code(member, code, ctx, guesses=guesses, address=address)
    return await open_session(member, ctx, device=device, old_token=old_token)


async def prove_code(member: Member, code: str, ctx: Context, *, guesses: Guesses, address: str) -> None:
    """Take a code of the second step. `actor` must be loaded.

    Raises:
        Invalid: it is wrong, or was used.
        TooMany: too many were tried.
    """
    guesses.check(member.actor.username, address)
    async with atomically(ctx) as whole:
        await second_step.check(member, code, whole)
    guesses.forgive(member.actor.username, address)


async def log_in_by_passkey(
    answer: str,
    challenge: str,
    window: str,
    ctx: Context,
    *,
    half_in: str = "",
    device: str = "",
    old_token: str = "",
) -> str:
    """Open a session for whoever shows a passkey, which takes both steps at once; its token.

    Where `half_in` says whose password was typed, it must be one of theirs.

    Raises:
        Invalid: it is nobody's, somebody else's, or not for this window.
    """
    expected = await who_is_half_in(half_in, ctx) if half_in else None
    member = await passkeys.recognise(answer, challenge, window, ctx)
    if expected is not None and expected.id != member.id:
        raise Invalid("This passkey was not recognised. Try again, or log in with your password.")
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


async def rotate(session: Session) -> str:
    """Give a session that goes on another token, as after whatever makes it worth more: the old one opens nothing."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await Session.filter(id=session.id).update(hash=token_hash(token))
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
