"""What is said around a post of ours, for other servers: the answers to it, and the conversation that it began.

Only what everybody may read is listed, by uri, since each post is its own server's to show.
Source: ActivityPub §5 (`replies`); FEP-7888 and FEP-f228 (`context`, oldest first)
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from federation.vocabulary import NAMESPACE
from models.post import Post
from server.activitypub.negotiation import respond
from server.activitypub.objects import readable_post
from server.activitypub.outbox import read_before
from server.errors import NotFound
from server.threads import queries

PAGE_ITEMS = 40


async def replies(request: Request) -> Response:
    """GET /posts/{id}/replies -> how many open answers are known here, and the newest; ?before=<id>: those before."""
    post = await readable_post(request)
    uri = f"{post.uri}/replies"
    before = request.query_params.get("before")
    rows = await queries.open_replies(post, limit=PAGE_ITEMS, before=read_before(before) if before else None)
    page = _page(uri, "CollectionPage", f"before={before}" if before else "page=true") | {"items": _uris(rows)}
    if len(rows) == PAGE_ITEMS:
        page["next"] = f"{uri}?before={rows[-1].id}"
    if before or request.query_params.get("page") == "true":
        return respond(request, {"@context": NAMESPACE} | page, is_open=post.is_open)
    total = await queries.open_replies_count(post)
    document = {"@context": NAMESPACE, "id": uri, "type": "Collection", "totalItems": total, "first": page}
    return respond(request, document, is_open=post.is_open)


async def context(request: Request) -> Response:
    """GET /posts/{id}/context -> the conversation that the post began, and its oldest posts; ?after=<id>: those after.

    Raises:
        NotFound: the post began none, for it answers another.
    """
    post = await readable_post(request)
    if post.in_reply_to_uri is not None:
        raise NotFound("This post began no conversation.")
    uri = f"{post.uri}/context"
    ids = await queries.conversation_ids(post)
    after = request.query_params.get("after")
    start = read_before(after) if after else 0
    below = [id_ for id_ in ids if id_ > start]
    rows = await Post.filter(id__in=below[:PAGE_ITEMS]).order_by("id") if below else []
    page = _page(uri, "OrderedCollectionPage", f"after={after}" if after else "page=true")
    page["orderedItems"] = _uris(rows)
    if len(below) > PAGE_ITEMS:
        page["next"] = f"{uri}?after={below[PAGE_ITEMS - 1]}"
    if after or request.query_params.get("page") == "true":
        return respond(request, {"@context": NAMESPACE} | page, is_open=post.is_open)
    document = {
        "@context": NAMESPACE,
        "id": uri,
        "type": "OrderedCollection",
        "attributedTo": post.actor.uri,
        "totalItems": len(ids),
        "first": page,
    }
    return respond(request, document, is_open=post.is_open)


def _page(uri: str, kind: str, query: str) -> dict[str, Any]:
    return {"id": f"{uri}?{query}", "type": kind, "partOf": uri}


def _uris(rows: list[Post]) -> list[str]:
    return [post.uri for post in rows]
