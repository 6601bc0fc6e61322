"""Giving out files: those that members brought, and copies of pictures and films of other servers.

Whoever knows the address of one is given it, also of a post that is not for everybody: other servers show it to those for
whom the post is, and their browsers ask without saying who they are. The address cannot be guessed, and is told only where
the post is.   Source: Mastodon does the same.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from models.media import SMALL_SUFFIX, STAYS_UNTIL, Media, MediaState
from server.errors import NotFound
from server.media.addresses import COPIES, FILM_COPIES, SMALL, read_address
from server.media.copies import Copies
from server.media.film_copies import FilmCopies
from server.media.names import MEDIA_TYPES, PICTURE_TYPES, is_name, small_name
from server.media.store import MediaStore

FOR_EVERYBODY = "public, max-age=31536000, immutable"
FOR_ONE_BROWSER = "private, max-age=86400"
NOT_KEPT = "private, no-cache"  # what no post shows yet may still get another small picture
A_WEEK = "private, max-age=604800"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


async def show(request: Request) -> Response:
    """GET /media/{name}: a file of a member, or its small version.

    Raises:
        NotFound: there is none of this name, or no post shows it any more.
        Unavailable: it cannot be read now.
    """
    name: str = request.path_params["name"]
    store: MediaStore = request.app.state.media
    context = request.app.state.context
    media = await _of_name(context.names.media(name)) if is_name(name) else None
    if media is None or media.is_withdrawn or (_is_unseen(media) and media.expires_at <= context.now()):
        raise NotFound("There is no such picture.")
    is_open = media.post is not None and media.post.is_open
    caching = FOR_EVERYBODY if is_open else NOT_KEPT if _is_unseen(media) else FOR_ONE_BROWSER
    answer = await store.give(name, request, _headers(name, caching))
    if answer is None:
        raise NotFound("There is no such picture.")
    return answer


def _is_unseen(media: Media) -> bool:
    return media.post_id is None and media.scheduled_id is None and media.expires_at < STAYS_UNTIL


async def _of_name(url: str) -> Media | None:
    key = url.removesuffix(SMALL_SUFFIX)
    found = Media.filter(url=url) if key == url else Media.filter(url__in=[f"{key}.{suffix}" for suffix in MEDIA_TYPES])
    rows = await found.filter(is_leaving=False, state=MediaState.READY).select_related("post")
    return max(rows, key=lambda row: (row.post is not None and not row.is_withdrawn, row.expires_at), default=None)


async def show_copy(request: Request) -> Response:
    """GET /media/copies/{seal}/{spelled}: a picture of another server; below it, its small version.

    Raises:
        NotFound: we never gave out this address, or there is no picture to be had.
        Unavailable: it cannot be fetched or read now.
    """
    url = read_address(request.path_params["seal"], request.path_params["spelled"])
    if url is None:
        raise NotFound("There is no such picture.")
    copies: Copies = request.app.state.copies
    row = await copies.find(url, request.app.state.context)
    name = small_name(row.name) if request.scope["path"].endswith(SMALL) else row.name
    answer = await copies.store.give(name, request, _headers(name, A_WEEK))
    if answer is None:
        await copies.lost(row)
        raise NotFound("This picture was lost. Ask again in a moment.")
    return answer


async def show_film_copy(request: Request) -> Response:
    """GET /media/films/{seal}/{spelled}: a film or sound of another server; below it, a picture out of it.

    Raises:
        NotFound: we never gave out this address, or there is no film to be had.
        Unavailable: it cannot be fetched or read now.
    """
    url = read_address(request.path_params["seal"], request.path_params["spelled"], "film")
    if url is None:
        raise NotFound("There is no such film.")
    copies: FilmCopies = request.app.state.film_copies
    is_small = request.scope["path"].endswith(SMALL)
    row = await (copies.find_small(url) if is_small else copies.find(url, request.app.state.context))
    name = small_name(row.name) if is_small else row.name
    answer = await copies.store.give(name, request, _headers(name, A_WEEK))
    if answer is None:
        await copies.lost(row)
        raise NotFound("This film was lost. Ask again in a moment.")
    return answer


def _headers(name: str, caching: str) -> dict[str, str]:
    """Say how a file is to be taken; what is no picture is not shown by itself, and plays in the pages of others."""
    said = HEADERS | {"Cache-Control": caching}
    is_picture = name.rpartition(".")[2] in PICTURE_TYPES
    return said if is_picture else said | {"Content-Disposition": f'attachment; filename="{name}"'}


ROUTES: list[BaseRoute] = [
    Route(f"{COPIES}/{{seal}}/{{spelled}}", show_copy),
    Route(f"{COPIES}/{{seal}}/{{spelled}}{SMALL}", show_copy),
    Route(f"{FILM_COPIES}/{{seal}}/{{spelled}}", show_film_copy),
    Route(f"{FILM_COPIES}/{{seal}}/{{spelled}}{SMALL}", show_film_copy),
    Route("/media/{name}", show),
]
