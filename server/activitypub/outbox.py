"""The outbox: what an actor published for everybody, newest first.   Source: ActivityPub §5.1; Activity Vocabulary"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from federation.activities import embed, parse
from federation.context import Context
from federation.jsonld import Json, load, written_instant
from federation.naming import Names
from federation.vocabulary import NAMESPACE, POST_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.post import OPEN, Post
from models.reaction import Announce
from server.activitypub.actors import present_actor
from server.activitypub.negotiation import respond
from server.activitypub.objects import is_public
from server.errors import NotFound
from server.posts import queries
from server.posts.documents import written
from server.posts.queries import PostView

PAGE_ITEMS = 20
MAX_ROW_ID = 2**63 - 1


async def outbox(request: Request) -> Response:
    """GET /actors/{id}/outbox -> how much there is and where it begins; with ?page=true or ?before=<id>, a page of it."""
    actor = await present_actor(request)
    return await published(request, actor, actor.outbox_uri or "")


async def published(request: Request, actor: Actor, uri: str) -> Response:
    """Answer with the collection `uri` of what the actor published, or with a page of it."""
    ctx: Context = request.app.state.context
    asked = request.query_params
    if "before" in asked:
        return await _page(request, actor, uri, read_before(asked["before"]), ctx.names)
    if asked.get("page") == "true":
        return await _page(request, actor, uri, None, ctx.names)
    total = await Post.filter(actor_id=actor.id, visibility__in=OPEN).count()
    total += await Announce.filter(actor_id=actor.id, post__visibility__in=OPEN).count()
    collection = {
        "@context": NAMESPACE,
        "id": uri,
        "type": "OrderedCollection",
        "totalItems": total,
        "first": f"{uri}?page=true",
    }
    return respond(request, collection)


def read_before(text: str) -> int:
    """Read where a page begins: the id of a row, above the first one wanted.

    Raises:
        NotFound: no row can have that id.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) <= MAX_ROW_ID):
        raise NotFound("There is no such page.")
    return int(text)


async def _page(request: Request, actor: Actor, uri: str, before: int | None, names: Names) -> Response:
    shown = await queries.by_actor(actor, None, limit=PAGE_ITEMS, max_id=before)
    page: dict[str, Any] = {
        "@context": POST_CONTEXT,
        "id": f"{uri}?" + ("page=true" if before is None else f"before={before}"),
        "type": "OrderedCollectionPage",
        "partOf": uri,
        "orderedItems": await _activities(actor, shown, names),
    }
    if len(shown) == PAGE_ITEMS:
        page["next"] = f"{uri}?before={shown[-1].item_id}"
    return respond(request, page)


async def _activities(actor: Actor, shown: Sequence[PostView], names: Names) -> list[Json]:
    """Write what an actor published as the activities that did so: Create with its post embedded, Announce without."""
    own = [view.post.uri for view in shown if view.announce is None]
    creates = ActivityRecord.filter(actor_uri=actor.uri, type="Create", object_uri__in=own)
    uris: dict[str, str] = {str(post): str(uri) for post, uri in await creates.values_list("object_uri", "uri")}
    announced = [view.announce.uri for view in shown if view.announce is not None]
    announces = await _public_documents(announced)
    return [
        _create(actor, view, uris.get(view.post.uri), names) if view.announce is None else announces[view.announce.uri]
        for view in shown
        if view.announce is None or view.announce.uri in announces
    ]


async def _public_documents(uris: list[str]) -> dict[str, Json]:
    """Load these activities as parts of a page, as far as they are addressed to everybody, by uri."""
    loaded = {uri: parse(load(record.document)) for uri, record in (await ActivityRecord.known(uris)).items()}
    return {uri: embed(activity) for uri, activity in loaded.items() if is_public(activity)}


def _create(actor: Actor, view: PostView, uri: str | None, names: Names) -> Json:
    post = view.post
    create: Json = {
        "type": "Create",
        "actor": actor.uri,
        "published": written_instant(post.published_at),
        "to": post.to_uris,
        "cc": post.cc_uris,
        "object": _without_context(written(view, names)),
    }
    return create | ({"id": uri} if uri else {})


def _without_context(document: Json) -> Json:
    return {name: value for name, value in document.items() if name != "@context"}
