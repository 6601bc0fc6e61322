"""Featured posts: added, removed.   Source: ActivityPub §7.8, §7.9; Mastodon (`featured`)."""

from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.handlers.handler import Effects
from federation.jsonld import uri_of
from models.featured import FeaturedPost

MAX_FEATURED = 20


async def authorise(activity: Activity, ctx: Context) -> None:
    """An actor changes its own featured collection, with its own posts.

    Raises:
        NotAuthorised: the collection or the post is another's.
        UnsupportedActivity: it is not the featured collection, or the post is not here.
    """
    actor = ctx.known.actor(activity.actor_uri)
    target = uri_of(activity.document.get("target"))
    if target != actor.featured_uri or target is None:
        raise UnsupportedActivity(f"{target} is not the featured collection of {actor.uri}")
    post = ctx.known.posts.get(activity.object_uri or "")
    if post is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if post.actor_id != actor.id:
        raise NotAuthorised(f"{activity.object_uri} is not by {actor.uri}")


async def add(activity: Activity, ctx: Context) -> Effects:
    """The actor puts a post in front of its others; of too many the oldest goes."""
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    await FeaturedPost.get_or_create(actor=actor, post=post)
    kept = await FeaturedPost.filter(actor_id=actor.id).order_by("-id").limit(MAX_FEATURED).values_list("id", flat=True)
    await FeaturedPost.filter(actor_id=actor.id, id__not_in=[int(str(id_)) for id_ in kept]).delete()
    return Effects()


async def remove(activity: Activity, ctx: Context) -> Effects:
    """The actor puts the post back among its others."""
    actor, post = ctx.known.actor(activity.actor_uri), ctx.known.post(activity.object_uri or "")
    await FeaturedPost.filter(actor_id=actor.id, post_id=post.id).delete()
    return Effects()
