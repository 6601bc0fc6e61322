"""What is done with the second step: turned on, asked for, turned off. Every change is told to the member by e-mail.

Source: NIST SP 800-63B §3.1.2, §3.1.4; OWASP Multifactor Authentication Cheat Sheet
"""

from datetime import timedelta

from federation.context import Context
from models.member import Member
from models.oauth import token_hash
from models.role import SectionAct
from models.second_step import CodeApp, RecoveryCode
from models.section import Section
from server.atomically import atomically
from server.errors import Conflict, Invalid, NotFound
from server.members.letters import Change, tell
from server.second_step import codes, duty

BEGUN_FOR = timedelta(minutes=30)
TAKEN_OFF = "take off second step"
"""What the journal says; no role allows it (server/sections/permissions.py), only the command line does."""


async def is_on(member: Member) -> bool:
    """Whether a member logs in with a second step."""
    return await CodeApp.exists(member_id=member.id, confirmed_at__not_isnull=True)


async def begin(member: Member, ctx: Context) -> CodeApp:
    """Make a secret to be read by an application, which counts once a code of it was typed.

    Raises:
        Conflict: the second step is on already.
    """
    if await is_on(member):
        raise Conflict("The second step is on already. Turn it off first.")
    fresh = {"secret": codes.new_secret(), "last_step": 0, "created_at": ctx.now()}
    app, _ = await CodeApp.update_or_create(fresh, member_id=member.id)
    return app


async def begun(member: Member, ctx: Context) -> CodeApp:
    """Find the secret that is being read by an application.

    Raises:
        NotFound: none is, or no longer.
    """
    rows = CodeApp.filter(member_id=member.id, confirmed_at=None, created_at__gt=ctx.now() - BEGUN_FOR)
    if (app := await rows.first()) is None:
        raise NotFound("Begin anew: this took too long, or was done in another window.")
    return app


async def turn_on(member: Member, typed: str, ctx: Context) -> list[str]:
    """Have the second step asked for from now on; the codes to write down, known now and never again.

    Raises:
        Invalid: the code is not one of the application's.
        NotFound: none was begun.
    """
    app = await begun(member, ctx)
    async with atomically(ctx) as whole:
        await _take(app, codes.as_code(typed), whole)
        await CodeApp.filter(id=app.id).update(confirmed_at=ctx.now())
        made = await _new_recovery_codes(member, whole)
        await duty.fulfil(member)
        await tell(member, Change.CODE_ON, whole)
    return made


async def renew(member: Member, ctx: Context) -> list[str]:
    """Give a member other codes to write down; the old ones are worth nothing.

    Raises:
        NotFound: the second step is not on.
    """
    if not await is_on(member):
        raise NotFound("The second step is not on.")
    async with atomically(ctx) as whole:
        made = await _new_recovery_codes(member, whole)
        await tell(member, Change.CODES_NEW, whole)
    return made


async def turn_off(member: Member, ctx: Context) -> None:
    """Ask for the password alone from now on."""
    async with atomically(ctx) as whole:
        await _forget(member)
        await duty.fall_back(member, ctx)
        await tell(member, Change.CODE_OFF, whole)


async def take_off(member: Member, ctx: Context) -> None:
    """Have whoever runs the server help a member who lost everything; it stands in the journal of the main section.

    Raises:
        NotFound: the second step is not on.
    """
    if not await is_on(member):
        raise NotFound(f"{member.actor.username} logs in without a second step.")
    main = await Section.get_or_none(is_main=True)
    async with atomically(ctx) as whole:
        await _forget(member)
        if main is not None:
            await SectionAct.create(
                section=main, act=TAKEN_OFF, about=f"second step @{member.actor.handle}", at=ctx.now()
            )
        await tell(member, Change.CODE_TAKEN_OFF, whole)


async def codes_left(member: Member) -> int:
    """Count the codes on paper that still serve."""
    return await RecoveryCode.filter(member_id=member.id).count()


async def check(member: Member, typed: str, ctx: Context) -> None:
    """Take the second step: a code of the application, each once, or one from paper, which is gone then.

    Raises:
        Invalid: it is neither, or was used.
    """
    if code := codes.as_code(typed):
        await _take(await _app(member), code, ctx)
        return
    paper = codes.as_recovery_code(typed)
    rows = RecoveryCode.filter(member_id=member.id, hash=token_hash(paper))
    if not paper or not await is_on(member) or not await rows.delete():
        raise _wrong()
    await tell(member, Change.PAPER_USED, ctx, left=str(await codes_left(member)))


async def _app(member: Member) -> CodeApp:
    app = await CodeApp.get_or_none(member_id=member.id, confirmed_at__not_isnull=True)
    if app is None:
        raise _wrong()
    return app


async def _take(app: CodeApp, code: str, ctx: Context) -> None:
    """Take a code, which is worth nothing from then on, nor is any before it."""
    step = codes.step_of(app.secret, code, ctx.now()) if code else None
    if step is None or not await CodeApp.filter(id=app.id, last_step__lt=step).update(last_step=step):
        raise _wrong()


async def _new_recovery_codes(member: Member, ctx: Context) -> list[str]:
    made = codes.new_recovery_codes()
    await RecoveryCode.filter(member_id=member.id).delete()
    for code in made:
        hash_ = token_hash(codes.as_recovery_code(code))
        await RecoveryCode.create(member_id=member.id, hash=hash_, created_at=ctx.now())
    return made


async def _forget(member: Member) -> None:
    await CodeApp.filter(member_id=member.id).delete()
    await RecoveryCode.filter(member_id=member.id).delete()


def _wrong() -> Invalid:
    return Invalid("This code is wrong, or was used already. Wait for the next one, then try again.")
