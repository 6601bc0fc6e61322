"""Likes and announces, and taking them back.   Source: ActivityPub §6.8, §6.10, §7.10-§7.12."""

from tortoise.expressions import F, Subquery
from tortoise.queryset import QuerySet

from federation import apart, findable
from federation.activities import Activity, parse, undo_of
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Announced, AnnounceEnded, Liked
from federation.handlers.handler import Effects
from federation.jsonld import load, uri_of
from models import database
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.ids import id_at, new_id
from models.post import Post
from models.reaction import Announce, Like
from models.rows import create_if_new


async def authorise(activity: Activity, ctx: Context) -> None:
    """Whoever may read a post may like it.

    Raises:
        NotAuthorised: the actor may not read it, or its author and the actor are kept apart.
    """
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    apart.check(actor, post.actor, ctx)
    if not post.is_open and not await Post.visible_to(actor).filter(id=post.id).exists():
        raise NotAuthorised(f"{post.uri} is not for {actor.uri}")


async def like(activity: Activity, ctx: Context) -> Effects:
    """Record that the actor likes the post, once."""
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    row = await create_if_new(Like, uri=activity.uri, actor=actor, post=post)
    if row is None:
        return Effects()
    await Post.filter(id=post.id).update(likes_count=F("likes_count") + 1)
    if actor.is_local:
        await findable.index_kept(post)
    return Effects((Liked(row, actor, post),))


async def authorise_announce(activity: Activity, ctx: Context) -> None:
    """Open posts may be announced by anybody, the others by nobody.

    Raises:
        NotAuthorised: the post is not for everybody, or its author and the announcer are kept apart.
    """
    post = ctx.known.post(activity.object_uri or "")
    apart.check(ctx.known.actor(activity.actor_uri), post.actor, ctx)
    if not post.is_open:
        raise NotAuthorised(f"{post.uri} may not be shown to others")


async def announce(activity: Activity, ctx: Context) -> Effects:
    """Record that the actor shows the post, once, and bring it to the actor's followers."""
    return await show(activity, ctx.known.post(activity.object_uri or ""), ctx)


async def show(activity: Activity, post: Post, ctx: Context) -> Effects:
    """Record that the actor of an Announce shows a post, which is a group's once the group it is addressed to does."""
    actor, now = ctx.known.actor(activity.actor_uri), ctx.now()
    if actor.is_group and post.group_id is None and actor.uri in (*post.to_uris, *post.cc_uris):
        post.group_id = actor.id
        await Post.filter(id=post.id).update(group_id=actor.id)
    published = min(activity.published_at or now, now)
    is_fresh = (now - published).total_seconds() < 3600
    columns = {
        "id": new_id() if is_fresh else id_at(int(published.timestamp() * 1000)),
        "uri": activity.uri,
        "published_at": published,
    }
    row = await create_if_new(Announce, **columns, actor=actor, post=post)
    if row is None:
        return Effects()
    if _counts(actor):
        await Post.filter(id=post.id).update(announces_count=F("announces_count") + 1)
    return Effects((Announced(row, actor, post),))


def _counts(actor: Actor) -> bool:
    """Whether an announce says that somebody likes to show a post: our own server shows every event."""
    return not (actor.is_local and actor.type is ActorType.APPLICATION)


async def _find(rows: type[Like] | type[Announce], activity: Activity) -> Like | Announce | None:
    """Find what an Undo names: by the uri of the activity undone, or by its actor and object."""
    if await database.names_any(f'"{rows._meta.db_table}"', "uri", [activity.object_uri or ""]):
        return await rows.get(uri=activity.object_uri).select_related("actor", "post")
    post_uri = await _announced_uri(activity) if rows is Announce else None
    if post_uri is None and activity.object is not None and activity.object_type in (rows.__name__, None):
        post_uri = uri_of(activity.object.get("object"))
    if post_uri is None:
        return None
    return await rows.get_or_none(actor__uri=activity.actor_uri, post__uri=post_uri).select_related("actor", "post")


async def _announced_uri(activity: Activity) -> str | None:
    """Name the post that an Announce of this actor showed: a group announces a post, and its Create, and means one."""
    kept = await ActivityRecord.get_or_none(
        uri=activity.object_uri or "", type="Announce", actor_uri=activity.actor_uri
    )
    if kept is None:
        return None
    carried = await ActivityRecord.get_or_none(uri=kept.object_uri or "", type="Create")
    return carried.object_uri if carried else kept.object_uri


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only its author takes a Like or an Announce back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    found = await _find(Like, activity) or await _find(Announce, activity)
    if found is None and (_went_with_its_post(activity, ctx) or await _is_second_announce(activity)):
        return
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


def _went_with_its_post(activity: Activity, ctx: Context) -> bool:
    """Whether an actor of ours takes back an announce of a post that its home has just deleted."""
    record = ctx.known.records.get(activity.object_uri or "")
    is_own = record is not None and record.is_local and record.actor_uri == activity.actor_uri
    return is_own and record is not None and record.object_uri in ctx.known.deleted_uris


async def withdraw(posts: QuerySet[Post], ctx: Context) -> tuple[Activity, ...]:
    """Build the Undo of every announce by which actors of ours show these posts of others, which are about to go.

    It is for those who got the announce: their servers may know of the post only from there, and not of its end.
    """
    rows = await Announce.filter(post_id__in=Subquery(posts.values("id")), actor__is_local=True).select_related("actor")
    records = await ActivityRecord.known([row.uri for row in rows])
    ctx.known.records |= records
    ctx.known.actors |= {row.actor.uri: row.actor for row in rows}
    return tuple(
        undo_of(parse(load(records[row.uri].document)), row.actor, uri=ctx.names.new_activity())
        for row in rows
        if row.uri in records
    )


async def _is_second_announce(activity: Activity) -> bool:
    """Whether an Undo names an Announce that stood beside another one of the same post, which was taken back first."""
    if await _announced_uri(activity) is None:
        return False
    undone = ActivityRecord.filter(actor_uri=activity.actor_uri, type="Undo", object_uri=activity.object_uri)
    return not await undone.exists()


async def undo_like(activity: Activity, ctx: Context) -> Effects:
    """The actor no longer likes the post."""
    found = await _find(Like, activity)
    if found is not None and await Like.filter(id=found.id).delete():
        await Post.filter(id=found.post_id).update(likes_count=F("likes_count") - 1)
    return Effects()


async def undo_announce(activity: Activity, ctx: Context) -> Effects:
    """The actor no longer shows the post; it goes from the timelines that had it from there."""
    found = await _find(Announce, activity)
    if found is None or not await Announce.filter(id=found.id).delete():
        return Effects()
    if _counts(found.actor):
        await Post.filter(id=found.post_id).update(announces_count=F("announces_count") - 1)
    return Effects((AnnounceEnded(found.actor, found.post, found.id),))
