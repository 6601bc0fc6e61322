"""What a program does for itself: prove who it is, exchange a code for a token, ask for one of its own, end one.

Source: RFC 6749 §2.3.1, §4.1.3, §4.4, §5.2; RFC 7636 §4.6; RFC 7009
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from tortoise.transactions import in_transaction

from federation.context import Context
from models.oauth import AccessToken, Application, AuthorizationCode, token_hash
from server.errors import AppError, Invalid
from server.oauth import scopes as oauth_scopes
from server.oauth.apps import find
from server.oauth.tokens import create_token, revoke

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Refused(AppError):
    """A program asked in vain. `code` is one of RFC 6749 §5.2, for the program; the message is for who wrote it."""

    status = 400

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message, {"WWW-Authenticate": 'Basic realm="client"'} if status == 401 else None)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Client:
    """The program that asks. `is_proved`: it knows its secret."""

    application: Application
    is_proved: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A token that was just made: its text is known now and never again."""

    token: str
    scopes: tuple[str, ...]
    at: datetime


def basic_of(header: str) -> tuple[str, str]:
    """Read client id and secret from an Authorization header; two times '' where they are not there."""
    scheme, _, sent = header.strip().partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        id_, _, secret = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(id_), unquote_plus(secret)


async def client_of(client_id: str, secret: str) -> Client:
    """Find the program that asks; one that sends no secret must prove itself otherwise.

    Raises:
        Refused: nobody registered it, or the secret is wrong.
    """
    application = await find(client_id)
    if application is None or (secret and not _is_secret(application, secret)):
        raise Refused("invalid_client", "This application is not registered here, or its secret is wrong.", status=401)
    return Client(application, bool(secret))


def _is_secret(application: Application, secret: str) -> bool:
    return hmac.compare_digest(application.client_secret_hash, token_hash(secret))


async def for_code(client: Client, code: str, redirect_uri: str, verifier: str, ctx: Context) -> Given:
    """Exchange a code for its member's token. A code that comes twice may be stolen: what it was exchanged for ends.

    Raises:
        Refused: it is no code of this program's, or no longer, or the verifier is wrong.
    """
    row = await AuthorizationCode.get_or_none(hash=token_hash(code)).select_related("member__actor")
    if row is None or row.application_id != client.application.id:
        raise _bad_code()
    if row.used_at is not None:
        await AccessToken.filter(id=row.token_id, revoked_at=None).update(revoked_at=ctx.now())
        raise _bad_code()
    is_open = row.member.disabled_at is None and row.member.actor.gone_at is None
    if row.expires_at <= ctx.now() or row.redirect_uri != redirect_uri or not is_open:
        raise _bad_code()
    _check_proof(client, row.challenge, verifier)
    async with in_transaction():
        if not await AuthorizationCode.filter(id=row.id, used_at=None).update(used_at=ctx.now()):
            raise _bad_code()
        token = await create_token(row.member, row.scopes.split(), client.application)
        kept = await AccessToken.get(hash=token_hash(token))
        await AuthorizationCode.filter(id=row.id).update(token_id=kept.id)
    return Given(token, tuple(row.scopes.split()), ctx.now())


def _check_proof(client: Client, challenge: str, verifier: str) -> None:
    """Have the code exchanged by whoever asked for it: by its verifier, or else by the secret of the program."""
    if challenge:
        digest = hashlib.sha256(verifier.encode(errors="replace")).digest()
        is_right = hmac.compare_digest(base64.urlsafe_b64encode(digest).decode().rstrip("="), challenge)
        if not is_right or not _VERIFIER.fullmatch(verifier):
            raise Refused("invalid_grant", "The code_verifier does not fit the code_challenge.")
    elif not client.is_proved:
        raise Refused("invalid_client", "Send the client_secret, or use PKCE.", status=401)


def _bad_code() -> Refused:
    return Refused("invalid_grant", "This code is wrong, was used before, or has expired.")


async def for_itself(client: Client, scopes: str, ctx: Context) -> Given:
    """Give a program a token that is nobody's: for making an account, and what is public.

    Raises:
        Refused: it did not prove itself, or asks for more than it registered for.
    """
    if not client.is_proved:
        raise Refused("invalid_client", "Send the client_secret.", status=401)
    try:
        wanted = oauth_scopes.parse(scopes)
    except Invalid as unknown:
        raise Refused("invalid_scope", unknown.message) from unknown
    registered = client.application.scopes.split()
    if not all(oauth_scopes.covers(registered, scope) for scope in wanted):
        raise Refused("invalid_scope", "This application asks for more than it has registered for.")
    return Given(await create_token(None, wanted, client.application), wanted, ctx.now())


async def end(token: str, client_id: str) -> None:
    """Make a token worthless; whoever holds it may. One that is unknown changes nothing.

    Raises:
        Refused: it belongs to another program than the one that is named.
    """
    row = await AccessToken.get_or_none(hash=token_hash(token)).select_related("application")
    if row is None:
        return
    if client_id and (row.application is None or row.application.client_id != client_id):
        raise Refused("unauthorized_client", "This token was given to another application.", status=403)
    await revoke(token)
