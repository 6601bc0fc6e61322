"""Belonging to a group: ask, be invited, be let in, leave, be removed. Nobody but the two ever sees it.

To ask is a Join, answered by the Accept or Reject of it; Mobilizon names the Member that comes of it instead, and gives it
the id of the Join or Invite. Where a group lives elsewhere, whoever its server lets speak for it does: moderators answer
under their own names there.
Source: Activity Vocabulary (Join, Leave, Invite, Accept, Reject, Remove); Mobilizon (`Member`, `openness`)
"""

from federation import belonging, join_messages, taking_over
from federation.activities import Activity, build, embed
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import MembershipAsked, MembershipOffered
from federation.handlers.handler import Effects
from federation.jsonld import text_of, uri_of
from federation.uris import same_origin
from models.actor import Actor
from models.membership import Membership, MembershipState, MembershipStep
from models.moderation import Block
from models.section import Openness, Section

MEMBER_ROLES = frozenset({"member", "moderator", "administrator", "creator"})  # Mobilizon's, of whoever is in


async def authorise_join(activity: Activity, ctx: Context) -> None:
    """Anybody may ask to belong to a group; between two strangers it is none of our business.

    Raises:
        NotAuthorised: it is no group, is gone, or wants nothing to do with them; or neither lives here.
    """
    member, group = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    _check_pair(member, group)
    if await Block.exists(blocker_id=group.id, blocked_id=member.id):
        raise NotAuthorised(f"{group.uri} does not take in {member.uri}")


def _check_pair(member: Actor, group: Actor) -> None:
    if not group.is_group or group.id == member.id:
        raise NotAuthorised(f"{group.uri} is no group that {member.uri} could belong to")
    if not (member.is_local or group.is_local):
        raise NotAuthorised(f"{group.uri} does not live here")
    if group.gone_at is not None or member.gone_at is not None:
        raise NotAuthorised(f"{group.uri} or {member.uri} is no more")


async def join(activity: Activity, ctx: Context) -> Effects:
    """Keep the wish for the group to answer; a section of ours that has decided beforehand answers at once."""
    member, group = ctx.known.actor(activity.actor_uri), ctx.known.actor(activity.object_uri or "")
    row, is_new = await Membership.get_or_create({"uri": activity.uri}, group=group, member=member)
    is_news = is_new or row.state is MembershipState.INVITED
    if group.is_local and await taking_over.has_lapsed(row, member, ctx.now()):
        row.state, row.former_id = MembershipState.REQUESTED, None
    verdict = await _decide(row, is_new, member, group) if group.is_local else None
    row.uri = activity.uri
    if row.state is MembershipState.INVITED:
        row.state = MembershipState.REQUESTED
    if group.is_local:
        row.message = join_messages.read(activity.document) or row.message
        await join_messages.forget(activity.uri, ctx)
    await row.save(update_fields=["uri", "state", "message", "former_id"])
    if is_news:
        await belonging.note(group, member, MembershipStep.ASKED, ctx)
    if verdict is not None:
        return Effects(replies=(answer(verdict, activity, group, member, ctx),))
    return Effects((MembershipAsked(member, group),) if is_news and group.is_local else ())


async def _decide(row: Membership, is_new: bool, member: Actor, group: Actor) -> str | None:
    """Answer a wish to belong to a section of ours: 'Accept', 'Reject'; None leaves it to whoever manages it.

    Whoever belongs or was invited is let in. Whom the section turned away before waits, even where everybody may come.
    """
    if not is_new and row.state is not MembershipState.REQUESTED:
        return "Accept"
    section = await Section.get_or_none(actor_id=group.id)
    openness = section.openness if section else Openness.MODERATED
    if openness is Openness.INVITATION:
        return "Reject"
    is_open = openness is Openness.OPEN and not await belonging.was_turned_away(group, member)
    return "Accept" if is_open else None


def answer(kind: str, asked: Activity, group: Actor, member: Actor, ctx: Context) -> Activity:
    """Build the Accept or Reject of a Join, with the Join embedded as it came, but its message; for who asked alone."""
    asked_for = join_messages.without(embed(asked))
    return build(kind, group, asked_for, to=[member.uri], uri=ctx.names.new_activity())


async def find(activity: Activity) -> Membership | None:
    """Find the membership that an activity is about, its `group` and `member` loaded; None where it is about none.

    It is named by the uri of the Join or Invite, or by the two actors in what is embedded, or it is the actor's own.
    """
    rows = Membership.all().select_related("group", "member")
    if (named := await rows.get_or_none(uri=activity.object_uri or "")) is not None:
        return named
    document = activity.document if activity.type == "Leave" else activity.object or {}
    who = "target" if document.get("type") == "Invite" else "actor"
    member_uri, group_uri = uri_of(document.get(who)), uri_of(document.get("object"))
    return await rows.get_or_none(member__uri=member_uri or "", group__uri=group_uri or "")


async def _found(activity: Activity) -> Membership:
    """Find the membership that an activity is about.

    Raises:
        UnsupportedActivity: it is about none that is here.
    """
    if (row := await find(activity)) is None:
        raise UnsupportedActivity(f"{activity.object_uri} is no membership here")
    return row


async def concerned(activity: Activity, ctx: Context) -> str:
    """Name the member whose belonging an activity is about.

    Raises:
        UnsupportedActivity: it is about none that is here.
    """
    if activity.type in ("Join", "Leave"):
        return activity.actor_uri
    return _invited_uri(activity) if activity.type == "Invite" else (await _found(activity)).member.uri


def _check_speaks_for(actor_uri: str, group: Actor) -> None:
    """Let a section of ours speak for itself alone, and for a group elsewhere whomever its server lets.

    Raises:
        NotAuthorised: the actor does not speak for the group.
    """
    if actor_uri != group.uri and (group.is_local or not same_origin(actor_uri, group.uri)):
        raise NotAuthorised(f"{actor_uri} does not speak for {group.uri}")


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the group may answer who asked to belong to it. Mobilizon answers an invitation so, too: its member may.

    Raises:
        NotAuthorised: the answer comes from someone else.
        UnsupportedActivity: it answers nothing.
    """
    row = await _found(activity)
    if not _answers_invitation(activity, row):
        _check_speaks_for(activity.actor_uri, row.group)


def _answers_invitation(activity: Activity, row: Membership) -> bool:
    return activity.actor_uri == row.member.uri and row.state is MembershipState.INVITED


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The group lets in who asked, or who was invited comes in."""
    row = await _found(activity)
    if row.member.is_local:
        await join_messages.forget(row.uri, ctx)
    is_invited = _answers_invitation(activity, row)
    return await _let_in(row, MembershipState.INVITED if is_invited else MembershipState.REQUESTED, ctx)


async def _let_in(row: Membership, waiting: MembershipState, ctx: Context) -> Effects:
    """Let somebody in, with what a section of ours kept of the account from which they moved, if the two go together."""
    if not row.group.is_local or row.former_id is None:
        return Effects(await belonging.let_in(row, waiting, ctx))
    ctx.known.actors.setdefault(row.group.uri, row.group)
    if await taking_over.has_lapsed(row, row.member, ctx.now()):
        return Effects(replies=(belonging.removal(row, ctx),))
    old = await taking_over.held(row, row.member, ctx.now())
    facts = await belonging.let_in(row, waiting, ctx)
    if old is None or not facts:
        return Effects(facts)
    return Effects(facts, (await taking_over.take_over(row, old, ctx),))


async def end(activity: Activity, ctx: Context) -> Effects:
    """The group refuses or removes a member, or the member leaves or declines: whatever was, is no more."""
    if (row := await find(activity)) is None:
        return Effects()
    if row.member.is_local:
        await join_messages.forget(row.uri, ctx)
    successor_uri = taking_over.successor_uri(activity)
    if successor_uri is None or row.member.moved_to_uri is None:
        return Effects(await belonging.end(row, _last_step(activity, row), ctx))
    successor = await Actor.get_or_none(uri=successor_uri)
    return Effects(await belonging.end(row, MembershipStep.ACCOUNT_MOVED, ctx, other=successor))


def _last_step(activity: Activity, row: Membership) -> MembershipStep:
    if activity.actor_uri == row.member.uri:
        return MembershipStep.DECLINED if row.state is MembershipState.INVITED else MembershipStep.LEFT
    return MembershipStep.REFUSED if row.state is MembershipState.REQUESTED else MembershipStep.REMOVED


async def change_role(activity: Activity, ctx: Context) -> Effects:
    """The group says what somebody is in it now: a member of any role, or rejected.   Source: Mobilizon"""
    role = text_of((activity.object or {}).get("role"))
    if role == "rejected":
        return await end(activity, ctx)
    return await accept(activity, ctx) if role in MEMBER_ROLES else Effects()


async def authorise_leave(activity: Activity, ctx: Context) -> None:
    """A member leaves for itself alone, or takes its Join back.

    Raises:
        NotAuthorised: it is another's membership.
        UnsupportedActivity: there is none.
    """
    row = await _found(activity)
    if row.member.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is no membership of {activity.actor_uri}")


async def authorise_removal(activity: Activity, ctx: Context) -> None:
    """Only the group removes its members, or says what they are in it.

    Raises:
        NotAuthorised: somebody else does.
        UnsupportedActivity: there is no such member.
    """
    _check_speaks_for(activity.actor_uri, (await _found(activity)).group)


async def authorise_invitation(activity: Activity, ctx: Context) -> None:
    """Only the group invites, and only one of the two may live elsewhere.

    Raises:
        NotAuthorised: somebody else does, or it is no group, or nobody here is concerned.
    """
    group, member = ctx.known.actor(activity.object_uri or ""), ctx.known.actor(_invited_uri(activity))
    _check_pair(member, group)
    _check_speaks_for(activity.actor_uri, group)
    if await Block.exists(blocker_id=member.id, blocked_id=group.id):
        raise NotAuthorised(f"{member.uri} wants no invitation of {group.uri}")


def _invited_uri(activity: Activity) -> str:
    return uri_of(activity.document.get("target")) or next(iter(activity.to), "")


async def invite(activity: Activity, ctx: Context) -> Effects:
    """Keep the invitation for its member to answer, unless they belong or have asked already."""
    group, member = ctx.known.actor(activity.object_uri or ""), ctx.known.actor(_invited_uri(activity))
    former = await taking_over.former_of(activity, member, group)
    columns = {"uri": activity.uri, "state": MembershipState.INVITED, "former": former, "created_at": ctx.now()}
    _, is_new = await Membership.get_or_create(columns, group=group, member=member)
    if not is_new:
        return Effects()
    await belonging.note(group, member, MembershipStep.INVITED, ctx)
    return Effects((MembershipOffered(member, group),))


async def authorise_reply(activity: Activity, ctx: Context) -> None:
    """Only who was invited may take an invitation up, or decline it.

    Raises:
        NotAuthorised: it is another's, or was no invitation.
        UnsupportedActivity: there is none.
    """
    row = await _found(activity)
    if row.member.uri != activity.actor_uri or row.state is not MembershipState.INVITED:
        raise NotAuthorised(f"{activity.actor_uri} was not invited by {activity.object_uri}")


async def take_up(activity: Activity, ctx: Context) -> Effects:
    """Who was invited comes in."""
    return await _let_in(await _found(activity), MembershipState.INVITED, ctx)
