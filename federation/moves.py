"""What a Move needs before it is believed: both actors as their homes have them now, never as we remember them.

That of a membership (transfers.py) needs no more than that its groups have been met.
Source: FEP-7628
"""

from federation import transfers
from federation.activities import Activity
from federation.actors import meet, refresh
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from federation.handlers.moving import target_uri
from federation.jsonld import uri_of


def lacks_homes(activity: Activity, ctx: Context) -> bool:
    """Whether one of the two lives on another server."""
    if (three := transfers.named(activity)) is not None:
        return transfers.lacks_groups(three, ctx)
    ends = (activity.object_uri, uri_of(activity.document.get("target")))
    return any(uri is not None and not ctx.names.is_ours(uri) for uri in ends)


async def bring_homes(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Fetch both actors. The old one may have no home any more, where it sent the Move itself."""
    if (three := transfers.named(activity)) is not None:
        for group in three.groups:
            if not ctx.names.is_ours(group):
                await meet(group, ctx, dereferencer)
        return activity
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
