"""What is done with members: take one in, check and reset a password."""

import re

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from federation import sanitise
from federation.actors import create_local
from federation.context import Context
from models.actor import ActorType
from models.member import Member, MemberRole
from models.oauth import AccessToken
from models.secrets import fingerprint
from models.session import Session
from server.atomically import atomically
from server.errors import Conflict, Invalid
from server.members.letters import Change, tell
from server.members.passwords import check_strength, hash_password, verify_password
from server.members.usernames import check_free, check_username

MAX_EMAIL_CHARACTERS = 254

_EMAIL = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]{2,}")


async def create_member(
    ctx: Context,
    username: str,
    *,
    password: str | None,
    display_name: str = "",
    email: str = "",
    role: MemberRole = MemberRole.MEMBER,
    language: str = "fr",
) -> Member:
    """Take in a member: an actor with its keys, and a login; without a password nobody can log in yet.

    Raises:
        Invalid: the username, the password or the e-mail address will not do.
        Conflict: the username or the e-mail address is taken.
    """
    username, email = check_username(username), check_email(email)
    await check_free(username)
    if password is not None:
        check_strength(password, names=(username, email.partition("@")[0]))
    kept = None if password is None else await hash_password(password)
    await check_email_free(email)
    return await admit(
        ctx, username, password_hash=kept, display_name=display_name, email=email, role=role, language=language
    )


async def admit(
    ctx: Context,
    username: str,
    *,
    password_hash: str | None,
    display_name: str = "",
    email: str = "",
    role: MemberRole = MemberRole.MEMBER,
    language: str = "fr",
) -> Member:
    """Write the rows of a member whose values were checked.

    Raises:
        Conflict: the username or the e-mail address has just been taken.
    """
    try:
        async with in_transaction():
            name = sanitise.display_name(display_name)
            actor = await create_local(ctx.names, ActorType.PERSON, username, display_name=name, now=ctx.now())
            return await Member.create(
                actor=actor,
                role=role,
                email=email or None,
                email_fingerprint=fingerprint(email) if email else None,
                password_hash=password_hash,
                language=language,
                created_at=ctx.now(),
            )
    except IntegrityError as taken:
        raise Conflict("This name or e-mail address has just been taken.") from taken


def check_email(typed: str) -> str:
    """Read an e-mail address, which may be left out.

    Raises:
        Invalid: it is none.
    """
    email = typed.strip()
    if email and (len(email) > MAX_EMAIL_CHARACTERS or not _EMAIL.fullmatch(email)):
        raise Invalid("This is not an e-mail address.")
    return email


async def check_email_free(email: str) -> None:
    """Refuse an e-mail address that a member has given.

    Raises:
        Conflict: it is taken.
    """
    if email and await Member.exists(email_fingerprint=fingerprint(email)):
        raise Conflict("Somebody here has this e-mail address already.")


async def check_password(member: Member | None, password: str) -> bool:
    """Tell whether this is the member's password; nobody's takes as long to refuse. A weaker hash is renewed."""
    verdict = await verify_password(member.password_hash if member else None, password)
    if member is not None and verdict.new_hash is not None:
        member.password_hash = verdict.new_hash
        await member.save(update_fields=["password_hash"])
    return verdict.is_right


async def reset_password(member: Member, password: str, ctx: Context) -> None:
    """Give a member another password, end every session that the old one opened, and tell them. Its `actor` must be loaded.

    Raises:
        Invalid: the password will not do.
    """
    check_strength(password, names=(member.actor.username,))
    member.password_hash = await hash_password(password)
    async with atomically(ctx) as whole:
        await member.save(update_fields=["password_hash"])
        await AccessToken.filter(member_id=member.id, revoked_at=None).update(revoked_at=ctx.now())
        await Session.filter(member_id=member.id).delete()
        await tell(member, Change.PASSWORD, whole)
