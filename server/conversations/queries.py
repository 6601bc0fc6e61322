"""Reading a member's conversations, in a number of queries that does not grow with their number."""

from dataclasses import dataclass

from models.actor import Actor
from models.conversation import Conversation, Latest
from models.rows import MAX_ID
from server.posts.queries import PostView, readable, views


@dataclass(slots=True)
class ConversationView:
    """A conversation by its `last` post, and the others who take part."""

    row: Latest
    last: PostView
    others: list[Actor]


async def page(
    owner: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[ConversationView]:
    """Load conversations, the last written in first: those whose last post is below `max_id`, or just above `min_id`.

    One whose last post is no longer for the owner, such as one by somebody who blocks them, is left out.
    """
    high, low = MAX_ID if max_id is None else max_id, min_id or 0
    rows = await Conversation.newest(owner.id, limit=limit, max_id=high, min_id=low, is_upward=min_id is not None)
    return await _shown(rows, owner)


async def one(owner: Actor, id_: int) -> ConversationView | None:
    """Load one conversation of a member by its id; None where it is not theirs or nothing is left of it."""
    row = await Conversation.get_or_none(id=id_, owner_id=owner.id)
    last = await row.items.all().order_by("-post_id").first() if row is not None else None  # type: ignore[attr-defined]
    if row is None or last is None:
        return None
    found = await _shown([Latest(row.id, row.is_unread, last.post_id)], owner)
    return found[0] if found else None


async def _shown(rows: list[Latest], owner: Actor) -> list[ConversationView]:
    found = await readable([row.post_id for row in rows], owner)
    posts = {view.post.id: view for view in await views(list(found.values()), owner)}
    return [
        ConversationView(row, posts[row.post_id], _others(posts[row.post_id], owner))
        for row in rows
        if row.post_id in posts
    ]


def _others(view: PostView, owner: Actor) -> list[Actor]:
    """Give who takes part beside the owner; alone with oneself, that is the owner."""
    people = {actor.id: actor for actor in (view.post.actor, *view.mentioned)}
    return [actor for id_, actor in people.items() if id_ != owner.id] or [view.post.actor]
