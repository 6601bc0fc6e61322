"""An actor lives on under another name, and those who follow it here go with it: Move.   Source: FEP-7628; Mastodon.

To where it belongs it is asked to go on: see going_on.py.
"""

from collections.abc import Sequence

from tortoise.expressions import Q

from federation.activities import Activity, build, embed, parse
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised
from federation.facts import Moved
from federation.handlers import going_on
from federation.handlers.handler import Effects
from federation.jsonld import load, uri_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from models.moderation import Block
from models.setting import Setting

FOLLOWERS_AT_ONCE = 200
UNFINISHED = "move:"  # a setting of this name and the actor's id says that followers are left to carry over


def target_uri(activity: Activity) -> str:
    """Name the actor that a Move leads to.

    Raises:
        MalformedActivity: it leads nowhere.
    """
    if (uri := uri_of(activity.document.get("target"))) is None:
        raise MalformedActivity(f"{activity.uri} does not say where the actor moves to")
    return uri


async def authorise(activity: Activity, ctx: Context) -> None:
    """Both must agree: the new actor by naming the old one, the old one by saying so itself.

    The old one says so by sending the Move, or in its own document where the new one sends it (FEP-7628, pull mode).
    Both rows are as their homes have them now: see NEEDS.

    Raises:
        NotAuthorised: one of them does not agree, or the new one is no place to stay.
    """
    old, target = ctx.known.actor(activity.object_uri or ""), ctx.known.actor(target_uri(activity))
    if activity.actor_uri not in (old.uri, target.uri):
        raise NotAuthorised(f"{activity.actor_uri} may not move {old.uri}")
    if old.id == target.id or target.moved_to_uri is not None:
        raise NotAuthorised(f"{old.uri} cannot move to {target.uri}, which leads on")
    if old.gone_at is not None or target.gone_at is not None or target.is_suspended:
        raise NotAuthorised(f"{old.uri} or {target.uri} is no more")
    if old.uri not in target.also_known_as:
        raise NotAuthorised(f"{target.uri} does not say that it was {old.uri}")
    said = old.moved_to_uri or (target.uri if activity.actor_uri == old.uri else None)
    if said != target.uri:
        raise NotAuthorised(f"{old.uri} does not say that it moved to {target.uri}")


async def move(activity: Activity, ctx: Context) -> Effects:
    """Remember where the actor lives now, and carry over its first followers here; the sweep does the rest."""
    old, target = ctx.known.actor(activity.object_uri or ""), ctx.known.actor(target_uri(activity))
    old.moved_to_uri = target.uri
    await Actor.filter(id=old.id).update(moved_to_uri=target.uri)
    rows = await _next_followers(old, FOLLOWERS_AT_ONCE + 1)
    if len(rows) > FOLLOWERS_AT_ONCE:
        await Setting.write(f"{UNFINISHED}{old.id}", target.uri)
    carried = await _carried(rows[:FOLLOWERS_AT_ONCE], old, target, ctx)
    return Effects(carried.facts, (*carried.replies, *await going_on.ask(old, target, ctx)))


async def carry_over(old: Actor, target: Actor, ctx: Context) -> Effects:
    """Carry over the next of those who are left: Follow and Undo activities of theirs, and whom to tell."""
    return await _carried(await _next_followers(old, FOLLOWERS_AT_ONCE), old, target, ctx)


async def _next_followers(old: Actor, limit: int) -> list[Follow]:
    rows = Follow.filter(followed_id=old.id, follower__is_local=True, state=FollowState.ACCEPTED)
    return await rows.order_by("id").limit(limit).select_related("follower", "followed")


async def _carried(rows: Sequence[Follow], old: Actor, target: Actor, ctx: Context) -> Effects:
    """Each follower follows the new actor, if it does not yet and the two are not kept apart, and the old one no more."""
    if not rows:
        return Effects()
    ids = [row.follower_id for row in rows]
    settled = {target.id} | await _apart(ids, target)
    settled |= set(
        await Follow.filter(followed_id=target.id, follower_id__in=ids).values_list("follower_id", flat=True)
    )
    asked = await ActivityRecord.known([row.uri for row in rows])
    replies: list[Activity] = []
    for row in rows:
        follower = ctx.known.actors.setdefault(row.follower.uri, row.follower)
        if row.follower_id not in settled:
            uri = ctx.names.new_activity()
            replies.append(build("Follow", follower, target.uri, uri=uri, to=[target.uri]))
        replies.append(_undo(row, asked.get(row.uri), ctx))
    return Effects((Moved(old, target, tuple(ids)),), tuple(replies))


async def _apart(ids: Sequence[int], target: Actor) -> set[int]:
    """Tell which of these actors block another one, or are blocked by it."""
    either = Q(blocker_id=target.id, blocked_id__in=ids) | Q(blocked_id=target.id, blocker_id__in=ids)
    pairs = await Block.filter(either).values_list("blocker_id", "blocked_id")
    return {int(str(id_)) for pair in pairs for id_ in pair}


def _undo(row: Follow, asked: ActivityRecord | None, ctx: Context) -> Activity:
    """Build the Undo of a Follow, which is embedded as it was sent."""
    follow = {"id": row.uri, "type": "Follow", "actor": row.follower.uri, "object": row.followed.uri}
    if asked is not None:
        follow = embed(parse(load(asked.document)))
    return build("Undo", row.follower, follow, uri=ctx.names.new_activity(), to=[row.followed.uri])
