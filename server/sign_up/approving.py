"""Answering those who wish for an account: by the board of the main section, or from the command line.

They see who it would be and what was said, not the address.
"""

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.section import Section
from models.sign_up import SignUp
from server.atomically import atomically
from server.consents.looks import look
from server.errors import NotFound
from server.members.letters import write
from server.sections import permissions
from server.sections.permissions import Act
from server.sign_up.actions import admit, forget


async def waiting(main: Section, by: Actor | None) -> list[SignUp]:
    """List who waits for an answer, the first who asked first; that somebody looked is written down. `actor` must be loaded.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: it is not the main section.
    """
    await _check(main, by)
    rows = await SignUp.filter(confirmed_at__not_isnull=True).order_by("confirmed_at", "id")
    await look(main.actor, by, "sign ups", len(rows))
    return rows


async def count() -> int:
    """Count who waits for an answer."""
    return await SignUp.filter(confirmed_at__not_isnull=True).count()


async def accept(main: Section, id_: int, by: Actor | None, ctx: Context) -> Member:
    """Make the account that somebody wishes for, and tell them.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: they wait no longer, or it is not the main section.
        Conflict: the name or the address has just been taken.
    """
    await _check(main, by)
    row = await _row(id_)
    async with atomically(ctx) as whole:
        member = await admit(row, whole)
        await permissions.note(by, Act.ANSWER_SIGN_UPS, main, f"Accept @{member.actor.handle}")
        link = f"{ctx.names.origin}/login"
        await write("sign_up_accepted", row.email, whole, language=row.language, name=row.username, link=link)
    return member


async def refuse(main: Section, id_: int, by: Actor | None, ctx: Context) -> None:
    """Tell somebody that they get no account, and forget them: the journal says that it happened, not to whom.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: they wait no longer, or it is not the main section.
    """
    await _check(main, by)
    row = await _row(id_)
    async with atomically(ctx) as whole:
        await forget(row, whole)
        await permissions.note(by, Act.ANSWER_SIGN_UPS, main, "Reject")
        await write("sign_up_refused", row.email, whole, language=row.language, name=row.username)


async def _check(main: Section, by: Actor | None) -> None:
    if not main.is_main:
        raise NotFound("Accounts are answered for at the desk of the main section.")
    await permissions.check(by, Act.ANSWER_SIGN_UPS, main)


async def _row(id_: int) -> SignUp:
    row = await SignUp.get_or_none(id=id_, confirmed_at__not_isnull=True)
    if row is None:
        raise NotFound("Somebody else has answered already.")
    return row
