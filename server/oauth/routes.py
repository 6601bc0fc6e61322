"""The doors of OAuth: registering a program."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.oauth import Application
from server.mastodon.answers import Json
from server.mastodon.parameters import read
from server.oauth import apps
from server.push.identity import key, public_text
from server.throttle import throttled


@throttled("apps", burst=20, every_seconds=30)
async def create_app(request: Request) -> Response:
    """POST /api/v1/apps -> CredentialApplication.   Source: docs.joinmastodon.org/methods/apps"""
    parameters = await read(request)
    addresses = [line for text in parameters.texts("redirect_uris") for line in text.splitlines() if line.strip()]
    application, secret = await apps.register(
        parameters.text("client_name"),
        addresses,
        scopes=" ".join(parameters.texts("scopes")),
        website=parameters.text("website"),
    )
    return Json(_entity(application, secret, public_text(await key())))


def _entity(application: Application, secret: str, push_key: str) -> dict[str, object]:
    addresses = application.redirect_uris.split("\n")
    return {
        "id": str(application.id),
        "name": application.name,
        "website": application.website,
        "scopes": application.scopes.split(),
        "redirect_uris": addresses,
        "redirect_uri": application.redirect_uris,
        "client_id": application.client_id,
        "client_secret": secret,
        "client_secret_expires_at": 0,
        "vapid_key": push_key,
    }


ROUTES = [Route("/api/v1/apps", create_app, methods=["POST"]), Route("/api/v1/apps/", create_app, methods=["POST"])]
