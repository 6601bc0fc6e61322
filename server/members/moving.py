"""Moving away, to another server or another name here, and being ready to be moved to.   Source: FEP-7628"""

from federation import pipeline
from federation.activities import build
from federation.actors import refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from federation.objects.actor import MAX_ALIASES
from models.actor import Actor
from server.atomically import atomically
from server.errors import Conflict, Invalid, NotFound
from server.follows.lookup import find
from server.members.profiles import check_ordinary, send_update


async def add_alias(actor: Actor, handle: str, ctx: Context) -> Actor:
    """Let an actor of ours say that it is also another one, which may then move here; that other one.

    Raises:
        NotFound: nobody has that handle.
        Conflict: it is the actor itself.
        Invalid: it names too many others.
    """
    check_ordinary(actor)
    other = await find(handle, ctx)
    if other.id == actor.id:
        raise Conflict("An account cannot name itself.")
    if other.uri in actor.also_known_as:
        return other
    if len(actor.also_known_as) >= MAX_ALIASES:
        raise Invalid("An account may name 20 others at most.")
    actor.also_known_as = [*actor.also_known_as, other.uri]
    async with atomically(ctx) as whole:
        await actor.save(update_fields=["also_known_as"])
        await send_update(actor, whole)
    return other


async def remove_alias(actor: Actor, handle: str, ctx: Context) -> None:
    """Let an actor of ours say no longer that it is another one, named by its handle or uri.

    Raises:
        NotFound: it does not say so.
    """
    uri = handle.strip()
    if uri not in actor.also_known_as:
        uri = (await find(handle, ctx)).uri
    if uri not in actor.also_known_as:
        raise NotFound("This account does not name that one.")
    actor.also_known_as = [alias for alias in actor.also_known_as if alias != uri]
    async with atomically(ctx) as whole:
        await actor.save(update_fields=["also_known_as"])
        await send_update(actor, whole)


async def move(actor: Actor, handle: str, ctx: Context) -> Actor:
    """Move an actor of ours to another one, which its followers then follow; that other one.

    Raises:
        NotFound: nobody has that handle, or its server does not answer.
        Conflict: the other one does not agree, or one of the two has moved already.
    """
    check_ordinary(actor)
    target = await _as_it_is_now(await find(handle, ctx), ctx)
    _check_target(actor, target)
    if actor.moved_to_uri not in (None, target.uri):
        raise Conflict("This account has moved already. Let it come back first.")
    actor.moved_to_uri = target.uri
    async with atomically(ctx) as whole:
        await actor.save(update_fields=["moved_to_uri"])
        await send_update(actor, whole)
    to, uri = [actor.followers_uri or ""], ctx.names.new_activity()
    activity = build("Move", actor, actor.uri, uri=uri, to=to, target=target.uri)
    await pipeline.submit(activity, acting=actor, ctx=ctx)  # on its own, since it asks the other one's home again
    return target


async def _as_it_is_now(target: Actor, ctx: Context) -> Actor:
    """Ask the home of another server's actor what it says today.

    Raises:
        NotFound: it says nothing.
    """
    if target.is_local:
        return target
    try:
        return await refresh(target.uri, ctx.for_batch(), Dereferencer(ctx.client, ctx.signer))
    except FederationError as error:
        raise NotFound("The server of the other account does not show it just now.") from error


def _check_target(actor: Actor, target: Actor) -> None:
    if target.id == actor.id:
        raise Conflict("An account cannot move to itself.")
    if target.gone_at is not None or target.is_suspended:
        raise Conflict("The other account is gone, or suspended.")
    if target.moved_to_uri is not None:
        raise Conflict("The other account has moved on itself. Name where it lives now.")
    if actor.uri not in target.also_known_as:
        raise Conflict("The other account must first name this one among its aliases.")


async def come_back(actor: Actor, ctx: Context) -> None:
    """Let an actor that moved speak here again. Those who went with it do not come back by themselves.

    Raises:
        Conflict: it has not moved.
    """
    if actor.moved_to_uri is None:
        raise Conflict("This account has not moved.")
    actor.moved_to_uri = None
    async with atomically(ctx) as whole:
        await actor.save(update_fields=["moved_to_uri"])
        await send_update(actor, whole)
