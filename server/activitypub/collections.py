"""Collections of which the world learns how many, never who or what; but for what an actor itself puts in front.

Who follows a section of a party, or agrees with what it says, has shown a political opinion.
Source: ActivityPub §5.3-§5.8; GDPR art. 9
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from federation.jsonld import Json
from federation.naming import Names
from federation.vocabulary import NAMESPACE, POST_CONTEXT
from models.actor import in_sight
from models.event import Event, EventSeries
from models.post import OPEN
from server.activitypub.actors import present_actor
from server.activitypub.negotiation import respond
from server.activitypub.objects import readable_post
from server.errors import NotFound
from server.posts.documents import written
from server.posts.featured import by_actor


def counted(uri: str | None, total: int, kind: str = "OrderedCollection") -> dict[str, Any]:
    """Write a collection that only says how many are in it."""
    return {"@context": NAMESPACE, "id": uri, "type": kind, "totalItems": total}


async def followers(request: Request) -> Response:
    """GET /actors/{id}/followers -> how many follow the actor."""
    actor = await present_actor(request)
    return respond(request, counted(actor.followers_uri, actor.followers_count))


async def following(request: Request) -> Response:
    """GET /actors/{id}/following -> how many the actor follows."""
    actor = await present_actor(request)
    return respond(request, counted(actor.following_uri, actor.following_count))


async def featured(request: Request) -> Response:
    """GET /actors/{id}/featured -> what the actor shows first: posts that everybody may read.

    Source: https://docs.joinmastodon.org/spec/activitypub/#featured
    """
    actor = await present_actor(request)
    names: Names = request.app.state.context.names
    items = [embedded(written(view, names)) for view in await by_actor(actor, None)]
    document = counted(actor.featured_uri, len(items)) | {"@context": POST_CONTEXT, "orderedItems": items}
    return respond(request, document)


def embedded(document: Json) -> Json:
    """Give a document as part of another one, whose `@context` holds for it too."""
    return {name: value for name, value in document.items() if name != "@context"}


async def series(request: Request) -> Response:
    """GET /series/{id} -> the events that repeat together and that everybody may read, the first of them first."""
    names: Names = request.app.state.context.names
    found = await EventSeries.get_or_none(uri=names.series(request.path_params["id"])).select_related("organiser")
    events = Event.filter(series_id=found.id, post__visibility__in=OPEN, **in_sight("post__actor__")) if found else None
    uris = await events.order_by("starts_at", "id").values_list("post__uri", flat=True) if events else []
    if found is None or not uris or found.organiser.gone_at is not None:
        raise NotFound("There are no such events, or they are not for you.")
    document = counted(found.uri, len(uris)) | {"attributedTo": found.organiser.uri, "orderedItems": list(uris)}
    return respond(request, document)


async def likes(request: Request) -> Response:
    """GET /posts/{id}/likes -> how many like the post."""
    post = await readable_post(request)
    return respond(request, counted(f"{post.uri}/likes", post.likes_count, "Collection"), is_open=post.is_open)


async def shares(request: Request) -> Response:
    """GET /posts/{id}/shares -> how many announce the post."""
    post = await readable_post(request)
    return respond(request, counted(f"{post.uri}/shares", post.announces_count, "Collection"), is_open=post.is_open)
