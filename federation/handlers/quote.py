"""The life of a quote: kept with its post, asked for, agreed to or not, taken back.   Source: FEP-044f."""

from dataclasses import replace
from typing import Any

from federation import sanitise
from federation.activities import Activity, build, embed
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import Quoted
from federation.handlers.group import may_edit
from federation.handlers.handler import Effects
from federation.jsonld import load, uri_of
from federation.objects import quote as quotes
from federation.objects.note import ReadPost
from federation.objects.quote import ReadQuote
from federation.quoting import instrument_uri
from federation.uris import same_origin
from federation.vocabulary import REQUEST_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from models.moderation import Block
from models.post import Post, QuotePolicy
from models.quote import Quote, QuoteState

SHOWN = (QuoteState.ACCEPTED, QuoteState.UNASKED)


def without_fallback(read: ReadPost, ctx: Context) -> ReadPost:
    """Take the line "RE: …" out of a post whose quote can be shown instead."""
    quoted = ctx.known.posts.get(read.quote.uri) if read.quote else None
    if read.quote is None or quoted is None:
        return read
    html = quotes.without_fallback(read.columns["content_html"], {read.quote.uri, quoted.uri, quoted.url})
    return replace(read, columns=read.columns | {"content_html": sanitise.post_html(html)})


async def keep(post: Post, read: ReadQuote | None, ctx: Context) -> tuple[Quoted, ...]:
    """Write what a post quotes, or that it quotes nothing any more; tell if the quote is agreed to since now."""
    row = await Quote.get_or_none(post_id=post.id)
    quoted = ctx.known.posts.get(read.uri) if read else None
    quoted_uri = quoted.uri if quoted else read.uri if read else ""
    if row is not None and row.quoted_uri != quoted_uri:
        await row.delete()
        row = None
    if read is None:
        return ()
    before = row.state if row else None
    state = await _state(post, read, quoted, row, ctx)
    columns: dict[str, Any] = {"quoted_id": quoted.id if quoted else None, "state": state}
    if not any(
        _is_ours(uri, ctx) for uri in (post.uri, row.authorization_uri if row else None, read.authorization_uri)
    ):
        columns["authorization_uri"] = read.authorization_uri  # a stamp of ours is given in `request`, and nowhere else
    if row is None:
        await Quote.create(post=post, quoted_uri=quoted_uri, **columns)
    else:
        await Quote.filter(id=row.id).update(**columns)
    if quoted is None or state not in SHOWN or before in SHOWN:
        return ()
    return (Quoted(post, post.actor, quoted),)


async def told(post: Post) -> tuple[Quoted, ...]:
    """Tell of the quote in a new post, if it may be shown."""
    row = await Quote.get_or_none(post_id=post.id, state__in=SHOWN).select_related("quoted")
    return (Quoted(post, post.actor, row.quoted),) if row and row.quoted else ()


def _is_ours(uri: str | None, ctx: Context) -> bool:
    return uri is not None and ctx.names.is_ours(uri)


async def _state(post: Post, read: ReadQuote, quoted: Post | None, row: Quote | None, ctx: Context) -> QuoteState:
    """Tell how far consent has come. What was decided here stays; elsewhere the stamp decides."""
    if quoted is not None and quoted.actor_id == post.actor_id:
        return QuoteState.ACCEPTED
    if (
        row is not None
        and (post.is_local or (quoted is not None and quoted.is_local))
        and row.state != QuoteState.UNASKED
    ):
        return row.state
    if not read.knows_consent:
        return row.state if row is not None and row.state is QuoteState.REVOKED else QuoteState.UNASKED
    uri = read.authorization_uri
    if uri is None or quoted is None or quoted.is_local:
        return QuoteState.REQUESTED
    if uri in ctx.known.deleted_uris or (row and row.state is QuoteState.REVOKED and row.authorization_uri == uri):
        return QuoteState.REVOKED
    stamp = ctx.known.stamps.get(uri)
    named = {"author_uri": quoted.actor.uri, "quoting_uri": post.uri, "quoted_uri": quoted.uri}
    is_agreed = stamp is not None and quotes.is_authorization(stamp, uri, **named)
    return QuoteState.ACCEPTED if is_agreed else QuoteState.REQUESTED


async def _asked(activity: Activity, ctx: Context) -> tuple[Post, Post, Quote]:
    """Find what a QuoteRequest is about: (quoted, quoting, the row of the quote).

    Raises:
        MalformedActivity: it names no quoting post.
        NotAuthorised: the post is another's, or does not quote what it says.
    """
    quoted, uri = ctx.known.post(activity.object_uri or ""), instrument_uri(activity)
    if uri is None:
        raise MalformedActivity(f"{activity.uri} does not say where it quotes")
    quoting = ctx.known.post(uri)
    row = await Quote.get_or_none(post_id=quoting.id)
    if quoting.actor.uri != activity.actor_uri or row is None or row.quoted_id != quoted.id:
        raise NotAuthorised(f"{uri} is no quote of {quoted.uri} by {activity.actor_uri}")
    return quoted, quoting, row


async def authorise_request(activity: Activity, ctx: Context) -> None:
    """An actor asks for its own quotes, of posts that it may read.

    Raises:
        NotAuthorised: the quote is another's, or there is none, or the post is not for the actor.
        UnsupportedActivity: it is between two other servers.
    """
    actor = ctx.known.actor(activity.actor_uri)
    quoted, _, _ = await _asked(activity, ctx)
    if not (quoted.is_local or actor.is_local):
        raise UnsupportedActivity(f"{quoted.uri} is not of this server")
    if not await Post.visible_to(actor).filter(id=quoted.id).exists():
        raise NotAuthorised(f"{quoted.uri} is not for {actor.uri}")


async def request(activity: Activity, ctx: Context) -> Effects:
    """Answer by what the author of the post has decided; of another server's post, wait for the answer."""
    actor = ctx.known.actor(activity.actor_uri)
    quoted, quoting, row = await _asked(activity, ctx)
    row.request_uri = activity.uri
    if not quoted.is_local:
        await row.save(update_fields=["request_uri"])
        return Effects()
    is_news, stamp_uri = row.state is not QuoteState.ACCEPTED, ctx.names.quote_authorization(row.id)
    is_allowed = row.state is not QuoteState.REVOKED and await _is_allowed(actor, quoted)
    if is_allowed:
        row.state, row.authorization_uri = QuoteState.ACCEPTED, stamp_uri
    elif row.state is not QuoteState.REVOKED:
        row.state = QuoteState.REJECTED
    await row.save(update_fields=["request_uri", "state", "authorization_uri"])
    asked = {"@context": REQUEST_CONTEXT} | embed(activity) | {"object": quoted.uri, "instrument": quoting.uri}
    kind, result = ("Accept", {"result": stamp_uri}) if is_allowed else ("Reject", {})
    answer = build(kind, quoted.actor, asked, uri=ctx.names.new_activity(), to=[actor.uri], cc=(), **result)
    ctx.known.actors.setdefault(quoted.actor.uri, quoted.actor)
    facts = (Quoted(quoting, actor, quoted),) if is_allowed and is_news else ()
    return Effects(facts, (answer,))


async def _is_allowed(actor: Actor, quoted: Post) -> bool:
    """Whether the author of a post of ours lets this actor quote it."""
    if actor.id == quoted.actor_id:
        return True
    if not quoted.is_open or await Block.exists(blocker_id=quoted.actor_id, blocked_id=actor.id):
        return False
    if quoted.quote_policy is QuotePolicy.FOLLOWERS:
        follow = {"follower_id": actor.id, "followed_id": quoted.actor_id, "state": FollowState.ACCEPTED}
        return await Follow.exists(**follow)
    return quoted.quote_policy is QuotePolicy.EVERYBODY


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the author of a post answers who may quote it, with a stamp under its own server's names.

    Raises:
        NotAuthorised: the answer comes from someone else, or answers nothing, or bears another's stamp.
    """
    row = await _answered(activity)
    if row is None or row.quoted is None or row.quoted.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.actor_uri} was not asked {activity.object_uri}")
    if activity.type == "Accept":
        result = uri_of(activity.document.get("result"))
        if result is None or not same_origin(result, activity.actor_uri):
            raise NotAuthorised(f"{activity.uri} agrees without a stamp of its own")


async def _answered(activity: Activity) -> Quote | None:
    asked = Quote.get_or_none(request_uri=activity.object_uri or "")
    return await asked.select_related("post__actor", "quoted__actor")


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The quoted author agrees: the quote bears its stamp from here on, and those who got the post are told."""
    return await _settle(activity, QuoteState.ACCEPTED, uri_of(activity.document.get("result")), ctx)


async def reject(activity: Activity, ctx: Context) -> Effects:
    """The quoted author does not agree."""
    return await _settle(activity, QuoteState.REJECTED, None, ctx)


async def _settle(activity: Activity, state: QuoteState, stamp_uri: str | None, ctx: Context) -> Effects:
    row = await _answered(activity)
    if row is None or not row.post.is_local:
        return Effects()
    row.state, row.authorization_uri = state, stamp_uri
    await row.save(update_fields=["state", "authorization_uri"])
    return Effects(replies=await _updates(row, ctx))


async def authorise_revocation(activity: Activity, ctx: Context) -> None:
    """Only the server that gave a stamp takes it back.

    Raises:
        NotAuthorised: the stamp is of another origin.
    """
    if not activity.object_uri or not same_origin(activity.object_uri, activity.actor_uri):
        raise NotAuthorised(f"{activity.object_uri} is not of {activity.actor_uri}'s server")


async def revoke(activity: Activity, ctx: Context) -> Effects:
    """The quoted author agrees no longer. The activity's record keeps the stamp from being believed again."""
    uri = activity.object_uri or ""
    ctx.known.deleted_uris.add(uri)
    replies: tuple[Activity, ...] = ()
    for row in await Quote.filter(authorization_uri=uri).select_related("post__actor", "quoted__actor"):
        if row.quoted is not None and row.quoted.actor.uri == activity.actor_uri:
            row.state = QuoteState.REVOKED
            await row.save(update_fields=["state"])
            replies += await _updates(row, ctx)
    return Effects(replies=replies)


async def _updates(row: Quote, ctx: Context) -> tuple[Activity, ...]:
    """Tell those who got a quoting post of ours what its quote is now: what was said last, and the stamp or none."""
    post = row.post
    said = ActivityRecord.filter(object_uri=post.uri, type__in=["Create", "Update"], actor_uri=post.actor.uri)
    if not post.is_local or (record := await said.order_by("-id").first()) is None or not await may_edit(post):
        return ()
    last = load(record.document)
    document = quotes.with_consent(last["object"], row) | {"@context": last["@context"]}
    update = build("Update", post.actor, document, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await ctx.known.load([post.uri, post.actor.uri, *update.to, *update.cc])
    return (update,)
