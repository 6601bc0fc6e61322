"""The life of a Follow: request, accept, reject, undo.   Source: ActivityPub §7.5-§7.7, §7.10."""

from tortoise.exceptions import DoesNotExist
from tortoise.expressions import F

from federation import apart
from federation.activities import Activity, build, embed
from federation.context import Context
from federation.errors import NotAuthorised
from federation.facts import FollowAccepted, Followed, FollowEnded
from federation.handlers.handler import Effects
from federation.jsonld import uri_of
from models.actor import Actor
from models.follow import Follow, FollowState


async def authorise_request(activity: Activity, ctx: Context) -> None:
    """Nobody follows themselves, a follow between two strangers is none of our business, and the dead are left alone,
    as are those who want nothing to do with the follower.

    Raises:
        NotAuthorised: it is one of these.
    """
    follower, followed = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    if follower.id == followed.id:
        raise NotAuthorised(f"{follower.uri} cannot follow itself")
    if not (follower.is_local or followed.is_local):
        raise NotAuthorised(f"{followed.uri} does not live here")
    if followed.gone_at is not None:
        raise NotAuthorised(f"{followed.uri} is no more")
    apart.check(follower, followed, ctx)


async def request(activity: Activity, ctx: Context) -> Effects:
    """Record the wish to follow, anew if asked again; accept at once if the followed actor is open."""
    follower, followed = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    try:
        follow, is_new = await Follow.ask(activity.uri, follower, followed, ctx.now())
    except DoesNotExist as taken:
        raise NotAuthorised(f"{activity.uri} is another's wish to follow") from taken
    ctx.known.follows[follow.uri] = follow
    facts = (Followed(follower, followed),) if is_new else ()
    if not followed.is_local or (followed.approves_followers and follow.state is FollowState.REQUESTED):
        return Effects(facts)
    return Effects(facts, (answer("Accept", activity, followed, follower, ctx),))


def answer(kind: str, follow: Activity, followed: Actor, follower: Actor, ctx: Context) -> Activity:
    """Build the Accept or Reject of a Follow, with the Follow embedded as it came."""
    return build(kind, followed, embed(follow), to=[follower.uri], uri=ctx.names.new_activity())


async def _find(activity: Activity, ctx: Context) -> Follow | None:
    """Find the Follow that an Accept, Reject or Undo names: by its uri, or else by its two actors; it has both."""
    if (follow := ctx.known.follows.get(activity.object_uri or "")) is not None:
        return follow
    follow = await Follow.get_or_none(uri=activity.object_uri or "")
    if follow is None and activity.object is not None:
        follower, followed = uri_of(activity.object.get("actor")), uri_of(activity.object.get("object"))
        follow = await Follow.get_or_none(follower__uri=follower or "", followed__uri=followed or "")
    if follow is not None:
        known = {actor.id: actor for actor in ctx.known.actors.values()}
        follow.follower = known.get(follow.follower_id) or await Actor.get(id=follow.follower_id)
        follow.followed = known.get(follow.followed_id) or await Actor.get(id=follow.followed_id)
    return follow


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the followed actor may answer a request.

    Raises:
        NotAuthorised: the answer comes from someone else, or answers nothing.
    """
    follow = await _find(activity, ctx)
    if follow is None or follow.followed.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.actor_uri} was not asked {activity.object_uri}")


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The followed actor agrees: from now on its posts go to the follower."""
    follow = await _find(activity, ctx)
    if follow is None or not await follow.accept():
        return Effects()
    if follow.follower.is_local:
        ctx.known.followed_ids.add(follow.followed_id)
    return Effects((FollowAccepted(follow.follower, follow.followed),))


async def reject(activity: Activity, ctx: Context) -> Effects:
    """The followed actor refuses, or dismisses a follower it had accepted."""
    return await _end_named(activity, ctx)


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only the follower may take its Follow back.

    Raises:
        NotAuthorised: it is another's Follow, or there is none.
    """
    follow = await _find(activity, ctx)
    if follow is None or follow.follower.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is no Follow of {activity.actor_uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """The follower takes its Follow back."""
    return await _end_named(activity, ctx)


async def _end_named(activity: Activity, ctx: Context) -> Effects:
    """End the Follow that a Reject or Undo names."""
    if (follow := await _find(activity, ctx)) is None:
        return Effects()
    ctx.known.follows.pop(follow.uri, None)
    return await end(follow)


async def end(follow: Follow) -> Effects:
    """Delete a Follow and everything that counted it. Needs `follower` and `followed` loaded."""
    now = await Follow.select_for_update().get_or_none(id=follow.id)  # another worker may have accepted it meanwhile
    had_begun = now is not None and now.state is FollowState.ACCEPTED
    if now is not None and await Follow.filter(id=now.id).delete() and had_begun:
        await Actor.filter(id=follow.followed_id).update(followers_count=F("followers_count") - 1)
        await Actor.filter(id=follow.follower_id).update(following_count=F("following_count") - 1)
    return Effects((FollowEnded(follow.follower, follow.followed, had_begun),))
