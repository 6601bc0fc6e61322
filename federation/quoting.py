"""Fetching what a post quotes, and its author's consent: some steps deep, and never at the cost of the quoting post."""

from collections.abc import Awaitable, Callable, Iterator

from federation.activities import Activity
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from federation.jsonld import Json, uri_of
from federation.objects import quote
from federation.objects.quote import ReadQuote

BringPost = Callable[[str, Context, Dereferencer], Awaitable[None]]


def quoted_uris(document: Json | None) -> Iterator[str]:
    """Name what a post quotes, and the stamp of consent to it."""
    if document is not None and (read := quote.read(document)) is not None:
        yield read.uri
        if read.authorization_uri:
            yield read.authorization_uri


def lacks(activity: Activity, ctx: Context) -> bool:
    """Whether something about the quote in this activity is to be fetched. What we write quotes what is here."""
    if ctx.names.is_ours(activity.actor_uri) or activity.object is None:
        return False
    read = quote.read(activity.object)
    return read is not None and (_lacks_post(read, ctx) or _lacks_stamp(read, ctx))


def _lacks_post(read: ReadQuote, ctx: Context) -> bool:
    return not ctx.names.is_ours(read.uri) and read.uri not in ctx.known.posts


def _lacks_stamp(read: ReadQuote, ctx: Context) -> bool:
    uri = read.authorization_uri
    return uri is not None and not ctx.names.is_ours(uri) and uri not in ctx.known.stamps


async def bring(document: Json | None, ctx: Context, dereferencer: Dereferencer, bring_post: BringPost) -> None:
    """Fetch what a post quotes and the stamp of consent, as far as they can be had."""
    read = quote.read(document) if document else None
    if read is None:
        return
    if _lacks_post(read, ctx):
        try:  # no turn is waited for: two posts that quote each other would wait for ever
            await bring_post(read.uri, ctx, dereferencer.deeper())
        except FederationError:
            return  # without the post no stamp can be judged
    if _lacks_stamp(read, ctx) and read.authorization_uri:
        ctx.known.stamps[read.authorization_uri] = await _stamp(read.authorization_uri, dereferencer)


async def _stamp(uri: str, dereferencer: Dereferencer) -> Json | None:
    try:
        return await dereferencer.document(uri)
    except FederationError:
        return None


def instrument_uri(activity: Activity) -> str | None:
    """Name the quoting post that a QuoteRequest is about."""
    return uri_of(activity.document.get("instrument"))
