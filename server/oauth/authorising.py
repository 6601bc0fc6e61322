"""A member's permission for a program: what it asks for, checked, and the code that carries the answer to it.

Nothing is sent to a program before its member has answered: whoever registers one chooses where that would lead.
Source: RFC 6749 §4.1; RFC 7636 (PKCE, S256 alone); RFC 9700 §4.11
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from federation.context import Context
from models.member import Member
from models.oauth import Application, AuthorizationCode, token_hash
from server.errors import Invalid
from server.oauth import scopes as oauth_scopes
from server.oauth.apps import find

CODE_BYTES = 32
GOOD_FOR = timedelta(minutes=5)
MAX_STATE_CHARACTERS = 2000

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a program asks of a member. `challenge` is '' where it sent none."""

    application: Application
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str

    def answer(self, **values: str) -> str:
        """Give the address to which an answer goes, with what it says and the state in its query."""
        said = values | ({"state": self.state} if self.state else {})
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(said)}"


async def read_wish(values: Mapping[str, str]) -> Wish:
    """Read what a program asks for, from the query with which it sent somebody here.

    Raises:
        Invalid: nobody registered it, or it asks for what it may not.
    """
    if (application := await find(values.get("client_id", ""))) is None:
        raise Invalid("This application is not registered here. Log out of it, then log in again.")
    redirect_uri = values.get("redirect_uri", "")
    if redirect_uri not in application.redirect_uris.split("\n"):
        raise Invalid("This application wants to be answered at an address that it has not registered.")
    if values.get("response_type", "") != "code":
        raise Invalid("This application asks in a way that this server does not know.")
    state = values.get("state", "")
    if len(state) > MAX_STATE_CHARACTERS:
        raise Invalid("This application asks in a way that this server does not know.")
    return Wish(application, redirect_uri, _scopes(values.get("scope", ""), application), state, _challenge(values))


def _scopes(asked: str, application: Application) -> tuple[str, ...]:
    """Read the scopes asked for, none of which goes beyond those that were registered."""
    found, registered = oauth_scopes.parse(asked), application.scopes.split()
    if not all(oauth_scopes.covers(registered, scope) for scope in found):
        raise Invalid("This application asks for more than it has registered for.")
    return found


def _challenge(values: Mapping[str, str]) -> str:
    challenge = values.get("code_challenge", "")
    if not challenge:
        return ""
    if values.get("code_challenge_method", "plain") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise Invalid("This application asks in a way that this server does not know.")
    return challenge


async def allow(wish: Wish, member: Member, ctx: Context) -> str:
    """Give a program the code that it exchanges for a token within minutes; it is known now and never again."""
    code = secrets.token_urlsafe(CODE_BYTES)
    await AuthorizationCode.create(
        hash=token_hash(code),
        application=wish.application,
        member=member,
        redirect_uri=wish.redirect_uri,
        scopes=" ".join(wish.scopes),
        challenge=wish.challenge,
        expires_at=ctx.now() + GOOD_FOR,
    )
    return code
