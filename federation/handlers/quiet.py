"""What is understood and kept out of sight: no page, count or list shows who disliked, viewed, read or heard what.

Source: Activity Vocabulary; PeerTube (View, Dislike), Funkwhale (Listen), Lemmy (Dislike), FEP-8a8e (Ignore).
"""

from federation.activities import Activity
from federation.context import Context
from federation.handlers.handler import Effects


async def authorise(activity: Activity, ctx: Context) -> None:
    """Whoever signed may say so of themselves; it changes nothing."""


async def note(activity: Activity, ctx: Context) -> Effects:
    """Do nothing: the activity's record keeps it from being looked at twice."""
    return Effects()
