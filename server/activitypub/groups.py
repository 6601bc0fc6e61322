"""The collections of our sections that Mobilizon reads: it needs every one of them to be there.   Source: Mobilizon"""

from starlette.requests import Request
from starlette.responses import Response

from federation.jsonld import Json
from federation.vocabulary import NAMESPACE
from server.activitypub import events
from server.activitypub.actors import present_section
from server.activitypub.collections import counted
from server.activitypub.negotiation import respond
from server.activitypub.outbox import published
from server.activitypub.readers import Endpoint


async def members(request: Request) -> Response:
    """GET /actors/{id}/members -> an empty list: who belongs to a section is told to nobody, not even how many they are."""
    section = await present_section(request)
    hidden: Json = {"@context": NAMESPACE, "id": section.members_uri, "type": "OrderedCollection", "orderedItems": []}
    return respond(request, hidden)


async def posts(request: Request) -> Response:
    """GET /actors/{id}/posts -> what the section published: the outbox under another name."""
    section = await present_section(request)
    return await published(request, section, f"{section.uri}/posts")


async def none_yet(request: Request) -> Response:
    """GET /actors/{id}/resources, …/todos, …/discussions -> nothing: sections publish none there."""
    section = await present_section(request)
    uri = f"{section.uri}/{request.url.path.rpartition('/')[2]}"
    return respond(request, counted(uri, 0) | {"orderedItems": []})


COLLECTIONS: dict[str, Endpoint] = {
    "members": members,
    "posts": posts,
    "events": events.of_section,
    "upcomingEvents": events.upcoming,
    "resources": none_yet,
    "todos": none_yet,
    "discussions": none_yet,
}
