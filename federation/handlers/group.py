"""What groups pass on, and what is for their members alone.   Source: FEP-1b12; Mobilizon (`members`)."""

from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised
from federation.handlers import reaction
from federation.handlers.handler import Effects
from federation.passing import check_group, inner_of
from federation.uris import same_origin
from models.actor import Actor
from models.membership import Membership
from models.post import Post, Visibility


async def authorise_passing(activity: Activity, ctx: Context) -> None:
    """A group that somebody here follows passes on what others said, if it is known that they said it.

    Raises:
        NotAuthorised: it is no group, or nothing says that the actor of the activity in it said so.
        UnsupportedActivity: nobody here follows it, or the activity in it is of a type that nobody passes on.
    """
    check_group(ctx.known.actor(activity.actor_uri), ctx)
    inner = inner_of(activity)
    if inner.uri not in ctx.known.passed_on and inner.uri not in ctx.known.records:
        raise NotAuthorised(f"Nothing proves that {inner.uri} is by {inner.actor_uri}")


async def pass_on(activity: Activity, ctx: Context) -> Effects:
    """Perform what a group passes on, unless it was performed before; a post so created is shown by the group."""
    inner_uri = inner_of(activity).uri
    if inner_uri in ctx.known.records:
        return await show_post(activity, ctx)
    return Effects(replies=(ctx.known.passed_on[inner_uri].activity,), afterwards=show_post)


async def show_post(activity: Activity, ctx: Context) -> Effects:
    """Record that the group shows the post whose Create it passed on, as if it had announced the post itself.

    Raises:
        NotAuthorised: the post is neither for everybody nor for the members of this very group.
    """
    group, performed = ctx.known.actor(activity.actor_uri), ctx.known.records[inner_of(activity).uri]
    post = ctx.known.posts.get(performed.object_uri or "")
    if performed.type != "Create" or post is None:
        return Effects()
    if post.visibility is Visibility.SECTION and post.group_id == group.id:
        return Effects()
    if not post.is_open:
        raise NotAuthorised(f"{post.uri} may not be shown to others")
    return await reaction.show(activity, post, ctx)


async def may_edit(post: Post) -> bool:
    """Whether its author may still say something else in a post of ours: one for members is edited by members alone."""
    if post.visibility is not Visibility.SECTION or post.group_id is None:
        return True
    return bool(await Membership.belonging([post.actor_id], post.group_id))


async def check_members_post(activity: Activity, author: Actor, group: Actor, ctx: Context) -> None:
    """Let only members speak to the members of a group, through the group or its own server, which know who they are.

    Raises:
        NotAuthorised: it is not known that the author belongs to the group.
    """
    if author.id == group.id:
        return
    if author.is_local or group.is_local:
        if not await Membership.is_member(author.id, group.id):
            raise NotAuthorised(f"{author.uri} does not belong to {group.uri}")
        return
    passed_on = ctx.known.passed_on.get(activity.uri)
    if not same_origin(author.uri, group.uri) and (passed_on is None or group.uri not in passed_on.group_uris):
        raise NotAuthorised(f"{group.uri} has not passed on {activity.uri}")
