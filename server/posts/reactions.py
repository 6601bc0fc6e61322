"""Emojis with which members answer posts: give one, take it back, and how many of each there are. Never who gave them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from federation import emoji, pipeline
from federation.activities import build, parse, undo_of
from federation.context import Context
from federation.errors import NotAuthorised
from federation.jsonld import Json, load
from federation.vocabulary import EMOJI_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.post import Post
from models.reaction import EmojiReaction
from models.rows import padded
from models.shown import emoji_totals
from server.errors import Forbidden, Invalid


@dataclass(frozen=True, slots=True)
class EmojiTotal:
    """How many answered a post with one emoji. `url` is its picture where it is a server's own; `is_mine` the viewer's."""

    emoji: str
    url: str | None
    total: int
    is_mine: bool


async def totals(post_ids: Sequence[int], viewer: Actor | None) -> dict[int, list[EmojiTotal]]:
    """Count the emojis of these posts, those given most coming first; what has none is left out."""
    if not post_ids:
        return {}
    by_post: dict[int, list[EmojiTotal]] = defaultdict(list)
    found = await emoji_totals(viewer.id if viewer is not None else 0, padded(post_ids))
    for post_id, text, url, total, is_mine in sorted(found, key=lambda row: (-row[3], row[1])):
        by_post[post_id].append(EmojiTotal(text, url, total, is_mine))
    return dict(by_post)


async def chosen(post: Post, typed: str) -> emoji.Emoji:
    """Read the emoji that a member chose: one of Unicode's, or another server's that the post bears already.

    Raises:
        Invalid: it is neither.
    """
    if emoji.is_unicode(typed):
        return emoji.Emoji(emoji.one_spelling(typed))
    if (name := emoji.shortcode(typed)) is not None:
        row = await EmojiReaction.filter(post_id=post.id, emoji=f":{name}:").order_by("id").first()
        if row is not None:
            return emoji.Emoji(row.emoji, row.emoji_url)
    raise Invalid("This is not an emoji that can be given here.")


async def react(actor: Actor, post: Post, typed: str, ctx: Context) -> None:
    """Answer a post with an emoji; a second time changes nothing. Only its author is told.

    Raises:
        Invalid: it is no emoji.
        Forbidden: the post is not for the actor, or has been answered with too many.
    """
    found = await chosen(post, typed)
    if await EmojiReaction.exists(actor_id=actor.id, post_id=post.id, emoji=found.text):
        return
    author = await Actor.get(id=post.actor_id)
    more: Json = {"@context": EMOJI_CONTEXT, "content": found.text}
    if found.url is not None:
        more["tag"] = [{"type": "Emoji", "name": found.text, "icon": {"type": "Image", "url": found.url}}]
    activity = build("EmojiReact", actor, post.uri, uri=ctx.names.new_activity(), to=[author.uri], **more)
    try:
        await pipeline.submit(activity, acting=actor, ctx=ctx)
    except NotAuthorised as refused:
        raise Forbidden("You cannot answer this post with this emoji.") from refused


async def unreact(actor: Actor, post: Post, typed: str, ctx: Context) -> None:
    """Take an emoji back; without it nothing changes.

    Raises:
        Invalid: it is no emoji.
    """
    found = await chosen(post, typed)
    row = await EmojiReaction.get_or_none(actor_id=actor.id, post_id=post.id, emoji=found.text)
    if row is not None:
        given = parse(load((await ActivityRecord.get(uri=row.uri)).document))
        await pipeline.submit(undo_of(given, actor, uri=ctx.names.new_activity()), acting=actor, ctx=ctx)
