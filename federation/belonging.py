"""How a membership begins and ends here: its row, and the step of its history that stays when the row is gone.

What a group of ours says of it goes to that one person, and to nobody else.
"""

from typing import Any

from federation.activities import Activity, build
from federation.context import Context
from federation.facts import MembershipBegan, MembershipEnded
from federation.vocabulary import MEMBERSHIP_CONTEXT
from models.actor import Actor
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep

TURNED_AWAY = frozenset({MembershipStep.REFUSED, MembershipStep.REMOVED})


async def note(group: Actor, member: Actor, step: MembershipStep, ctx: Context, *, other: Actor | None = None) -> None:
    """Write down one step; `other` is the group from or to which they moved, or the account."""
    await MembershipHistory.create(group=group, member=member, step=step, other=other, at=ctx.now())


async def was_turned_away(group: Actor, member: Actor) -> bool:
    """Whether the last that happened between the two is that the group refused or removed them."""
    last = await MembershipHistory.filter(group_id=group.id, member_id=member.id).order_by("-id").first()
    return last is not None and last.step in TURNED_AWAY


async def let_in(row: Membership, waiting: MembershipState, ctx: Context) -> tuple[MembershipBegan, ...]:
    """Let in somebody who is in that state, once; `group` and `member` of the row are loaded."""
    columns = {"state": MembershipState.ACCEPTED, "accepted_at": ctx.now(), "former_id": None}
    if not await Membership.filter(id=row.id, state=waiting).update(**columns):
        return ()
    await note(row.group, row.member, MembershipStep.ACCEPTED, ctx)
    return began(row.group, row.member, ctx)


def began(group: Actor, member: Actor, ctx: Context) -> tuple[MembershipBegan, ...]:
    """Tell that somebody belongs to a group now: from here on what it says to its members is wanted."""
    if member.is_local:
        ctx.known.joined_ids.add(group.id)
    return (MembershipBegan(member, group),)


async def end(
    row: Membership, step: MembershipStep, ctx: Context, *, other: Actor | None = None
) -> tuple[MembershipEnded, ...]:
    """Delete a membership, a request or an invitation, with all that was kept of it but the step that ended it."""
    await row.delete()
    await note(row.group, row.member, step, ctx, other=other)
    return (MembershipEnded(row.member, row.group, row.state is MembershipState.ACCEPTED),)


def invitation(group: Actor, person: Actor, ctx: Context, **more: Any) -> Activity:
    """Build the Invite by which a group of ours asks somebody to belong to it."""
    uri = ctx.names.new_activity()
    return build("Invite", group, group.uri, uri=uri, to=[person.uri], target=person.uri, **more)


def removal(row: Membership, ctx: Context, **more: Any) -> Activity:
    """Build the Remove by which a group of ours ends a membership or takes an invitation back; both ends are loaded."""
    ended = {
        "@context": MEMBERSHIP_CONTEXT,
        "id": row.uri or f"{row.group.members_uri}/{row.id}",
        "type": "Member",
        "actor": row.member.uri,
        "object": row.group.uri,
        "role": "rejected",
    }
    uri, ends = ctx.names.new_activity(), {"origin": row.group.uri, "target": row.group.uri}
    return build("Remove", row.group, ended, uri=uri, to=[row.member.uri], **ends, **more)
