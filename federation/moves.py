"""What a Move needs before it is believed: both actors as their homes have them now, never as we remember them.

Source: FEP-7628
"""

from federation.activities import Activity
from federation.actors import refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from federation.handlers.moving import target_uri
from federation.jsonld import uri_of


def lacks_homes(activity: Activity, ctx: Context) -> bool:
    """Whether one of the two lives on another server."""
    ends = (activity.object_uri, uri_of(activity.document.get("target")))
    return any(uri is not None and not ctx.names.is_ours(uri) for uri in ends)


async def bring_homes(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Fetch both actors. The old one may have no home any more, where it sent the Move itself."""
    target, old = target_uri(activity), activity.object_uri or ""
    if not ctx.names.is_ours(target):
        await refresh(target, ctx, dereferencer)
    if not ctx.names.is_ours(old):
        try:
            await refresh(old, ctx, dereferencer)
        except FederationError:
            if activity.actor_uri != old:
                raise
    return activity
