"""Telling others what an actor of ours says of itself now: the Update that follows every change of its row."""

from federation import pipeline
from federation.activities import build
from federation.context import Context
from federation.jsonld import Json
from federation.objects import actor as actor_object
from federation.vocabulary import PUBLIC
from models.actor import Actor, ActorKey, ActorType
from server.errors import Forbidden


async def document_of(actor: Actor, ctx: Context) -> Json:
    """Write an actor of ours for other servers, as its address serves it."""
    keys = await ActorKey.filter(actor_id=actor.id).only("type", "uri", "public").order_by("id")
    return actor_object.write(actor, keys, ctx.names)


async def send_update(actor: Actor, ctx: Context) -> str:
    """Send its followers what an actor of ours says of itself now; the uri of that Update."""
    document, uri = await document_of(actor, ctx), ctx.names.new_activity()
    activity = build("Update", actor, document, uri=uri, to=[PUBLIC], cc=[actor.followers_uri or ""])
    await pipeline.submit(activity, acting=actor, ctx=ctx)
    return uri


def check_ordinary(actor: Actor) -> None:
    """Refuse the actor of the server itself, which neither moves nor goes.

    Raises:
        Forbidden: it is that one.
    """
    if actor.type is ActorType.APPLICATION:
        raise Forbidden("The account of the server itself cannot do this.")
