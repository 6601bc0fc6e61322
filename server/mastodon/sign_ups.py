"""Making an account from an application, which holds a token of its own.

Source: docs.joinmastodon.org/methods/accounts#create, /methods/emails#confirmation
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.oauth import AccessToken, token_hash
from models.sign_up import SignUp
from server.errors import Forbidden, Unauthorised
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.parameters import Parameters, read
from server.oauth.exchange import Given
from server.oauth.routes import NEVER_KEPT, token_entity
from server.oauth.scopes import covers
from server.oauth.tokens import authenticate, create_token, own_token_of
from server.sign_up import actions
from server.sign_up.form import SignUpForm, SignUpRefused, seldom

WANTED = "write:accounts"
_NAMES = {
    "username": "Username",
    "email": "Email",
    "password": "Password",
    "agreement": "Agreement",
    "reason": "Reason",
}


@seldom
async def create(request: Request) -> Response:
    """POST /api/v1/accounts -> Token, which is good once the address is confirmed. For a program's own token.

    Raises:
        Unauthorised: there is none.
        Forbidden: it is for other things, or nobody may make an account here.
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


@seldom
async def write_again(request: Request) -> Response:
    """POST /api/v1/emails/confirmations -> {}: another letter, to `email` where that is given.

    Raises:
        Unauthorised: there is no token.
        Forbidden: the address is confirmed.
    """
    own = await own_token_of(request)
    row = await SignUp.get_or_none(token_id=own.id) if own is not None else None
    if row is None or row.confirmed_at is not None:
        if row is None and await authenticate(request) is None:
            raise Unauthorised("This needs a valid access token.", {"WWW-Authenticate": 'Bearer realm="client API"'})
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation.")
    await actions.write_again(row, (await read(request)).text("email"), context(request))
    return Json({})


async def _own_token(request: Request) -> AccessToken:
    own = await own_token_of(request)
    if own is None or own.application is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="client API"'}
        raise Unauthorised("This needs an access token of an application.", challenge)
    if not covers(own.scopes.split(), WANTED):
        raise Forbidden(f"This access token does not allow {WANTED}.")
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


def _refusal(refused: SignUpRefused) -> Response:
    """Say what will not do, each thing by itself, as clients show it beside their fields."""
    problems = refused.problems
    details = {name: [{"error": word, "description": sentence}] for name, (word, sentence) in problems.items()}
    whole = ", ".join(f"{_NAMES.get(name, name)}: {sentence}" for name, (_, sentence) in problems.items())
    return Json({"error": f"Validation failed: {whole}", "details": details}, refused.status)


ROUTES = [
    Route("/v1/accounts", create, methods=["POST"]),
    Route("/v1/emails/confirmations", write_again, methods=["POST"]),
]
