"""Invitations as links: whoever manages a section makes one, whoever has it may come in, from here or from elsewhere."""

import secrets
from datetime import timedelta

from tortoise.expressions import F

from federation import belonging, pipeline, taking_over
from federation.context import Context
from federation.handlers.membership import answer
from models.actor import Actor
from models.membership import JoinLink, Membership, MembershipState
from models.moderation import Block
from models.oauth import token_hash
from server.atomically import atomically
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import acting, membership, permissions
from server.sections.permissions import Act

TOKEN_BYTES = 32
MAX_USES = 1000
MAX_DAYS = 366


async def make_link(section: Actor, by: Actor | None, uses: int, days: int, ctx: Context) -> str:
    """Make a link for so many people and days; its token, which is shown this once. Links whose time is over go.

    Raises:
        Forbidden: the role of `by` does not allow it.
        Invalid: it would be for nobody, or for too many, or for too long.
    """
    row = await acting.check(by, Act.INVITE, section)
    if not (1 <= uses <= MAX_USES and 1 <= days <= MAX_DAYS):
        raise Invalid("A link is for 1 to 1,000 people and 1 to 366 days.")
    token, now = secrets.token_urlsafe(TOKEN_BYTES), ctx.now()
    async with atomically(ctx):
        await JoinLink.filter(group_id=section.id, expires_at__lte=now).delete()
        link = await JoinLink.create(
            hash=token_hash(token),
            group_id=section.id,
            maker_id=(by or section).id,
            uses_left=uses,
            expires_at=now + timedelta(days=days),
            created_at=now,
        )
        await permissions.note(by, Act.INVITE, row, f"link {link.id}")
    return token


async def links_of(section: Actor, by: Actor | None, ctx: Context) -> list[JoinLink]:
    """List the links of a section that still let somebody in, oldest first, `maker` loaded.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    await acting.check(by, Act.INVITE, section)
    rows = JoinLink.filter(group_id=section.id, uses_left__gt=0, expires_at__gt=ctx.now())
    return await rows.select_related("maker").order_by("id")


async def revoke_link(section: Actor, link_id: int, by: Actor | None) -> None:
    """End a link before its time.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: the section has no such link.
    """
    row = await acting.check(by, Act.INVITE, section)
    if not await JoinLink.filter(id=link_id, group_id=section.id).delete():
        raise NotFound("This section has no such link.")
    await permissions.note(by, Act.INVITE, row, f"link {link_id} revoked")


async def open_link(token: str, ctx: Context) -> JoinLink:
    """Find a link that still lets somebody in, by its token, its `group` loaded.

    Raises:
        NotFound: there is none, it was used up or revoked, or its time is over.
    """
    link = await JoinLink.get_or_none(hash=token_hash(token)).select_related("group")
    if link is None or link.uses_left < 1 or link.expires_at <= ctx.now() or link.group.gone_at is not None:
        raise NotFound("This invitation does not work, or no longer does.")
    return link


async def redeem(token: str, member: Actor, ctx: Context) -> Membership:
    """Come in by a link, as a member of this server; who belongs already uses nothing up.

    Raises:
        NotFound: the link does not work, or no longer does.
        Forbidden: the section refused or removed them before; they may ask.
        Conflict: they live elsewhere.
    """
    if not member.is_local:
        raise Conflict("Give your address, so that the invitation can be sent to your own server.")
    link = await open_link(token, ctx)
    row = await membership.find(link.group, member)
    if row is not None and row.state is MembershipState.ACCEPTED:
        return row
    async with atomically(ctx) as whole:
        await _invite(link, member, row, whole)
        if row is None or row.state is MembershipState.INVITED:
            await membership.reply(member, link.group, whole, accept=True)
        return await Membership.get(group_id=link.group_id, member_id=member.id)


async def redeem_elsewhere(token: str, person: Actor, ctx: Context) -> Membership:
    """Have the section invite somebody of another server who has a link; they answer there. Who asked before is let in.

    Raises:
        NotFound: the link does not work, or no longer does.
        Forbidden: the section refused or removed them before; they may ask.
        Conflict: they live here, belong or are invited already.
    """
    if person.is_local:
        raise Conflict("This account is of this server: log in to use the invitation.")
    link = await open_link(token, ctx)
    row = await membership.find(link.group, person)
    if row is not None and row.state is not MembershipState.REQUESTED:
        raise Conflict(f"{person.handle} belongs already, or was invited.")
    async with atomically(ctx) as whole:
        await _invite(link, person, row, whole)
        return await Membership.get(group_id=link.group_id, member_id=person.id)


async def use(link: JoinLink, member: Actor, ctx: Context) -> None:
    """Have the section invite somebody who came to this server by its link; once of its uses is used up.

    Raises:
        NotFound: the link does not work any more.
    """
    await _invite(link, member, None, ctx)


async def _invite(link: JoinLink, person: Actor, row: Membership | None, ctx: Context) -> None:
    """Use a link up once: invite somebody, or let them in where they asked before."""
    await _check_welcome(link.group, person)
    open_links = JoinLink.filter(id=link.id, uses_left__gt=0, expires_at__gt=ctx.now())
    if not await open_links.update(uses_left=F("uses_left") - 1):
        raise NotFound("This invitation does not work, or no longer does.")
    if row is None:
        await membership.offer(link.group, person, ctx)
    elif row.state is MembershipState.REQUESTED:
        asked = await membership.kept(row)
        await pipeline.submit(answer("Accept", asked, link.group, person, ctx), acting=link.group, ctx=ctx)
    elif await taking_over.has_lapsed(row, person, ctx.now()):
        await Membership.filter(id=row.id).update(former_id=None)  # the link is an invitation of its own


async def _check_welcome(section: Actor, person: Actor) -> None:
    """Keep out those whom the section itself did not want: a link may reach anybody.

    Raises:
        Forbidden: it refused, removed or blocks them.
    """
    is_blocked = await Block.exists(blocker_id=section.id, blocked_id=person.id)
    if is_blocked or await belonging.was_turned_away(section, person):
        raise Forbidden("This invitation is not for you. You may still ask the section to let you in.")
