"""Which of an actor's followers live on the server that asks: for that server alone.   Source: FEP-8fcf"""

from starlette.requests import Request
from starlette.responses import Response

from federation.follower_digests import partial_uri
from federation.vocabulary import NAMESPACE
from models.follow import Follow
from server.activitypub.actors import present_actor
from server.activitypub.negotiation import respond
from server.activitypub.readers import signing_host


async def followers_synchronization(request: Request) -> Response:
    """GET /actors/{id}/followers_synchronization -> those followers that live where the signature comes from.

    Raises:
        BadSignature: nobody signed the request whose key can be had.
    """
    host = await signing_host(request)
    actor = await present_actor(request)
    uris = await Follow.follower_uris_at(actor.id, host)
    document = {
        "@context": NAMESPACE,
        "id": partial_uri(actor.uri),
        "type": "OrderedCollection",
        "partOf": actor.followers_uri,
        "totalItems": len(uris),
        "orderedItems": uris,
    }
    return respond(request, document, is_open=False)
