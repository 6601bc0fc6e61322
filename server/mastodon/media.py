"""Media: bring a picture, look at it, describe it, take it back.   Source: docs.joinmastodon.org/methods/media

A picture is ready when the answer comes; a film may take longer, and is asked for again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from models.actor import Actor
from models.media import Media, MediaState
from models.post import Post
from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.media import MediaAttachment, own_attachment
from server.mastodon.parameters import MAX_PAIRS, Parameters, as_id, nest, path_id, read
from server.media import actions, developing, queries
from server.media.actions import Point
from server.media.store import MediaStore
from server.uploads import is_multipart, opened

MOST_FILES = 2  # the picture, and a thumbnail that some clients send along

_FOCUS = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{0,20})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{0,20})?)\s*")


async def upload(request: Request) -> Json[MediaAttachment]:
    """POST /api/v2/media -> MediaAttachment: file, thumbnail, description, focus; 202 for a film that takes longer."""
    return await _upload(request)


async def upload_v1(request: Request) -> Json[MediaAttachment]:
    """POST /api/v1/media -> MediaAttachment: as the newer one, but a film is ready when the answer comes."""
    return await _upload(request, waits=True)


async def _upload(request: Request, *, waits: bool = False) -> Json[MediaAttachment]:
    store: MediaStore = request.app.state.media
    if not is_multipart(request):
        raise Invalid("Send the picture as file of a multipart form.")
    async with opened(request, most_bytes=store.most_bytes, most_files=MOST_FILES, most_fields=MAX_PAIRS) as form:
        parameters = Parameters(nest(form.pairs))
        if (file := form.files.get("file")) is None:
            raise Invalid("Send the picture as file of a multipart form.")
        about = _about(parameters)
        actions.describe(Media(), *about)
        thumbnail = form.files.get("thumbnail")
        ctx = context(request)
        media = (
            await developing.take_film(me(request), file, store, ctx, thumbnail=thumbnail, waits=waits)
            if file.is_film
            else await actions.take(me(request), file, store, ctx, may_loop=True)
        )
    await actions.keep_words([actions.describe(media, *about)])
    return _answer(request, media, while_making=202)


async def show(request: Request) -> Json[MediaAttachment]:
    """GET /api/v1/media/{id} -> MediaAttachment, one's own that no status shows yet; 206 while it is not ready."""
    return _answer(request, await queries.waiting(me(request), path_id(request)), while_making=206)


async def change(request: Request) -> Json[MediaAttachment]:
    """PUT /api/v1/media/{id} -> MediaAttachment: description, focus, thumbnail; one's own that no status shows yet."""
    store: MediaStore = request.app.state.media
    media = await queries.waiting(me(request), path_id(request))
    if not is_multipart(request):
        parameters = await read(request)
    else:
        async with opened(request, most_bytes=store.max_bytes, most_files=1, most_fields=MAX_PAIRS) as form:
            parameters = Parameters(nest(form.pairs))
            if (thumbnail := form.files.get("thumbnail")) is not None:
                await developing.set_thumbnail(media, thumbnail, store)
    await actions.keep_words([actions.describe(media, *_about(parameters))])
    return _answer(request, await queries.waiting(me(request), media.id), while_making=206)


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


def _answer(request: Request, media: Media, *, while_making: int) -> Json[MediaAttachment]:
    """Answer a file of one's own.

    Raises:
        Invalid: it will never be ready.
    """
    if developing.is_given_up(media, context(request)):
        raise Invalid("This film cannot be made ready. Bring it again, or another.")
    status = 200 if media.state is MediaState.READY else while_making
    return Json(own_attachment(media, context(request).names), status)
