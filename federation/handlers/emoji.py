"""Answering a post with an emoji, and taking it back.   Source: FEP-c0e0; Pleroma (EmojiReact); Misskey (Like)."""

from federation import emoji
from federation.activities import Activity
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import Reacted
from federation.handlers import reaction
from federation.handlers.handler import Effects
from federation.jsonld import Json, type_of, uri_of
from models import database
from models.reaction import EmojiReaction

MAX_PER_ACTOR = 10


def _read(document: Json) -> emoji.Emoji | None:
    """Give the emoji of an EmojiReact or a Like; None for a plain Like, and where the emoji cannot be shown."""
    found = emoji.read(document)
    return None if found is not None and type_of(document) == "Like" and emoji.is_like(found) else found


async def authorise(activity: Activity, ctx: Context) -> None:
    """Whoever may read a post may answer it with an emoji, and with a few more.

    Raises:
        MalformedActivity: there is no emoji that can be shown.
        NotAuthorised: the actor may not read the post, or has answered it often enough.
    """
    await reaction.authorise(activity, ctx)
    if _read(activity.document) is None:
        if activity.type == "EmojiReact":
            raise MalformedActivity(f"{activity.uri} has no emoji that can be shown")
        return
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    if await EmojiReaction.filter(actor_id=actor.id, post_id=post.id).count() >= MAX_PER_ACTOR:
        raise NotAuthorised(f"{actor.uri} has answered {post.uri} with {MAX_PER_ACTOR} emojis already")


async def react(activity: Activity, ctx: Context) -> Effects:
    """Record that the actor answers the post with an emoji, once for each; a Like without one is a Like."""
    if (found := _read(activity.document)) is None:
        return await reaction.like(activity, ctx)
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    columns = {"uri": activity.uri, "emoji_url": found.url}
    row, is_new = await EmojiReaction.get_or_create(columns, actor=actor, post=post, emoji=found.text)
    return Effects((Reacted(row, actor, post),)) if is_new else Effects()


async def _find(activity: Activity) -> EmojiReaction | None:
    """Find what an Undo names: by the uri of the activity undone, or by its actor, object and emoji."""
    if await database.names_any("emoji_reaction", "uri", [activity.object_uri or ""]):
        return await EmojiReaction.get(uri=activity.object_uri).select_related("actor")
    if activity.object is None or (found := _read(activity.object)) is None:
        return None
    mine = EmojiReaction.filter(actor__uri=activity.actor_uri, emoji=found.text)
    return await mine.get_or_none(post__uri=uri_of(activity.object.get("object")) or "").select_related("actor")


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only its author takes an emoji back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    found = await _find(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """The actor takes its emoji back."""
    if (found := await _find(activity)) is not None:
        await found.delete()
    return Effects()


async def authorise_undo_like(activity: Activity, ctx: Context) -> None:
    """Only its author takes a Like back, one with an emoji included.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    if await _find(activity) is not None:
        await authorise_undo(activity, ctx)
    else:
        await reaction.authorise_undo(activity, ctx)


async def undo_like(activity: Activity, ctx: Context) -> Effects:
    """The actor no longer likes the post, or takes back the emoji that came as a Like."""
    return await undo(activity, ctx) if await _find(activity) is not None else await reaction.undo_like(activity, ctx)
