"""What a member does with follows: ask, take back, answer."""

from federation import pipeline
from federation.activities import build, parse
from federation.context import Context
from federation.handlers.follow import answer
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from server.errors import Conflict, NotFound
from server.posts.actions import undo_of


async def follow(follower: Actor, followed: Actor, ctx: Context) -> Follow:
    """Ask to follow an actor; asked already, nothing changes.

    Raises:
        Conflict: one cannot follow oneself.
    """
    if follower.id == followed.id:
        raise Conflict("You cannot follow yourself.")
    if (asked := await Follow.get_or_none(follower_id=follower.id, followed_id=followed.id)) is not None:
        return asked
    activity = build("Follow", follower, followed.uri, uri=ctx.names.new_activity(), to=[followed.uri])
    await pipeline.submit(activity, acting=follower, ctx=ctx)
    return await Follow.get(follower_id=follower.id, followed_id=followed.id)


async def unfollow(follower: Actor, followed: Actor, ctx: Context) -> None:
    """Stop following; without a follow nothing changes."""
    if (row := await Follow.get_or_none(follower_id=follower.id, followed_id=followed.id)) is None:
        return
    asked = parse(load((await ActivityRecord.get(uri=row.uri)).document))
    await pipeline.submit(undo_of(asked, follower, ctx), acting=follower, ctx=ctx)


async def decide(followed: Actor, follower: Actor, ctx: Context, *, accept: bool) -> None:
    """Accept a request to follow, or refuse it; a follower accepted before is dismissed by a refusal.

    Raises:
        NotFound: nobody asked.
    """
    row = await Follow.get_or_none(followed_id=followed.id, follower_id=follower.id)
    if row is None or (accept and row.state is FollowState.ACCEPTED):
        raise NotFound("There is no such request.")
    asked = parse(load((await ActivityRecord.get(uri=row.uri)).document))
    activity = answer("Accept" if accept else "Reject", asked, followed, follower, ctx)
    await pipeline.submit(activity, acting=followed, ctx=ctx)
