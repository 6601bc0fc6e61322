"""What a member does with posts: publish, edit, delete, like, announce. Each builds an activity and submits it."""

from dataclasses import dataclass

from federation import addressing, markup, pipeline
from federation.activities import Activity, build, embed
from federation.activities import parse as parse_activity
from federation.context import Context
from federation.jsonld import Json, load, written_instant
from federation.objects import note
from federation.pipeline import Submission
from models.activity import ActivityRecord
from models.actor import Actor
from models.ids import new_id
from models.post import Post, PostTag, QuotePolicy, Visibility
from models.reaction import Announce, Like
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.follows.lookup import find_many
from server.posts import documents, polls, quotes
from server.posts.polls import DraftPoll
from server.posts.queries import PostView, one, views

MAX_CHARACTERS = 5000


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member typed: plain text, and the choices around it."""

    text: str
    visibility: Visibility = Visibility.PUBLIC
    content_warning: str = ""
    is_sensitive: bool = False
    language: str | None = None
    in_reply_to: Post | None = None
    poll: DraftPoll | None = None
    quoted: Post | None = None
    quote_policy: QuotePolicy | None = None


async def publish(author: Actor, draft: Draft, ctx: Context) -> Post:
    """Publish a post.

    Raises:
        Invalid: it is empty or too long.
        Forbidden: it answers a post its author may not read, or quotes one that is not to be quoted.
    """
    _check(draft)
    parent = draft.in_reply_to
    if parent is not None and not await Post.visible_to(author).filter(id=parent.id).exists():
        raise Forbidden("You cannot reply to this post.")
    if draft.quoted is not None:
        await quotes.check(author, draft.quoted, draft.visibility)
    id_ = new_id()
    document = await _written(id_, author, draft, ctx)
    activity = build(
        "Create",
        author,
        document,
        uri=ctx.names.new_activity(),
        to=document["to"],
        cc=document["cc"],
        published=document["published"],
    )
    activities = [activity]
    if draft.quoted is not None and draft.quoted.actor_id != author.id:
        activities.append(quotes.request(author, document["id"], draft.quoted, ctx))
    for outcome in await pipeline.submit_many([Submission(item, author.uri) for item in activities], ctx):
        if outcome.error is not None:
            raise outcome.error
    return await Post.get(id=id_).select_related("actor")


def _check(draft: Draft) -> None:
    if not draft.text.strip():
        raise Invalid("A post cannot be empty.")
    if len(draft.text) > MAX_CHARACTERS:
        raise Invalid(f"A post may have {MAX_CHARACTERS} characters; this one has {len(draft.text)}.")
    if draft.poll is not None:
        polls.check(draft.poll)


async def _written(id_: int, author: Actor, draft: Draft, ctx: Context, kept: PostView | None = None) -> Json:
    """Write the Note of a draft: text to HTML, names to actors, visibility to addressing. `kept` is what an edit edits."""
    found = await find_many(markup.find_mentions(draft.text), ctx)
    links = {handle: markup.MentionLink(actor.uri, actor.url, actor.username) for handle, actor in found.items()}
    rendered = markup.render(draft.text, mention=links.get, tag_url=ctx.names.tag)
    named = list({actor.id: actor for actor in found.values()}.values())
    parent = draft.in_reply_to
    if parent is not None and parent.actor_id not in {author.id, *(actor.id for actor in named)}:
        named.insert(0, await Actor.get(id=parent.actor_id))
    to, cc = addressing.address(author, draft.visibility, [actor.uri for actor in named])
    poll, quoted = polls.drafted(draft.poll, kept, ctx), quotes.drafted(author, draft.quoted, kept)
    post = Post(
        id=id_, uri=ctx.names.post(id_), url=ctx.names.post_page(author.username, id_), actor_id=author.id,
        type="Question" if poll else "Note",
        visibility=draft.visibility, content_html=rendered.html, source_text=draft.text,
        content_warning=draft.content_warning, is_sensitive=draft.is_sensitive or bool(draft.content_warning),
        language=draft.language, to_uris=to, cc_uris=cc, published_at=ctx.now(),
        in_reply_to_uri=parent.uri if parent else None,
        conversation_uri=(parent.conversation_uri or parent.uri) if parent else ctx.names.post(id_),
    )  # fmt: skip
    post.quote_policy = draft.quote_policy or (kept.post.quote_policy if kept else QuotePolicy.EVERYBODY)
    tags = [PostTag(name=markup.normalise_tag(tag), shown=tag) for tag in rendered.tags]
    return note.write(post, author, named, tags, [], ctx.names, poll=poll, quoted=quoted)


async def edit(author: Actor, post: Post, draft: Draft, ctx: Context) -> Post:
    """Replace the text of a post, and its poll where there is a new one; who may see it stays as it was.

    Raises:
        Forbidden: it is another's.
        Invalid: the new text is empty or too long.
    """
    _check_owner(author, post)
    _check(draft)
    document = await _written(post.id, author, draft, ctx, await one(post.id, author))
    kept = {"to": post.to_uris, "cc": post.cc_uris, "published": written_instant(post.published_at)}
    thread = {
        "inReplyTo": post.in_reply_to_uri,
        "context": post.conversation_uri,
        "conversation": post.conversation_uri,
    }
    document |= kept | {name: value for name, value in thread.items() if value}
    document["updated"] = written_instant(ctx.now())
    activity = build("Update", author, document, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)
    return await Post.get(id=post.id).select_related("actor")


async def delete(author: Actor, post: Post, ctx: Context) -> None:
    """Delete a post, here and wherever it went.

    Raises:
        Forbidden: it is another's.
    """
    _check_owner(author, post)
    tombstone = {"id": post.uri, "type": "Tombstone"}
    activity = build("Delete", author, tombstone, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=author, ctx=ctx)


def _check_owner(author: Actor, post: Post) -> None:
    if post.actor_id != author.id:
        raise Forbidden("Only its author may change a post.")


async def like(actor: Actor, post: Post, ctx: Context) -> None:
    """Like a post; a second time changes nothing."""
    if not await Like.exists(actor_id=actor.id, post_id=post.id):
        author = await Actor.get(id=post.actor_id)
        activity = build("Like", actor, post.uri, uri=ctx.names.new_activity(), to=[author.uri])
        await pipeline.submit(activity, acting=actor, ctx=ctx)


async def unlike(actor: Actor, post: Post, ctx: Context) -> None:
    """Take a like back; without one nothing changes."""
    if row := await Like.get_or_none(actor_id=actor.id, post_id=post.id):
        await _undo(actor, row.uri, ctx)


async def announce(actor: Actor, post: Post, ctx: Context) -> Announce:
    """Show a post to one's followers; a second time changes nothing.

    Raises:
        Forbidden: the post is not open to everybody.
    """
    if not post.is_open:
        raise Forbidden("Only posts that everybody may read can be shared.")
    if not await Announce.exists(actor_id=actor.id, post_id=post.id):
        author = await Actor.get(id=post.actor_id)
        to, cc = addressing.address(actor, Visibility.PUBLIC, [author.uri])
        activity = build(
            "Announce", actor, post.uri, uri=ctx.names.new_activity(), to=to, cc=cc,
            published=written_instant(ctx.now()),
        )  # fmt: skip
        await pipeline.submit(activity, acting=actor, ctx=ctx)
    return await Announce.get(actor_id=actor.id, post_id=post.id).select_related("actor")


async def unannounce(actor: Actor, post: Post, ctx: Context) -> None:
    """Stop showing a post; without an announce nothing changes."""
    if row := await Announce.get_or_none(actor_id=actor.id, post_id=post.id):
        await _undo(actor, row.uri, ctx)


async def _undo(actor: Actor, activity_uri: str, ctx: Context) -> None:
    undone = parse_activity(load((await ActivityRecord.get(uri=activity_uri)).document))
    await pipeline.submit(undo_of(undone, actor, ctx), acting=actor, ctx=ctx)


def undo_of(undone: Activity, actor: Actor, ctx: Context) -> Activity:
    """Build the Undo of an activity, for those who got the activity."""
    return build("Undo", actor, embed(undone), uri=ctx.names.new_activity(), to=undone.to, cc=undone.cc)


async def readable(id_: int, viewer: Actor | None) -> Post:
    """Find a post that the viewer may read.

    Raises:
        NotFound: there is none.
    """
    post = await Post.visible_to(viewer).filter(id=id_).select_related("actor").first()
    if post is None:
        raise NotFound("This post does not exist, or is not for you.")
    return post


async def document_of(post: Post, ctx: Context) -> Json:
    """Write a post of ours for other servers, from its rows.

    Raises:
        Conflict: it is not ours to write.
    """
    if not post.is_local:
        raise Conflict("Its own server has that post.")
    post.actor = await Actor.get(id=post.actor_id)
    [view] = await views([post])
    return documents.written(view, ctx.names)
