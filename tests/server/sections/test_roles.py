"""Who holds a section's account: given, offered, handed over, given up, and never left without an animator."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.membership import Membership, MembershipState
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.members.leaving import delete
from server.sections import roles
from server.sections.actions import create_section
from server.sections.permissions import Act, roles_of
from tests import factories


@pytest.fixture
async def animator(main_section: Section, member: Actor, ctx: Context) -> Actor:
    """The section's one animator."""
    await roles.give(main_section, member, Role.ANIMATOR, None, ctx)
    return member


async def held(section: Section) -> set[tuple[str, Role]]:
    """Who holds what in a section."""
    return {(row.holder.username, row.role) for row in await roles.holders(section)}


async def noted(section: Section) -> list[tuple[int | None, str, str]]:
    """What was done in a section's name: who, what, about what."""
    rows = await SectionAct.filter(section_id=section.id).order_by("id")
    return [(row.author_id, row.act, row.about) for row in rows]


# Given


async def test_an_animator_gives_roles_and_it_is_written_down(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    row = await roles.give(main_section, other_member, Role.EDITOR, animator, ctx)
    assert (row.giver_id, row.created_at) == (animator.id, ctx.now())
    assert await held(main_section) == {("zoe", Role.ANIMATOR), ("ali", Role.EDITOR)}
    assert await noted(main_section) == [
        (None, "give roles", f"animator {animator.uri}"),
        (animator.id, "give roles", f"editor {other_member.uri}"),
    ]


async def test_a_role_given_twice_is_held_once(main_section: Section, animator: Actor, ctx: Context) -> None:
    first = await RoleHolder.get()
    again = await roles.give(main_section, animator, Role.ANIMATOR, animator, ctx)
    assert again.id == first.id
    assert len(await noted(main_section)) == 1


async def test_somebody_may_hold_several(main_section: Section, animator: Actor, ctx: Context) -> None:
    await roles.give(main_section, animator, Role.EDITOR, animator, ctx)
    await Membership.create(group_id=main_section.actor_id, member=animator, state=MembershipState.ACCEPTED)
    assert await roles_of(animator, main_section) == {Role.ANIMATOR, Role.EDITOR, Role.MEMBER}


async def test_only_people_with_a_login_here_hold_roles(
    main_section: Section, animator: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Member.filter(actor_id=other_member.id).update(disabled_at=ctx.now())
    for person in (remote_actor, main_section.actor, other_member):
        with pytest.raises(Invalid):
            await roles.give(main_section, person, Role.EDITOR, None, ctx)
        with pytest.raises(Invalid):
            await roles.offer(main_section, person, Role.EDITOR, animator, ctx)


async def test_to_be_a_member_is_not_given(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    with pytest.raises(Invalid, match="members join"):
        await roles.give(main_section, other_member, Role.MEMBER, animator, ctx)
    with pytest.raises(Invalid, match="members join"):
        await roles.offer(main_section, other_member, Role.MEMBER, animator, ctx)


async def test_a_role_is_of_one_section(animator: Actor, other_member: Actor, ctx: Context) -> None:
    other = await Section.get(actor_id=(await factories.section(ctx, "amiens", "Amiens", is_main=False)).id)
    assert await roles_of(animator, other) == frozenset()
    with pytest.raises(Forbidden):
        await roles.give(other, other_member, Role.EDITOR, animator, ctx)


# Offered


async def test_what_is_offered_waits_and_is_taken_up(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    offer = await roles.offer(main_section, other_member, Role.MANAGER, animator, ctx)
    assert await held(main_section) == {("zoe", Role.ANIMATOR)}
    [seen] = await roles.offers_for(other_member)
    assert (seen.section.actor.username, seen.giver.username, seen.role) == ("lille", "zoe", Role.MANAGER)
    assert [row.person.username for row in await roles.offers_of(main_section)] == ["ali"]

    row = await roles.accept(other_member, offer, ctx)

    assert (row.role, row.giver_id) == (Role.MANAGER, animator.id)
    assert await held(main_section) == {("zoe", Role.ANIMATOR), ("ali", Role.MANAGER)}
    assert await roles.offers_for(other_member) == []
    assert (await noted(main_section))[-1] == (animator.id, "give roles", f"manager {other_member.uri}")


async def test_what_is_declined_or_taken_back_no_longer_stands(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    for how in ("declined", "taken back", "taken back by the command line"):
        offer = await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
        if how == "declined":
            await roles.decline(other_member, offer)
        else:
            await roles.take_back(main_section, offer, animator if how == "taken back" else None)
        for attempt in (roles.accept(other_member, offer, ctx), roles.decline(other_member, offer)):
            with pytest.raises(NotFound):
                await attempt
        with pytest.raises(NotFound):
            await roles.take_back(main_section, offer, animator)
    assert await held(main_section) == {("zoe", Role.ANIMATOR)}


async def test_an_offer_is_for_one_person_and_one_month(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    offer = await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
    for attempt in (roles.accept(animator, offer, ctx), roles.decline(animator, offer)):
        with pytest.raises(NotFound):
            await attempt
    later = replace(ctx, now=lambda: ctx.now() + roles.OFFERED_FOR)
    with pytest.raises(NotFound):
        await roles.accept(other_member, offer, later)
    again = await roles.offer(main_section, other_member, Role.EDITOR, animator, later)
    assert again.expires_at == later.now() + roles.OFFERED_FOR
    await roles.accept(other_member, offer, later)


async def test_an_offer_stands_between_two(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    ines = await factories.member(ctx, "ines", "Inès")
    await roles.give(main_section, ines, Role.ANIMATOR, animator, ctx)
    offer = await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
    with pytest.raises(Conflict, match="Somebody else"):
        await roles.offer(main_section, other_member, Role.EDITOR, ines, ctx)
    await RoleOffer.filter(id=offer.id).update(expires_at=ctx.now())
    await roles.offer(main_section, other_member, Role.EDITOR, ines, ctx)
    assert (await RoleOffer.get()).giver_id == ines.id


async def test_what_somebody_holds_is_not_offered(main_section: Section, animator: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict, match="already"):
        await roles.offer(main_section, animator, Role.ANIMATOR, animator, ctx)


async def test_who_may_give_no_roles_any_more_has_offered_none(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    ines = await factories.member(ctx, "ines", "Inès")
    await roles.give(main_section, ines, Role.ANIMATOR, animator, ctx)
    await roles.offer(main_section, other_member, Role.EDITOR, ines, ctx)
    await roles.offer(main_section, other_member, Role.ANIMATOR, ines, ctx, is_hand_over=True)
    await roles.take_away(main_section, ines, Role.ANIMATOR, animator, ctx)
    assert await roles.offers_for(other_member) == []


async def test_somebody_whose_login_was_closed_meanwhile_takes_up_nothing(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    offer = await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
    await Member.filter(actor_id=other_member.id).update(disabled_at=ctx.now())
    with pytest.raises(Invalid):
        await roles.accept(other_member, offer, ctx)
    assert await held(main_section) == {("zoe", Role.ANIMATOR)}


async def test_another_sections_offer_is_not_taken_back(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    other = await Section.get(actor_id=(await factories.section(ctx, "amiens", "Amiens", is_main=False)).id)
    await roles.give(other, other_member, Role.ANIMATOR, None, ctx)
    offer = await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
    for section, error in ((other, NotFound), (main_section, Forbidden)):
        with pytest.raises(error):
            await roles.take_back(section, offer, other_member)
    assert await RoleOffer.exists(id=offer.id)


# Handed over


@pytest.mark.parametrize("role", [Role.ANIMATOR, Role.MANAGER, Role.MODERATOR, Role.EDITOR])
async def test_a_role_changes_hands_when_the_successor_accepts(
    main_section: Section, member: Actor, other_member: Actor, ctx: Context, role: Role
) -> None:
    await roles.give(main_section, member, role, None, ctx)
    offer = await roles.offer(main_section, other_member, role, member, ctx, is_hand_over=True)
    assert await held(main_section) == {("zoe", role)}
    await roles.accept(other_member, offer, ctx)
    assert await held(main_section) == {("ali", role)}
    assert await roles_of(member, main_section) == frozenset()
    assert (await noted(main_section))[-1] == (member.id, "hand over", f"{role.value} {other_member.uri}")


async def test_only_a_role_that_one_holds_is_handed_over(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.EDITOR, animator, ctx)
    ines = await factories.member(ctx, "ines", "Inès")
    with pytest.raises(Forbidden, match="that you hold"):
        await roles.offer(main_section, ines, Role.MANAGER, other_member, ctx, is_hand_over=True)
    with pytest.raises(Forbidden):
        await roles.offer(main_section, ines, Role.EDITOR, other_member, ctx)
    assert await RoleOffer.all().count() == 0


# Ended


async def test_the_last_animator_stays(main_section: Section, animator: Actor, ctx: Context) -> None:
    for attempt in (
        roles.retire(main_section, animator, Role.ANIMATOR, ctx),
        roles.take_away(main_section, animator, Role.ANIMATOR, animator, ctx),
        roles.take_away(main_section, animator, Role.ANIMATOR, None, ctx),
        delete(animator, ctx),
    ):
        with pytest.raises(Conflict, match="no animator left"):
            await attempt
    assert await held(main_section) == {("zoe", Role.ANIMATOR)}
    assert (await Actor.get(id=animator.id)).gone_at is None
    assert len(await noted(main_section)) == 1


async def test_an_animator_who_cannot_log_in_is_none(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.ANIMATOR, animator, ctx)
    await Member.filter(actor_id=other_member.id).update(disabled_at=ctx.now())
    with pytest.raises(Conflict):
        await roles.retire(main_section, animator, Role.ANIMATOR, ctx)


async def test_an_animator_retires_when_there_is_another(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.ANIMATOR, animator, ctx)
    await roles.retire(main_section, animator, Role.ANIMATOR, ctx)
    assert await held(main_section) == {("ali", Role.ANIMATOR)}
    assert (await noted(main_section))[-1] == (animator.id, "retire", f"animator {animator.uri}")


async def test_of_two_animators_who_retire_at_once_one_stays(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.ANIMATOR, animator, ctx)
    answers = await asyncio.gather(
        *(roles.retire(main_section, one, Role.ANIMATOR, ctx) for one in (animator, other_member)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers if answer is not None] == [Conflict]
    assert len(await held(main_section)) == 1


async def test_other_roles_end_freely(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    for role in (Role.MANAGER, Role.EDITOR):
        await roles.give(main_section, other_member, role, animator, ctx)
    await roles.take_away(main_section, other_member, Role.MANAGER, animator, ctx)
    await roles.retire(main_section, other_member, Role.EDITOR, ctx)
    assert await held(main_section) == {("zoe", Role.ANIMATOR)}
    with pytest.raises(NotFound):
        await roles.take_away(main_section, other_member, Role.EDITOR, animator, ctx)
    with pytest.raises(NotFound):
        await roles.retire(main_section, animator, Role.EDITOR, ctx)


async def test_who_leaves_the_server_holds_nothing_and_is_named_nowhere(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.ANIMATOR, animator, ctx)
    ines = await factories.member(ctx, "ines", "Inès")
    await roles.offer(main_section, ines, Role.EDITOR, animator, ctx)
    await delete(animator, ctx)
    assert await held(main_section) == {("ali", Role.ANIMATOR)}
    assert await RoleHolder.filter(holder_id=animator.id).count() == 0
    assert await roles.offers_for(ines) == []
    assert {author for author, _, _ in await noted(main_section)} == {None}


async def test_the_animator_of_a_section_that_closes_may_leave(animator: Actor, ctx: Context) -> None:
    other = await create_section(ctx, "amiens", "Amiens", animator=animator)
    assert await roles_of(animator, other) == {Role.ANIMATOR, Role.MEMBER}
    await delete(other.actor, ctx)
    assert [row.section_id for row in await RoleHolder.all()] == [(await Section.get(is_main=True)).id]


# Seen


async def test_somebody_sees_where_they_hold_roles_or_belong(
    main_section: Section, animator: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    other = await create_section(ctx, "amiens", "Amiens")
    await create_section(ctx, "arras", "Arras")
    for group, state in ((other.actor, MembershipState.ACCEPTED), (main_section.actor, MembershipState.REQUESTED)):
        await Membership.create(group=group, member=animator, state=state)
    await Membership.create(group=remote_actor, member=animator, state=MembershipState.ACCEPTED)
    found = [(section.actor.username, held) for section, held in await roles.sections_of(animator)]
    assert found == [("lille", {Role.ANIMATOR}), ("amiens", {Role.MEMBER})]
    assert await roles.sections_of(other_member) == []


async def test_a_first_animator_needs_a_login(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await create_section(ctx, "amiens", "Amiens", animator=remote_actor)
    assert not await Section.exists()


async def test_offers_go_when_they_have_expired(
    main_section: Section, animator: Actor, other_member: Actor, ctx: Context
) -> None:
    await roles.offer(main_section, other_member, Role.EDITOR, animator, ctx)
    for days, left in ((29, 1), (31, 0)):
        await run.sweep(Terms(ctx.now() + timedelta(days=days), 0), seconds=3600)
        assert await RoleOffer.all().count() == left


def test_every_act_has_a_name_that_fits_its_column() -> None:
    assert max(len(act.value) for act in Act) <= 32
