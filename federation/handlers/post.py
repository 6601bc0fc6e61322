"""The life of a post: create, update, delete.   Source: ActivityPub §6.2-§6.4, §7.2-§7.4."""

from datetime import timedelta

from tortoise.expressions import F

from federation import apart, findable
from federation.activities import Activity
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import PostDeleted, Posted, PostEdited
from federation.handlers import event as events
from federation.handlers import event_poll, reaction
from federation.handlers import poll as polls
from federation.handlers import quote as quotes
from federation.handlers.group import check_members_post
from federation.handlers.handler import Effects
from federation.handlers.hanging import hang_on, take_off
from federation.jsonld import Json, uri_of
from federation.objects import note
from federation.policy import is_wanted
from federation.uris import same_origin
from models.actor import Actor
from models.edit import PostEdit
from models.ids import id_at, new_id
from models.membership import Membership
from models.post import OPEN, Attachment, Mention, Post, Visibility
from models.rows import create as create_row
from models.timeline import HomeRow

FRESH = timedelta(hours=1)
MAX_EDITS = 100
# What an edit replaces, as a reader sees it.
SHOWN = ("title", "content_html", "content_warning", "is_sensitive")
SAID = ("title", "content_html", "content_warning", "is_sensitive", "language", "quote_policy")


def prepare(activity: Activity, ctx: Context) -> None:
    """Read the post that is to be created, its HTML above all."""
    if activity.object is not None and activity.uri not in ctx.known.records:
        _read_once(activity, events.author_of(activity, ctx), ctx)


async def authorise_create(activity: Activity, ctx: Context) -> None:
    """An actor creates its own posts, under its own server's names, and not again what was deleted.

    Raises:
        NotAuthorised: the post is another's, was deleted, or answers somebody who is kept apart from its author.
        UnsupportedActivity: nobody here asked for it.
    """
    author = events.author_of(activity, ctx)
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} creates nothing that can be read")
    read = _read_once(activity, author, ctx)
    post = ctx.known.posts.get(activity.object_uri or "")
    if post is not None and post.actor.uri != author.uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {author.uri}")
    if activity.object_uri in ctx.known.deleted_uris:
        raise NotAuthorised(f"{activity.object_uri} was deleted")
    if (parent := ctx.known.posts.get(uri_of(activity.object.get("inReplyTo")) or "")) is not None:
        apart.check(author, parent.actor, ctx)
    if not is_wanted(activity, author, ctx):
        raise UnsupportedActivity(f"nobody here follows {author.uri} or is named by {activity.uri}")
    if read.columns["visibility"] is Visibility.SECTION and (group := _group_of(read, ctx)) is not None:
        await check_members_post(activity, author, group, ctx)


def _read_once(activity: Activity, author: Actor, ctx: Context) -> note.ReadPost:
    """Read the object of a Create; whoever asks again is given the same."""
    if (read := ctx.known.read_posts.get(activity.uri)) is None:
        read = ctx.known.read_posts[activity.uri] = _read(activity.object or {}, author, activity, ctx)
    return read


def _read(document: Json, author: Actor, activity: Activity, ctx: Context) -> note.ReadPost:
    to, cc, members = activity.to, activity.cc, ctx.known.groups
    return note.read(document, author, activity_to=to, activity_cc=cc, now=ctx.now(), members_uris=members)


def _group_of(read: note.ReadPost, ctx: Context) -> Actor | None:
    """Find the group that a post is for: the one whose members it is addressed to, or the one it says it is for."""
    if read.columns["visibility"] is Visibility.SECTION:
        addressed = (*read.columns["to_uris"], *read.columns["cc_uris"])
        return next((group for uri in addressed if (group := ctx.known.groups.get(uri))), None)
    named = (*read.audience_uris, *read.columns["to_uris"], *read.columns["cc_uris"])
    known = (ctx.known.actors.get(uri) for uri in named)
    return next((actor for actor in known if actor is not None and actor.is_group), None)


async def create(activity: Activity, ctx: Context) -> Effects:
    """Keep the post and tell those it is for."""
    author = events.author_of(activity, ctx)
    read = _read_once(activity, author, ctx)
    is_new = read.columns["uri"] not in ctx.known.posts
    post, mentioned = await keep(read, author, ctx)
    if post.visibility is Visibility.SECTION:  # whoever is named in it and does not belong is not told of it
        belonging = await Membership.belonging(mentioned, post.group_id)
        mentioned = tuple(id_ for id_ in mentioned if id_ in belonging)
    heard = await event_poll.heard(post, author, ctx) if is_new else Effects()
    told = (Posted(post, author, mentioned), *(await quotes.told(post) if read.quote else ()), *heard.facts)
    return Effects(told, heard.replies, heard.afterwards)


async def keep(read: note.ReadPost, author: Actor, ctx: Context) -> tuple[Post, tuple[int, ...]]:
    """Write the rows of a post, unless it is here already: (post, ids of the actors it names)."""
    mentioned = tuple(actor.id for actor in _named(read, ctx))
    if (post := ctx.known.posts.get(read.columns["uri"])) is not None:
        return post, mentioned
    read = quotes.without_fallback(read, ctx)
    parent = ctx.known.posts.get(read.columns["in_reply_to_uri"] or "")
    own_id = ctx.names.post_id(read.columns["uri"]) if author.is_local else None
    post = await create_row(
        Post,
        id=own_id or _place_in_time(read, ctx),
        actor=author,
        is_local=author.is_local,
        in_reply_to=parent,
        group=_group_of(read, ctx),
        received_at=ctx.now(),
        **read.columns,
    )
    await hang_on(post, read, mentioned, ctx)
    await findable.index_new(post, author, read, _named(read, ctx))
    if read.poll is not None:
        await polls.keep(post, read.poll)
    if read.event is not None:
        await events.keep(post, read.event, ctx)
    if read.quote is not None:
        await quotes.keep(post, read.quote, ctx)
    if post.is_open:  # a number that moves tells of what is not for everybody
        await _count(post, author)
    if parent is None and post.in_reply_to_uri is not None:
        ctx.known.awaited_uris.add(post.in_reply_to_uri)
    if post.uri in ctx.known.awaited_uris:
        await adopt(post)
    ctx.known.posts[post.uri] = post
    return post, mentioned


def _named(read: note.ReadPost, ctx: Context) -> list[Actor]:
    return [actor for uri in read.mentioned_uris if (actor := ctx.known.actors.get(uri))]


async def _count(post: Post, author: Actor) -> None:
    author.last_post_at = max(author.last_post_at or post.published_at, post.published_at)
    await Actor.count_post(author.id, author.last_post_at)
    if post.in_reply_to_id is not None:
        await Post.filter(id=post.in_reply_to_id).update(replies_count=F("replies_count") + 1)


async def adopt(post: Post, called: str | None = None) -> int:
    """Hang the answers that were here before it below a post, and count them; how many those were.

    `called` is what they call it, where that is not its uri. What hangs on no event of ours was taken off it.
    """
    if post.is_local and post.type == "Event":
        return 0
    orphans = Post.filter(in_reply_to_uri=called or post.uri, in_reply_to_id=None).exclude(id=post.id)
    open_count = await orphans.filter(visibility__in=OPEN).count()
    adopted = int(await orphans.update(in_reply_to_id=post.id))
    if open_count:
        await Post.filter(id=post.id).update(replies_count=F("replies_count") + open_count)
        post.replies_count += open_count
    return adopted


def _place_in_time(read: note.ReadPost, ctx: Context) -> int:
    """Choose an id that sorts an old post met today where it belongs, and a fresh one by its arrival."""
    published = read.columns["published_at"]
    return new_id() if ctx.now() - published < FRESH else id_at(int(published.timestamp() * 1000))


async def authorise_update(activity: Activity, ctx: Context) -> None:
    """Only its author edits a post, and one for the members of a group only as long as they belong to it.

    Raises:
        NotAuthorised: it is another's, or it is not known that the author still belongs to the group.
        UnsupportedActivity: it is not here.
    """
    await authorise_change(activity, ctx)
    post = ctx.known.post(activity.object_uri or "")
    if post.visibility is Visibility.SECTION and post.group_id is not None:
        group = await Actor.get(id=post.group_id)
        await check_members_post(activity, ctx.known.actor(activity.actor_uri), group, ctx)


async def authorise_change(activity: Activity, ctx: Context) -> None:
    """Only its author changes or deletes a post; the event of a group, whoever speaks for the group on its server.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    post = ctx.known.posts.get(activity.object_uri or "")
    if post is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if post.actor.uri != activity.actor_uri and not events.is_moderated_by(activity.actor_uri, post):
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def update(activity: Activity, ctx: Context) -> Effects:
    """Replace what the post says, not who may read it. An Update older than the last one changes nothing."""
    post = ctx.known.post(activity.object_uri or "")
    author = post.actor
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} does not say what the post says now")
    read = quotes.without_fallback(_read(activity.object, author, activity, ctx), ctx)
    if not _is_news(post, read):
        counted = await polls.recount(activity, post, read.poll, ctx)
        return Effects((*counted, *await quotes.keep(post, read.quote, ctx)))
    edited_at = min(read.columns["edited_at"] or ctx.now(), ctx.now())
    if post.edited_at and edited_at < post.edited_at:
        return Effects()
    changed_of_event = await events.change(post, read.event, ctx)
    if read.poll is None and not changed_of_event and not await _is_edit(post, read):
        edited_at = post.edited_at
    kept = ("uri", "published_at", "in_reply_to_uri", "conversation_uri", "visibility", "to_uris", "cc_uris")
    changed = {name: value for name, value in read.columns.items() if name not in kept} | {"edited_at": edited_at}
    await _keep_version(post, read, ctx)
    await post.update_from_dict(changed).save(update_fields=list(changed))
    await findable.index_again(post, author, read)
    if read.event is not None:
        await events.index(post, read.event)
    mentioned = tuple(actor.id for actor in _named(read, ctx))
    if not post.is_open:  # whoever is named may read it
        named = set(await Mention.filter(post_id=post.id).values_list("actor_id", flat=True))
        mentioned = tuple(id_ for id_ in mentioned if id_ in named)
    await take_off(post)
    await hang_on(post, read, mentioned, ctx)
    closed, quoted = await polls.keep(post, read.poll), await quotes.keep(post, read.quote, ctx)
    told = await event_poll.changed(post, changed_of_event, ctx) if changed_of_event else Effects()
    return Effects((PostEdited(post, author), *told.facts, *closed, *quoted), told.replies)


def _is_news(post: Post, read: note.ReadPost) -> bool:
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


async def _is_edit(post: Post, read: note.ReadPost) -> bool:
    """Whether a reader would see a difference; some servers send an Update because a number changed."""
    if any(getattr(post, name) != read.columns[name] for name in SHOWN):
        return True
    hung = await Attachment.filter(post_id=post.id).order_by("position").values_list("url", "description")
    return list(hung) != [(item["url"], item["description"]) for item in read.attachments]


async def _keep_version(post: Post, read: note.ReadPost, ctx: Context) -> None:
    """Keep what the post said until now, if its text changes."""
    if all(getattr(post, name) == read.columns[name] for name in SHOWN):
        return
    if await PostEdit.filter(post_id=post.id).count() < MAX_EDITS:
        stood = {name: getattr(post, name) for name in SHOWN}
        await PostEdit.create(post=post, stood_from=post.edited_at or post.published_at, **stood)


async def delete(activity: Activity, ctx: Context) -> Effects:
    """Remove the post with all that hangs on it. The activity's record keeps it from coming back.

    Those whom an actor of ours showed another's post are told, who may not know of its end.
    """
    post = ctx.known.post(activity.object_uri or "")
    shown_to = () if post.is_open else await HomeRow.owners_of(post.id)
    withdrawn = () if post.is_local else await reaction.withdraw(Post.filter(id=post.id), ctx)
    if await Post.filter(id=post.id).delete() and post.is_open:
        await Actor.filter(id=post.actor_id).update(posts_count=F("posts_count") - 1)
        if post.in_reply_to_id:
            await Post.filter(id=post.in_reply_to_id).update(replies_count=F("replies_count") - 1)
    ctx.known.posts.pop(post.uri, None)
    ctx.known.deleted_uris.add(post.uri)
    return Effects((PostDeleted(post.id, post.is_open, shown_to),), replies=withdrawn)


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
