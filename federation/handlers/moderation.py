"""Keeping apart and reporting: Block, its Undo, Flag.   Source: ActivityPub §6.9; Activity Vocabulary; Mastodon (Flag)."""

from tortoise.expressions import Q

from federation import sanitise
from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Fact, Reported
from federation.handlers import follow
from federation.handlers.handler import Effects
from federation.jsonld import text_of, uri_of, uris_of
from models.actor import Actor
from models.follow import Follow
from models.moderation import Block, Report
from models.post import Post

MAX_REPORTED_POSTS = 100
MAX_COMMENT_CHARACTERS = 5000


async def authorise_block(activity: Activity, ctx: Context) -> None:
    """Anybody may want nothing to do with somebody; between two strangers it is none of our business.

    Raises:
        NotAuthorised: neither of the two lives here.
    """
    blocker, blocked = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    if blocker.id == blocked.id or not (blocker.is_local or blocked.is_local):
        raise NotAuthorised(f"{blocked.uri} does not live here")


async def block(activity: Activity, ctx: Context) -> Effects:
    """Keep the two apart: follows both ways end. The blocked one is not told on any page."""
    blocker, blocked = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    await Block.update_or_create({"uri": activity.uri}, blocker=blocker, blocked=blocked)
    between = Q(follower_id=blocker.id, followed_id=blocked.id) | Q(follower_id=blocked.id, followed_id=blocker.id)
    facts: list[Fact] = []
    for row in await Follow.filter(between).select_related("follower", "followed"):
        facts += (await follow.end(row)).facts
    return Effects(tuple(facts))


async def _find(activity: Activity) -> Block | None:
    named = await Block.get_or_none(uri=activity.object_uri or "").select_related("blocker")
    if named is not None or activity.object is None:
        return named
    blocked_uri = uri_of(activity.object.get("object")) or ""
    between = Block.get_or_none(blocker__uri=activity.actor_uri, blocked__uri=blocked_uri)
    return await between.select_related("blocker")


async def authorise_unblock(activity: Activity, ctx: Context) -> None:
    """Only its author takes a Block back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: there is none.
    """
    found = await _find(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.blocker.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def unblock(activity: Activity, ctx: Context) -> Effects:
    """The two may meet again; follows that ended stay ended."""
    if (found := await _find(activity)) is not None:
        await found.delete()
    return Effects()


async def authorise_flag(activity: Activity, ctx: Context) -> None:
    """Anybody may report somebody who lives here.

    Raises:
        UnsupportedActivity: nobody here is reported.
    """
    if await _reported(activity) is None:
        raise UnsupportedActivity(f"{activity.uri} reports nobody here")


async def _reported(activity: Activity) -> Actor | None:
    """Find whom a Flag is about: an actor it names, or else the author of a post it names."""
    uris = list(uris_of(activity.document.get("object")))[: MAX_REPORTED_POSTS + 1]
    if (actor := await Actor.filter(uri__in=uris, is_local=True).first()) is not None:
        return actor
    post = await Post.filter(uri__in=uris, is_local=True).select_related("actor").first()
    return post.actor if post else None


async def flag(activity: Activity, ctx: Context) -> Effects:
    """Keep the report for the moderators."""
    reporter, reported = ctx.known.actor(activity.actor_uri), await _reported(activity)
    if reported is None:
        return Effects()
    uris = [uri for uri in uris_of(activity.document.get("object")) if uri != reported.uri][:MAX_REPORTED_POSTS]
    comment = sanitise.plain_text(text_of(activity.document.get("content")))[:MAX_COMMENT_CHARACTERS]
    columns = {"reporter": reporter, "reported": reported, "post_uris": uris, "comment": comment}
    report, is_new = await Report.get_or_create(columns | {"created_at": ctx.now()}, uri=activity.uri)
    return Effects((Reported(report, reported),)) if is_new else Effects()
