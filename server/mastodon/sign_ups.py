"""Making an account from an application, which holds a token of its own.

Source: docs.joinmastodon.org/methods/accounts#create, /methods/emails#confirmation
"""

from typing import Any

from starlette.requests import Request

from models.oauth import AccessToken, token_hash
from models.sign_up import SignUp
from server.errors import Forbidden, Unauthorised
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.kinds import Nothing
from server.mastodon.parameters import Parameters, read
from server.oauth.exchange import Given
from server.oauth.routes import NEVER_KEPT, Token, token_entity
from server.oauth.scopes import NOT_LOGGED_IN, OUTSIDE_SCOPES, challenge, covers
from server.oauth.tokens import authenticate, create_token, own_token_of
from server.sign_up import actions
from server.sign_up.form import SignUpForm, SignUpRefused

WANTED = "write:accounts"
_NAMES = {
    "username": "Username",
    "email": "Email",
    "password": "Password",
    "agreement": "Agreement",
    "reason": "Reason",
}


async def create(request: Request) -> Json[Token]:
    """POST /api/v1/accounts -> Token, which is good once the address is confirmed. For a program's own token.

    Raises:
        Unauthorised: there is no token.
        Forbidden: it is a member's or for other things, or nobody may make an account here.
    """
    parameters, own = await read(request), await _own_token(request)
    scopes = own.scopes.split()
    token = await create_token(None, scopes, own.application)
    kept = await AccessToken.get(hash=token_hash(token))
    try:
        await actions.ask(_form(parameters), context(request), token=kept)
    except (SignUpRefused, Forbidden) as refused:
        await kept.delete()
        if isinstance(refused, SignUpRefused):
            return _refusal(refused)
        raise
    return Json(token_entity(Given(token, tuple(scopes), context(request).now())), headers=NEVER_KEPT)


async def write_again(request: Request) -> Json[Nothing]:
    """POST /api/v1/emails/confirmations -> {}: another letter, to `email` where that is given.

    Raises:
        Unauthorised: there is no token.
        Forbidden: the address is confirmed.
    """
    own = await own_token_of(request)
    row = await SignUp.get_or_none(token_id=own.id) if own is not None else None
    if row is None or row.confirmed_at is not None:
        if row is None and await authenticate(request) is None:
            raise Unauthorised(NOT_LOGGED_IN, challenge(request))
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation.")
    await actions.write_again(row, (await read(request)).text("email"), context(request))
    return Json({})


async def _own_token(request: Request) -> AccessToken:
    own = await own_token_of(request)
    if own is None and await authenticate(request) is None:
        raise Unauthorised(NOT_LOGGED_IN, challenge(request))
    scopes = own.scopes.split() if own is not None else request.state.grant.scopes
    if not covers(scopes, WANTED):
        raise Forbidden(OUTSIDE_SCOPES, {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{WANTED}"'})
    if own is None or own.application is None:
        raise Forbidden("An account is made with a token of the application itself.")
    return own


def _form(parameters: Parameters) -> SignUpForm:
    form = SignUpForm(
        username=parameters.text("username"),
        email=parameters.text("email"),
        password=parameters.text("password"),
        agrees=parameters.flag("agreement"),
        reason=parameters.text("reason"),
        invitation=parameters.text("invite_code"),
    )
    return actions.in_language(form, parameters.text("locale"))


def _refusal(refused: SignUpRefused) -> Json[Any]:
    """Say what will not do, each thing by itself, as clients show it beside their fields."""
    problems = refused.problems
    details = {name: [{"error": word, "description": sentence}] for name, (word, sentence) in problems.items()}
    whole = ", ".join(f"{_NAMES.get(name, name)}: {sentence}" for name, (_, sentence) in problems.items())
    return Json({"error": f"Validation failed: {whole}", "details": details}, refused.status)
