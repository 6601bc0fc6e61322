"""Agreeing with another server who here follows its actors, where the two have come apart.   Source: FEP-8fcf"""

from collections.abc import Sequence
from datetime import timedelta

from tortoise.transactions import in_transaction

from federation import pipeline, policy
from federation.activities import Activity, build, embed, parse
from federation.context import Context, Work
from federation.dereference import Dereferencer
from federation.errors import MalformedActivity
from federation.follower_digests import HEADER, digest_of, read_claim
from federation.handlers import follow as follow_handler
from federation.jsonld import load, uri_of
from federation.listings import Listing, read_collection
from federation.signatures import SignedRequest
from federation.uris import host_of, same_origin
from federation.verification import read
from models.activity import ActivityRecord
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.follow import Follow, FollowState

SETTLE_FOR = timedelta(minutes=1)  # a Follow, an Accept or an Undo may be on its way
MAX_FOLLOWERS = 10_000
MAX_PAGES = 10


async def compare(request: SignedRequest, signer_uri: str, ctx: Context) -> None:
    """Look at the Collection-Synchronization header of a verified request; where it differs, have the list fetched.

    A header is ignored that the signature does not cover, or that speaks for another than the signer. An actor's list
    is fetched once an hour at most.
    """
    claim = read_claim(request.headers.get(HEADER, ""))
    if claim is None or HEADER not in {name.strip('"') for name in read(request, ctx).headers}:
        return
    actor = await Actor.get_or_none(uri=signer_uri, is_local=False, gone_at=None)
    if actor is None or claim.collection_uri != actor.followers_uri or not same_origin(claim.url, actor.uri):
        return
    if digest_of(follow.follower.uri for follow in await _followers_here(actor)) == claim.digest:
        return
    if not await Errand.exists(type=ErrandType.FOLLOWERS, about_uri=actor.uri):
        due_at = ctx.now() + SETTLE_FOR
        await Errand.ask_many(ErrandType.FOLLOWERS, [claim.url], ctx.now(), about_uri=actor.uri, due_at=due_at)


async def _followers_here(actor: Actor) -> list[Follow]:
    rows = Follow.filter(followed_id=actor.id, follower__is_local=True, state=FollowState.ACCEPTED)
    return await rows.select_related("follower", "followed")


async def mend(url: str, actor_uri: str, ctx: Context) -> None:
    """Fetch who here follows an actor, as its home has it: end the follows it does not know, take back those we do not.

    Raises:
        FederationError: the list cannot be had, or is not the whole one.
    """
    actor = await Actor.get_or_none(uri=actor_uri, is_local=False, gone_at=None)
    if actor is None:
        return
    await policy.check_host(host_of(url))
    here = await _followers_here(actor)  # before the list is asked for: what begins meanwhile is not in it
    fetch = Dereferencer(ctx.client, ctx.signer)
    listing = await read_collection(url, actor.uri, fetch, max_items=MAX_FOLLOWERS, max_pages=MAX_PAGES)
    _check_whole(listing, url)
    listed = {uri for item in listing.items if (uri := uri_of(item)) and ctx.names.is_ours(uri)}
    await _end([follow for follow in here if follow.follower.uri not in listed], ctx)
    await _take_back(listed, actor, ctx)


def _check_whole(listing: Listing, url: str) -> None:
    """Refuse a list that only counts, or breaks off: nobody is to lose a follow for it.

    Raises:
        MalformedActivity: it is such.
    """
    total = listing.document.get("totalItems")
    has_items = not {"items", "orderedItems", "first"}.isdisjoint(listing.document)
    if not has_items or not listing.is_whole or (isinstance(total, int) and total > len(listing.items)):
        raise MalformedActivity(f"{url} does not list all of its followers")


async def _end(follows: Sequence[Follow], ctx: Context) -> None:
    for follow in follows:
        async with in_transaction():
            effects = await follow_handler.end(follow)
            await ctx.react(effects.facts)


async def _take_back(listed: set[str], actor: Actor, ctx: Context) -> None:
    """Tell the actor's home of those it has as followers, and who do not follow it, nor asked to."""
    strangers = Actor.filter(uri__in=list(listed), is_local=True, gone_at=None)
    standing = set(await Follow.filter(followed_id=actor.id).values_list("follower_id", flat=True))
    for follower in await strangers:
        if follower.id in standing:
            continue
        asked = await _last_follow(follower, actor, ctx)
        undo = build("Undo", follower, embed(asked), uri=ctx.names.new_activity(), to=[actor.uri])
        async with in_transaction():  # only a Follow that is here can be undone
            await Follow.create(uri=asked.uri, follower=follower, followed=actor)
            await pipeline.submit(undo, acting=follower, ctx=ctx)
        await ctx.wake(Work.DELIVERY)


async def _last_follow(follower: Actor, followed: Actor, ctx: Context) -> Activity:
    """Give the Follow that the other server may still believe in; where we know of none, one that names the two."""
    records = ActivityRecord.filter(object_uri=followed.uri, type="Follow", actor_uri=follower.uri)
    if (record := await records.order_by("-id").first()) is not None:
        return parse(load(record.document))
    return build("Follow", follower, followed.uri, uri=ctx.names.new_activity(), to=[followed.uri])
