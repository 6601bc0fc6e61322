"""What is done with belonging to a section or another server's group: ask, answer, invite, leave, remove, list.

Nobody but the two is told of any of it, on any page.
"""

from federation import pipeline
from federation.activities import Activity, build, embed, parse
from federation.context import Context
from federation.handlers.membership import answer
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from server.errors import Conflict, Invalid, NotFound


async def ask(member: Actor, group: Actor, ctx: Context) -> Membership:
    """Ask to belong to a section or another server's group; asked already, or a member, nothing changes.

    Raises:
        Invalid: it is no group.
    """
    if not group.is_group:
        raise Invalid(f"{group.handle} is no section or group.")
    row = await _row(group, member)
    if row is None or row.state is MembershipState.INVITED:
        joining = build("Join", member, group.uri, uri=ctx.names.new_activity(), to=[group.uri])
        await pipeline.submit(joining, acting=member, ctx=ctx)
        row = await Membership.get(group_id=group.id, member_id=member.id)
    return row


async def approve(section: Actor, member: Actor, ctx: Context) -> None:
    """Let in somebody who asked to belong to a section.

    Raises:
        NotFound: they did not.
    """
    asked = await _asked(section, member)
    await pipeline.submit(answer("Accept", asked, section, member, ctx), acting=section, ctx=ctx)


async def refuse(section: Actor, member: Actor, ctx: Context) -> None:
    """Refuse somebody who asked to belong to a section.

    Raises:
        NotFound: they did not.
    """
    asked = await _asked(section, member)
    await pipeline.submit(answer("Reject", asked, section, member, ctx), acting=section, ctx=ctx)


async def remove(section: Actor, member: Actor, ctx: Context) -> None:
    """End a membership, and tell the one who had it, and nobody else.

    Raises:
        NotFound: there is none.
    """
    if (row := await _row(section, member)) is None:
        raise NotFound(f"{member.handle} does not belong to this section.")
    uri = f"{section.members_uri}/{row.id}"
    ended = {"id": uri, "type": "Member", "actor": member.uri, "object": section.uri}
    removal = build(
        "Remove", section, ended, uri=ctx.names.new_activity(), to=[member.uri], origin=section.uri, target=section.uri
    )
    await pipeline.submit(removal, acting=section, ctx=ctx)


async def invite(section: Actor, person: Actor, ctx: Context) -> None:
    """Invite somebody, here or elsewhere, to belong to a section.

    Raises:
        Conflict: they belong, asked, or were invited already.
    """
    if await _row(section, person) is not None:
        raise Conflict(f"{person.handle} belongs already, has asked, or was invited.")
    invitation = build("Invite", section, section.uri, uri=ctx.names.new_activity(), to=[person.uri], target=person.uri)
    await pipeline.submit(invitation, acting=section, ctx=ctx)


async def reply(member: Actor, group: Actor, ctx: Context, *, accept: bool) -> None:
    """Take up the invitation of a section or another server's group, or decline it.

    Raises:
        NotFound: there is none.
    """
    row = await _row(group, member)
    if row is None or row.state is not MembershipState.INVITED:
        raise NotFound(f"{group.handle} did not invite you.")
    invitation = await _kept(row)
    to = list(dict.fromkeys([group.uri, invitation.actor_uri]))
    kind = "Accept" if accept else "Reject"
    replied = build(kind, member, embed(invitation), uri=ctx.names.new_activity(), to=to)
    await pipeline.submit(replied, acting=member, ctx=ctx)


async def leave(member: Actor, group: Actor, ctx: Context) -> None:
    """Belong to a section or group no longer; without a membership nothing changes."""
    if await _row(group, member) is not None:
        leaving = build("Leave", member, group.uri, uri=ctx.names.new_activity(), to=[group.uri])
        await pipeline.submit(leaving, acting=member, ctx=ctx)


async def add(section: Actor, member: Actor) -> Membership:
    """Make a member of this server a member of a section.

    Raises:
        Invalid: they live elsewhere, and have to ask; or it is no section of ours.
    """
    if not (section.is_local and section.is_group and member.is_local) or member.id == section.id:
        raise Invalid("Only members of this server are added; others ask, or are invited.")
    row, _ = await Membership.get_or_create(group=section, member=member)
    row.state = MembershipState.ACCEPTED
    await row.save(update_fields=["state"])
    return row


async def members_of(section: Actor) -> list[Membership]:
    """List who belongs to a section or wants to, `member` loaded: for its administrators alone."""
    return await Membership.filter(group_id=section.id).select_related("member").order_by("id")


async def groups_of(member: Actor) -> list[Actor]:
    """List the sections and groups to which somebody belongs: for themselves alone."""
    rows = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED).select_related("group")
    return [row.group for row in await rows.order_by("id")]


async def _row(group: Actor, member: Actor) -> Membership | None:
    return await Membership.get_or_none(group_id=group.id, member_id=member.id)


async def _asked(section: Actor, member: Actor) -> Activity:
    """Find the Join that waits for an answer.

    Raises:
        NotFound: there is none.
    """
    row = await _row(section, member)
    if row is None or row.state is not MembershipState.REQUESTED:
        raise NotFound(f"{member.handle} did not ask to belong to this section.")
    return await _kept(row)


async def _kept(row: Membership) -> Activity:
    return parse(load((await ActivityRecord.get(uri=row.uri or "")).document))
