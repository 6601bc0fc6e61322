"""Moving between sections, as members and managers do it."""

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStatus, Transfer
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import belonging, membership, transfer
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit


@pytest.fixture
async def brest(ctx: Context) -> Actor:
    """A second section here."""
    return await factories.section(ctx, "brest", "Section de Brest", is_main=False)


@pytest.fixture
async def asked(member: Actor, section: Actor, brest: Actor, ctx: Context) -> Transfer:
    """A member of the first asks to move to the second."""
    await membership.add(section, member)
    found = await transfer.ask(member, section, brest, ctx)
    assert found is not None
    return found


async def groups_of(member: Actor) -> list[str]:
    return [group.username for group in await membership.groups_of(member)]


async def test_both_sections_of_this_server_agree(
    asked: Transfer, member: Actor, section: Actor, brest: Actor, ctx: Context
) -> None:
    await Membership.filter(member_id=member.id).update(status=MembershipStatus.SYMPATHISER)
    await transfer.answer(brest, await Transfer.get(), None, ctx, agrees=True)
    assert await groups_of(member) == ["lille"]
    await transfer.answer(section, await Transfer.get(), None, ctx, agrees=True)
    assert await groups_of(member) == ["brest"]
    assert (await Membership.get()).status is MembershipStatus.SYMPATHISER
    history = [(row.group.username, row.step.value) for row in await belonging.history_of(member)]
    assert history == [("lille", "accepted"), ("lille", "moved_away"), ("brest", "moved_here")]
    seen = [(row.group.username, row.step.value) for row in await belonging.history_in(brest, member, None, ctx)]
    assert seen == history
    assert await transfer.own(member) == []


async def test_one_of_them_refuses(asked: Transfer, member: Actor, section: Actor, brest: Actor, ctx: Context) -> None:
    await transfer.answer(section, asked, None, ctx, agrees=False)
    assert await groups_of(member) == ["lille"]
    with pytest.raises(NotFound):
        await transfer.withdraw(member, Transfer(id=1, uri="https://lille.test/1", member_id=2), ctx)
    assert not await Transfer.exists()


async def test_the_member_takes_it_back(asked: Transfer, member: Actor, other_member: Actor, ctx: Context) -> None:
    with pytest.raises(NotFound):
        await transfer.withdraw(other_member, asked, ctx)
    await transfer.withdraw(member, asked, ctx)
    assert await groups_of(member) == ["lille"]
    assert not await Transfer.exists()


async def test_it_is_asked_once_until_it_is_taken_back(
    asked: Transfer, member: Actor, section: Actor, brest: Actor, remote_actor: Actor, ctx: Context
) -> None:
    with pytest.raises(Conflict):
        await transfer.ask(member, section, brest, ctx)
    await transfer.withdraw(member, asked, ctx)
    assert await transfer.ask(member, section, brest, ctx) is not None


async def test_what_cannot_be_is_not_asked(
    member: Actor, other_member: Actor, section: Actor, brest: Actor, ctx: Context
) -> None:
    for origin, target in ((section, section), (section, other_member), (other_member, brest)):
        with pytest.raises(Invalid):
            await transfer.ask(member, origin, target, ctx)
    with pytest.raises(NotFound):
        await transfer.ask(member, section, brest, ctx)
    for group in (section, brest):
        await membership.add(group, member)
    with pytest.raises(Conflict):
        await transfer.ask(member, section, brest, ctx)
    assert not await ActivityRecord.exists(type="Move")


async def test_only_the_two_sections_answer_and_once(
    asked: Transfer, section: Actor, brest: Actor, ctx: Context
) -> None:
    other = await factories.section(ctx, "paris", "Paris", is_main=False)
    with pytest.raises(NotFound):
        await transfer.answer(other, asked, None, ctx, agrees=True)
    await transfer.answer(section, asked, None, ctx, agrees=True)
    with pytest.raises(NotFound):
        await transfer.answer(section, await Transfer.get(), None, ctx, agrees=False)


async def test_who_has_left_is_not_let_go(
    asked: Transfer, member: Actor, section: Actor, brest: Actor, ctx: Context
) -> None:
    await membership.leave(member, section, ctx)
    with pytest.raises(Conflict):
        await transfer.answer(section, asked, None, ctx, agrees=True)
    await transfer.answer(section, asked, None, ctx, agrees=False)
    assert not await Transfer.exists()


@pytest.mark.parametrize("role", [None, *Role])
async def test_who_manages_the_section_sees_and_answers_and_nobody_else(
    asked: Transfer, section: Actor, other_member: Actor, ctx: Context, role: Role | None
) -> None:
    row = await Section.get(actor_id=section.id)
    if role is Role.MEMBER:
        await membership.add(section, other_member)
    elif role is not None:
        await RoleHolder.create(section=row, holder=other_member, role=role)
    if role in (Role.ANIMATOR, Role.MANAGER):
        assert await transfer.waiting_at(section, other_member, ctx) == [asked]
        assert await Look.filter(viewer_id=other_member.id).values_list("at_what", "rows") == [("transfers", 1)]
        await transfer.answer(section, asked, other_member, ctx, agrees=True)
        [act] = await SectionAct.all()
        assert (act.act, act.author_id, act.section_id) == ("answer transfer", other_member.id, row.id)
        return
    with pytest.raises(Forbidden):
        await transfer.waiting_at(section, other_member, ctx)
    for agrees in (True, False):
        with pytest.raises(Forbidden):
            await transfer.answer(section, asked, other_member, ctx, agrees=agrees)
    assert not await SectionAct.exists()


async def test_the_section_that_is_left_says_how_and_since_when_they_belonged(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: object
) -> None:
    target = await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")  # type: ignore[arg-type]
    await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED, accepted_at=ctx.now())
    earlier = ctx.now().replace(year=2019)
    await MembershipHistory.create(group=target, member=remote_actor, step="accepted", at=earlier)
    ends = {"origin": section.uri, "target": target.uri, "to": [section.uri, target.uri]}
    await submit(factories.activity("Move", remote_actor.uri, remote_actor.uri, **ends), remote_actor, ctx)
    await transfer.answer(section, await Transfer.get(), None, ctx, agrees=True)
    [agreed] = await sent_by(section)
    assert (agreed["result"]["type"], agreed["result"]["role"]) == ("Member", "member")
    assert agreed["result"]["published"].startswith("2019-")
