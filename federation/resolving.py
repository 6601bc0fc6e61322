"""What stands at an address of another server, whatever it is: asked for by somebody who has nothing but the address."""

from federation import gathering, policy
from federation.actors import refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import ObjectGone, UnsupportedActivity
from federation.jsonld import type_of, uri_of
from federation.uris import host_of
from federation.vocabulary import ACTOR_TYPES, POST_TYPES
from models.actor import Actor
from models.post import Post


async def resolve(address: str, ctx: Context) -> Actor | Post:
    """Fetch an actor, or a post that everybody may read, by its uri or the address of its page; what is here stays as it is.

    Raises:
        FederationError: it cannot be had, is something else, or is not for everybody.
    """
    if ctx.names.is_ours(address):
        raise ObjectGone(f"{address} is not here", is_permanent=True)
    await policy.check_host(host_of(address))
    ctx, fetch = ctx.for_batch(), Dereferencer(ctx.client, ctx.signer)
    document = await fetch.document(address)
    uri, kind = uri_of(document) or address, type_of(document)
    await ctx.known.load([uri])
    if kind in ACTOR_TYPES:
        return ctx.known.actors.get(uri) or await refresh(uri, ctx, fetch)
    if kind not in POST_TYPES:
        raise UnsupportedActivity(f"{address} is neither an actor nor a post")
    return ctx.known.posts.get(uri) or await gathering.keep_found(uri, document, ctx, fetch)
