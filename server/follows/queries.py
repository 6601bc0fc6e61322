"""Reading follows: how one actor stands to others, and who waits for its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from models.actor import Actor
from models.featured import FeaturedActor
from models.follow import Follow, FollowState
from models.mute import HostMute, Mute
from models.paging import page_of
from models.remark import Remark
from server.members.blocks import blocked_ids


@dataclass(slots=True)
class Standing:
    """How one actor stands to another: it follows or asked to, and the other way round; whether it blocks or mutes it.

    `remark` is what it noted about the other, for itself. `mutes_host`: it reads nothing of the other's server.
    `recommends`: it shows the other on its profile.

    Whether the other blocks it is nothing that it is told.
    """

    is_following: bool = False
    is_requested: bool = False
    shows_announces: bool = False
    is_followed_by: bool = False
    is_requested_by: bool = False
    is_blocking: bool = False
    notifies: bool = False
    languages: tuple[str, ...] = ()
    is_muting: bool = False
    mutes_notifications: bool = False
    muted_until: datetime | None = None
    remark: str = ""
    mutes_host: bool = False
    recommends: bool = False


async def standings(actor: Actor, other_ids: Sequence[int]) -> dict[int, Standing]:
    """Tell how `actor` stands to each of these, in a handful of queries."""
    found = {id_: Standing() for id_ in other_ids}
    ids = list(found)
    if not ids:
        return found
    ours, theirs = Q(follower_id=actor.id, followed_id__in=ids), Q(followed_id=actor.id, follower_id__in=ids)
    for row in await Follow.filter(ours | theirs):
        is_accepted = row.state is FollowState.ACCEPTED
        if row.follower_id == actor.id and (standing := found.get(row.followed_id)):
            standing.is_following, standing.is_requested = is_accepted, not is_accepted
            standing.shows_announces = is_accepted and row.shows_announces
            standing.notifies = is_accepted and row.notifies
            standing.languages = tuple((row.languages or "").strip(",").split(",")) if row.languages else ()
        if row.followed_id == actor.id and (standing := found.get(row.follower_id)):
            standing.is_followed_by, standing.is_requested_by = is_accepted, not is_accepted
    for id_ in await blocked_ids(actor, ids):
        found[id_].is_blocking = True
    for mute in await Mute.filter(muter_id=actor.id, muted_id__in=ids):
        standing = found[mute.muted_id]
        standing.is_muting, standing.mutes_notifications = True, mute.hides_notifications
        standing.muted_until = mute.expires_at
    for id_ in await HostMute.muted_among(actor.id, ids):
        found[id_].mutes_host = True
    for remark in await Remark.filter(writer_id=actor.id, about_id__in=ids):
        found[remark.about_id].remark = remark.text
    for shown in await FeaturedActor.filter(actor_id=actor.id, featured_id__in=ids):
        found[shown.featured_id].recommends = True
    return found


async def waiting(followed: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None) -> list[Follow]:
    """Load the follows that wait for an answer, with their `follower`, newest first.

    `max_id` gives those below it; `min_id` those just above it.
    """
    rows = Follow.filter(followed_id=followed.id, state=FollowState.REQUESTED).select_related("follower")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)


async def waiting_from(followed: Actor, follower_id: int) -> Follow | None:
    """Load the follow of one who waits for an answer, with its `follower`; None where they do not."""
    rows = Follow.filter(followed_id=followed.id, follower_id=follower_id, state=FollowState.REQUESTED)
    return await rows.select_related("follower").first()


async def waiting_count(followed: Actor) -> int:
    """Count the follows that wait for an answer: none where nobody has to ask."""
    if not followed.approves_followers:
        return 0
    return await Follow.filter(followed_id=followed.id, state=FollowState.REQUESTED).count()


async def followers(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, Actor]]:  # fmt: skip
    """Load who follows an actor, the last one first: (id of the follow, actor). For that actor alone."""
    accepted = Follow.filter(followed_id=actor.id, state=FollowState.ACCEPTED).select_related("follower")
    rows = await page_of(accepted, limit=limit, max_id=max_id, min_id=min_id)
    return [(row.id, row.follower) for row in rows]


async def following(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None, called: str = ""
) -> list[tuple[int, Actor]]:
    """Load whom an actor follows, the last one first: (id of the follow, actor). For that actor alone.

    `called` keeps those with these letters in their name.
    """
    accepted = Follow.filter(follower_id=actor.id, state=FollowState.ACCEPTED).select_related("followed")
    if called := called.strip().lstrip("@").partition("@")[0]:
        named = Q(followed__username__icontains=called) | Q(followed__display_name__icontains=called)
        accepted = accepted.filter(named)
    rows = await page_of(accepted, limit=limit, max_id=max_id, min_id=min_id)
    return [(row.id, row.followed) for row in rows]
