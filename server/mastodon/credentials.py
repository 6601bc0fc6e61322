"""A member's own profile, changed by their client.   Source: docs.joinmastodon.org/methods/accounts#update_credentials"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from server.errors import Invalid
from server.follows.queries import waiting_count
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me
from server.mastodon.entities.account import CredentialAccount, credential_account
from server.mastodon.parameters import Parameters, read
from server.members import profiles
from server.members.profiles import ProfileChanges
from server.members.queries import new_home
from server.sections.roles import held_by

MAX_LANGUAGE_CHARACTERS = 16


async def update(request: Request) -> Json[CredentialAccount]:
    """PATCH /api/v1/accounts/update_credentials -> CredentialAccount. Pictures are not taken yet by this endpoint."""
    parameters, actor, member, ctx = await read(request), me(request), login(request), context(request)
    await profiles.edit(actor, changes_of(parameters), ctx)
    if language := _language(parameters):
        member.language = language
        await member.save(update_fields=["language"])
    waiting = await waiting_count(actor)
    held, moved = await held_by(actor), await new_home(actor)
    return Json(credential_account(actor, member, ctx.names, follow_requests=waiting, held=held, moved=moved))


def changes_of(parameters: Parameters) -> ProfileChanges:
    """Read what is to change; what was not sent stays as it is."""

    def text(name: str) -> str | None:
        return parameters.text(name) if name in parameters.values else None

    def flag(name: str) -> bool | None:
        return parameters.flag(name) if parameters.has(name) else None

    return ProfileChanges(
        display_name=text("display_name"),
        note=text("note"),
        fields=_fields(parameters.values.get("fields_attributes")),
        approves_followers=flag("locked"),
        is_discoverable=flag("discoverable"),
        is_indexable=flag("indexable"),
    )


def _fields(value: Any) -> list[tuple[str, str]] | None:
    """Read `fields_attributes`: [{"name": …, "value": …}, …], or the same under "0", "1", …."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return None
    items = [Parameters(item) for item in value if isinstance(item, Mapping)]
    return [(item.text("name"), item.text("value")) for item in items]


def _language(parameters: Parameters) -> str:
    """Read the language that a member posts in.

    Raises:
        Invalid: it is none.
    """
    source = parameters.values.get("source")
    language = Parameters(source).text("language").strip() if isinstance(source, Mapping) else ""
    if len(language) > MAX_LANGUAGE_CHARACTERS or (not language.replace("-", "a").isalnum() and language):
        raise Invalid("There is no such language.")
    return language
