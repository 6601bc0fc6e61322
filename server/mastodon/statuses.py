"""Statuses: publish, show, change, delete, like, boost.   Source: docs.joinmastodon.org/methods/statuses"""

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.actor import Actor
from models.post import Post, Visibility
from models.reaction import Announce
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me, viewer
from server.mastodon.entities.status import WORD_OF, deleted_status, status
from server.mastodon.idempotency import once
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.polls import read_poll
from server.mastodon.quotes import read_quote_policy
from server.oauth.scopes import optional, requires
from server.posts import actions, queries
from server.posts.actions import Draft
from server.posts.queries import PostView

VISIBILITY_OF = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
# Leaving these out in silence would publish something else than what was written, or at another time.
NOT_TAKEN = ("media_ids", "scheduled_at")

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


@requires("write:statuses")
async def create(request: Request) -> Response:
    """POST /api/v1/statuses -> Status; an Idempotency-Key header makes asking twice publish once."""
    draft = await _draft(request, await read(request))
    post = await once(request, partial(actions.publish, me(request), draft, context(request)))
    return await _answer(request, post.id)


async def _draft(request: Request, parameters: Parameters) -> Draft:
    _refuse_what_is_not_taken(parameters)
    parent = None
    if (parent_id := parameters.id("in_reply_to_id")) is not None:
        parent = (await find_view(parent_id, me(request))).post
    quoted = None
    if (quoted_id := parameters.id("quoted_status_id")) is not None:
        quoted = (await find_view(quoted_id, me(request))).post
    return Draft(
        text=parameters.text("status"),
        visibility=_visibility(parameters, parent),
        content_warning=parameters.text("spoiler_text"),
        is_sensitive=parameters.flag("sensitive"),
        language=_language(parameters, login(request).language),
        in_reply_to=parent,
        poll=read_poll(parameters),
        quoted=quoted,
        quote_policy=read_quote_policy(parameters),
    )


def _refuse_what_is_not_taken(parameters: Parameters) -> None:
    for name in NOT_TAKEN:
        if parameters.has(name):
            raise Invalid(f"This server does not take {name}.")


def _visibility(parameters: Parameters, parent: Post | None) -> Visibility:
    """Read who may see a post; without a word, whoever may see what it answers."""
    word = parameters.text("visibility") or (WORD_OF[parent.visibility] if parent else "public")
    if word not in VISIBILITY_OF:
        raise Invalid("visibility must be public, unlisted, private or direct.")
    return VISIBILITY_OF[word]


def _language(parameters: Parameters, default: str | None) -> str | None:
    text = parameters.text("language").strip()
    return text if _LANGUAGE.fullmatch(text) else default


@optional("read:statuses")
async def show(request: Request) -> Response:
    """GET /api/v1/statuses/{id} -> Status."""
    view = await find_view(path_id(request), viewer(request))
    return Json(status(view, context(request).names, viewer(request)))


@optional("read:statuses")
async def thread(request: Request) -> Response:
    """GET /api/v1/statuses/{id}/context -> Context."""
    asking, names = viewer(request), context(request).names
    post = (await find_view(path_id(request), asking)).post
    above = await queries.ancestors(post, asking)
    below = await queries.descendants(post, asking)
    return Json(
        {
            "ancestors": [status(view, names, asking) for view in above],
            "descendants": [status(view, names, asking) for view in below],
        }
    )


@requires("write:statuses")
async def edit(request: Request) -> Response:
    """PUT /api/v1/statuses/{id} -> Status; what is not sent stays as it was."""
    parameters = await read(request)
    _refuse_what_is_not_taken(parameters)
    post = (await find_view(path_id(request), me(request))).post
    draft = Draft(
        text=parameters.text("status", post.source_text or ""),
        visibility=post.visibility,
        content_warning=parameters.text("spoiler_text", post.content_warning),
        is_sensitive=parameters.flag("sensitive", post.is_sensitive),
        language=_language(parameters, post.language),
        poll=read_poll(parameters),
        quote_policy=read_quote_policy(parameters),
    )
    await actions.edit(me(request), post, draft, context(request))
    return await _answer(request, post.id)


@requires("write:statuses")
async def delete(request: Request) -> Response:
    """DELETE /api/v1/statuses/{id} -> Status with `text`; of one's own boost: it is taken back."""
    actor, ctx = me(request), context(request)
    view = await find_view(path_id(request), actor)
    if view.announce is not None and view.announce.actor_id == actor.id:
        await actions.unannounce(actor, view.post, ctx)
    else:
        await actions.delete(actor, view.post, ctx)
    return Json(deleted_status(view, ctx.names, actor))


@requires("write:favourites")
async def favourite(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/favourite -> Status."""
    view = await find_view(path_id(request), me(request))
    await actions.like(me(request), view.post, context(request))
    return await _answer(request, view.post.id)


@requires("write:favourites")
async def unfavourite(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/unfavourite -> Status."""
    view = await find_view(path_id(request), me(request))
    await actions.unlike(me(request), view.post, context(request))
    return await _answer(request, view.post.id)


@requires("write:statuses")
async def reblog(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/reblog -> Status around the one that is boosted."""
    view = await find_view(path_id(request), me(request))
    announce = await actions.announce(me(request), view.post, context(request))
    return await _answer(request, announce.id)


@requires("write:statuses")
async def unreblog(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/unreblog -> Status, the boosted one."""
    view = await find_view(path_id(request), me(request))
    await actions.unannounce(me(request), view.post, context(request))
    return await _answer(request, view.post.id)


async def find_view(id_: int, asking: Actor | None) -> PostView:
    """Find what a status id stands for: a post, or a boost, which is a post that somebody shows.

    Raises:
        NotFound: nothing, or nothing that `asking` may read.
    """
    view = await queries.one(id_, asking)
    if view is None and (announce := await Announce.get_or_none(id=id_).select_related("actor")) is not None:
        view = await queries.one(announce.post_id, asking)
        if view is not None:
            view.announce = announce
    if view is None:
        raise NotFound("This status does not exist, or is not for you.")
    return view


async def _answer(request: Request, id_: int) -> Response:
    view = await find_view(id_, me(request))
    return Json(status(view, context(request).names, me(request)))


ROUTES = [
    Route("/v1/statuses", create, methods=["POST"]),
    Route("/v1/statuses/{id}", show),
    Route("/v1/statuses/{id}", edit, methods=["PUT"]),
    Route("/v1/statuses/{id}", delete, methods=["DELETE"]),
    Route("/v1/statuses/{id}/context", thread),
    Route("/v1/statuses/{id}/favourite", favourite, methods=["POST"]),
    Route("/v1/statuses/{id}/unfavourite", unfavourite, methods=["POST"]),
    Route("/v1/statuses/{id}/reblog", reblog, methods=["POST"]),
    Route("/v1/statuses/{id}/unreblog", unreblog, methods=["POST"]),
]
