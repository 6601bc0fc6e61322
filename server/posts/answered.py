"""Whom posts answer: a timeline says so above each answer."""

from collections.abc import Sequence

from models.actor import Actor, in_sight
from server.posts.queries import PostView


async def answered(views: Sequence[PostView]) -> dict[int, Actor]:
    """Load whose posts these answer, by the id of the answer; an author who is out of sight is left out."""
    named = (actor for view in views for actor in (view.post.actor, *view.mentioned))
    known = {actor.id: actor for actor in named}
    wanted = {view.parent.actor_id for view in views if view.parent is not None}
    if missing := wanted - set(known):
        known |= {actor.id: actor for actor in await Actor.filter(id__in=list(missing), **in_sight())}
    parents = {view.post.id: view.parent.actor_id for view in views if view.parent is not None}
    return {post_id: known[actor_id] for post_id, actor_id in parents.items() if actor_id in known}
