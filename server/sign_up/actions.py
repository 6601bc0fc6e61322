"""What becomes of a wish for an account: asked for, confirmed by the link in a letter, looked at where that is wanted.

Nobody learns here whether an e-mail address is known: what is asked for under one that is looks the same, and comes to
nothing; its owner is written to.   Source: OWASP Authentication Cheat Sheet (account creation)
"""

from dataclasses import replace
from datetime import timedelta

from federation.context import Context
from models.member import Member
from models.membership import JoinLink
from models.oauth import AccessToken
from models.secrets import fingerprint
from models.sign_up import SignUp, SignUpMode
from server import notes
from server.atomically import atomically
from server.errors import Conflict, Forbidden, NotFound
from server.mail.addresses import sendable
from server.members import actions as members
from server.members.letters import write
from server.members.passwords import hash_password
from server.sections import links
from server.sign_up.form import SignUpForm, check, check_name_free
from server.sign_up.mode import mode

KEPT_FOR = timedelta(days=7)
LETTERS_AN_HOUR = 3
PATH = "/sign_up/"


async def ask(form: SignUpForm, ctx: Context, *, token: AccessToken | None = None) -> SignUp:
    """Keep somebody's wish for an account, and write to the address they gave; `token` is to be theirs.

    Raises:
        Forbidden: nobody may make an account here.
        SignUpRefused: something typed will not do.
    """
    wish = await check(form, ctx)
    kept = await hash_password(form.password)
    async with atomically(ctx) as whole:
        row = await SignUp.create(
            username=wish.username,
            email=wish.email,
            email_fingerprint=fingerprint(wish.email),
            password_hash=kept,
            reason=wish.reason or None,
            language=form.language,
            is_known=await _is_known(wish.email),
            invitation=wish.link,
            token=token,
            created_at=ctx.now(),
        )
        await _write(row, whole)
    return row


async def _is_known(email: str) -> bool:
    mark = fingerprint(email)
    has_account = await Member.exists(email_fingerprint=mark)
    has_asked = await SignUp.exists(email_fingerprint=mark, confirmed_at__not_isnull=True)  # as long, whoever it is
    return has_account or has_asked


async def _write(row: SignUp, ctx: Context) -> None:
    """Write to an address, some times an hour at most, whoever asks."""
    lately = SignUp.filter(email_fingerprint=row.email_fingerprint, created_at__gt=ctx.now() - timedelta(hours=1))
    if await lately.count() > LETTERS_AN_HOUR:
        return
    origin, note = ctx.names.origin, notes.sign("sign up", str(row.id), ctx.now() + KEPT_FOR)
    template, link = ("sign_up_known", "/login/forgotten") if row.is_known else ("sign_up_confirm", f"{PATH}{note}")
    await write(template, row.email, ctx, language=row.language, name=row.username, link=f"{origin}{link}")


async def write_again(row: SignUp, email: str, ctx: Context) -> None:
    """Write once more to somebody who has not confirmed yet, to another address where they give one.

    Raises:
        Conflict: they have confirmed.
        Invalid: it is no address.
    """
    if row.confirmed_at is not None:
        raise Conflict("This address is confirmed already.")
    if email:
        row.email = sendable(email)
        row.email_fingerprint, row.is_known = fingerprint(row.email), await _is_known(row.email)
    async with atomically(ctx) as whole:
        await row.save(update_fields=["email", "email_fingerprint", "is_known"])
        await _write(row, whole)


async def of_link(note: str, ctx: Context) -> SignUp:
    """Find the wish that a link confirms.

    Raises:
        NotFound: there is none, or no longer.
    """
    id_ = notes.read("sign up", note, ctx.now())
    row = await SignUp.get_or_none(id=int(id_), is_known=False) if id_ else None
    if row is None:
        raise NotFound(
            "This link does not work, or no longer does: what it confirmed is here already, or was given up."
        )
    return row


async def confirm(row: SignUp, ctx: Context) -> Member | None:
    """Take it that the address is theirs: their login, or None where somebody looks at it first.

    Raises:
        Conflict: somebody else has taken the name meanwhile, or has an account under this address.
        Forbidden: no account can be made here any more.
        NotFound: the invitation does not work any more.
    """
    if row.confirmed_at is not None:
        return None
    wanted = await mode()
    if wanted is SignUpMode.CLOSED:
        raise Forbidden("No account can be made on this server at the moment. Write to the section.")
    await check_name_free(row.username)
    if await _is_known(row.email):
        raise Conflict("There is an account under this address already. Log in.")
    if wanted is not SignUpMode.OPEN and row.invitation_id is None:
        await SignUp.filter(id=row.id, confirmed_at=None).update(confirmed_at=ctx.now())
        return None
    async with atomically(ctx) as whole:
        return await admit(row, whole)


async def admit(row: SignUp, ctx: Context) -> Member:
    """Make somebody's account, and have the section invite them whose link they had.

    Raises:
        Conflict: the name or the address has just been taken.
        NotFound: the invitation does not work any more.
    """
    member = await members.admit(
        ctx, row.username, password_hash=row.password_hash, email=row.email, language=row.language
    )
    if row.token_id is not None:
        await AccessToken.filter(id=row.token_id).update(member_id=member.id)
    if row.invitation_id is not None:
        link = await JoinLink.get(id=row.invitation_id).select_related("group")
        await links.use(link, member.actor, ctx)
    await SignUp.filter(id=row.id).delete()
    return member


async def forget(row: SignUp, ctx: Context) -> None:
    """Drop a wish, and the token that was to be theirs."""
    if row.token_id is not None:
        await AccessToken.filter(id=row.token_id, revoked_at=None).update(revoked_at=ctx.now())
    await SignUp.filter(id=row.id).delete()


def in_language(form: SignUpForm, language: str) -> SignUpForm:
    """Give the same form, of somebody who reads this language: fr or en."""
    return replace(form, language="en" if language.lower().startswith("en") else "fr")
