"""The doors of OAuth for programs: exchanging codes, ending tokens, and what there is.   Source: RFC 6749; RFC 8414"""

from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.naming import Names
from server.mastodon.answers import Json
from server.mastodon.parameters import Parameters, read
from server.oauth import exchange, scopes
from server.oauth.exchange import Client, Given, Refused
from server.throttle import throttled


class Token(TypedDict):
    """A token, as it is told once."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


@throttled("oauth token", burst=60, every_seconds=2)
async def token(request: Request) -> Response:
    """POST /oauth/token -> Token, for a code or for the program itself.   Source: docs.joinmastodon.org/methods/oauth"""
    parameters = await read(request)
    try:
        client = await _client(request, parameters)
        match parameters.text("grant_type"):
            case "authorization_code":
                given = await exchange.for_code(
                    client,
                    parameters.text("code"),
                    parameters.text("redirect_uri"),
                    parameters.text("code_verifier"),
                    request.app.state.context,
                )
            case "client_credentials":
                given = await exchange.for_itself(client, parameters.text("scope"), request.app.state.context)
            case _:
                raise Refused("unsupported_grant_type", "Use the grant authorization_code or client_credentials.")
    except Refused as refused:
        return _refusal(refused)
    return Json(token_entity(given), headers=NEVER_KEPT)


@throttled("oauth revoke", burst=60, every_seconds=2)
async def revoke(request: Request) -> Response:
    """POST /oauth/revoke -> {}; a token that is unknown is as good as revoked.   Source: RFC 7009 §2.2"""
    parameters = await read(request)
    client_id = parameters.text("client_id") or exchange.basic_of(request.headers.get("authorization", ""))[0]
    try:
        await exchange.end(parameters.text("token"), client_id)
    except Refused as refused:
        return _refusal(refused)
    return Json({}, headers=NEVER_KEPT)


async def metadata(request: Request) -> Response:
    """GET /.well-known/oauth-authorization-server.   Source: RFC 8414 §3"""
    names: Names = request.app.state.context.names
    return Json(
        {
            "issuer": f"{names.origin}/",
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": f"{names.origin}/oauth/authorize",
            "token_endpoint": f"{names.origin}/oauth/token",
            "revocation_endpoint": f"{names.origin}/oauth/revoke",
            "app_registration_endpoint": f"{names.origin}/api/v1/apps",
            "scopes_supported": sorted(scopes.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
        },
        headers={"Cache-Control": "public, max-age=3600"},
    )


async def _client(request: Request, parameters: Parameters) -> Client:
    client_id, secret = exchange.basic_of(request.headers.get("authorization", ""))
    return await exchange.client_of(
        client_id or parameters.text("client_id"), secret or parameters.text("client_secret")
    )


def token_entity(given: Given) -> Token:
    """Write a Token."""
    return {
        "access_token": given.token,
        "token_type": "Bearer",
        "scope": " ".join(given.scopes),
        "created_at": int(given.at.timestamp()),
    }


def _refusal(refused: Refused) -> Response:
    said = {"error": refused.code, "error_description": refused.message}
    return Json(said, refused.status, NEVER_KEPT | refused.headers)


NEVER_KEPT = {"Cache-Control": "no-store"}

ROUTES = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/oauth/revoke", revoke, methods=["POST"]),
    Route("/.well-known/oauth-authorization-server", metadata),
]
