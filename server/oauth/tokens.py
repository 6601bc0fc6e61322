"""Bearer tokens: made, recognised, revoked.   Source: RFC 6750 §2.1; RFC 6749 §3.3 (scopes).

Only a token's hash is stored. A process remembers for TTL_SECONDS whose a token is and what their rows said: a token
revoked, a member disabled or a profile changed in another process is noticed after that time at the latest.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from tortoise import timezone

from models.actor import Actor
from models.member import Member
from models.oauth import AccessToken, Application, token_hash
from models.state import State, database_state
from server.ttl_cache import TtlCache

TOKEN_BYTES = 32
MAX_TOKEN_CHARACTERS = 512
TTL_SECONDS = 3.0
MAX_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token stands for: whose it is (`actor` is the member's, loaded), and what it allows.

    `state` is the state of the database in which all this was read.
    """

    token_id: int
    application_id: int | None
    member: Member
    actor: Actor
    scopes: frozenset[str]
    state: State


GRANTS: TtlCache[str, Grant] = TtlCache(TTL_SECONDS, MAX_REMEMBERED)


async def create_token(member: Member, scopes: Iterable[str], application: Application | None = None) -> str:
    """Give a member a new token; its text is known now and never again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await AccessToken.create(
        hash=token_hash(token), member=member, application=application, scopes=" ".join(dict.fromkeys(scopes))
    )
    return token


async def revoke(token: str) -> None:
    """Make a token worthless, at once in this process; one that is unknown or revoked already changes nothing."""
    hash_ = token_hash(token)
    await AccessToken.filter(hash=hash_, revoked_at=None).update(revoked_at=timezone.now())
    GRANTS.drop(hash_)


async def authenticate(request: Request) -> Member | None:
    """Tell whose token a request bears; None for no token, or one that is no good.

    Sets `request.state.grant`, `.member` and `.actor`, each None where there is no good token.
    """
    token = bearer_of(request.headers.get("authorization", ""))
    grant = await _grant(token_hash(token)) if token else None
    request.state.grant = grant
    request.state.member = grant.member if grant else None
    request.state.actor = grant.actor if grant else None
    return grant.member if grant else None


def bearer_of(header: str) -> str:
    """Read the token in an Authorization header; '' where there is none."""
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    is_token = scheme.lower() == "bearer" and token.isascii() and len(token) <= MAX_TOKEN_CHARACTERS
    return token if is_token else ""


async def _grant(hash_: str) -> Grant | None:
    if (known := GRANTS.get(hash_)) is not None:
        return known
    state = await database_state()
    rows = AccessToken.filter(hash=hash_, revoked_at=None, member__disabled_at=None, member__actor__gone_at=None)
    row = await rows.select_related("member__actor").first()
    if row is None or row.member is None:
        return None
    scopes = frozenset(row.scopes.split())
    grant = Grant(row.id, row.application_id, row.member, row.member.actor, scopes, state)
    return GRANTS.keep(hash_, grant)
