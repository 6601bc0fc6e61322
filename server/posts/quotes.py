"""Quotes: of whom a member may quote, asking them, and taking back one's own consent."""

from federation import pipeline
from federation.activities import Activity, build
from federation.context import Context
from federation.objects import quote as quotes
from federation.vocabulary import REQUEST_CONTEXT
from models.actor import Actor
from models.paging import page_of
from models.post import OPEN, Post, QuotePolicy, Visibility
from models.quote import Quote, QuoteState
from server.errors import Forbidden, NotFound
from server.posts import documents
from server.posts.queries import PostView, readable, views


async def check(author: Actor, quoted: Post, visibility: Visibility) -> None:
    """Refuse a quote whose answer is known before it is asked for. One's own posts one may always quote.

    Raises:
        Forbidden: the post is not for everybody, nobody may quote it, or it would be quoted where its author cannot look.
    """
    if quoted.actor_id == author.id:
        return
    if not await Post.visible_to(author).filter(id=quoted.id, visibility__in=OPEN).exists():
        raise Forbidden("Only posts that everybody may read can be quoted.")
    if quoted.quote_policy is QuotePolicy.NOBODY:
        raise Forbidden("The author of this post does not want it to be quoted.")
    if visibility not in OPEN:
        raise Forbidden("Whoever is quoted must be able to read it: make this post public or unlisted.")


def drafted(author: Actor, quoted: Post | None, kept: PostView | None) -> tuple[Quote, str] | None:
    """Make the row of a draft's quote, not to be saved, with the page of what is quoted; of an edit, what was quoted."""
    if quoted is None:
        return documents.quoted(kept) if kept else None
    state = QuoteState.ACCEPTED if quoted.actor_id == author.id else QuoteState.REQUESTED
    return Quote(quoted_uri=quoted.uri, state=state), quoted.url


def request(author: Actor, quoting_uri: str, quoted: Post, ctx: Context) -> Activity:
    """Ask the author of a post for its quote in another one."""
    return build(
        "QuoteRequest",
        author,
        quoted.uri,
        uri=ctx.names.new_activity(),
        to=[quoted.actor.uri],
        instrument=quoting_uri,
        **{"@context": REQUEST_CONTEXT},
    )


async def revoke(author: Actor, quoted: Post, quoting_id: int, ctx: Context) -> None:
    """Agree no longer to a quote of one's own post; a second time changes nothing.

    Raises:
        Forbidden: the post is another's.
        NotFound: that post does not quote it.
    """
    if quoted.actor_id != author.id:
        raise Forbidden("Only its author may say who quotes a post.")
    row = await Quote.get_or_none(post_id=quoting_id, quoted_id=quoted.id).select_related("post__actor")
    if row is None:
        raise NotFound("That post does not quote this one.")
    if row.state is not QuoteState.ACCEPTED or row.authorization_uri is None:
        await Quote.filter(id=row.id).update(state=QuoteState.REVOKED)  # nobody was given anything to take back
        return
    uri = row.authorization_uri
    stamp = quotes.write_authorization(uri, author.uri, row.post.uri, quoted.uri)
    activity = build("Delete", author, stamp, uri=ctx.names.new_activity(), to=[row.post.actor.uri])
    await pipeline.submit(activity, acting=author, ctx=ctx)


async def quoting(
    post: Post, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, PostView]]:  # fmt: skip
    """Load the posts that quote this one, as far as the viewer may read them, newest first: (id of the quote, post)."""
    rows = Quote.filter(quoted_id=post.id, state__in=[QuoteState.ACCEPTED, QuoteState.UNASKED])
    found = await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
    posts = await readable([row.post_id for row in found], viewer, is_heard=True)
    kept = [row for row in found if row.post_id in posts]
    shown = await views([posts[row.post_id] for row in kept], viewer)
    return [(row.id, view) for row, view in zip(kept, shown, strict=True)]
