"""Moving from one section to another, here or across servers: the member asks, both sections agree.

`by` is who answers in a section's name, as far as their role allows; None is whoever has the command line.
"""

from federation import pipeline, transfers
from federation.activities import build, embed, parse, undo_of
from federation.context import Context
from federation.handlers.transfer import reject, told
from federation.jsonld import Json, load, written_instant
from federation.vocabulary import MEMBERSHIP_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep, Transfer, TransferAnswer
from server.atomically import atomically
from server.errors import Conflict, Invalid, NotFound
from server.sections import acting, membership, permissions
from server.sections.permissions import Act


async def ask(member: Actor, origin: Actor, target: Actor, ctx: Context) -> Transfer | None:
    """Ask to move from one section or group to another; what waits for its answers, None where it was refused at once.

    Raises:
        Invalid: one of the two is no group, or they are the same.
        NotFound: the member does not belong to the first.
        Conflict: the member belongs to the second, or waits for answers to another such wish.
    """
    if not (origin.is_group and target.is_group) or origin.id == target.id:
        raise Invalid("Name the section that you leave, and another one to which you move.")
    if not await Membership.is_member(member.id, origin.id):
        raise NotFound(f"You do not belong to {origin.handle}.")
    if await Membership.is_member(member.id, target.id):
        raise Conflict(f"You belong to {target.handle} already.")
    if (before := await Transfer.get_or_none(member_id=member.id, origin_id=origin.id)) is not None:
        await _check_taken_back(before)
    ends = {"origin": origin.uri, "target": target.uri}
    uri = ctx.names.new_activity()
    move = build("Move", member, member.uri, uri=uri, to=[origin.uri, target.uri], **ends)
    await pipeline.submit(move, acting=member, ctx=ctx)
    return await Transfer.get_or_none(uri=uri)


async def _check_taken_back(before: Transfer) -> None:
    if not await ActivityRecord.exists(type="Undo", object_uri=before.uri):
        raise Conflict("You have asked to move already. Take that back first.")


async def answer(section: Actor, transfer: Transfer, by: Actor | None, ctx: Context, *, agrees: bool) -> None:
    """Agree that somebody moves from or to a section, or refuse it; the other one and the member are told.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: the section has no say in it, or has answered.
        Conflict: the section agrees to let go somebody who no longer belongs to it.
    """
    row = await acting.check(by, Act.ANSWER_TRANSFER, section)
    if not _awaits(section, transfer):
        raise NotFound("No such transfer waits for the answer of this section.")
    move = parse(load((await ActivityRecord.get(uri=transfer.uri)).document))
    member = await Actor.get(id=transfer.member_id)
    if agrees:
        more = await _belonged(section, member) if section.id == transfer.origin_id else {}
        uri, to = ctx.names.new_activity(), told(move, section)
        said = build("Accept", section, embed(move), uri=uri, to=to, **more)
    else:
        said = reject(move, section, ctx)
    async with atomically(ctx) as whole:
        await pipeline.submit(said, acting=section, ctx=whole)
        await permissions.note(by, Act.ANSWER_TRANSFER, row, f"{said.type} {member.uri}")


def _awaits(section: Actor, transfer: Transfer) -> bool:
    sides = {transfer.origin_id: transfer.origin_says, transfer.target_id: transfer.target_says}
    return sides.get(section.id) is TransferAnswer.WAITING


async def _belonged(section: Actor, member: Actor) -> Json:
    """Say to the other section how somebody belonged to this one, and since when to the party, as far as is known."""
    row = await membership.find(section, member)
    if row is None or row.state is not MembershipState.ACCEPTED:
        raise Conflict(f"{member.handle} no longer belongs to this section.")
    accepted = MembershipHistory.filter(member_id=member.id, step=MembershipStep.ACCEPTED)
    first = await accepted.order_by("at").first()
    since = min(moment for moment in (first.at if first else None, row.accepted_at, row.created_at) if moment)
    result = {
        "type": "Member",
        "actor": member.uri,
        "object": section.uri,
        "role": row.status.value,
        "published": written_instant(since),
    }
    return {"@context": MEMBERSHIP_CONTEXT, transfers.RESULT: result}


async def withdraw(member: Actor, transfer: Transfer, ctx: Context) -> None:
    """Take back a wish to move; what both sections have agreed to is done.

    Raises:
        NotFound: it is another's.
    """
    if transfer.member_id != member.id:
        raise NotFound("You did not ask for this.")
    move = parse(load((await ActivityRecord.get(uri=transfer.uri)).document))
    undo = undo_of(move, member, uri=ctx.names.new_activity())
    await pipeline.submit(undo, acting=member, ctx=ctx)


async def waiting_at(section: Actor, by: Actor | None, ctx: Context) -> list[Transfer]:
    """List who wants to move from or to a section, oldest first, everybody loaded. The look is logged.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    await acting.check(by, Act.ANSWER_TRANSFER, section)
    rows = [*await _of(origin_id=section.id), *await _of(target_id=section.id)]
    viewer_id = by.id if by else None
    await Look.create(group_id=section.id, viewer_id=viewer_id, at_what="transfers", rows=len(rows), at=ctx.now())
    return sorted(rows, key=lambda row: row.id)


async def own(member: Actor) -> list[Transfer]:
    """List where somebody asks to move, the groups loaded: for themselves alone."""
    return await _of(member_id=member.id)


async def _of(**whose: int) -> list[Transfer]:
    return await Transfer.filter(**whose).select_related("member", "origin", "target").order_by("id")
