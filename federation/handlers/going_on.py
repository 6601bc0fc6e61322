"""What the Move of an account means for the groups of ours to which it belongs: each asks the new account to go on there."""

from federation import belonging, taking_over
from federation.activities import Activity, parse
from federation.context import Context
from federation.handlers.membership import answer
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.moderation import Block


async def ask(old: Actor, new: Actor, ctx: Context) -> tuple[Activity, ...]:
    """Have every group of ours to which `old` belongs, or which asked it to go on, ask `new` instead; what they say."""
    said: list[Activity] = []
    rows = Membership.filter(member_id=old.id, group__is_local=True).select_related("group", "member").order_by("id")
    for row in await rows:
        held = row if row.state is MembershipState.ACCEPTED else await taking_over.held(row, old, ctx.now())
        if held is not None:
            said += await _ask(held, new, ctx)
    return tuple(said)


async def _ask(held: Membership, new: Actor, ctx: Context) -> list[Activity]:
    group = ctx.known.actors.setdefault(held.group.uri, held.group)
    said = await _take_back(held, new, ctx)
    if new.id == group.id or await Block.is_between(group.id, new.id):
        return said
    row = await Membership.get_or_none(group_id=group.id, member_id=new.id).select_related("group", "member")
    if row is not None and row.state is MembershipState.ACCEPTED:
        return [*said, await taking_over.take_over(row, held, ctx, is_new=False)]
    if row is not None and row.state is MembershipState.INVITED:
        await _mark_invitation(row, held, ctx)
        return said
    if await belonging.was_turned_away(group, new):
        return said
    if row is None:
        return [*said, belonging.invitation(group, new, ctx, **{taking_over.FORMER: held.member.uri})]
    return [*said, *await _let_in(row, held, ctx)]


async def _take_back(held: Membership, new: Actor, ctx: Context) -> list[Activity]:
    """Take back what other accounts were asked before: the membership goes on with this one."""
    rows = Membership.filter(group_id=held.group_id, former_id=held.member_id, state=MembershipState.INVITED).exclude(
        member_id=new.id
    )
    goes_on = {taking_over.SUCCESSOR: taking_over.member_document(held.group, new)}
    return [belonging.removal(row, ctx, **goes_on) for row in await rows.select_related("group", "member")]


async def _mark_invitation(row: Membership, held: Membership, ctx: Context) -> None:
    """Let an invitation that waits be one to go on, from now on; once."""
    if row.former_id != held.member_id:
        await Membership.filter(id=row.id).update(former_id=held.member_id, created_at=ctx.now())


async def _let_in(row: Membership, held: Membership, ctx: Context) -> list[Activity]:
    """Answer who has asked already: the section knows them."""
    asked = await ActivityRecord.get_or_none(uri=row.uri or "")
    if asked is None:
        return []
    await Membership.filter(id=row.id).update(former_id=held.member_id)
    return [answer("Accept", parse(load(asked.document)), row.group, row.member, ctx)]
