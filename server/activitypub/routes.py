"""The doors for other servers. Those of `NegotiatedRoute` share their path with a page, and come before it.

The server's own actor is open to everybody in any case: whoever verifies our signatures must first have its key.
"""

from starlette.routing import BaseRoute, Route

import server.paths  # noqa: F401 - its convertors are used below
from server.activitypub import (
    actors,
    collections,
    conversations,
    details,
    events,
    followers,
    groups,
    inbox,
    objects,
    outbox,
    quotes,
    wellknown,
)
from server.activitypub.negotiation import NegotiatedRoute, kept_discovery, kept_document
from server.activitypub.readers import Endpoint, for_signed

OF_AN_ACTOR: dict[str, Endpoint] = {
    "outbox": for_signed(outbox.outbox),
    "followers": for_signed(collections.followers),
    "following": for_signed(collections.following),
    "featured": for_signed(collections.featured),
    "followers_synchronization": followers.followers_synchronization,
}

ROUTES: list[BaseRoute] = [
    *inbox.ROUTES,
    NegotiatedRoute("/posts/{id:row}", for_signed(kept_document(objects.post))),
    NegotiatedRoute("/actors/{id:row}", for_signed(kept_document(actors.actor), actors.bare_actor)),
    NegotiatedRoute("/@{username:username}", for_signed(kept_document(actors.actor), actors.bare_actor)),
    NegotiatedRoute("/@{username:username}/{id:row}", for_signed(kept_document(objects.post))),
    NegotiatedRoute("/actor", kept_document(actors.actor)),
    Route("/.well-known/webfinger", kept_discovery(wellknown.webfinger)),
    Route("/nodeinfo/{version}", wellknown.nodeinfo),
    *(Route(f"/actors/{{id:row}}/{name}", endpoint) for name, endpoint in OF_AN_ACTOR.items()),
    *(Route(f"/actors/{{id:row}}/{name}", for_signed(endpoint)) for name, endpoint in groups.COLLECTIONS.items()),
    *(Route(f"/actor/{name}", endpoint) for name, endpoint in OF_AN_ACTOR.items()),
    Route("/posts/{id:row}/replies", for_signed(conversations.replies)),
    Route("/posts/{id:row}/context", for_signed(conversations.context)),
    Route("/posts/{id:row}/likes", for_signed(collections.likes)),
    Route("/posts/{id:row}/shares", for_signed(collections.shares)),
    Route("/shared-details/{token:secret}", details.shared_details),
    Route("/posts/{id:row}/attendees", for_signed(events.attendees)),
    Route("/posts/{id:row}/organizers", for_signed(events.organizers)),
    Route("/places/{id:row}", for_signed(events.place)),
    Route("/shifts/{id:row}", for_signed(events.shift)),
    Route("/series/{id:row}", for_signed(collections.series)),
    Route("/quotes/{id:row}", for_signed(quotes.authorization)),
    Route("/activities/{id:row}", for_signed(objects.activity)),
    Route("/.well-known/host-meta", wellknown.host_meta),
    Route("/.well-known/host-meta.json", wellknown.host_meta_json),
    Route("/.well-known/nodeinfo", wellknown.nodeinfo_links),
]
