"""Which activities are about coming to an event. The same verbs mean other things about a follow or a group.

Source: Mobilizon (Join, Leave); Friendica, Hubzilla (Invite; Accept, TentativeAccept, Reject of an Event); FEP-8a8e.
"""

from collections.abc import Iterator
from typing import Any

from federation.activities import Activity
from federation.context import Context
from federation.jsonld import type_of, uri_of

ANSWERS = frozenset({"Accept", "Reject", "TentativeAccept", "TentativeReject"})
OF_AN_EVENT = frozenset({"Join", "Leave", "Invite", "Ignore", *ANSWERS})
# What an activity about one of these is about, where that one is about an event.
KINDS = {"Join": "EventJoin", "Invite": "EventInvite"} | dict.fromkeys(ANSWERS, "EventAnswer")


def kind(activity: Activity, ctx: Context) -> str | None:
    """Name what the activity is about, if that is an event; None for everything else.

    'Event' itself; 'EventJoin' and 'EventInvite' for what is answered or taken back; 'EventAnswer' for what is taken back.
    """
    if activity.type in OF_AN_EVENT and _is_event(activity.object_uri, activity.object, ctx):
        return "Event"
    if activity.type != "Undo" and activity.type not in ("Ignore", *ANSWERS):
        return None
    inner_type, inner_object = _inner(activity, ctx)
    if not _is_event(uri_of(inner_object), inner_object, ctx):
        return None
    found = KINDS.get(inner_type or "")
    return found if found != "EventAnswer" or activity.type == "Undo" else None


def _inner(activity: Activity, ctx: Context) -> tuple[str | None, Any]:
    """Give the type and the object of the activity that this one is about, embedded or known by its uri."""
    record = ctx.known.records.get(activity.object_uri or "")
    embedded = activity.object or {}
    if record is None or embedded.get("object") is not None:
        return type_of(embedded), embedded.get("object")
    return record.type, record.object_uri


def _is_event(uri: str | None, document: Any, ctx: Context) -> bool:
    if (post := ctx.known.posts.get(uri or "")) is not None:
        return post.type == "Event"
    return type_of(document) == "Event"


def event_uri(activity: Activity, ctx: Context) -> str:
    """Name the event that such an activity is about."""
    if _is_event(activity.object_uri, activity.object, ctx):
        return activity.object_uri or ""
    return uri_of(_inner(activity, ctx)[1]) or ""


def named_by_records(ctx: Context) -> Iterator[str]:
    """Name the events of those loaded activities that another one may answer or take back by uri alone."""
    for record in ctx.known.records.values():
        if record.type in KINDS and record.object_uri:
            yield record.object_uri
