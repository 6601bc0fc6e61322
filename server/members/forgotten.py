"""A forgotten password: a letter with a link, good once and for an hour, by which another one is chosen.

Whoever asks is never told whether anybody has that name or address.   Source: OWASP Forgot Password Cheat Sheet
"""

from datetime import timedelta

from federation.context import Context
from models.member import Member
from server import notes
from server.errors import NotFound
from server.members.actions import reset_password
from server.members.letters import write
from server.members.queries import by_login, password_mark

GOOD_FOR = timedelta(hours=1)
PATH = "/login/password/"


async def write_to(typed: str, ctx: Context) -> None:
    """Write to whoever logs in with this name or e-mail address, if anybody does and gave an address."""
    member = await by_login(typed)
    if member is None or not member.email:
        return
    link = notes.sign("password", f"{member.id}-{password_mark(member)}", ctx.now() + GOOD_FOR)
    await write(
        "password_forgotten",
        member.email,
        ctx,
        language=member.language,
        name=member.actor.username,
        link=f"{ctx.names.origin}{PATH}{link}",
    )


async def of_link(note: str, ctx: Context) -> Member:
    """Find who chooses another password by this link, their actor loaded.

    Raises:
        NotFound: nobody: it was used, or its hour is over.
    """
    id_, _, mark = (notes.read("password", note, ctx.now()) or "").partition("-")
    rows = Member.filter(id=int(id_), disabled_at=None, actor__gone_at=None) if id_ else None
    member = await rows.select_related("actor").first() if rows is not None else None
    if member is None or mark != password_mark(member):
        raise NotFound("This link was used already, or its hour is over. Ask for another one.")
    return member


async def choose(note: str, password: str, ctx: Context) -> None:
    """Give the member of this link another password; all their sessions end, and the link is worth nothing.

    Raises:
        NotFound: it was used, or its hour is over.
        Invalid: the password will not do.
    """
    await reset_password(await of_link(note, ctx), password, ctx)
