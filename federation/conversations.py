"""Conversations that other servers have: what a post answers, and what answers it, fetched when there is time.

Everything comes from its own home, within bounds, and only what everybody may read is kept. It enters no timeline and
notifies nobody: whoever looks at the conversation finds it there.

Source: ActivityPub §5 (`replies`, `inReplyTo`); FEP-7888 and FEP-f228 (`context`, `contextHistory`)
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from federation import gathering, policy
from federation.context import Context
from federation.dereference import Dereferencer, WorkLimits
from federation.errors import FederationError, ObjectGone, RemoteUnavailable
from federation.handlers import post as post_handler
from federation.jsonld import Json, type_of, uri_of
from federation.listings import Listing, read_collection
from federation.uris import host_of, same_origin
from federation.vocabulary import ACTIVITY_TYPES, POST_TYPES
from models.errand import Errand, ErrandType
from models.post import Post

MAX_ANCESTORS = 30
MAX_KNOWN_ANCESTORS = 200
MAX_PAGES = 2
MAX_ITEMS = 60
MAX_DEPTH = 3
LONGEST = timedelta(minutes=5)
LIMITS = WorkLimits(max_documents=2 * MAX_ITEMS + 10)
ACTIVITIES_AROUND = 2  # an Add of a Create of a post


@dataclass(slots=True)
class _Work:
    """One errand under way: its fetches, its rows, and the hosts that did not answer it."""

    ctx: Context
    fetch: Dereferencer
    until: datetime
    silent_hosts: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, ctx: Context) -> "_Work":
        return cls(ctx.for_batch(), Dereferencer(ctx.client, ctx.signer, limits=LIMITS), ctx.now() + LONGEST)

    @property
    def is_late(self) -> bool:
        return self.ctx.now() > self.until


async def fetch_ancestors(uri: str, ctx: Context) -> None:
    """Fetch a post that one here answers, then the one that this answers, and so on, 30 at most.

    Raises:
        RemoteUnavailable: the home of one of them does not answer now.
        FederationError: the chain ends here: one cannot be had, or is not for everybody.
    """
    work, seen = _Work.begin(ctx), set[str]()
    above: str | None = uri
    while above is not None and above not in seen and len(seen) < MAX_ANCESTORS and not work.is_late:
        seen.add(above)
        above = await _missing_above(await _bring(above, work))


async def _missing_above(post: Post) -> str | None:
    """Name what the first post of a chain answers; None where that is known, or it answers nothing."""
    ids = await Post.ancestor_ids(post.id, MAX_KNOWN_ANCESTORS)
    top = await Post.get(id=ids[-1]) if ids else post
    return top.in_reply_to_uri if top.in_reply_to_id is None else None


async def _bring(uri: str, work: _Work, document: Json | None = None) -> Post:
    """Give a post with what answers it here hung below it, fetched if need be; `document` is what its home said of it."""
    ctx = work.ctx
    await ctx.known.load([uri])
    if (post := ctx.known.posts.get(uri)) is None:
        if ctx.names.is_ours(uri):
            raise ObjectGone(f"{uri} is not here", is_permanent=True)
        await policy.check_host(host_of(uri))
        document = document or await work.fetch.document(uri)
        post = ctx.known.posts[uri] = await gathering.keep_found(uri, document, ctx, work.fetch)
    if uri in ctx.known.awaited_uris:
        await post_handler.adopt(post, uri)
    return post


async def fetch_replies(uri: str, depth: int, ctx: Context) -> None:
    """Fetch what answers a post of another server, as its home lists it: the conversation if it does, else the replies.

    The answers to the answers are asked for in their turn, MAX_DEPTH deep.

    Raises:
        RemoteUnavailable: its home does not answer now.
        FederationError: its home does not show it, or lists nothing.
    """
    work = _Work.begin(ctx)
    if ctx.names.is_ours(uri):
        return
    await policy.check_host(host_of(uri))
    document = await work.fetch.document(uri)
    context_uri = uri_of(document.get("context"))
    listing = await _conversation(document, work)
    if listing is not None:
        await _keep_all(listing, context_uri, work)
    elif document.get("replies") is not None:
        home = uri_of(document) or uri
        listing = await read_collection(document["replies"], home, work.fetch, max_items=MAX_ITEMS, max_pages=MAX_PAGES)
        kept = await _keep_all(listing, None, work)
        if depth + 1 < MAX_DEPTH:
            await Errand.ask_many(ErrandType.REPLIES, kept, ctx.now(), depth=depth + 1)


async def _conversation(document: Json, work: _Work) -> Listing | None:
    """Read the collection of a post's conversation, kept by whoever it belongs to; None where there is none.

    Raises:
        RemoteUnavailable: its home does not answer now.
    """
    for name in ("context", "contextHistory"):
        uri = uri_of(document.get(name))
        if uri is None or work.ctx.names.is_ours(uri):
            continue
        try:
            await policy.check_host(host_of(uri))
            listing = await read_collection(uri, uri, work.fetch, max_items=MAX_ITEMS, max_pages=MAX_PAGES)
        except RemoteUnavailable:
            raise
        except FederationError:
            continue
        owner = uri_of(listing.document.get("attributedTo"))
        if listing.items and (owner is None or same_origin(owner, uri)):
            return listing
    return None


async def _keep_all(listing: Listing, context_uri: str | None, work: _Work) -> list[str]:
    """Keep the posts of a listing that belong to the conversation; the uris of those that are new."""
    found = [item async for item in _documents(listing, work)]
    kept: list[str] = []
    while True:
        later = []
        for uri, document in found:
            if not await _belongs(document, context_uri, work):
                later.append((uri, document))
            elif await _keep(uri, document, work):
                kept.append(uri)
        if len(later) == len(found):
            return kept
        found = later


async def _documents(listing: Listing, work: _Work) -> AsyncIterator[tuple[str, Json]]:
    """Give the posts of a listing that are not here: (uri, document), each as its own home has it."""
    embedded = {uri: item for item in listing.items if (uri := _post_uri(item))}
    await work.ctx.known.load(embedded)
    for uri, item in embedded.items():
        if work.is_late:
            return
        if uri in work.ctx.known.posts or uri in work.ctx.known.deleted_uris or work.ctx.names.is_ours(uri):
            continue
        if (
            isinstance(item, dict)
            and type_of(item) in POST_TYPES
            and same_origin(uri, listing.home_uri)
            and "content" in item
        ):
            yield uri, item
        elif (document := await _document(uri, work)) is not None:
            yield uri, document


async def _document(uri: str, work: _Work) -> Json | None:
    """Fetch one post from its home; None where it cannot be had, or its home did not answer before."""
    try:
        host = host_of(uri)
        if host in work.silent_hosts:
            return None
        await policy.check_host(host)
        return await work.fetch.document(uri)
    except RemoteUnavailable:
        work.silent_hosts.add(host_of(uri))
    except FederationError:
        pass
    return None


def _post_uri(item: Any) -> str | None:
    """Name the post that an item of a collection is, or is an activity about."""
    for _ in range(ACTIVITIES_AROUND):
        if type_of(item) in ACTIVITY_TYPES:
            item = item.get("object")
    return uri_of(item)


async def _belongs(document: Json, context_uri: str | None, work: _Work) -> bool:
    """Whether a post answers one that is here, or says that it is of the conversation."""
    parent = uri_of(document.get("inReplyTo"))
    if context_uri is not None and uri_of(document.get("context")) == context_uri:
        return True
    if parent is None:
        return False
    await work.ctx.known.load([parent])
    return parent in work.ctx.known.posts


async def _keep(uri: str, document: Json, work: _Work) -> bool:
    try:
        await _bring(uri, work, document)
    except FederationError:
        return False
    return True


def missing_parents(posts: Iterable[Post]) -> list[str]:
    """Name what these posts answer and is not here."""
    return [post.in_reply_to_uri for post in posts if post.in_reply_to_uri and post.in_reply_to_id is None]
