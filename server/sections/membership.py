"""What is done with belonging to a section or another server's group: ask, answer, invite, leave, remove.

Nobody but the two is told of any of it, on any page. `by` is who does it in the section's name, as far as their role
allows; None is whoever runs the server from its command line.
"""

from tortoise import timezone
from tortoise.transactions import in_transaction

from federation import belonging, join_messages, pipeline
from federation.activities import Activity, build, embed, parse
from federation.context import Context
from federation.handlers.membership import answer
from federation.jsonld import load
from federation.vocabulary import MEMBERSHIP_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep
from models.section import Openness
from server.atomically import atomically
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import acting, permissions, queries
from server.sections.permissions import Act


async def ask(member: Actor, group: Actor, ctx: Context, message: str = "") -> Membership:
    """Ask to belong to a section or another server's group; asked already, or a member, nothing changes.

    `message` is for whoever manages the group, and nobody else.

    Raises:
        Invalid: it is no group, or the message is too long.
        Forbidden: it takes in nobody but whom it invites.
    """
    if not group.is_group:
        raise Invalid(f"{group.handle} is no section or group.")
    if len(message) > join_messages.MAX_CHARACTERS:
        raise Invalid("A message may have 2,000 characters at most.")
    row = await find(group, member)
    if row is None or row.state is MembershipState.INVITED:
        await _check_takes_in(group, row)
        more = {"@context": MEMBERSHIP_CONTEXT, join_messages.NAME: message} if message.strip() else {}
        joining = build("Join", member, group.uri, uri=ctx.names.new_activity(), to=[group.uri], **more)
        await pipeline.submit(joining, acting=member, ctx=ctx)
        if (row := await find(group, member)) is None:
            raise Forbidden("This section takes in whom it invites.")
    return row


async def _check_takes_in(group: Actor, row: Membership | None) -> None:
    section = await queries.of_actor(group.id)
    if row is None and section is not None and section.openness is Openness.INVITATION:
        raise Forbidden("This section takes in whom it invites.")


async def approve(section: Actor, member: Actor, by: Actor | None, ctx: Context) -> None:
    """Let in somebody who asked to belong to a section.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: they did not ask.
    """
    await _answer("Accept", section, member, by, ctx)


async def refuse(section: Actor, member: Actor, by: Actor | None, ctx: Context) -> None:
    """Refuse somebody who asked to belong to a section.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: they did not ask.
    """
    await _answer("Reject", section, member, by, ctx)


async def _answer(kind: str, section: Actor, member: Actor, by: Actor | None, ctx: Context) -> None:
    section_row = await acting.check(by, Act.ANSWER_REQUESTS, section)
    asked = await _asked(section, member)
    async with atomically(ctx) as whole:
        await pipeline.submit(answer(kind, asked, section, member, whole), acting=section, ctx=whole)
        await permissions.note(by, Act.ANSWER_REQUESTS, section_row, f"{kind} {member.uri}")


async def remove(section: Actor, member: Actor, by: Actor | None, ctx: Context) -> None:
    """End a membership, and tell the one who had it, and nobody else. An invitation is taken back the same way.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: there is none.
    """
    section_row = await acting.check(by, Act.REMOVE_MEMBER, section)
    if (row := await find(section, member)) is None:
        raise NotFound(f"{member.handle} does not belong to this section.")
    row.group, row.member = section, member
    async with atomically(ctx) as whole:
        await pipeline.submit(belonging.removal(row, whole), acting=section, ctx=whole)
        await permissions.note(by, Act.REMOVE_MEMBER, section_row, member.uri)


async def invite(section: Actor, person: Actor, by: Actor | None, ctx: Context) -> None:
    """Invite somebody, here or elsewhere, to belong to a section.

    Raises:
        Forbidden: the role of `by` does not allow it.
        Conflict: they belong, asked, or were invited already.
    """
    section_row = await acting.check(by, Act.INVITE, section)
    if await find(section, person) is not None:
        raise Conflict(f"{person.handle} belongs already, has asked, or was invited.")
    async with atomically(ctx) as whole:
        await offer(section, person, whole)
        await permissions.note(by, Act.INVITE, section_row, person.uri)


async def offer(section: Actor, person: Actor, ctx: Context) -> None:
    """Send somebody the invitation of a section."""
    await pipeline.submit(belonging.invitation(section, person, ctx), acting=section, ctx=ctx)


async def reply(member: Actor, group: Actor, ctx: Context, *, accept: bool) -> None:
    """Take up the invitation of a section or another server's group, or decline it.

    Raises:
        NotFound: there is none, or what it rested on is no more.
    """
    row = await find(group, member)
    if row is None or row.state is not MembershipState.INVITED:
        raise NotFound(f"{group.handle} did not invite you.")
    invitation = await kept(row)
    to = list(dict.fromkeys([group.uri, invitation.actor_uri]))
    kind = "Accept" if accept else "Reject"
    replied = build(kind, member, embed(invitation), uri=ctx.names.new_activity(), to=to)
    await pipeline.submit(replied, acting=member, ctx=ctx)
    if accept and not await Membership.is_member(member.id, group.id):
        raise NotFound("This invitation no longer stands.")


async def leave(member: Actor, group: Actor, ctx: Context) -> None:
    """Belong to a section or group no longer, or ask no longer; without a membership nothing changes."""
    if await find(group, member) is not None:
        leaving = build("Leave", member, group.uri, uri=ctx.names.new_activity(), to=[group.uri])
        await pipeline.submit(leaving, acting=member, ctx=ctx)


async def add(section: Actor, member: Actor) -> Membership:
    """Make a member of this server a member of a section: by whoever runs the server, who asks nobody.

    Raises:
        Invalid: they live elsewhere, and have to ask; or it is no section of ours.
    """
    if not (section.is_local and section.is_group and member.is_local) or member.id == section.id:
        raise Invalid("Only members of this server are added; others ask, or are invited.")
    async with in_transaction():
        row, _ = await Membership.get_or_create(group=section, member=member)
        if row.state is not MembershipState.ACCEPTED:
            row.state, row.accepted_at = MembershipState.ACCEPTED, timezone.now()
            await row.save(update_fields=["state", "accepted_at"])
            await MembershipHistory.create(group=section, member=member, step=MembershipStep.ACCEPTED)
    return row


async def members_of(section: Actor) -> list[Membership]:
    """List who belongs to a section or wants to, `member` and `former` loaded: for the command line."""
    return await Membership.filter(group_id=section.id).select_related("member", "former").order_by("id")


async def groups_of(member: Actor) -> list[Actor]:
    """List the sections and groups to which somebody belongs: for themselves alone."""
    rows = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED).select_related("group")
    return [row.group for row in await rows.order_by("id")]


async def find(group: Actor, member: Actor) -> Membership | None:
    """Find how somebody stands to a group; None where they do not."""
    return await Membership.get_or_none(group_id=group.id, member_id=member.id)


async def _asked(section: Actor, member: Actor) -> Activity:
    """Find the Join that waits for an answer.

    Raises:
        NotFound: there is none.
    """
    row = await find(section, member)
    if row is None or row.state is not MembershipState.REQUESTED:
        raise NotFound(f"{member.handle} did not ask to belong to this section.")
    return await kept(row)


async def kept(row: Membership) -> Activity:
    """Give the Join or Invite of a membership that waits."""
    return parse(load((await ActivityRecord.get(uri=row.uri or "")).document))
