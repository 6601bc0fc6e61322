"""A membership that goes on under another account of the same person: both said so to the group's server, by a Move.

Nobody becomes a member by it. The new account is invited, the old one being named, and comes in by its own act; until then
the old one belongs, and with it the invitation stands and falls. Roles stay where they are, and are handed over as ever.
"""

from datetime import datetime, timedelta
from typing import Any

from federation import belonging
from federation.activities import Activity
from federation.context import Context
from federation.jsonld import dump, load, uri_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep

GOES_ON_FOR = timedelta(days=90)
MAX_MOVES = 5
FORMER = "origin"  # in which an Invite names the account from which the membership goes on
SUCCESSOR = "result"  # in which a Remove says as what the membership goes on


async def held(row: Membership, member: Actor, now: datetime) -> Membership | None:
    """Find the membership with which `member`, whose row it is, may go on, both ends loaded; None where none is left.

    Their former account must belong still, and have moved to this one, perhaps by way of others.
    """
    if row.former_id is None or (row.state is MembershipState.INVITED and row.created_at <= now - GOES_ON_FOR):
        return None
    rows = Membership.filter(group_id=row.group_id, member_id=row.former_id, state=MembershipState.ACCEPTED)
    found = await rows.select_related("group", "member").first()
    return found if found is not None and await _leads_to(found.member, member.uri) else None


async def _leads_to(actor: Actor | None, uri: str) -> bool:
    for _ in range(MAX_MOVES):
        if actor is None or actor.moved_to_uri is None:
            return False
        if actor.moved_to_uri == uri:
            return True
        actor = await Actor.get_or_none(uri=actor.moved_to_uri)
    return False


async def has_lapsed(row: Membership, member: Actor, now: datetime) -> bool:
    """Whether it is the invitation to go on with what is no more; every other invitation stands until it is answered."""
    is_of_move = row.state is MembershipState.INVITED and row.former_id is not None
    return is_of_move and await held(row, member, now) is None


async def take_over(row: Membership, old: Membership, ctx: Context, *, is_new: bool = True) -> Activity:
    """Write to a membership what was kept of the one that goes on in it: the Remove that then ends that one.

    What somebody shared stays behind, since they agreed to that under another name. Who belonged already under both
    accounts (not `is_new`) keeps the status of the new one.
    """
    notes = dict.fromkeys(text for text in (row.note, old.note) if text)
    columns: dict[str, Any] = {
        "former_id": None,
        "accepted_at": min(old.accepted_at or old.created_at, row.accepted_at or ctx.now()),
        "dues_until": max(filter(None, (row.dues_until, old.dues_until)), default=None),
        "note": "\n\n".join(notes) or None,
    }
    if is_new:
        columns["status"] = old.status
    await Membership.filter(id=row.id).update(**columns)
    await _forget_in_invitation(row.uri)
    steps = MembershipHistory.filter(group_id=old.group_id, member_id=old.member_id)
    await steps.update(member_id=row.member_id)
    await belonging.note(row.group, row.member, MembershipStep.CARRIED_ON, ctx, other=old.member)
    return belonging.removal(old, ctx, **{SUCCESSOR: member_document(row.group, row.member)})


def member_document(group: Actor, member: Actor) -> dict[str, str]:
    """Say as what a membership goes on."""
    return {"type": "Member", "actor": member.uri, "object": group.uri}


def successor_uri(activity: Activity) -> str | None:
    """Read from the Remove of a Member with which account the membership goes on; None where it does not."""
    result = activity.document.get(SUCCESSOR)
    return uri_of(result.get("actor")) if activity.type == "Remove" and isinstance(result, dict) else None


async def former_of(invitation: Activity, member: Actor, group: Actor) -> Actor | None:
    """Find the account that an Invite names as `member`'s former one; they must say so too where the group is elsewhere."""
    uri = uri_of(invitation.document.get(FORMER))
    if uri is None or not (group.is_local or uri in member.also_known_as):
        return None
    return await Actor.get_or_none(uri=uri, gone_at=None)


async def forget(actor: Actor, now: datetime) -> None:
    """Take an account that goes out of what was to go on from it: who was invited still is, but with nothing of it.

    An invitation that rested on a membership which had ended goes too.
    """
    for row in await Membership.filter(former_id=actor.id).select_related("group", "member"):
        if row.group.is_local and await has_lapsed(row, row.member, now):
            await row.delete()
            continue
        await Membership.filter(id=row.id).update(former_id=None)
        await _forget_in_invitation(row.uri)
    if not actor.is_group:
        await MembershipHistory.filter(other_id=actor.id).update(other_id=None)


async def _forget_in_invitation(uri: str | None) -> None:
    record = await ActivityRecord.get_or_none(uri=uri or "")
    if record is not None and FORMER in (document := load(record.document)):
        del document[FORMER]
        await ActivityRecord.filter(id=record.id).update(document=dump(document))
