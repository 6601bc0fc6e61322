"""Keeping apart and reporting: Block, its Undo, Flag.   Source: ActivityPub §6.9; Activity Vocabulary; Mastodon (Flag)."""

from tortoise.expressions import Q

from federation import belonging, sanitise, sending_away
from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Blocked, Fact, Reported
from federation.handlers import follow
from federation.handlers.handler import Effects
from federation.jsonld import is_uri, text_of, uri_of
from federation.policy import check_reports
from federation.uris import host_of, same_origin
from models.actor import Actor, ActorType
from models.follow import Follow
from models.membership import Membership, MembershipStep
from models.moderation import Block, Report
from models.post import Post

MAX_REPORTED_POSTS = 100
MAX_COMMENT_CHARACTERS = 5000


async def authorise_block(activity: Activity, ctx: Context) -> None:
    """Anybody may want nothing to do with somebody; between two strangers it is none of our business.

    With another `target` it is a ban from that group (Lemmy), by a moderator there.

    Raises:
        NotAuthorised: neither of the two lives here; or the ban is not of the group's server, nor passed on by it.
    """
    blocker, blocked = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    if (group_uri := _banned_from(activity)) is not None:
        _check_ban(activity, group_uri, ctx)
        return
    if blocker.id == blocked.id or not (blocker.is_local or blocked.is_local):
        raise NotAuthorised(f"{blocked.uri} does not live here")


def _banned_from(activity: Activity) -> str | None:
    """Name the group that a Block bans somebody from; None for a Block between two."""
    return next((uri for uri in activity.target_uris if is_uri(uri) and uri != activity.actor_uri), None)


def _check_ban(activity: Activity, group_uri: str, ctx: Context) -> None:
    """Refuse a ban, or its end, that is not the group's own word.

    Raises:
        NotAuthorised: it is neither of the group's server, nor passed on by the group.
    """
    passed_on = ctx.known.passed_on.get(activity.uri)
    if same_origin(group_uri, activity.actor_uri) or (passed_on and group_uri in passed_on.group_uris):
        return
    raise NotAuthorised(f"{activity.actor_uri} does not speak for {group_uri}")


async def block(activity: Activity, ctx: Context) -> Effects:
    """Keep the two apart: follows both ways end, and so does belonging. The blocked one is not told on any page.

    To events of the blocker they come no more.
    Whoever is banned from a group follows it no longer, nor belongs to it.
    """
    if (group_uri := _banned_from(activity)) is not None:
        return await _ban(ctx.known.actor(activity.object_uri or ""), ctx.known.actors.get(group_uri), ctx)
    blocker, blocked = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    await Block.update_or_create({"uri": activity.uri}, blocker=blocker, blocked=blocked)
    between = Q(follower_id=blocker.id, followed_id=blocked.id) | Q(follower_id=blocked.id, followed_id=blocker.id)
    ctx.known.blocks.add((blocker.id, blocked.id))
    facts: list[Fact] = [Blocked(blocker, blocked)]
    for row in await Follow.filter(between).select_related("follower", "followed"):
        facts += (await follow.end(row)).facts
    for step, group, member in ((MembershipStep.REMOVED, blocker, blocked), (MembershipStep.LEFT, blocked, blocker)):
        facts += await _end_membership(group, member, step, ctx)
    away = await sending_away.send_away(blocker, blocked, ctx)
    return Effects((*facts, *away.facts), away.replies)


async def _end_membership(group: Actor, member: Actor, step: MembershipStep, ctx: Context) -> tuple[Fact, ...]:
    held = await Membership.get_or_none(group_id=group.id, member_id=member.id).select_related("group", "member")
    return () if held is None else await belonging.end(held, step, ctx)


async def _ban(banned: Actor, group: Actor | None, ctx: Context) -> Effects:
    if group is None or not banned.is_local:
        return Effects()
    facts = [*await _end_membership(group, banned, MembershipStep.REMOVED, ctx)]
    for row in await Follow.filter(follower_id=banned.id, followed_id=group.id).select_related("follower", "followed"):
        facts += (await follow.end(row)).facts
    return Effects(tuple(facts))


async def _find(activity: Activity) -> Block | None:
    named = await Block.get_or_none(uri=activity.object_uri or "").select_related("blocker")
    if named is not None or activity.object is None:
        return named
    blocked_uri = uri_of(activity.object.get("object")) or ""
    between = Block.get_or_none(blocker__uri=activity.actor_uri, blocked__uri=blocked_uri)
    return await between.select_related("blocker")


async def authorise_unblock(activity: Activity, ctx: Context) -> None:
    """Only its author takes a Block back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: there is none.
    """
    if (group_uri := _ban_ended(activity)) is not None:
        _check_ban(activity, group_uri, ctx)
        return
    found = await _find(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.blocker.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


def _ban_ended(activity: Activity) -> str | None:
    """Name the group whose ban an Undo ends."""
    target = uri_of((activity.object or {}).get("target"))
    return target if target not in (None, activity.actor_uri) else None


async def unblock(activity: Activity, ctx: Context) -> Effects:
    """The two may meet again; follows that ended stay ended."""
    if (found := await _find(activity)) is not None:
        await found.delete()
        ctx.known.blocks.discard((found.blocker_id, found.blocked_id))
    return Effects()


async def authorise_flag(activity: Activity, ctx: Context) -> None:
    """Anybody may report somebody who lives here. Of ours only the server itself does so, for whom it does not name.

    Raises:
        NotAuthorised: an actor of ours reports in its own name.
        UnsupportedActivity: nobody here is reported.
        RejectedByPolicy: no reports are taken from there.
    """
    if ctx.known.actor(activity.actor_uri).is_local:
        if activity.actor_uri != ctx.names.instance_actor:
            raise NotAuthorised(f"{activity.actor_uri} may not tell another server whom it reports")
        return
    await check_reports(host_of(activity.actor_uri))
    if await _reported(activity) is None:
        raise UnsupportedActivity(f"{activity.uri} reports nobody here")


async def _reported(activity: Activity) -> Actor | None:
    """Find whom a Flag is about: an actor it names, or else the author of a post it names."""
    uris = list(activity.object_uris)[: MAX_REPORTED_POSTS + 1]
    if (actor := await Actor.filter(uri__in=uris, is_local=True, gone_at=None).first()) is not None:
        return actor
    post = await Post.filter(uri__in=uris, is_local=True).select_related("actor").first()
    return post.actor if post else None


async def _spokesman(reporter: Actor) -> Actor:
    """Give the actor of the reporter's server, where we have met it: who it is there that reports is not our business."""
    of_host = Actor.filter(host=reporter.host, type=ActorType.APPLICATION, is_local=False, gone_at=None)
    return await of_host.order_by("id").first() or reporter


async def flag(activity: Activity, ctx: Context) -> Effects:
    """Keep the report for the moderators. One of ours is kept already, by whoever passes it on."""
    reporter, reported = ctx.known.actor(activity.actor_uri), await _reported(activity)
    if reporter.is_local or reported is None:
        return Effects()
    uris = [uri for uri in activity.object_uris if uri != reported.uri][:MAX_REPORTED_POSTS]
    comment = sanitise.plain_text(text_of(activity.document.get("content")))[:MAX_COMMENT_CHARACTERS]
    columns = {"reported": reported, "post_uris": uris, "comment": comment, "created_at": ctx.now()}
    report, is_new = await Report.get_or_create(columns | {"reporter": await _spokesman(reporter)}, uri=activity.uri)
    return Effects((Reported(report, reported),)) if is_new else Effects()
