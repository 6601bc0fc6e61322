"""A member's own profile, changed by their client.   Source: docs.joinmastodon.org/methods/accounts#update_credentials"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from server.errors import Invalid
from server.follows.queries import waiting_count
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me
from server.mastodon.entities.account import PRIVACY_OF, CredentialAccount, credential_account
from server.mastodon.parameters import MAX_PAIRS, Parameters, nest, read
from server.media.actions import Upload
from server.media.store import MediaStore
from server.members import pictures, profiles
from server.members.preferences import Preferences, prefer
from server.members.profiles import ProfileChanges
from server.members.queries import new_home
from server.sections.roles import held_by
from server.uploads import is_multipart, opened

MAX_LANGUAGE_CHARACTERS = 16
PICTURES: Mapping[str, pictures.Column] = {"avatar": "icon_url", "header": "image_url"}
VISIBILITY_OF_PRIVACY = {word: visibility for visibility, word in PRIVACY_OF.items()}


async def update(request: Request) -> Json[CredentialAccount]:
    """PATCH /api/v1/accounts/update_credentials -> CredentialAccount; avatar and header are files of a multipart form."""
    if not is_multipart(request):
        return await _update(request, await read(request), {})
    store: MediaStore = request.app.state.media
    async with opened(request, most_bytes=store.max_bytes, most_files=len(PICTURES), most_fields=MAX_PAIRS) as form:
        return await _update(request, Parameters(nest(form.pairs)), form.files)


async def _update(request: Request, parameters: Parameters, files: Mapping[str, Upload]) -> Json[CredentialAccount]:
    actor, member, ctx = me(request), login(request), context(request)
    changes, wishes = changes_of(parameters), _preferences(parameters)
    for name, column in PICTURES.items():
        if (file := files.get(name)) is not None:
            await pictures.put(actor, column, file, request.app.state.media, ctx)
    await profiles.edit(actor, changes, ctx)
    await prefer(member, wishes)
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
        is_automatic=flag("bot"),
    )


def _fields(value: Any) -> list[tuple[str, str]] | None:
    """Read `fields_attributes`: [{"name": …, "value": …}, …], or the same under "0", "1", …."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return None
    items = [Parameters(item) for item in value if isinstance(item, Mapping)]
    return [(item.text("name"), item.text("value")) for item in items]


def _preferences(parameters: Parameters) -> Preferences:
    """Read what a member chooses for new posts; what is not sent stays as it is.

    Raises:
        Invalid: a language or a privacy that is none.
    """
    source = parameters.values.get("source")
    sent = Parameters(source if isinstance(source, Mapping) else {})
    language, privacy = sent.text("language").strip(), sent.text("privacy")
    if len(language) > MAX_LANGUAGE_CHARACTERS or (not language.replace("-", "a").isalnum() and language):
        raise Invalid("There is no such language.")
    if privacy and privacy not in VISIBILITY_OF_PRIVACY:
        raise Invalid("privacy must be public, unlisted or private.")
    return Preferences(
        language=language or None,
        posts_as=VISIBILITY_OF_PRIVACY.get(privacy),
        marks_sensitive=sent.flag("sensitive") if sent.has("sensitive") else None,
    )
