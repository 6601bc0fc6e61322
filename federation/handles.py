"""The handle that an actor of another server gives itself, believed only after WebFinger agrees.

Source: FEP-2c59 (`webfinger`); RFC 7033; swicg.github.io/activitypub-webfinger
"""

from federation import webfinger
from federation.context import Context
from federation.errors import FederationError, MalformedActivity
from federation.jsonld import Json
from federation.policy import check_host
from models.actor import Actor


def claimed(document: Json) -> tuple[str, str] | None:
    """Read the handle that an actor's document gives as (user, host); None where it gives none that can be one."""
    text = document.get("webfinger")
    if not isinstance(text, str):
        return None
    try:
        return webfinger.parse_handle(text)
    except MalformedActivity:
        return None


async def adopt(actor: Actor, document: Json, ctx: Context) -> None:
    """Let an actor be called as its own document says, where that is news and the domain of the handle agrees.

    The name before the @ stays: only the domain may be another than the server's.
    """
    handle = claimed(document)
    if handle is None or handle[0].lower() != actor.username.lower() or handle[1] == actor.handle_host:
        return
    user, host = handle
    if ctx.names.is_our_host(host):
        return
    try:
        await check_host(host)
        jrd = await webfinger.look_up(f"{user}@{host}", ctx.client, webfinger.scheme_for(host, ctx.client))
        agreed = webfinger.parse_handle(jrd.subject or "")
    except FederationError:
        return
    if jrd.actor_uri == actor.uri and agreed[1] == host and agreed[0].lower() == user.lower():
        actor.handle_host = host
        await actor.save(update_fields=["handle_host"])
