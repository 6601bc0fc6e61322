"""Bearer tokens: made, recognised, revoked.   Source: RFC 6750 §2.1; RFC 6749 §3.3 (scopes).

Only a token's hash is stored. A process remembers whose a token is and what their rows said; whenever something was
written since, here or elsewhere, it asks whether they still say so.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from tortoise import timezone

from models.actor import Actor
from models.member import Member
from models.oauth import AccessToken, Application, token_hash
from models.sign_up import SignUp
from models.state import State, database_state
from models.trail import Trail, followed
from server.errors import Forbidden
from server.ttl_cache import TtlCache

TOKEN_BYTES = 32
MAX_TOKEN_CHARACTERS = 512
FORGOTTEN_AFTER_SECONDS = 600.0
MAX_REMEMBERED = 4096
USED_EVERY = timedelta(hours=1)


@dataclass(slots=True)
class Grant:
    """What a valid token stands for: whose it is (`actor` is the member's, loaded), and what it allows.

    `state` is the last state of the database in which all this was seen to be true, by asking what `trail` says.
    """

    token_id: int
    application_id: int | None
    member: Member
    actor: Actor
    scopes: frozenset[str]
    state: State
    trail: Trail


GRANTS: TtlCache[str, Grant] = TtlCache(FORGOTTEN_AFTER_SECONDS, MAX_REMEMBERED)


async def create_token(member: Member | None, scopes: Iterable[str], application: Application | None = None) -> str:
    """Give a member, or a program for itself, a new token; its text is known now and never again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await AccessToken.create(
        hash=token_hash(token), member=member, application=application, scopes=" ".join(dict.fromkeys(scopes))
    )
    return token


async def revoke(token: str) -> None:
    """Make a token worthless; one that is unknown or revoked already changes nothing."""
    await AccessToken.filter(hash=token_hash(token), revoked_at=None).update(revoked_at=timezone.now())


async def authenticate(request: Request) -> Member | None:
    """Tell whose token a request bears; None for no token, or one that is no good.

    Sets `request.state.grant`, `.member` and `.actor`, each None where there is no good token.
    """
    grant = await grant_of(bearer_of(request.headers.get("authorization", "")))
    request.state.grant = grant
    request.state.member = grant.member if grant else None
    request.state.actor = grant.actor if grant else None
    return grant.member if grant else None


async def grant_of(token: str) -> Grant | None:
    """Tell what a token stands for; None for no token, or one that is no good."""
    is_token = token.isascii() and 0 < len(token) <= MAX_TOKEN_CHARACTERS
    return await _grant(token_hash(token)) if is_token else None


async def still_good(token_ids: Sequence[int]) -> set[int]:
    """Tell which of these tokens are neither revoked nor a login's that is closed."""
    rows = AccessToken.filter(
        id__in=list(token_ids), revoked_at=None, member__disabled_at=None, member__actor__gone_at=None
    )
    return {int(str(id_)) for id_ in await rows.values_list("id", flat=True)}


async def own_token_of(request: Request) -> AccessToken | None:
    """Find the token that a program bears for itself, its `application` loaded; None for any other, or none."""
    token = bearer_of(request.headers.get("authorization", ""))
    rows = AccessToken.filter(hash=token_hash(token), revoked_at=None, member_id=None)
    return await rows.select_related("application").first() if token else None


async def refuse_half_made(request: Request) -> None:
    """Tell a client whose member has no account yet what is missing; of any other nothing is said.

    Raises:
        Forbidden: the address is not confirmed, or nobody has answered yet.
    """
    own = await own_token_of(request)
    row = await SignUp.get_or_none(token_id=own.id) if own is not None else None
    if row is not None and row.confirmed_at is None:
        raise Forbidden("Your login is missing a confirmed e-mail address.")
    if row is not None:
        raise Forbidden("Your login is currently pending approval.")


def bearer_of(header: str) -> str:
    """Read the token in an Authorization header; '' where there is none."""
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    is_token = scheme.lower() == "bearer" and token.isascii() and len(token) <= MAX_TOKEN_CHARACTERS
    return token if is_token else ""


async def _grant(hash_: str) -> Grant | None:
    state = await database_state()
    if (known := GRANTS.get(hash_)) is not None:
        if known.state == state:
            return known
        if await known.trail.stands():
            known.state = state
            return known
        GRANTS.drop(hash_)
    row, trail = await _row(hash_)
    if row is not None and (row.used_at is None or row.used_at <= timezone.now() - USED_EVERY):
        await AccessToken.filter(id=row.id).update(used_at=timezone.now())
        state = await database_state()
        row, trail = await _row(hash_)
    if row is None or row.member is None:
        return None
    scopes = frozenset(row.scopes.split())
    grant = Grant(row.id, row.application_id, row.member, row.member.actor, scopes, state, trail)
    return GRANTS.keep(hash_, grant)


async def _row(hash_: str) -> tuple[AccessToken | None, Trail]:
    """Load the token of this hash, its member and their actor, if it is good; and what was asked for that."""
    rows = AccessToken.filter(hash=hash_, revoked_at=None, member__disabled_at=None, member__actor__gone_at=None)
    with followed() as trail:
        row = await rows.select_related("member__actor").first()
    return row, trail
