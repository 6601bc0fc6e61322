"""What an activity is about, as HANDLERS spells it: its kind of object, by the rows that are loaded."""

from federation import about_events, passing, transfers
from federation.activities import Activity
from federation.context import Context
from federation.jsonld import Json, uri_of
from federation.objects import question
from federation.vocabulary import ACTOR_TYPES, POST_TYPES

QUIET = frozenset({"Dislike", "View", "Read", "Listen"})  # accepted, of whatever it may be, and kept out of sight


def kind_of_object(activity: Activity, ctx: Context) -> str:
    """Name what the activity is about, as HANDLERS spells it: 'Actor', 'Post', 'Vote', an activity type, or 'Tombstone'.

    What has to do with coming to an event has names of its own (about_events.py).
    """
    uri, embedded = activity.object_uri or "", activity.object_type
    if passing.is_around_activity(activity):
        return "Activity"
    if transfers.named(activity) is not None:
        return "Membership"
    if activity.type == "Create" and _is_vote(activity.object, ctx):
        return "Vote"
    if activity.type == "Delete" and embedded != "QuoteAuthorization":
        embedded = None
    if activity.type in QUIET:
        return "Post" if uri in ctx.known.posts else "unknown object"
    if activity.type == "Flag":
        known = (named for named in activity.object_uris if named in ctx.known.actors or named in ctx.known.posts)
        uri = next(known, uri)
    if (about := about_events.kind(activity, ctx)) is not None:
        return about
    if embedded in ACTOR_TYPES or uri in ctx.known.actors:
        return "Actor"
    if embedded in POST_TYPES or uri in ctx.known.posts:
        return "Post"
    if embedded is not None:
        return embedded
    if (record := ctx.known.records.get(uri)) is not None:
        return record.type
    if activity.type == "Delete":
        return "Tombstone"
    if activity.type in ("Accept", "Reject", "Undo") and ctx.names.is_ours(uri):
        return "Follow"
    return "unknown object"


def _is_vote(document: Json | None, ctx: Context) -> bool:
    """Whether this Note chooses from a poll, or may have chosen from one that is no more: it is never shown as a post."""
    if document is None or not question.is_vote(document):
        return False
    parent = ctx.known.posts.get(uri_of(document.get("inReplyTo")) or "")
    return parent is None or parent.type == "Question"
