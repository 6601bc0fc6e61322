"""Steps 1 and 2 of the path: load the rows a batch touches, then fetch from their homes the actors and objects we lack.

NEEDS says, for each type of activity that makes no sense without its object, when that is lacking and how to have it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from federation import about_events, forwarding, passing, policy, quoting, transfers
from federation.activities import Activity
from federation.actors import meet
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError, NotAuthorised, ObjectGone, UnsupportedActivity
from federation.handlers import post as post_handler
from federation.jsonld import Json, each, is_uri, type_of, uri_of, uris_of
from federation.known import PassedOn
from federation.moves import bring_homes, lacks_homes
from federation.objects import note
from federation.renewal import renew
from federation.uris import host_of, same_origin
from federation.vocabulary import ACTOR_TYPES, POST_TYPES
from models.actor import Actor
from models.post import OPEN, Post

FETCHES_AT_ONCE = 16
MAX_NAMED = 16


class Pending(Protocol):
    """An activity on its way, whose object may still have to be fetched."""

    activity: Activity
    error: FederationError | None


PendingT = TypeVar("PendingT", bound=Pending)


async def load(pending: Iterable[Pending], ctx: Context) -> None:
    """Load the rows that a batch touches."""
    pending = list(pending)
    await ctx.known.load(uri for item in pending for uri in mentioned_uris(item.activity))
    await ctx.known.load(uri for item in pending for uri in about_events.named(item.activity, ctx))
    moves = [item.activity for item in pending if transfers.is_of_account(item.activity)]
    await ctx.known.load_expected(activity.object_uri for activity in moves if activity.object_uri)


def divide(pending: Sequence[PendingT], ctx: Context) -> tuple[list[PendingT], list[PendingT]]:
    """Part what can be performed at once from what must first be fetched: (ready, lacking).

    An actor's activities keep their order: what follows one that lacks something waits with it.
    """
    ready: list[PendingT] = []
    lacking: list[PendingT] = []
    waiting_actors: set[str] = set()
    for item in pending:
        if item.activity.actor_uri in waiting_actors or _lacks_something(item.activity, ctx):
            waiting_actors.add(item.activity.actor_uri)
            lacking.append(item)
        else:
            ready.append(item)
    return ready, lacking


def _lacks_something(activity: Activity, ctx: Context) -> bool:
    if activity.uri in ctx.known.records:
        return False
    if activity.actor_uri not in ctx.known.actors:
        return True
    need = NEEDS.get(activity.type)
    return need is not None and need.is_lacking(activity, ctx)


async def fetch(pending: Sequence[Pending], ctx: Context) -> None:
    """Fetch what a batch lacks, many at once; an activity whose object cannot be had gets the error."""
    turn = asyncio.Semaphore(FETCHES_AT_ONCE)

    async def complete(item: Pending) -> None:
        async with turn:
            try:
                item.activity = await _complete(item.activity, ctx)
            except FederationError as error:
                item.error = error

    await asyncio.gather(*(complete(item) for item in pending))


def mentioned_uris(activity: Activity) -> Iterator[str]:
    """Name every uri whose row the activity may touch."""
    yield from (activity.uri, activity.actor_uri)
    if activity.object_uri:
        yield activity.object_uri
    yield from (activity.object_uris if activity.type == "Flag" else ())
    yield from (uri for uri in (*activity.addresses, *activity.target_uris) if is_uri(uri))
    if activity.type == "Move":
        yield from (uri for end in ("origin", "target") if (uri := uri_of(activity.document.get(end))))
    if uri := quoting.instrument_uri(activity):
        yield uri
    yield from quoting.quoted_uris(activity.object)
    if activity.object is None:
        return
    for name in ("actor", "object", "inReplyTo"):
        if uri := uri_of(activity.object.get(name)):
            yield uri
    for name in ("attributedTo", "audience"):
        yield from (uri for uri in uris_of(activity.object.get(name))[:MAX_NAMED] if is_uri(uri))
    if passing.is_around_activity(activity):
        yield from _mentioned_within(activity.object)
    for tag in each(activity.object.get("tag")):
        if type_of(tag) == "Mention" and (uri := uri_of(tag.get("href"))):
            yield uri


def _mentioned_within(inner: Json) -> Iterator[str]:
    """Name what an activity is about that a group passes on: an Undo is about what it undoes."""
    for value in each(inner.get("object")):
        if isinstance(value, dict) and (uri := uri_of(value.get("object"))):
            yield uri


async def _complete(activity: Activity, ctx: Context) -> Activity:
    """Make sure that the actor is known, and the object too where the activity makes no sense without it."""
    dereferencer = Dereferencer(ctx.client, ctx.signer)
    if activity.actor_uri not in ctx.known.actors:
        await meet(activity.actor_uri, ctx, dereferencer)
        await ctx.known.load_followed()
    if not _lacks_something(activity, ctx):
        return activity
    if not policy.is_wanted(activity, ctx.known.actor(activity.actor_uri), ctx):
        raise UnsupportedActivity(f"nobody here follows {activity.actor_uri}")
    await policy.check_host(host_of(activity.object_uri or ""))
    await renew(ctx.known.actor(activity.actor_uri), ctx, dereferencer)
    return await NEEDS[activity.type].bring(activity, ctx, dereferencer)


@dataclass(frozen=True, slots=True)
class Need:
    """What a type of activity needs: whether it is lacking (rows only), and how to have it from its home (network).

    `bring` gives the activity as it is to be performed, perhaps with its object embedded, and loads what it touches.
    """

    is_lacking: Callable[[Activity, Context], bool]
    bring: Callable[[Activity, Context, Dereferencer], Awaitable[Activity]]


def lacks_document(activity: Activity, ctx: Context) -> bool:
    """Whether the object is only named, or embedded by somebody who cannot vouch for it."""
    uri = activity.object_uri
    if uri is None or ctx.names.is_ours(uri):
        return False
    return activity.object is None or not same_origin(uri, activity.actor_uri)


async def bring_document(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Embed the object as its home has it."""
    completed = activity.about(await dereferencer.document(activity.object_uri or ""))
    await ctx.known.load(mentioned_uris(completed))
    return completed


def lacks_post(activity: Activity, ctx: Context) -> bool:
    """Whether the object is a post that is not here."""
    uri = activity.object_uri
    return uri is not None and not ctx.names.is_ours(uri) and uri not in ctx.known.posts


def lacks_announced(activity: Activity, ctx: Context) -> bool:
    """Whether the post is not here, or the activity, which our own groups only pass on when it is."""
    if passing.is_around_activity(activity):
        return activity.object_uri not in ctx.known.records and not ctx.names.is_ours(activity.actor_uri)
    return lacks_post(activity, ctx)


async def bring_announced(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Fetch the post from home; of several that need it at once one does."""
    if passing.is_around_activity(activity):
        return await _bring_passed_on(activity, ctx, dereferencer)
    async with ctx.known.turns["post", activity.object_uri or ""]:
        if lacks_post(activity, ctx):
            document = await dereferencer.document(activity.object_uri or "")
            shown = _as_addressed(document, activity)
            ctx.known.posts[activity.object_uri or ""] = await keep_found(
                activity.object_uri or "", shown, ctx, dereferencer
            )
    await ctx.known.load_blocks()
    return activity


def _as_addressed(document: Json, activity: Activity) -> Json:
    """Give an event that does not say for whom it is the addressing of the activity, where its own server sent that."""
    is_silent = type_of(document) == "Event" and not uris_of(document.get("to")) and not uris_of(document.get("cc"))
    if not is_silent or not same_origin(uri_of(document) or "", activity.actor_uri):
        return document
    return document | {"to": list(activity.to), "cc": list(activity.cc)}


def lacks_featured(activity: Activity, ctx: Context) -> bool:
    """Whether an actor puts a post in front of its own others that is not here."""
    return uri_of(activity.document.get("target")) == ctx.known.actor(activity.actor_uri).featured_uri and lacks_post(
        activity, ctx
    )


def lacks_event(activity: Activity, ctx: Context) -> bool:
    """Whether somebody here is asked to come to an event that is not here, nor told by somebody who can vouch for it."""
    invited = (ctx.known.actors.get(uri) for uri in (*activity.addresses, *activity.target_uris))
    if not any(actor is not None and actor.is_local for actor in invited) or activity.object_uri in ctx.known.actors:
        return False
    return lacks_post(activity, ctx) and lacks_document(activity, ctx)


async def _bring_passed_on(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Have the activity that a group passes on vouched for, and bring what it needs itself.

    A Create that nobody vouches for (some servers do not serve it) still announces its post, which its home has.
    """
    passing.check_group(ctx.known.actor(activity.actor_uri), ctx)
    inner = passing.inner_of(activity)
    passing.check_related(inner, ctx)
    policy.check_names(inner, inner.actor_uri)
    async with ctx.known.turns["activity", inner.uri]:
        if inner.uri not in ctx.known.passed_on:
            try:
                vouched = await _vouched(activity, inner, ctx)
            except NotAuthorised:
                if inner.type != "Create" or inner.object_uri is None or ctx.names.is_ours(inner.object_uri):
                    raise
                await policy.check_host(host_of(inner.object_uri))
                about_post = replace(activity, object=None, object_uri=inner.object_uri)
                return await bring_announced(about_post, ctx, dereferencer)
            await _bring_inner(vouched, ctx)
    ctx.known.passed_on[inner.uri].group_uris.add(activity.actor_uri)
    return activity


async def _vouched(activity: Activity, inner: Activity, ctx: Context) -> Activity:
    """Have the inner activity vouched for. A group's own server, which signed, speaks for all its actors (FEP-fe34)."""
    if same_origin(inner.actor_uri, activity.actor_uri):
        return inner
    return await forwarding.vouch(inner, ctx)


async def _bring_inner(vouched: Activity, ctx: Context) -> None:
    """Bring what an activity needs that a group passes on: that makes it wanted."""
    await ctx.known.load(mentioned_uris(vouched))
    passed_on = ctx.known.passed_on[vouched.uri] = PassedOn(vouched)
    try:
        passed_on.activity = await _complete(vouched, ctx)
    except FederationError:
        del ctx.known.passed_on[vouched.uri]
        raise


def lacks_offered(activity: Activity, ctx: Context) -> bool:
    """Whether a section of ours is asked to organise an event that is not here."""
    asked = (ctx.known.actors.get(uri) for uri in activity.target_uris)
    return any(actor is not None and actor.is_local for actor in asked) and lacks_post(activity, ctx)


def lacks_group(activity: Activity, ctx: Context) -> bool:
    """Whether it invites to something that we have not met: most are invited to groups of which they know nothing."""
    uri = activity.object_uri
    is_ours = uri is None or ctx.names.is_ours(uri)
    return activity.object is None and not is_ours and uri not in ctx.known.actors and uri not in ctx.known.posts


def lacks_invited(activity: Activity, ctx: Context) -> bool:
    """Whether somebody is asked to come to an event, or to belong to a group, that we have not met."""
    return lacks_event(activity, ctx) or lacks_group(activity, ctx)


async def bring_invited(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Meet the group, or fetch the event: what it is, its home says."""
    document = await dereferencer.document(activity.object_uri or "")
    if type_of(document) in ACTOR_TYPES:
        return await bring_group(activity, ctx, dereferencer)
    return await bring_announced(activity, ctx, dereferencer)


async def bring_group(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Meet the group that somebody here is invited to."""
    await meet(activity.object_uri or "", ctx, dereferencer)
    return activity


def lacks_document_or_quoted(activity: Activity, ctx: Context) -> bool:
    """Whether the object, or what it quotes, is to be fetched."""
    return lacks_document(activity, ctx) or quoting.lacks(activity, ctx)


async def bring_with_quoted(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Embed the object as its home has it, if it is not embedded, and fetch what it quotes, if that can be had.

    An Update of a post that its home has no longer is its end.
    """
    if lacks_document(activity, ctx):
        try:
            activity = await bring_document(activity, ctx, dereferencer)
        except ObjectGone as gone:
            if not gone.is_permanent or activity.type != "Update" or activity.object_uri not in ctx.known.posts:
                raise
            return replace(activity, type="Delete", object=None)  # what its home says counts, not what it was told as
    await quoting.bring(activity.object, ctx, dereferencer, bring_post)
    return activity


def lacks_instrument(activity: Activity, ctx: Context) -> bool:
    """Whether the quoting post of a QuoteRequest is not here."""
    uri = quoting.instrument_uri(activity)
    return uri is not None and not ctx.names.is_ours(uri) and uri not in ctx.known.posts


async def bring_instrument(activity: Activity, ctx: Context, dereferencer: Dereferencer) -> Activity:
    """Keep the quoting post as its author embedded it, or fetch it from home.

    Raises:
        FederationError: it cannot be had, or is not what it claims to be.
    """
    embedded, uri = activity.document.get("instrument"), quoting.instrument_uri(activity) or ""
    if activity.object_uri not in ctx.known.posts:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if not same_origin(uri, activity.actor_uri):
        raise NotAuthorised(f"{uri} is not of {activity.actor_uri}'s server")
    if not isinstance(embedded, dict) or type_of(embedded) not in POST_TYPES:
        await bring_post(uri, ctx, dereferencer)
        return activity
    if uri in ctx.known.deleted_uris:
        raise ObjectGone(f"{uri} was deleted", is_permanent=True)
    author = ctx.known.actor(activity.actor_uri)
    read = note.read(embedded, author, activity_to=(), activity_cc=(), now=ctx.now())
    await ctx.known.load((*read.mentioned_uris, *quoting.quoted_uris(embedded)))
    ctx.known.posts[uri] = await _keep_once(read, author, ctx)
    return activity


NEEDS: Mapping[str, Need] = {
    "Create": Need(lacks_document_or_quoted, bring_with_quoted),
    "Update": Need(lacks_document_or_quoted, bring_with_quoted),
    "Announce": Need(lacks_announced, bring_announced),
    "Add": Need(lacks_featured, bring_announced),
    "Invite": Need(lacks_invited, bring_invited),
    "Offer": Need(lacks_offered, bring_announced),
    "Move": Need(lacks_homes, bring_homes),
    "QuoteRequest": Need(lacks_instrument, bring_instrument),
}


async def bring_post(uri: str, ctx: Context, dereferencer: Dereferencer) -> None:
    """Fetch a post from home, with its author, and keep both. No copy of it found elsewhere is believed.

    Raises:
        ObjectGone: it was deleted, whatever its home still serves.
        NotAuthorised: it is not for everybody.
        FederationError: it cannot be had, or is not what it claims to be.
    """
    document = await dereferencer.document(uri)
    ctx.known.posts[uri] = await keep_found(uri, document, ctx, dereferencer)


async def keep_found(uri: str, document: Json, ctx: Context, dereferencer: Dereferencer) -> Post:
    """Keep a post that its home showed, with its author; `uri` is what it was asked for by.

    Raises:
        FederationError: as `bring_post`.
    """
    found, author_uri = uri_of(document), uri_of(document.get("attributedTo"))
    if found is None or author_uri is None or not same_origin(found, author_uri):
        raise NotAuthorised(f"{uri} does not say who wrote it, or names somebody of another server")
    author = await meet(author_uri, ctx, dereferencer)
    await ctx.known.load([found])
    if found in ctx.known.deleted_uris:
        raise ObjectGone(f"{found} was deleted", is_permanent=True)
    read = note.read(document, author, activity_to=(), activity_cc=(), now=ctx.now(), members_uris=ctx.known.groups)
    if read.columns["visibility"] not in OPEN:
        raise NotAuthorised(f"{found} may not be shown to others")
    parent_uri = read.columns["in_reply_to_uri"] or found
    quoted = quoting.quoted_uris(document)
    await ctx.known.load((*read.mentioned_uris, *read.audience_uris, parent_uri, *quoted))
    await quoting.bring(document, ctx, dereferencer, bring_post)
    return await _keep_once(read, author, ctx)


async def _keep_once(read: note.ReadPost, author: Actor, ctx: Context) -> Post:
    """Keep a post; where another worker was faster, take what it kept."""
    try:
        async with in_transaction():
            post, _ = await post_handler.keep(read, author, ctx)
    except IntegrityError:
        return await Post.get(uri=read.columns["uri"]).prefetch_related("actor")
    post.actor = author
    return post
