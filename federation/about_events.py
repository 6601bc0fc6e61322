"""Which activities are about coming to an event, or organising it together. The same verbs mean other things elsewhere.

Source: Mobilizon (Join, Leave); Friendica, Hubzilla (Invite; Accept, TentativeAccept, Reject of an Event); FEP-8a8e.
"""

from collections.abc import Iterator
from typing import Any

from federation.activities import Activity
from federation.context import Context
from federation.jsonld import load, type_of, uri_of

ANSWERS = frozenset({"Accept", "Reject", "TentativeAccept", "TentativeReject"})
OF_AN_EVENT = frozenset({"Join", "Leave", "Invite", "Offer", "Ignore", *ANSWERS})
# What an activity about one of these is about, where that one is about an event.
KINDS = {"Join": "EventJoin", "Invite": "EventInvite", "Offer": "EventOffer"} | dict.fromkeys(ANSWERS, "EventAnswer")
MAX_STEPS = 3  # Undo of the Accept of the Invite to the Event

Step = tuple[str | None, str | None]


def kind(activity: Activity, ctx: Context) -> str | None:
    """Name what the activity is about, if that is an event; None for everything else.

    'Event' itself; 'EventJoin', 'EventInvite' and 'EventOffer' for what is answered or taken back; 'EventAnswer' for what
    is taken back.
    """
    if activity.type not in OF_AN_EVENT and activity.type != "Undo":
        return None
    steps = list(_steps(activity, ctx))
    if not steps or steps[-1][1] != "Event":
        return None
    if len(steps) == 1:
        return "Event" if activity.type in OF_AN_EVENT else None
    found = KINDS.get(steps[0][1] or "")
    if found == "EventAnswer":
        return found if activity.type == "Undo" else None
    return found if activity.type in ("Undo", "Ignore", *ANSWERS) else None


def event_uri(activity: Activity, ctx: Context) -> str:
    """Name the event that such an activity is about."""
    steps = list(_steps(activity, ctx))
    return (steps[-1][0] if steps else None) or ""


def _steps(activity: Activity, ctx: Context) -> Iterator[Step]:
    """Follow an activity to its object, and on from there: (uri, type) of each, the event last if there is one."""
    value: Any = activity.object or activity.object_uri
    for _ in range(MAX_STEPS):
        uri, kind_ = uri_of(value), type_of(value)
        if (post := ctx.known.posts.get(uri or "")) is not None:
            yield uri, post.type
            return
        embedded = value if isinstance(value, dict) and value.get("object") is not None else None
        record = ctx.known.records.get(uri or "")
        if embedded is None and record is not None and record.type in KINDS:
            embedded, kind_ = load(record.document), record.type
        yield uri, kind_
        if embedded is None or kind_ not in KINDS:
            return
        value = embedded.get("object")


def named(activity: Activity, ctx: Context) -> Iterator[str]:
    """Name everything on the way from an activity to the event that it may be about."""
    if activity.type in OF_AN_EVENT or activity.type == "Undo":
        yield from (uri for uri, _ in _steps(activity, ctx) if uri)
