"""A member's own profile, as they typed it.   Source: docs.joinmastodon.org/methods/profile; /entities/Profile"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.actor import Actor
from server.follows.queries import waiting_count
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me
from server.mastodon.credentials import changes_of
from server.mastodon.entities.account import credential_account, profile
from server.mastodon.parameters import read
from server.members import profiles
from server.members.queries import new_home
from server.oauth.scopes import requires
from server.tags import featured


@requires("read:accounts", "profile")
async def show(request: Request) -> Response:
    """GET /api/v1/profile -> Profile."""
    return await _answer(request, me(request))


@requires("write:accounts")
async def change(request: Request) -> Response:
    """PATCH /api/v1/profile -> Profile, and PUT; what is not sent stays as it was."""
    await profiles.edit(me(request), changes_of(await read(request)), context(request))
    return await _answer(request, me(request))


@requires("write:accounts")
async def delete_avatar(request: Request) -> Response:
    """DELETE /api/v1/profile/avatar -> CredentialAccount."""
    return await _without(request, "icon_url")


@requires("write:accounts")
async def delete_header(request: Request) -> Response:
    """DELETE /api/v1/profile/header -> CredentialAccount."""
    return await _without(request, "image_url")


async def _without(request: Request, column: profiles.PictureColumn) -> Response:
    actor, ctx = me(request), context(request)
    await profiles.remove_picture(actor, column, ctx)
    waiting, moved = await waiting_count(actor), await new_home(actor)
    return Json(credential_account(actor, login(request), ctx.names, follow_requests=waiting, moved=moved))


async def _answer(request: Request, actor: Actor) -> Response:
    return Json(profile(actor, context(request).names, await featured.of(actor)))


ROUTES = [
    Route("/v1/profile", show),
    Route("/v1/profile", change, methods=["PATCH", "PUT"]),
    Route("/v1/profile/avatar", delete_avatar, methods=["DELETE"]),
    Route("/v1/profile/header", delete_header, methods=["DELETE"]),
]
