"""Activities that a group passes on to its followers: an Announce around the activity of somebody else.

The activity in it is its own actor's word, never the group's: it is believed when that actor's proof or home says so.
Source: FEP-1b12
"""

from federation.activities import Activity, parse
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.jsonld import uri_of
from federation.uris import same_origin
from federation.vocabulary import ACTIVITY_TYPES
from models.actor import Actor, ActorType

# What is said about posts; a Follow, a Flag or an Accept is between two, and an Announce in an Announce never ends.
PASSED_ON = frozenset({"Add", "Block", "Create", "Delete", "Dislike", "EmojiReact", "Like", "Remove", "Undo", "Update"})


def is_around_activity(activity: Activity) -> bool:
    """Whether this is an Announce around an activity. A Question is a post."""
    return activity.type == "Announce" and activity.object_type in ACTIVITY_TYPES - {"Question"}


def inner_of(activity: Activity) -> Activity:
    """Read the activity in an Announce. It is not believed by that.

    Raises:
        MalformedActivity: there is none.
        UnsupportedActivity: it is of a type that nobody passes on, such as one more Announce.
    """
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} is around nothing")
    inner = parse(activity.object)
    if inner.type not in PASSED_ON:
        raise UnsupportedActivity(f"{inner.type} is passed on by nobody")
    return inner


def check_group(group: Actor, ctx: Context) -> None:
    """Let only groups pass on activities, and only ours and those that somebody here follows or belongs to.

    The actor of a server that lists events does so, too.

    Raises:
        NotAuthorised: it is neither.
        UnsupportedActivity: nobody here asked for what it passes on.
    """
    if not group.is_group and group.type is not ActorType.APPLICATION:
        raise NotAuthorised(f"{group.uri} is no group, and passes on nothing")
    if not (group.is_local or group.id in ctx.known.followed_ids or group.id in ctx.known.joined_ids):
        raise UnsupportedActivity(f"nobody here follows {group.uri}")


def check_related(inner: Activity, ctx: Context) -> None:
    """Let what is said about a post, or somebody, pass only where they are here: nothing is fetched for the others.

    Raises:
        UnsupportedActivity: it is about nothing that is here.
    """
    undone = (inner.object or {}).get("object") if inner.type == "Undo" else None
    about = {inner.object_uri, uri_of(undone)}
    here = (ctx.known.posts, ctx.known.records, ctx.known.actors)
    is_here = any(uri in rows for uri in about if uri for rows in here)
    if inner.type != "Create" and not is_here:
        raise UnsupportedActivity(f"{inner.uri} is about nothing that is here")


def is_for_members_here(activity: Activity, actor: Actor, ctx: Context) -> bool:
    """Whether something is for the members of a section of ours, or a group's own server says it to members here."""
    groups = (ctx.known.groups.get(uri) for uri in activity.addresses)
    return any(
        group.is_local or (group.id in ctx.known.joined_ids and same_origin(group.uri, actor.uri))
        for group in groups
        if group is not None
    )
