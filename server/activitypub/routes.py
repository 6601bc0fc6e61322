"""The doors for other servers. Those of `NegotiatedRoute` share their path with a page, and come before it."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.activitypub import actors, collections, inbox, objects, outbox, wellknown
from server.activitypub.negotiation import NegotiatedRoute

Endpoint = Callable[[Request], Awaitable[Response]]

OF_AN_ACTOR: dict[str, Endpoint] = {
    "outbox": outbox.outbox,
    "followers": collections.followers,
    "following": collections.following,
    "featured": collections.featured,
}

ROUTES: list[BaseRoute] = [
    *inbox.ROUTES,
    NegotiatedRoute("/posts/{id:row}", objects.post),
    NegotiatedRoute("/actors/{id:row}", actors.actor),
    NegotiatedRoute("/@{username:username}", actors.actor),
    NegotiatedRoute("/@{username:username}/{id:row}", objects.post),
    NegotiatedRoute("/actor", actors.actor),
    Route("/.well-known/webfinger", wellknown.webfinger),
    Route("/nodeinfo/{version}", wellknown.nodeinfo),
    *(Route(f"/actors/{{id:row}}/{name}", endpoint) for name, endpoint in OF_AN_ACTOR.items()),
    *(Route(f"/actor/{name}", endpoint) for name, endpoint in OF_AN_ACTOR.items()),
    Route("/posts/{id:row}/replies", collections.replies),
    Route("/posts/{id:row}/likes", collections.likes),
    Route("/posts/{id:row}/shares", collections.shares),
    Route("/activities/{id:row}", objects.activity),
    Route("/.well-known/host-meta", wellknown.host_meta),
    Route("/.well-known/host-meta.json", wellknown.host_meta_json),
    Route("/.well-known/nodeinfo", wellknown.nodeinfo_links),
]
