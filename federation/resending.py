"""What our sections pass on: posts addressed to them, to whoever follows them, and what is said about those later.

A post that everybody may read is announced twice, under two names: as itself, which Mastodon shows as a boost, and as
the activity that created it, which forums take for a post in the group. What is for the members alone goes to them
alone. What a section says itself it does not announce as well: its Create goes to the same followers under its own name.
Source: FEP-1b12; Lemmy
"""

from collections.abc import Sequence
from dataclasses import dataclass

from federation import addressing, event_polls
from federation.activities import Activity, build
from federation.context import Context
from federation.jsonld import load, type_of, uri_of, written_instant
from federation.vocabulary import PUBLIC
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.follow import Follow, FollowState
from models.membership import Membership
from models.moderation import Block
from models.post import Post, Visibility
from models.reaction import Announce
from models.section import AnnouncesFrom, Section

REACTIONS = frozenset({"Dislike", "EmojiReact", "Like"})


@dataclass(frozen=True, slots=True)
class Passer:
    """A section of ours that passes something on: to everybody, or to its members alone."""

    section: Actor
    is_for_members: bool = False


async def passers(activity: Activity, ctx: Context) -> list[Passer]:
    """Find the sections of ours that passed on the post an activity is about; ask before it removes the post."""
    post = _post_of(activity, ctx)
    if post is None or post.group_id is None:
        return []
    if post.visibility is Visibility.SECTION:
        if ctx.known.actor(activity.actor_uri).is_local:  # it goes to the members directly
            return []
        found = await Actor.filter(id=post.group_id, is_local=True, gone_at=None)
        return [Passer(section, is_for_members=True) for section in found]
    if activity.type == "Delete":  # also where the section took its Announce back: others may have kept the post
        announces = ActivityRecord.filter(type="Announce", object_uri=post.uri, is_local=True)
        uris = [str(uri) for uri in await announces.values_list("actor_uri", flat=True)]
    else:
        rows = Announce.filter(post_id=post.id, actor__is_local=True, actor__type=ActorType.GROUP)
        uris = [str(uri) for uri in await rows.values_list("actor__uri", flat=True)]
    if not uris:
        return []
    found = await Actor.filter(uri__in=uris, type=ActorType.GROUP, is_local=True, gone_at=None)
    return [Passer(section) for section in found]


def _post_of(activity: Activity, ctx: Context) -> Post | None:
    """Find the post that an activity changes, or reacts to, or to which it takes a reaction back."""
    if activity.type in ("Update", "Delete", *REACTIONS):
        return ctx.known.posts.get(activity.object_uri or "")
    if activity.type == "Undo" and type_of(activity.object) in REACTIONS:
        return ctx.known.posts.get(uri_of((activity.object or {}).get("object")) or "")
    return None


async def resend(activity: Activity, passers: Sequence[Passer], ctx: Context) -> list[Activity]:
    """Build what our sections announce because of an activity that was just performed.

    `passers` are those that had passed on the post it is about.
    """
    if activity.type == "Create":
        post = ctx.known.posts.get(activity.object_uri or "")
        if post is None or event_polls.is_answer(activity, ctx):
            return []
        return [*await _list_event(post, ctx), *await _announce_post(activity, post, ctx)]
    return [_around(activity, passer, ctx) for passer in passers if await _is_passed_on(activity, passer, ctx)]


async def _is_passed_on(activity: Activity, passer: Passer, ctx: Context) -> bool:
    """Whether what is said about a post goes where the post went: only as far as whoever says it means it to.

    Whom the section no longer passes on may still delete, and no more.
    """
    if activity.type == "Delete":
        return True
    if passer.is_for_members:
        is_meant = passer.section.members_uri in activity.addresses
    else:
        is_meant = addressing.is_public(activity.addresses)
    if activity.type != "Update":
        is_meant = is_meant or (passer.section.uri in activity.addresses and not passer.is_for_members)
    return is_meant and await may_speak(passer.section, ctx.known.actor(activity.actor_uri))


async def _list_event(post: Post, ctx: Context) -> list[Activity]:
    """Have the actor of the server announce what a section of ours calls everybody to.

    Mobilizon lists an event only where an actor announced it that its relay follows.
    """
    is_called = post.type == "Event" and post.is_local and post.visibility is Visibility.PUBLIC and post.actor.is_group
    if not is_called or (server := await Actor.get_or_none(uri=ctx.names.instance_actor)) is None:
        return []
    ctx.known.actors[server.uri] = server
    return [_of_post(post, post.actor, server, ctx)]


async def _announce_post(activity: Activity, post: Post, ctx: Context) -> list[Activity]:
    author = ctx.known.actor(activity.actor_uri)
    announced = []
    for section in await _addressed(activity, post, ctx):
        if section.id == author.id or await Announce.exists(actor_id=section.id, post_id=post.id):
            continue
        is_for_members = post.visibility is Visibility.SECTION and post.group_id == section.id and not author.is_local
        if not (post.is_open or is_for_members) or not await may_speak(section, author):
            continue
        if post.group_id is None:
            post.group_id = section.id
            await Post.filter(id=post.id).update(group_id=section.id)
        if not is_for_members:
            announced.append(_of_post(post, author, section, ctx))
        announced.append(_around(activity, Passer(section, is_for_members), ctx))
    return announced


async def _addressed(activity: Activity, post: Post, ctx: Context) -> list[Actor]:
    """Find the sections of ours that a post names or is for, or to a post of which it replies."""
    addresses = activity.addresses
    named = [actor for uri in addresses if (actor := ctx.known.actors.get(uri))]
    named += [group for uri in addresses if (group := ctx.known.groups.get(uri))]
    parent = ctx.known.posts.get(post.in_reply_to_uri or "")
    if parent is not None and parent.group_id is not None and _is_as_open(post, parent):
        named += await Actor.filter(id=parent.group_id)
    found = {actor.id: actor for actor in named}
    return [actor for actor in found.values() if actor.is_local and actor.is_group and actor.gone_at is None]


def _is_as_open(post: Post, parent: Post) -> bool:
    """Whether no more people may read a post than what it answers, as far as that is for members."""
    return Visibility.SECTION not in (post.visibility, parent.visibility) or post.visibility is parent.visibility


async def may_speak(section: Actor, author: Actor) -> bool:
    """Whether a section passes on what that author says."""
    row = await Section.get_or_none(actor_id=section.id)
    if row is None or row.announces_from is AnnouncesFrom.NOBODY:
        return False
    if await Block.exists(blocker_id=section.id, blocked_id=author.id):
        return False
    if row.announces_from is AnnouncesFrom.EVERYBODY or await Membership.is_member(author.id, section.id):
        return True
    follows = Follow.exists(follower_id=author.id, followed_id=section.id, state=FollowState.ACCEPTED)
    return row.announces_from is AnnouncesFrom.FOLLOWERS and await follows


def _of_post(post: Post, author: Actor, section: Actor, ctx: Context) -> Activity:
    """Build the Announce of a post, which its author is told of."""
    to, cc = addressing.address(section, Visibility.PUBLIC, [author.uri])
    return build(
        "Announce", section, post.uri, uri=ctx.names.new_activity(), to=to, cc=cc, published=written_instant(ctx.now())
    )


def _around(activity: Activity, passer: Passer, ctx: Context) -> Activity:
    """Build the Announce of an activity, which stays as it came, its proof with it."""
    section = passer.section
    ctx.known.actors[section.uri] = section
    to, cc = [PUBLIC], [section.followers_uri or ""]
    if passer.is_for_members and section.members_uri is not None:
        ctx.known.groups[section.members_uri] = section
        to, cc = [section.members_uri], []
    as_it_came = load(ctx.known.records[activity.uri].document)
    return build(
        "Announce", section, activity.uri, uri=ctx.names.new_activity(), to=to, cc=cc,
        published=written_instant(ctx.now()), object=as_it_came,
    )  # fmt: skip
