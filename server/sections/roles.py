"""Who holds a section's account: give a role, offer it, take it up, hand it over, give it up, take it away.

A section never loses its last animator, so that nobody is ever locked out of its account: another must be there first.
`by` is None for whoever runs the server from its command line.
"""

from datetime import timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.membership import Membership, MembershipState
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import membership
from server.sections.permissions import Act, check, may, note

OFFERED_FOR = timedelta(days=30)


async def give(section: Section, person: Actor, role: Role, by: Actor | None, ctx: Context) -> RoleHolder:
    """Give somebody a role in a section at once; one that they have already stays as it is.

    Raises:
        Forbidden: `by` may not give roles.
        Invalid: it is not a role that is given, or they have no login here.
    """
    async with in_transaction():
        await _lock(section.id)
        await check(by, Act.GIVE_ROLES, section)
        await _check_person(person, role)
        if held := await _held(section, person, role):
            return held
        await note(by, Act.GIVE_ROLES, section, _about(role, person))
        return await _take_up(section, person, role, by, ctx)


async def found(section: Section, person: Actor, ctx: Context) -> None:
    """Make somebody the first animator of a section that opens, to which they belong; its `actor` must be loaded.

    Raises:
        Invalid: they have no login here.
    """
    await give(section, person, Role.ANIMATOR, None, ctx)
    await membership.add(section.actor, person)


async def offer(
    section: Section, person: Actor, role: Role, by: Actor, ctx: Context, *, is_hand_over: bool = False
) -> RoleOffer:
    """Ask somebody to take up a role; with `is_hand_over` it is one's own, which ends when they do. Again: for longer.

    Raises:
        Forbidden: `by` may not give roles, or does not hold the one to be handed over.
        Invalid: it is not a role that is given, or they have no login here.
        Conflict: they hold it already, or somebody else has offered it to them.
    """
    async with in_transaction():
        await _lock(section.id)
        await check(by, Act.HAND_OVER if is_hand_over else Act.GIVE_ROLES, section)
        await _check_person(person, role)
        if is_hand_over and not await _held(section, by, role):
            raise Forbidden("You can hand over only a role that you hold.")
        if await _held(section, person, role):
            raise Conflict("They hold this role already.")
        standing = await RoleOffer.get_or_none(section_id=section.id, person_id=person.id, role=role)
        if standing is not None and standing.giver_id != by.id and standing.expires_at > ctx.now():
            raise Conflict("Somebody else has offered them this role already.")
        wanted = {"giver_id": by.id, "is_hand_over": is_hand_over, "expires_at": ctx.now() + OFFERED_FOR}
        row, _ = await RoleOffer.update_or_create(wanted, section_id=section.id, person_id=person.id, role=role)
    return row


async def accept(person: Actor, offer: RoleOffer, ctx: Context) -> RoleHolder:
    """Take up a role that was offered; where it is handed over, its giver's ends at the same moment.

    Raises:
        NotFound: it was offered to somebody else, was taken back, or has expired.
        Invalid: they have no login here any more.
    """
    async with in_transaction():
        section = await _lock(offer.section_id)
        row = await RoleOffer.get_or_none(id=offer.id, person_id=person.id).select_related("giver")
        if row is None or row.expires_at <= ctx.now():
            raise NotFound("This offer no longer stands.")
        await _check_person(person, row.role)
        await note(row.giver, Act.HAND_OVER if row.is_hand_over else Act.GIVE_ROLES, section, _about(row.role, person))
        holder = await _take_up(section, person, row.role, row.giver, ctx)
        if row.is_hand_over and (handed := await _held(section, row.giver, row.role)):
            await _end(section, handed, row.giver)
    return holder


async def decline(person: Actor, offer: RoleOffer) -> None:
    """Say no to a role that was offered.

    Raises:
        NotFound: it was offered to somebody else, or was taken back.
    """
    if not await RoleOffer.filter(id=offer.id, person_id=person.id).delete():
        raise NotFound("This offer no longer stands.")


async def take_back(section: Section, offer: RoleOffer, by: Actor | None) -> None:
    """Offer a role no longer: whoever offered it does so, or whoever may give roles.

    Raises:
        Forbidden: `by` is neither.
        NotFound: it was taken up, declined, or is another section's.
    """
    if by is None or by.id != offer.giver_id:
        await check(by, Act.GIVE_ROLES, section)
    if not await RoleOffer.filter(id=offer.id, section_id=section.id).delete():
        raise NotFound("This offer no longer stands.")


async def take_away(section: Section, person: Actor, role: Role, by: Actor | None, ctx: Context) -> None:
    """End somebody's role in a section.

    Raises:
        Forbidden: `by` may not.
        NotFound: they do not hold it.
        Conflict: they are its last animator.
    """
    async with in_transaction():
        await _lock(section.id)
        await check(by, Act.TAKE_ROLES, section)
        await _part_with(section, person, role, by, Act.TAKE_ROLES)


async def retire(section: Section, person: Actor, role: Role, ctx: Context) -> None:
    """Give up one's own role in a section.

    Raises:
        Forbidden: they hold no role.
        NotFound: they do not hold this one.
        Conflict: they are its last animator.
    """
    async with in_transaction():
        await _lock(section.id)
        await check(person, Act.RETIRE, section)
        await _part_with(section, person, role, person, Act.RETIRE)


async def give_up_all(person: Actor) -> None:
    """End everything that somebody who leaves this server holds; what they did in a section's name stays, without them.

    Raises:
        Conflict: a section would have no animator left.
    """
    async with in_transaction():
        rows = await RoleHolder.filter(holder_id=person.id).select_related("section").order_by("section_id")
        for section in {row.section_id: row.section for row in rows}.values():
            await _lock(section.id)
            if await _held(section, person, Role.ANIMATOR):
                await _check_not_last(section, person)
        await RoleHolder.filter(holder_id=person.id).delete()
        await RoleOffer.filter(Q(person_id=person.id) | Q(giver_id=person.id)).delete()
        await SectionAct.filter(author_id=person.id).update(author_id=None)


async def holders(section: Section) -> list[RoleHolder]:
    """List who holds which role in a section, `holder` loaded."""
    return await _present(section).select_related("holder").order_by("id")


async def held_by(person: Actor) -> list[RoleHolder]:
    """List the roles that somebody holds, `section` with its actor loaded, those held longest first."""
    return await RoleHolder.filter(holder_id=person.id).select_related("section__actor").order_by("id")


async def offers_for(person: Actor) -> list[RoleOffer]:
    """List what somebody is asked to take up, `section` with its actor and `giver` loaded; some may have expired."""
    return await RoleOffer.filter(person_id=person.id).select_related("section__actor", "giver").order_by("id")


async def offers_of(section: Section) -> list[RoleOffer]:
    """List what a section's people were asked to take up and have not answered, `person` and `giver` loaded."""
    return await RoleOffer.filter(section_id=section.id).select_related("person", "giver").order_by("id")


async def sections_of(person: Actor) -> list[tuple[Section, frozenset[Role]]]:
    """List the sections here in which somebody holds a role or to which they belong, their actors loaded."""
    held: dict[int, set[Role]] = {}
    for row in await RoleHolder.filter(holder_id=person.id):
        held.setdefault(row.section_id, set()).add(row.role)
    joined = Membership.filter(member_id=person.id, state=MembershipState.ACCEPTED).values_list("group_id", flat=True)
    groups = {int(str(id_)) for id_ in await joined}
    rows = Section.filter(Q(id__in=list(held)) | Q(actor_id__in=list(groups))).select_related("actor").order_by("id")
    belonging = frozenset({Role.MEMBER})
    return [
        (section, frozenset(held.get(section.id, ())) | (belonging if section.actor_id in groups else frozenset()))
        for section in await rows
    ]


async def _lock(section_id: int) -> Section:
    """Have whoever else changes the roles of this section wait: of two who retire at once, one is the last."""
    return await Section.select_for_update().get(id=section_id)


async def _check_person(person: Actor, role: Role) -> None:
    """Let only people with a login here hold a role, and none that comes by belonging."""
    if role is Role.MEMBER:
        raise Invalid("To be a member is not a role that is given: members join the section.")
    if person.gone_at is not None or not await Member.exists(actor_id=person.id, disabled_at=None):
        raise Invalid("Only people who can log in on this server hold a role.")


async def _held(section: Section, person: Actor, role: Role) -> RoleHolder | None:
    return await RoleHolder.get_or_none(section_id=section.id, holder_id=person.id, role=role)


async def _take_up(section: Section, person: Actor, role: Role, giver: Actor | None, ctx: Context) -> RoleHolder:
    await RoleOffer.filter(section_id=section.id, person_id=person.id, role=role).delete()
    given = {"giver_id": None if giver is None else giver.id, "created_at": ctx.now()}
    row, _ = await RoleHolder.get_or_create(given, section_id=section.id, holder_id=person.id, role=role)
    return row


async def _part_with(section: Section, person: Actor, role: Role, by: Actor | None, act: Act) -> None:
    if (held := await _held(section, person, role)) is None:
        raise NotFound("They do not hold this role.")
    if role is Role.ANIMATOR:
        await _check_not_last(section, person)
    await note(by, act, section, _about(role, person))
    await _end(section, held, person)


async def _end(section: Section, held: RoleHolder, holder: Actor) -> None:
    """Delete a role, and the offers that its holder may make no longer."""
    await held.delete()
    made = RoleOffer.filter(section_id=section.id, giver_id=holder.id)
    await made.filter(is_hand_over=True, role=held.role).delete()
    if not await may(holder, Act.GIVE_ROLES, section):
        await made.filter(is_hand_over=False).delete()


async def _check_not_last(section: Section, person: Actor) -> None:
    """Refuse to leave a section without anybody who is its animator and can log in.

    Raises:
        Conflict: there is nobody else.
    """
    others = _present(section).filter(role=Role.ANIMATOR, holder__member__disabled_at=None).exclude(holder_id=person.id)
    if not await others.exists():
        raise Conflict(
            "The section would have no animator left. Hand the role over first, or give it to somebody else."
        )


def _present(section: Section) -> QuerySet[RoleHolder]:
    return RoleHolder.filter(section_id=section.id, holder__gone_at=None)


def _about(role: Role, person: Actor) -> str:
    return f"{role.value} {person.uri}"
