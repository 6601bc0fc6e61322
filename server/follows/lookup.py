"""Finding an actor by handle or uri: here if we know it, else by asking its own server."""

from collections.abc import Sequence

from federation import webfinger
from federation.actors import meet
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError, NotAuthorised
from federation.uris import host_of
from models.actor import MAX_NAME, Actor
from server.errors import NotFound


async def known(handle: str, ctx: Context) -> Actor | None:
    """Find an actor we know by '@user@host', 'user@host', or 'user' for one of ours; None when we know none."""
    name, _, host = handle.strip().removeprefix("acct:").lstrip("@").partition("@")
    if not handle.isprintable() or max(len(name), len(host)) > MAX_NAME:
        return None
    if not host or ctx.names.is_our_host(host):
        return await Actor.local(name)
    named = Actor.filter(handle_host=host.lower(), username__iexact=name, gone_at=None, blocked_at=None)
    return await named.order_by("-id").first()


async def find(text: str, ctx: Context) -> Actor:
    """Find an actor by handle or uri, asking its server when we have not met it.

    Raises:
        NotFound: there is none, or its server does not answer; the text says which.
    """
    text = text.strip()
    if not text.isprintable():
        raise NotFound("No name has characters that cannot be seen.")
    try:
        if text.startswith(("https://", "http://")):
            return await meet(text, ctx.for_batch(), _fetcher(ctx))
        if (actor := await known(text, ctx)) is not None:
            return actor
        _, host = webfinger.parse_handle(text)
        if ctx.names.is_our_host(host):
            raise NotFound(f"There is nobody called {text} here.")
        return await _ask(text, host, ctx)
    except FederationError as error:
        raise NotFound(f"{text} cannot be found: {error}") from error


def _fetcher(ctx: Context) -> Dereferencer:
    return Dereferencer(ctx.client, ctx.signer)


async def _ask(handle: str, host: str, ctx: Context) -> Actor:
    jrd = await webfinger.look_up(handle, ctx.client, webfinger.scheme_for(host, ctx.client))
    actor = await meet(jrd.actor_uri, ctx.for_batch(), _fetcher(ctx))
    user, named_host = webfinger.parse_handle(jrd.subject or handle)
    if named_host not in (actor.handle_host, host_of(actor.uri)):
        await _confirm(actor, user, named_host, ctx)
        actor.handle_host = named_host
        await actor.save(update_fields=["handle_host"])
    return actor


async def _confirm(actor: Actor, user: str, host: str, ctx: Context) -> None:
    """Ask an actor's own server whether the actor is called so at another domain.

    Raises:
        NotAuthorised: it is not.
    """
    own_host = host_of(actor.uri)
    scheme = webfinger.scheme_for(own_host, ctx.client)
    jrd = await webfinger.look_up(f"{actor.username}@{own_host}", ctx.client, scheme)
    named = webfinger.parse_handle(jrd.subject or "")
    if jrd.actor_uri != actor.uri or named != (user, host) or user.lower() != actor.username.lower():
        raise NotAuthorised(f"{own_host} does not say that {actor.uri} is {user}@{host}")


async def find_many(handles: Sequence[str], ctx: Context, *, most: int = 20) -> dict[str, Actor]:
    """Find the actors that a text names; those who cannot be found are left out."""
    found: dict[str, Actor] = {}
    for handle in list(dict.fromkeys(handles))[:most]:
        try:
            found[handle] = await find(handle, ctx)
        except NotFound:
            continue
    return found
