"""Giving out the files of pictures.

Whoever knows the address of one is given it, also of a post that is not for everybody: other servers show it to those for
whom the post is, and their browsers ask without saying who they are. The address cannot be guessed, and is told only where
the post is.   Source: Mastodon does the same.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from models.media import SMALL_SUFFIX, Media
from server.errors import NotFound
from server.media.store import MEDIA_TYPES, MediaStore

FOR_EVERYBODY = "public, max-age=31536000, immutable"
FOR_ONE_BROWSER = "private, max-age=86400"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


async def show(request: Request) -> Response:
    """GET /media/{name}: a picture, or its small version.

    Raises:
        NotFound: there is none of this name, or no post shows it any more.
    """
    name: str = request.path_params["name"]
    store: MediaStore = request.app.state.media
    context = request.app.state.context
    path = store.path_of(name)
    media = await _of_name(context.names.media(name)) if path is not None else None
    is_over = media is None or (media.post_id is None and media.expires_at <= context.now())
    if path is None or media is None or is_over or not await asyncio.to_thread(path.is_file):
        raise NotFound("There is no such picture.")
    is_open = media.post is not None and media.post.is_open
    caching = FOR_EVERYBODY if is_open else FOR_ONE_BROWSER
    headers = HEADERS | {"Cache-Control": caching}
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix[1:]], headers=headers)


async def _of_name(url: str) -> Media | None:
    key = url.removesuffix(SMALL_SUFFIX)
    found = Media.filter(url=url) if key == url else Media.filter(url__in=[f"{key}.{suffix}" for suffix in MEDIA_TYPES])
    rows = await found.filter(is_leaving=False).select_related("post")
    return max(rows, key=lambda row: (row.post is not None, row.expires_at), default=None)


ROUTES: list[BaseRoute] = [Route("/media/{name}", show)]
