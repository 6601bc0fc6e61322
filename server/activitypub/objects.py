"""Posts and activities by their own uri: what is open to anybody, the rest to the signature of those it is for.

Source: ActivityPub §3.2, §6.4; for signed GETs, Mastodon's secure mode.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from federation.activities import Activity, parse
from federation.context import Context
from federation.jsonld import load, uri_of
from federation.naming import Names
from federation.passing import is_around_activity
from federation.vocabulary import PUBLIC_SPELLINGS
from models import open_posts
from models.activity import ActivityRecord
from models.actor import Actor
from models.moderation import Block
from models.post import Post
from server.activitypub.negotiation import respond, tombstone
from server.activitypub.readers import is_follower, is_for_members, may_read, reader_of
from server.errors import Gone, NotFound
from server.posts import queries
from server.posts.deleted import former_type, was_open
from server.posts.documents import written

PUBLICATIONS = frozenset({"Create", "Update", "Announce", "Delete"})
NEVER_SHOWN = frozenset({"Block", "Flag"})
NO_SUCH_POST = "There is no such post, or it is not for you."
NO_SUCH_ACTIVITY = "There is no such activity, or it is not for you."


async def post(request: Request) -> Response:
    """GET /posts/{id} and /@{username}/{id} -> the post; 410 and a Tombstone when it was open and is deleted."""
    names: Names = request.app.state.context.names
    try:
        found = await readable_post(request)
    except Gone:
        uri = names.post(request.path_params["id"])
        return respond(request, tombstone(uri, await former_type(uri)), status=410)
    [view] = await queries.views([found])
    return respond(request, written(view, names), is_open=found.is_open)


async def readable_post(request: Request) -> Post:
    """Find the post of ours that a path names, its actor loaded.

    Raises:
        NotFound: there is none, or it is not for whoever asks.
        Gone: it was open to everybody, and was deleted.
    """
    ctx: Context = request.app.state.context
    uri = ctx.names.post(request.path_params["id"])
    found = await open_posts.by_uri(uri)
    if found is None:
        if await was_open(uri):
            raise Gone("This post was deleted.")
        raise NotFound(NO_SUCH_POST)
    username = request.path_params.get("username")
    if username is not None and username.lower() != found.actor.local_name:
        raise NotFound(NO_SUCH_POST)
    if not found.is_open and not await may_read(await reader_of(request), found):
        raise NotFound(NO_SUCH_POST)
    return found


def is_public(activity: Activity) -> bool:
    """Whether an activity is addressed to everybody."""
    return not PUBLIC_SPELLINGS.isdisjoint((*activity.to, *activity.cc))


async def activity(request: Request) -> Response:
    """GET /activities/{id} -> the activity, what it creates or changes being embedded as it is today.

    Publications addressed to everybody are open; anything else is for the signature of those it is addressed to.
    One that was undone, or whose post is deleted, leaves a Tombstone.
    """
    ctx: Context = request.app.state.context
    uri = f"{ctx.names.origin}/activities/{request.path_params['id']}"
    record = await ActivityRecord.get_or_none(uri=uri, is_local=True)
    if record is None or record.type in NEVER_SHOWN:
        raise NotFound(NO_SUCH_ACTIVITY)
    kept, author = parse(load(record.document)), await Actor.get(uri=record.actor_uri)
    is_open = record.type in PUBLICATIONS and is_public(kept)
    if not is_open and not await _is_for(await reader_of(request), kept, author):
        raise NotFound(NO_SUCH_ACTIVITY)
    document = await _as_it_stands(kept, author, ctx.names)
    if document is None:
        return respond(request, tombstone(uri), is_open=is_open, status=410)
    return respond(request, document, is_open=is_open)


async def _is_for(reader: Actor | None, kept: Activity, author: Actor) -> bool:
    """Whether the reader is named in the addressing, or follows or belongs to those it is addressed to.

    What is for the members of a group is for its author and those who belong now, whomever it names.
    """
    if reader is None:
        return False
    addressed = (*kept.to, *kept.cc)
    if author.followers_uri in addressed:
        return reader.uri in addressed or await is_follower(reader, author)
    groups = await Actor.filter(members_uri__in=list(addressed)) if addressed else []
    if not groups:
        return reader.uri in addressed
    if reader.id == author.id:
        return True
    is_shut_out = await Block.exists(blocker_id=author.id, blocked_id=reader.id)
    return not is_shut_out and any([await is_for_members(reader, group.id) for group in groups])


async def _carries_what_is_gone(kept: Activity) -> bool:
    """Whether a group passed on in it what somebody published, and has deleted since."""
    if not is_around_activity(kept) or kept.object_type not in ("Create", "Update"):
        return False
    return not await Post.exists(uri=uri_of((kept.object or {}).get("object")) or "")


async def _as_it_stands(kept: Activity, author: Actor, names: Names) -> dict[str, Any] | None:
    """Write an activity as it is true today; None when it no longer is."""
    if kept.type == "Delete":
        return kept.document
    if author.gone_at is not None:
        return None
    if kept.type not in ("Create", "Update"):
        undone = await ActivityRecord.exists(actor_uri=author.uri, type="Undo", object_uri=kept.uri)
        return None if undone or await _carries_what_is_gone(kept) else kept.document
    proofless = {name: value for name, value in kept.document.items() if name != "proof"}  # it is of what was said then
    if kept.object_uri == author.uri:
        return proofless | {"object": author.uri}
    found = await Post.get_or_none(uri=kept.object_uri).select_related("actor")
    if found is None:
        return None
    [view] = await queries.views([found])
    today = written(view, names)
    return proofless | {"@context": today.pop("@context"), "object": today}
