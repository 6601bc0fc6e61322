"""Steps 1 and 2 of the path: load the rows a batch touches, then fetch from their homes the actors and objects we lack."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from federation import policy
from federation.activities import Activity
from federation.actors import meet
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from federation.handlers import post as post_handler
from federation.jsonld import each, is_uri, type_of, uri_of
from federation.objects import note
from federation.uris import host_of, same_origin
from federation.vocabulary import ACTIVITY_TYPES, ACTOR_TYPES

FETCHED_FOR = frozenset({"Create", "Update", "Announce"})


class Pending(Protocol):
    """An activity on its way, whose object may still have to be fetched."""

    activity: Activity
    error: FederationError | None


async def gather(pending: Sequence[Pending], ctx: Context) -> None:
    """Load and fetch what the batch needs; an activity whose object cannot be had gets the error."""
    await ctx.known.load(uri for item in pending for uri in mentioned_uris(item.activity))
    for item in pending:
        if item.activity.uri in ctx.known.records:
            continue
        try:
            item.activity = await _complete(item.activity, ctx)
        except FederationError as error:
            item.error = error


def mentioned_uris(activity: Activity) -> Iterator[str]:
    """Name every uri whose row the activity may touch."""
    yield from (activity.uri, activity.actor_uri)
    if activity.object_uri:
        yield activity.object_uri
    yield from (uri for uri in (*activity.to, *activity.cc) if is_uri(uri))
    if activity.object is None:
        return
    for name in ("actor", "object", "attributedTo", "inReplyTo"):
        if uri := uri_of(activity.object.get(name)):
            yield uri
    for tag in each(activity.object.get("tag")):
        if type_of(tag) == "Mention" and (uri := uri_of(tag.get("href"))):
            yield uri


async def _complete(activity: Activity, ctx: Context) -> Activity:
    """Make sure that the actor is known, and the object too where the activity makes no sense without it."""
    fetch = Dereferencer(ctx.client, ctx.signer)
    if activity.actor_uri not in ctx.known.actors:
        await meet(activity.actor_uri, ctx, fetch)
        await ctx.known.load_followed()
    if activity.type not in FETCHED_FOR or activity.object_uri is None:
        return activity
    if activity.type == "Announce":
        await _bring_announced(activity, ctx, fetch)
        return activity
    is_from_home = activity.object is not None and same_origin(activity.object_uri, activity.actor_uri)
    if is_from_home or ctx.names.is_ours(activity.object_uri):
        return activity
    if not policy.is_wanted(activity, ctx.known.actor(activity.actor_uri), ctx):
        raise UnsupportedActivity(f"nobody here follows {activity.actor_uri}")
    completed = activity.about(await fetch.document(activity.object_uri))
    await ctx.known.load(mentioned_uris(completed))
    return completed


async def _bring_announced(activity: Activity, ctx: Context, fetch: Dereferencer) -> None:
    """Fetch a post that somebody shows and we lack, with its author, and keep it.

    The copy inside the Announce is never believed.
    """
    uri = activity.object_uri or ""
    if uri in ctx.known.posts or ctx.names.is_ours(uri):
        return
    if not policy.is_wanted(activity, ctx.known.actor(activity.actor_uri), ctx):
        raise UnsupportedActivity(f"nobody here follows {activity.actor_uri}")
    await bring_post(uri, ctx, fetch)


async def bring_post(uri: str, ctx: Context, fetch: Dereferencer) -> None:
    """Fetch a post from home, with its author, and keep both.

    Raises:
        FederationError: it cannot be had, or is not what it claims to be.
    """
    await policy.check_host(host_of(uri))
    document = await fetch.document(uri)
    found, author_uri = uri_of(document), uri_of(document.get("attributedTo"))
    if found is None or author_uri is None or not same_origin(found, author_uri):
        raise NotAuthorised(f"{uri} does not say who wrote it, or names somebody of another server")
    author = await meet(author_uri, ctx, fetch)
    await ctx.known.load([found])
    read = note.read(document, author, activity_to=(), activity_cc=(), now=ctx.now())
    await ctx.known.load((*read.mentioned_uris, read.columns["in_reply_to_uri"] or found))
    post, _ = await post_handler.keep(read, author, ctx)
    post.actor = author
    ctx.known.posts[uri] = post


def kind_of_object(activity: Activity, ctx: Context) -> str:
    """Name what the activity is about, as HANDLERS spells it: 'Actor', a post type, an activity type, or 'Tombstone'."""
    uri, embedded = activity.object_uri or "", activity.object_type
    if activity.type == "Delete":
        embedded = None
    if embedded in ACTOR_TYPES or uri in ctx.known.actors:
        return "Actor"
    if (post := ctx.known.posts.get(uri)) is not None:
        return post.type
    if embedded is not None:
        return embedded
    if (record := ctx.known.records.get(uri)) is not None:
        return record.type
    if activity.type == "Delete":
        return "Tombstone"
    if activity.type in ("Accept", "Reject", "Undo") and ctx.names.is_ours(uri):
        return "Follow"
    return "unknown object" if uri not in ACTIVITY_TYPES else uri
