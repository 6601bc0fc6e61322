"""A member's own profile, as they typed it.   Source: docs.joinmastodon.org/methods/profile; /entities/Profile"""

from starlette.requests import Request

from models.actor import Actor
from server.follows.queries import waiting_count
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me
from server.mastodon.credentials import changes_of
from server.mastodon.entities.account import CredentialAccount, Profile, credential_account, profile
from server.mastodon.parameters import read
from server.members import pictures, profiles
from server.members.queries import new_home
from server.sections.roles import held_by
from server.tags import featured


async def show(request: Request) -> Json[Profile]:
    """GET /api/v1/profile -> Profile."""
    return await _answer(request, me(request))


async def change(request: Request) -> Json[Profile]:
    """PATCH /api/v1/profile -> Profile, and PUT; what is not sent stays as it was."""
    await profiles.edit(me(request), changes_of(await read(request)), context(request))
    return await _answer(request, me(request))


async def delete_avatar(request: Request) -> Json[CredentialAccount]:
    """DELETE /api/v1/profile/avatar -> CredentialAccount."""
    return await _without(request, "icon_url")


async def delete_header(request: Request) -> Json[CredentialAccount]:
    """DELETE /api/v1/profile/header -> CredentialAccount."""
    return await _without(request, "image_url")


async def _without(request: Request, column: pictures.Column) -> Json[CredentialAccount]:
    actor, ctx = me(request), context(request)
    await pictures.remove(actor, column, ctx)
    waiting, moved = await waiting_count(actor), await new_home(actor)
    held = await held_by(actor)
    return Json(credential_account(actor, login(request), ctx.names, follow_requests=waiting, held=held, moved=moved))


async def _answer(request: Request, actor: Actor) -> Json[Profile]:
    return Json(profile(actor, context(request).names, await featured.of(actor)))
