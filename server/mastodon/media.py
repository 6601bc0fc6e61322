"""Media: bring a picture, look at it, describe it, take it back.   Source: docs.joinmastodon.org/methods/media

A picture is ready when the answer comes, so no client has to ask again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from models.actor import Actor
from models.media import Media
from models.post import Post
from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.media import MediaAttachment, media_attachment
from server.mastodon.parameters import MAX_PAIRS, Parameters, as_id, nest, path_id, read
from server.media import actions, queries
from server.media.actions import Point
from server.media.queries import as_attachment
from server.media.store import MediaStore
from server.uploads import is_multipart, opened

MOST_FILES = 2  # the picture, and a thumbnail that some clients send along

_FOCUS = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{0,20})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{0,20})?)\s*")


async def upload(request: Request) -> Json[MediaAttachment]:
    """POST /api/v2/media -> MediaAttachment: file, description, focus."""
    return await _upload(request)


async def upload_v1(request: Request) -> Json[MediaAttachment]:
    """POST /api/v1/media -> MediaAttachment: as the newer one."""
    return await _upload(request)


async def _upload(request: Request) -> Json[MediaAttachment]:
    store: MediaStore = request.app.state.media
    if not is_multipart(request):
        raise Invalid("Send the picture as file of a multipart form.")
    async with opened(request, most_bytes=store.max_bytes, most_files=MOST_FILES, most_fields=MAX_PAIRS) as form:
        parameters = Parameters(nest(form.pairs))
        if (file := form.files.get("file")) is None:
            raise Invalid("Send the picture as file of a multipart form.")
        about = _about(parameters)
        actions.describe(Media(), *about)
        media = await actions.take(me(request), file, store, context(request))
    await actions.keep_words([actions.describe(media, *about)])
    return _answer(media)


async def show(request: Request) -> Json[MediaAttachment]:
    """GET /api/v1/media/{id} -> MediaAttachment, one's own that no status shows yet."""
    return _answer(await queries.waiting(me(request), path_id(request)))


async def change(request: Request) -> Json[MediaAttachment]:
    """PUT /api/v1/media/{id} -> MediaAttachment: description, focus; one's own that no status shows yet."""
    parameters = await read(request)
    media = await queries.waiting(me(request), path_id(request))
    await actions.keep_words([actions.describe(media, *_about(parameters))])
    return _answer(media)


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/media/{id} -> {}, one's own that no status shows."""
    await actions.drop(await queries.waiting(me(request), path_id(request)), context(request))
    return Json({})


async def read_media(parameters: Parameters, author: Actor, post: Post | None = None) -> Sequence[Media] | None:
    """Read the pictures of a status and what is said of them; None where nothing is. `post` is what is edited.

    Raises:
        Invalid: there is no such picture, or what is said of it will not do.
    """
    said, are_named = parameters.values.get("media_attributes"), parameters.values.get("media_ids") is not None
    if not are_named and not said:
        return None
    if are_named:
        ids = parameters.ids("media_ids")
        found = await queries.own(author, ids)
        if len(found) < len(ids):
            raise Invalid("There is no such picture: bring it again.")
    else:
        found = await queries.shown_by(post) if post is not None else []
    by_id = {media.id: media for media in found}
    for item in list(said.values()) if isinstance(said, Mapping) else said if isinstance(said, list) else []:
        about = Parameters(item if isinstance(item, Mapping) else {})
        if (media := by_id.get(as_id(about.text("id")) or 0)) is not None:
            actions.describe(media, *_about(about))
    return found


def _about(parameters: Parameters) -> tuple[str | None, Point | None]:
    """Read what is said of a picture; what was not sent stays as it is."""
    description = parameters.text("description") if "description" in parameters.values else None
    return description, _focus(parameters.values.get("focus"))


def _focus(value: Any) -> Point | None:
    """Read the point that matters most: "x,y".

    Raises:
        Invalid: it is none.
    """
    if value in (None, ""):
        return None
    match = _FOCUS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Invalid("focus must be two numbers from -1 to 1: x,y.")
    x, y = (min(max(float(number), -1.0), 1.0) for number in match.groups())
    return x, y


def _answer(media: Media) -> Json[MediaAttachment]:
    return Json(media_attachment(as_attachment(media), is_local=True))
