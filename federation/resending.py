"""What our sections pass on: posts addressed to them, to whoever follows them, and what is said about those later.

A post that everybody may read is announced twice, under two names: as itself, which Mastodon shows as a boost, and as
the activity that created it, which forums take for a post in the group. What is for the members alone goes to them
alone. What a section says itself it does not announce as well: its Create goes to the same followers under its own name.
Source: FEP-1b12; Lemmy
"""

from federation import addressing
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


async def sections_concerned(activity: Activity, ctx: Context) -> list[Actor]:
    """Find the sections of ours that passed on the post an activity is about; ask before it removes the post."""
    post = _post_of(activity, ctx)
    if post is None or post.group_id is None:
        return []
    if post.visibility is Visibility.SECTION:
        return list(await Actor.filter(id=post.group_id, is_local=True, gone_at=None))
    if activity.type == "Delete":  # also where the section took its Announce back: others may have kept the post
        announces = ActivityRecord.filter(type="Announce", object_uri=post.uri, is_local=True)
        uris = [str(uri) for uri in await announces.values_list("actor_uri", flat=True)]
    else:
        rows = Announce.filter(post_id=post.id, actor__is_local=True, actor__type=ActorType.GROUP)
        uris = [str(uri) for uri in await rows.values_list("actor__uri", flat=True)]
    return list(await Actor.filter(uri__in=uris, type=ActorType.GROUP, is_local=True, gone_at=None)) if uris else []


def _post_of(activity: Activity, ctx: Context) -> Post | None:
    """Find the post that an activity changes, or reacts to, or to which it takes a reaction back."""
    if activity.type in ("Update", "Delete", *REACTIONS):
        return ctx.known.posts.get(activity.object_uri or "")
    if activity.type == "Undo" and type_of(activity.object) in REACTIONS:
        return ctx.known.posts.get(uri_of((activity.object or {}).get("object")) or "")
    return None


async def resend(activity: Activity, sections: list[Actor], ctx: Context) -> list[Activity]:
    """Build what our sections announce because of an activity that was just performed.

    `sections` are those that had passed on the post it is about.
    """
    if activity.type == "Create":
        post = ctx.known.posts.get(activity.object_uri or "")
        return await _announce_post(activity, post, ctx) if post is not None else []
    author = ctx.known.actor(activity.actor_uri)
    announced = []
    for section in sections:
        is_for_members = section.members_uri in activity.addresses and not author.is_local
        is_for_all = addressing.is_public(activity.addresses) or activity.type == "Delete"
        is_reaction = activity.type in ("Undo", *REACTIONS)
        if is_reaction and not await may_speak(section, author):
            continue
        ctx.known.actors[section.uri] = section
        if is_for_members or is_for_all or (is_reaction and section.uri in activity.addresses):
            announced.append(_around(activity, section, ctx, is_for_members=is_for_members))
    return announced


async def _announce_post(activity: Activity, post: Post, ctx: Context) -> list[Activity]:
    author = ctx.known.actor(activity.actor_uri)
    announced = []
    for section in await _addressed(activity, post, ctx):
        if section.id == author.id or await Announce.exists(actor_id=section.id, post_id=post.id):
            continue
        is_for_members = post.visibility is Visibility.SECTION and post.group_id == section.id and not author.is_local
        if not (post.is_open or is_for_members) or not await may_speak(section, author):
            continue
        ctx.known.actors[section.uri] = section
        if post.group_id is None:
            post.group_id = section.id
            await Post.filter(id=post.id).update(group_id=section.id)
        if not is_for_members:
            announced.append(_of_post(post, author, section, ctx))
        announced.append(_around(activity, section, ctx, is_for_members=is_for_members))
    return announced


async def _addressed(activity: Activity, post: Post, ctx: Context) -> list[Actor]:
    """Find the sections of ours that a post names or is for, or to a post of which it replies."""
    named = [actor for uri in activity.addresses if (actor := ctx.known.actors.get(uri))]
    named += [group for uri in activity.addresses if (group := ctx.known.groups.get(uri))]
    parent = ctx.known.posts.get(post.in_reply_to_uri or "")
    if parent is not None and parent.group_id is not None:
        named += await Actor.filter(id=parent.group_id)
    found = {actor.id: actor for actor in named}
    return [actor for actor in found.values() if actor.is_local and actor.is_group and actor.gone_at is None]


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


def _around(activity: Activity, section: Actor, ctx: Context, *, is_for_members: bool) -> Activity:
    """Build the Announce of an activity, which stays as it came, its proof with it."""
    followers, members = section.followers_uri or "", section.members_uri or ""
    to, cc = ([members], []) if is_for_members else ([PUBLIC], [followers])
    if is_for_members:
        ctx.known.groups[members] = section
    as_it_came = load(ctx.known.records[activity.uri].document)
    return build(
        "Announce", section, activity.uri, uri=ctx.names.new_activity(), to=to, cc=cc,
        published=written_instant(ctx.now()), object=as_it_came,
    )  # fmt: skip
