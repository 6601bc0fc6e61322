"""What is done with passkeys: added, removed, and recognised when somebody logs in with one."""

import secrets
from datetime import timedelta

from tortoise.exceptions import IntegrityError

from federation.context import Context
from models.member import Member
from models.oauth import token_hash
from models.passkey import Passkey, SpentChallenge
from models.secrets import link_token
from server import notes
from server.atomically import atomically
from server.errors import Conflict, Invalid, NotFound
from server.members.letters import Change, tell
from server.passkeys import ceremonies
from server.second_step import duty

GOOD_FOR = timedelta(minutes=5)
MAX_PASSKEYS = 20
MAX_NAME_CHARACTERS = 60
CHALLENGE_BYTES = 24


def new_challenge(window: str, ctx: Context) -> str:
    """Make what a passkey is to sign, good for minutes in one window: `window` is what only that browser knows."""
    return notes.sign(f"passkey {window}", secrets.token_urlsafe(CHALLENGE_BYTES), ctx.now() + GOOD_FOR)


async def of(member: Member) -> list[Passkey]:
    """List a member's passkeys, the oldest first."""
    return await Passkey.filter(member_id=member.id).order_by("id")


async def options_to_add(member: Member, challenge: str, ctx: Context) -> str:
    """Write what a browser is asked so that it makes a passkey. The member's `actor` must be loaded."""
    actor, have = member.actor, await of(member)
    return ceremonies.to_make(ctx.names, challenge, _handle(member.id), actor.username, actor.display_name, have)


async def add(member: Member, name: str, answer: str, challenge: str, window: str, ctx: Context) -> Passkey:
    """Keep a passkey that a browser has made; its owner is told.

    Raises:
        Invalid: it was not made for this window, or its name will not do.
        Conflict: there are too many, or it is here already.
    """
    name = check_name(name)
    if await Passkey.filter(member_id=member.id).count() >= MAX_PASSKEYS:
        raise Conflict("You have 20 passkeys. Remove one first.")
    _check_challenge(challenge, window, ctx)
    key = ceremonies.made(ceremonies.read_answer(answer), ctx.names, challenge)
    try:
        async with atomically(ctx) as whole:
            await _spend(challenge, ctx)
            row = await Passkey.create(
                member=member,
                hash=token_hash(key.credential),
                credential=key.credential,
                public_key=key.public_key,
                sign_count=key.sign_count,
                name=name,
                created_at=ctx.now(),
            )
            await duty.fulfil(member)
            await tell(member, Change.PASSKEY_ADDED, whole, key=name)
    except IntegrityError as known:
        raise Conflict("This passkey is here already.") from known
    return row


def check_name(typed: str) -> str:
    """Read what somebody calls a passkey.

    Raises:
        Invalid: nothing, or too much.
    """
    name = " ".join(typed.split())
    if not 0 < len(name) <= MAX_NAME_CHARACTERS:
        raise Invalid("Give the passkey a name of 60 characters at most, such as that of the telephone.")
    return name


async def remove(member: Member, passkey_id: int, ctx: Context) -> None:
    """Have a passkey open nothing any more; its owner is told.

    Raises:
        NotFound: they have no such one.
    """
    row = await Passkey.get_or_none(id=passkey_id, member_id=member.id)
    if row is None:
        raise NotFound("This passkey has been removed already.")
    async with atomically(ctx) as whole:
        await row.delete()
        await duty.fall_back(member, ctx)
        await tell(member, Change.PASSKEY_REMOVED, whole, key=row.name)


async def recognise(answer: str, challenge: str, window: str, ctx: Context) -> Member:
    """Tell who shows a passkey, their actor loaded. No answer counts twice.

    Raises:
        Invalid: nobody who may log in, or not in this window.
    """
    _check_challenge(challenge, window, ctx)
    said = ceremonies.read_answer(answer)
    rows = Passkey.filter(hash=token_hash(said["id"]), member__disabled_at=None, member__actor__gone_at=None)
    key = await rows.select_related("member__actor").first()
    if key is None or ceremonies.handle_in(said) not in ("", _handle(key.member_id)):
        raise ceremonies.refused()
    sign_count = ceremonies.shown(said, ctx.names, challenge, key)
    async with atomically(ctx):
        await _spend(challenge, ctx)
        await Passkey.filter(id=key.id).update(sign_count=sign_count, used_at=ctx.now())
    return key.member


def _handle(member_id: int) -> str:
    """Name a member to their passkeys: 32 bytes in base64 for addresses, from which nobody can tell who it is."""
    return link_token(f"passkeys {member_id}")


def _check_challenge(challenge: str, window: str, ctx: Context) -> None:
    if notes.read(f"passkey {window}", challenge, ctx.now()) is None:
        raise Invalid("This page was open for too long. Load it again, then send the form once more.")


async def _spend(challenge: str, ctx: Context) -> None:
    try:
        await SpentChallenge.create(hash=token_hash(challenge), expires_at=ctx.now() + GOOD_FOR)
    except IntegrityError as spent:
        raise ceremonies.refused() from spent
