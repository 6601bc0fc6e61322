"""The life of a post: create, update, delete.   Source: ActivityPub §6.2-§6.4, §7.2-§7.4."""

from datetime import timedelta

from tortoise.expressions import F

from federation.activities import Activity
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import Posted, PostEdited
from federation.handlers import poll as polls
from federation.handlers import quote as quotes
from federation.handlers.handler import Effects
from federation.jsonld import Json
from federation.objects import note
from federation.policy import is_wanted
from federation.uris import same_origin
from models.actor import Actor
from models.ids import id_at, new_id
from models.post import Attachment, Mention, Post, PostTag

FRESH = timedelta(hours=1)
SAID = ("title", "content_html", "content_warning", "is_sensitive", "language", "quote_policy")


async def authorise_create(activity: Activity, ctx: Context) -> None:
    """An actor creates its own posts, under its own server's names, and not again what was deleted.

    Raises:
        NotAuthorised: the post is another's, or was deleted.
        UnsupportedActivity: nobody here asked for it.
    """
    author = ctx.known.actor(activity.actor_uri)
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} creates nothing that can be read")
    _read(activity.object, author, activity, ctx)
    post = ctx.known.posts.get(activity.object_uri or "")
    if post is not None and post.actor.uri != author.uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {author.uri}")
    if activity.object_uri in ctx.known.deleted_uris:
        raise NotAuthorised(f"{activity.object_uri} was deleted")
    if not is_wanted(activity, author, ctx):
        raise UnsupportedActivity(f"nobody here follows {author.uri} or is named by {activity.uri}")


def _read(document: Json, author: Actor, activity: Activity, ctx: Context) -> note.ReadPost:
    return note.read(document, author, activity_to=activity.to, activity_cc=activity.cc, now=ctx.now())


async def create(activity: Activity, ctx: Context) -> Effects:
    """Keep the post and tell those it is for."""
    author = ctx.known.actor(activity.actor_uri)
    read = _read(activity.object or {}, author, activity, ctx)
    post, mentioned = await keep(read, author, ctx)
    return Effects((Posted(post, author, mentioned), *(await quotes.told(post) if read.quote else ())))


async def keep(read: note.ReadPost, author: Actor, ctx: Context) -> tuple[Post, tuple[int, ...]]:
    """Write the rows of a post, unless it is here already: (post, ids of the actors it names)."""
    mentioned = tuple(actor.id for uri in read.mentioned_uris if (actor := ctx.known.actors.get(uri)))
    if (post := ctx.known.posts.get(read.columns["uri"])) is not None:
        return post, mentioned
    read = quotes.without_fallback(read, ctx)
    parent = ctx.known.posts.get(read.columns["in_reply_to_uri"] or "")
    own_id = ctx.names.post_id(read.columns["uri"]) if author.is_local else None
    post = await Post.create(
        id=own_id or _place_in_time(read, ctx),
        actor=author,
        is_local=author.is_local,
        in_reply_to=parent,
        received_at=ctx.now(),
        **read.columns,
    )
    await _hang_on(post, read, mentioned)
    await polls.keep(post, read.poll)
    await quotes.keep(post, read.quote, ctx)
    author.last_post_at = max(author.last_post_at or post.published_at, post.published_at)
    await Actor.filter(id=author.id).update(posts_count=F("posts_count") + 1, last_post_at=author.last_post_at)
    if parent is not None:
        await Post.filter(id=parent.id).update(replies_count=F("replies_count") + 1)
    ctx.known.posts[post.uri] = post
    return post, mentioned


def _place_in_time(read: note.ReadPost, ctx: Context) -> int:
    """Choose an id that sorts an old post met today where it belongs, and a fresh one by its arrival."""
    published = read.columns["published_at"]
    return new_id() if ctx.now() - published < FRESH else id_at(int(published.timestamp() * 1000))


async def _hang_on(post: Post, read: note.ReadPost, mentioned: tuple[int, ...]) -> None:
    if mentioned:
        await Mention.bulk_create([Mention(post=post, actor_id=id_) for id_ in mentioned])
    if read.tags:
        await PostTag.bulk_create([PostTag(post=post, name=name, shown=shown) for name, shown in read.tags])
    if read.attachments:
        await Attachment.bulk_create([Attachment(post=post, **columns) for columns in read.attachments])


async def authorise_change(activity: Activity, ctx: Context) -> None:
    """Only its author changes or deletes a post.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    post = ctx.known.posts.get(activity.object_uri or "")
    if post is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if post.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def update(activity: Activity, ctx: Context) -> Effects:
    """Replace what the post says, not who may read it. An Update older than the last one changes nothing."""
    post, author = ctx.known.post(activity.object_uri or ""), ctx.known.actor(activity.actor_uri)
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} does not say what the post says now")
    read = quotes.without_fallback(_read(activity.object, author, activity, ctx), ctx)
    if not _is_edit(post, read):
        counted = await polls.recount(activity, post, read.poll, ctx)
        return Effects((*counted, *await quotes.keep(post, read.quote, ctx)))
    edited_at = min(read.columns["edited_at"] or ctx.now(), ctx.now())
    if post.edited_at and edited_at < post.edited_at:
        return Effects()
    kept = ("uri", "published_at", "in_reply_to_uri", "conversation_uri", "visibility", "to_uris", "cc_uris")
    changed = {name: value for name, value in read.columns.items() if name not in kept} | {"edited_at": edited_at}
    await post.update_from_dict(changed).save(update_fields=list(changed))
    mentioned = tuple(actor.id for uri in read.mentioned_uris if (actor := ctx.known.actors.get(uri)))
    if not post.is_open:  # whoever is named may read it
        named = set(await Mention.filter(post_id=post.id).values_list("actor_id", flat=True))
        mentioned = tuple(id_ for id_ in mentioned if id_ in named)
    for rows in (Mention, PostTag, Attachment):
        await rows.filter(post_id=post.id).delete()
    await _hang_on(post, read, mentioned)
    closed, quoted = await polls.keep(post, read.poll), await quotes.keep(post, read.quote, ctx)
    return Effects((PostEdited(post, author), *closed, *quoted))


def _is_edit(post: Post, read: note.ReadPost) -> bool:
    """Whether an Update says something new, rather than how a poll stands or that a quote was agreed to.

    Those come without an `updated` later than the last, or without any.   Source: Mastodon
    """
    updated = read.columns["edited_at"]
    if post.type != read.columns["type"] or (read.poll is None and read.quote is None):
        return True
    if updated is not None and (post.edited_at is None or updated != post.edited_at):
        return post.edited_at is None or bool(updated > post.edited_at)
    if updated is None and read.poll is not None:
        return False
    return any(getattr(post, name) != read.columns[name] for name in SAID)


async def delete(activity: Activity, ctx: Context) -> Effects:
    """Remove the post with all that hangs on it. The activity's record keeps it from coming back."""
    post = ctx.known.post(activity.object_uri or "")
    if await Post.filter(id=post.id).delete():
        await Actor.filter(id=post.actor_id).update(posts_count=F("posts_count") - 1)
        if post.in_reply_to_id:
            await Post.filter(id=post.in_reply_to_id).update(replies_count=F("replies_count") - 1)
    ctx.known.posts.pop(post.uri, None)
    ctx.known.deleted_uris.add(post.uri)
    return Effects()


async def authorise_burial(activity: Activity, ctx: Context) -> None:
    """An actor may declare dead what only its own server can have named.

    Raises:
        NotAuthorised: the object is of another origin.
    """
    if not activity.object_uri or not same_origin(activity.object_uri, activity.actor_uri):
        raise NotAuthorised(f"{activity.object_uri} is not of {activity.actor_uri}'s server")


async def bury(activity: Activity, ctx: Context) -> Effects:
    """Remember only that the object was deleted, should its Create still be on the way."""
    return await quotes.revoke(activity, ctx)  # a stamp of consent to a quote may be named like any other object
