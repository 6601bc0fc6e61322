"""Statuses: publish, show, change, delete, like, boost.   Source: docs.joinmastodon.org/methods/statuses"""

import re
from functools import partial
from typing import Any

from starlette.requests import Request

from models.actor import Actor, ActorType
from models.filters import FilterContext
from models.post import Post, Visibility
from models.reaction import Announce
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me, viewer
from server.mastodon.entities.scheduled_status import ScheduledStatus
from server.mastodon.entities.status import (
    WORD_OF,
    Context,
    Status,
    StatusEdit,
    StatusSource,
    deleted_status,
    status,
    status_edit,
    status_source,
)
from server.mastodon.idempotency import once
from server.mastodon.media import read_media
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.polls import read_poll
from server.mastodon.quotes import read_quote_policy
from server.mastodon.scheduled import schedule
from server.posts import actions, history, queries
from server.posts.actions import Draft
from server.posts.queries import PostView
from server.sections.membership import groups_of
from server.threads.actions import look_further

VISIBILITY_OF = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
    "section": Visibility.SECTION,
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")


async def create(request: Request) -> Json[Status] | Json[ScheduledStatus]:
    """POST /api/v1/statuses -> Status; an Idempotency-Key header makes asking twice publish once.

    With `scheduled_at` it is published then, and the answer is a ScheduledStatus.
    """
    parameters = await read(request)
    draft = await _draft(request, parameters)
    if parameters.has("scheduled_at"):
        return await schedule(request, parameters, draft)
    post = await once(request, partial(actions.publish, me(request), draft, context(request)))
    return await answer(request, post.id)


async def _draft(request: Request, parameters: Parameters) -> Draft:
    parent = None
    if (parent_id := parameters.id("in_reply_to_id")) is not None:
        parent = (await find_view(parent_id, me(request))).post
    visibility = _visibility(parameters, parent, login(request).posts_as)
    quoted = None
    if (quoted_id := parameters.id("quoted_status_id")) is not None:
        quoted = (await find_view(quoted_id, me(request))).post
    return Draft(
        text=parameters.text("status"),
        visibility=visibility,
        section=await _section(parameters, visibility, parent, me(request)),
        content_warning=parameters.text("spoiler_text"),
        is_sensitive=parameters.flag("sensitive", login(request).marks_sensitive),
        language=_language(parameters, login(request).language),
        in_reply_to=parent,
        poll=read_poll(parameters),
        quoted=quoted,
        quote_policy=read_quote_policy(parameters),
        media=await read_media(parameters, me(request)),
    )


def _visibility(parameters: Parameters, parent: Post | None, otherwise: Visibility) -> Visibility:
    """Read who may see a post; without a word, whoever may see what it answers, else what its author likes."""
    word = parameters.text("visibility") or WORD_OF[parent.visibility if parent else otherwise]
    if word not in VISIBILITY_OF:
        raise Invalid("visibility must be public, unlisted, private, direct or section.")
    if word == "private" and parent is not None and parent.visibility is Visibility.SECTION:
        return Visibility.SECTION  # clients repeat the word that they were shown
    return VISIBILITY_OF[word]


async def _section(parameters: Parameters, visibility: Visibility, parent: Post | None, author: Actor) -> Actor | None:
    """Read for which section or group a post is: the account `section`, that of its parent, or the only one there is.

    Raises:
        Invalid: there is no such group, or there are several that it may be for.
    """
    if (id_ := parameters.id("section")) is not None:
        group = await Actor.get_or_none(id=id_, type=ActorType.GROUP, gone_at=None)
        if group is None:
            raise Invalid("section must be the id of a section or group.")
        return group
    if visibility is not Visibility.SECTION or (parent is not None and parent.group_id is not None):
        return None
    groups = await groups_of(author)
    if len(groups) != 1:
        raise Invalid("Say for the members of which section this is: its account id, as section.")
    return groups[0]


def _language(parameters: Parameters, default: str | None) -> str | None:
    text = parameters.text("language").strip()
    return text if _LANGUAGE.fullmatch(text) else default


async def show(request: Request) -> Json[Status]:
    """GET /api/v1/statuses/{id} -> Status."""
    view = await find_view(path_id(request), viewer(request))
    return Json(status(view, context(request).names, viewer(request)))


async def thread(request: Request) -> Json[Context]:
    """GET /api/v1/statuses/{id}/context -> Context."""
    asking, names = viewer(request), context(request).names
    post = (await find_view(path_id(request), asking)).post
    above = await queries.ancestors(post, asking)
    below = await queries.descendants(post, asking)
    if asking is not None:
        await look_further(post, above[0].post if above else post, context(request))
    return Json(
        {
            "ancestors": [status(view, names, asking) for view in above if not view.is_hidden(FilterContext.THREAD)],
            "descendants": [status(view, names, asking) for view in below if not view.is_hidden(FilterContext.THREAD)],
        }
    )


async def versions(request: Request) -> Json[list[StatusEdit]]:
    """GET /api/v1/statuses/{id}/history -> [StatusEdit], oldest first: what it said, and what it says."""
    view = await find_view(path_id(request), viewer(request))
    rows = await history.versions(view.post)
    return Json([status_edit(row, view, context(request).names) for row in rows])


async def card(request: Request) -> Json[dict[str, Any]]:
    """GET /api/v1/statuses/{id}/card -> PreviewCard, as it stands in the status; {} where it has none."""
    view = await find_view(path_id(request), viewer(request))
    return Json(dict(status(view, context(request).names, viewer(request))["card"] or {}))


async def source(request: Request) -> Json[StatusSource]:
    """GET /api/v1/statuses/{id}/source -> StatusSource, for its author.

    Raises:
        NotFound: it is another's.
    """
    post = (await find_view(path_id(request), me(request))).post
    if post.actor_id != me(request).id:
        raise NotFound("Only its author may see what was typed.")
    return Json(status_source(post))


async def edit(request: Request) -> Json[Status]:
    """PUT /api/v1/statuses/{id} -> Status; what is not sent stays as it was."""
    parameters = await read(request)
    if parameters.has("scheduled_at"):  # which in silence would happen at another time
        raise Invalid("This server does not take scheduled_at here.")
    return await _edit(request, parameters)


async def interaction_policy(request: Request) -> Json[Status]:
    """PUT /api/v1/statuses/{id}/interaction_policy -> Status: only who may quote it changes.

    Raises:
        Invalid: `quote_approval_policy` does not say who may.
    """
    word = (await read(request)).text("quote_approval_policy")
    if not word:
        raise Invalid("quote_approval_policy must be public, followers or nobody.")
    return await _edit(request, Parameters({"quote_approval_policy": word}))


async def _edit(request: Request, parameters: Parameters) -> Json[Status]:
    post = (await find_view(path_id(request), me(request))).post
    draft = Draft(
        text=parameters.text("status", post.source_text or ""),
        visibility=post.visibility,
        content_warning=parameters.text("spoiler_text", post.content_warning),
        is_sensitive=parameters.flag("sensitive", post.is_sensitive),
        language=_language(parameters, post.language),
        poll=read_poll(parameters),
        quote_policy=read_quote_policy(parameters),
        media=await read_media(parameters, me(request), post),
    )
    await actions.edit(me(request), post, draft, context(request))
    return await answer(request, post.id)


async def delete(request: Request) -> Json[Status]:
    """DELETE /api/v1/statuses/{id} -> Status with `text`; of one's own boost: it is taken back.

    Its pictures may be shown by another status for a day, but for `delete_media`.
    """
    actor, ctx = me(request), context(request)
    keeps_pictures = not (await read(request)).flag("delete_media")
    view = await find_view(path_id(request), actor)
    if view.announce is not None and view.announce.actor_id == actor.id:
        await actions.unannounce(actor, view.post, ctx)
    else:
        await actions.delete(actor, view.post, ctx, keeps_pictures=keeps_pictures)
    return Json(deleted_status(view, ctx.names, actor))


async def favourite(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/favourite -> Status."""
    view = await find_view(path_id(request), me(request))
    await actions.like(me(request), view.post, context(request))
    return await answer(request, view.post.id)


async def unfavourite(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/unfavourite -> Status."""
    view = await find_view(path_id(request), me(request))
    await actions.unlike(me(request), view.post, context(request))
    return await answer(request, view.post.id)


async def reblog(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/reblog -> Status around the one that is boosted."""
    view = await find_view(path_id(request), me(request))
    announce = await actions.announce(me(request), view.post, context(request))
    return await answer(request, announce.id)


async def unreblog(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/unreblog -> Status, the boosted one."""
    view = await find_view(path_id(request), me(request))
    await actions.unannounce(me(request), view.post, context(request))
    return await answer(request, view.post.id)


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


async def answer(request: Request, id_: int) -> Json[Status]:
    """Answer a status as whoever asks sees it now."""
    view = await find_view(id_, me(request))
    return Json(status(view, context(request).names, me(request)))
