"""Registering a program, for the client API."""

from typing import TypedDict

from starlette.requests import Request

from models.oauth import Application
from server.mastodon.answers import Json
from server.mastodon.entities.kinds import Id, Url
from server.mastodon.parameters import read
from server.oauth import apps
from server.push.identity import key, public_text


class CredentialApplication(TypedDict):
    """A program, as it is told once."""

    id: Id
    name: str
    website: Url | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    client_id: str
    client_secret: str
    client_secret_expires_at: int
    vapid_key: str


async def create_app(request: Request) -> Json[CredentialApplication]:
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


def _entity(application: Application, secret: str, push_key: str) -> CredentialApplication:
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
