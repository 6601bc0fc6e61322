"""Moving from one group to another, across servers: the member asks, both groups must agree, or nothing changes.

What a group has answered stands. A member who takes the wish back is answered by a Reject of every group that has not
agreed yet, so that all three servers come to the same end in whatever order they hear of each other.
"""

from tortoise.transactions import in_transaction

from federation import apart, belonging, transfers
from federation.activities import Activity, build, embed, parse
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Fact, TransferAsked, TransferRefused
from federation.handlers.handler import Effects
from federation.jsonld import load
from federation.transfers import Named
from federation.uris import same_origin
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import (
    Membership,
    MembershipHistory,
    MembershipState,
    MembershipStep,
    Transfer,
    TransferAnswer,
)

MOVED = (MembershipStep.MOVED_HERE, MembershipStep.MOVED_AWAY)
ANSWERS = {"Accept": TransferAnswer.AGREED, "Reject": TransferAnswer.REFUSED}


async def authorise(activity: Activity, ctx: Context) -> None:
    """A member asks for itself, between two groups, and from one to which it belongs.

    Raises:
        NotAuthorised: it does not; or nobody here is concerned.
    """
    three = _named(activity)
    member, origin, target = (ctx.known.actor(uri) for uri in (three.member, *three.groups))
    if not (origin.is_group and target.is_group) or origin.id == target.id:
        raise NotAuthorised(f"{origin.uri} and {target.uri} are no two groups")
    if not any(actor.is_local for actor in (member, origin, target)):
        raise NotAuthorised(f"{member.uri}, {origin.uri} and {target.uri} do not live here")
    if any(actor.gone_at is not None for actor in (member, origin, target)):
        raise NotAuthorised(f"{member.uri}, {origin.uri} or {target.uri} is no more")
    if member.is_local and not await Membership.is_member(member.id, origin.id):
        raise NotAuthorised(f"{member.uri} does not belong to {origin.uri}")


def _named(activity: Activity) -> Named:
    if (three := transfers.named(activity)) is None:
        raise NotAuthorised(f"{activity.uri} does not say who moves from where to where")
    return three


async def ask(activity: Activity, ctx: Context) -> Effects:
    """Keep the wish for both groups to answer. One of ours that knows no such member, or wants none, answers at once."""
    three = _named(activity)
    member, origin, target = (ctx.known.actor(uri) for uri in (three.member, *three.groups))
    said = await _said(activity.uri)  # an answer may have come first, from a group that was told earlier
    if TransferAnswer.REFUSED in said.values():
        return Effects()
    unwilling = [group for group in (origin, target) if group.is_local and await _is_unwilling(group, three, ctx)]
    if unwilling:
        return Effects(replies=tuple(reject(activity, group, ctx) for group in unwilling))
    columns = {
        "uri": activity.uri,
        "target": target,
        "origin_says": said.get(origin.uri, TransferAnswer.WAITING),
        "target_says": said.get(target.uri, TransferAnswer.WAITING),
        "created_at": ctx.now(),
    }
    await Transfer.update_or_create(columns, member=member, origin=origin)
    return Effects((TransferAsked(member, origin, target),))


async def _is_unwilling(group: Actor, three: Named, ctx: Context) -> bool:
    member = ctx.known.actor(three.member)
    if apart.are_apart(member, group, ctx):
        return True
    return group.uri == three.origin and not await Membership.is_member(member.id, group.id)


def reject(move: Activity, group: Actor, ctx: Context) -> Activity:
    """Build the Reject by which a group of ours refuses a transfer."""
    ctx.known.actors.setdefault(group.uri, group)
    return build("Reject", group, embed(move), to=told(move, group), uri=ctx.names.new_activity())


def told(move: Activity, group: Actor) -> list[str]:
    """Name those who are told what a group answers: the member and the other group."""
    three = _named(move)
    return [three.member, *(uri for uri in three.groups if uri != group.uri)]


async def _said(uri: str) -> dict[str, TransferAnswer]:
    """Tell what has been answered to a Move, by whom: the first answer of each counts."""
    said: dict[str, TransferAnswer] = {}
    for record in await ActivityRecord.filter(object_uri=uri, type__in=list(ANSWERS)).order_by("id"):
        said.setdefault(record.actor_uri, ANSWERS[record.type])
    return said


async def _find(uri: str | None) -> Transfer | None:
    return await Transfer.get_or_none(uri=uri or "").select_related("member", "origin", "target")


async def concerned(activity: Activity, ctx: Context) -> str:
    """Name the member who asks to move, asked, or takes it back."""
    return (await _answered(activity, ctx)).member if activity.type in ANSWERS else activity.actor_uri


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the two groups answer, each for itself. An answer that is here before the Move is kept until that comes.

    Raises:
        NotAuthorised: it is somebody else, or nobody here is concerned.
        UnsupportedActivity: nothing says what is answered.
    """
    three = await _answered(activity, ctx)
    if activity.actor_uri not in three.groups or not three.is_here(ctx):
        raise NotAuthorised(f"{activity.actor_uri} has no say in {activity.object_uri}")


async def _answered(activity: Activity, ctx: Context) -> Named:
    """Tell whom the Move concerns that is answered: as it came, or as the answer has it where it has not come yet."""
    if (row := await _find(activity.object_uri)) is not None:
        return Named(row.member.uri, row.origin.uri, row.target.uri)
    if (record := ctx.known.records.get(activity.object_uri or "")) is not None:
        return _named(parse(load(record.document)))
    if activity.object is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    move = parse(activity.object)
    if not same_origin(move.uri, move.actor_uri):
        raise NotAuthorised(f"{move.uri} is not of {move.actor_uri}'s server")
    return _named(move)


async def refuse(activity: Activity, ctx: Context) -> Effects:
    """One of the groups does not agree: nothing changes, unless it had agreed before."""
    row = await _find(activity.object_uri)
    if row is None or _says(row, activity.actor_uri) is not TransferAnswer.WAITING:
        return Effects()
    await row.delete()
    return Effects((TransferRefused(row.member, row.origin if _is_origin(row, activity.actor_uri) else row.target),))


async def agree(activity: Activity, ctx: Context) -> Effects:
    """One of the groups agrees; when both do, the one membership ends and the other begins."""
    row = await _find(activity.object_uri)
    if row is None:
        return Effects(await _complete_late(activity, ctx))
    if _says(row, activity.actor_uri) is not TransferAnswer.WAITING:
        return Effects()
    column = "origin_says" if _is_origin(row, activity.actor_uri) else "target_says"
    setattr(row, column, TransferAnswer.AGREED)
    await row.save(update_fields=[column])
    if row.origin_says is row.target_says is TransferAnswer.AGREED:
        return Effects(await _complete(row.uri, row.member, row.origin, row.target, ctx))
    return Effects()


def _is_origin(row: Transfer, group_uri: str) -> bool:
    return row.origin.uri == group_uri


def _says(row: Transfer, group_uri: str) -> TransferAnswer:
    return row.origin_says if _is_origin(row, group_uri) else row.target_says


async def _complete_late(activity: Activity, ctx: Context) -> tuple[Fact, ...]:
    """Complete what was taken back or asked anew here, where both had agreed before they heard of it; once."""
    record = ctx.known.records.get(activity.object_uri or "")
    if record is None:
        return ()
    three, said = _named(parse(load(record.document))), await _said(record.uri)
    if any(said.get(uri) is not TransferAnswer.AGREED for uri in three.groups):
        return ()
    actors = {actor.uri: actor for actor in await Actor.filter(uri__in=[three.member, *three.groups], gone_at=None)}
    if len(actors) < 3:
        return ()
    member, origin, target = (actors[uri] for uri in (three.member, *three.groups))
    between = MembershipHistory.filter(member_id=member.id, group_id__in=[origin.id, target.id], step__in=MOVED)
    if await between.filter(other_id__in=[origin.id, target.id], at__gte=record.created_at).exists():
        return ()
    return await _complete(record.uri, member, origin, target, ctx)


async def _complete(uri: str, member: Actor, origin: Actor, target: Actor, ctx: Context) -> tuple[Fact, ...]:
    """End the membership in the one group and begin the other, as far as either, or the member, lives here."""
    facts: list[Fact] = []
    async with in_transaction():
        await Transfer.filter(uri=uri).delete()
        held = await Membership.get_or_none(group_id=origin.id, member_id=member.id).select_related("group", "member")
        if held is not None:
            facts += await belonging.end(held, MembershipStep.MOVED_AWAY, ctx, other=target)
        if target.is_local or member.is_local:
            facts += await _begin(uri, member, origin, target, ctx)
    return tuple(facts)


async def _begin(uri: str, member: Actor, origin: Actor, target: Actor, ctx: Context) -> tuple[Fact, ...]:
    before = await _belonged(uri, origin, ctx)
    if before.since is not None and not (origin.is_local or member.is_local):
        known = {"group_id": origin.id, "member_id": member.id, "step": MembershipStep.ACCEPTED, "at": before.since}
        if not await MembershipHistory.exists(**known):
            await MembershipHistory.create(**known)
    columns: dict[str, object] = {"state": MembershipState.ACCEPTED, "accepted_at": ctx.now()}
    if target.is_local:
        columns["status"] = before.status
    await Membership.update_or_create(columns, group=target, member=member)
    await belonging.note(target, member, MembershipStep.MOVED_HERE, ctx, other=origin)
    return belonging.began(target, member, ctx)


async def _belonged(uri: str, origin: Actor, ctx: Context) -> transfers.Belonged:
    """Read what the group that somebody leaves said of them when it agreed."""
    agreed = ActivityRecord.filter(object_uri=uri, type="Accept", actor_uri=origin.uri).order_by("id")
    record = await agreed.first()
    return transfers.Belonged() if record is None else transfers.belonged(parse(load(record.document)), ctx)


async def authorise_taking_back(activity: Activity, ctx: Context) -> None:
    """Only who asked takes it back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: nothing waits for an answer.
    """
    if (row := await _find(activity.object_uri)) is None:
        raise UnsupportedActivity(f"{activity.object_uri} does not wait here")
    if row.member.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def take_back(activity: Activity, ctx: Context) -> Effects:
    """Let every group of ours refuse that has not agreed yet; what it agreed to waits for the other group's word."""
    if (row := await _find(activity.object_uri)) is None:
        return Effects()
    sides = ((row.origin, row.origin_says), (row.target, row.target_says))
    waiting = [group for group, says in sides if group.is_local and says is TransferAnswer.WAITING]
    if waiting:
        move = parse(load((await ActivityRecord.get(uri=row.uri)).document))
        return Effects(replies=tuple(reject(move, group, ctx) for group in waiting))
    if not any(group.is_local for group, _ in sides):
        await row.delete()
    return Effects()
