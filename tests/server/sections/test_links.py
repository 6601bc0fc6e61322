"""Invitations as links: made, used by people here and elsewhere, used up, revoked, too old."""

from datetime import timedelta

import pytest

from federation.context import Context
from models import database
from models.actor import Actor
from models.membership import JoinLink, Membership, MembershipHistory, MembershipState, MembershipStep
from models.moderation import Block
from models.role import Role, RoleHolder, SectionAct
from models.section import Openness, Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import links, membership
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def token(section: Actor, main_section: Section, ctx: Context) -> str:
    """A link for two people into a section that takes in nobody else."""
    await Section.filter(id=main_section.id).update(openness=Openness.INVITATION)
    return await links.make_link(section, None, 2, 7, ctx)


async def state(member: Actor) -> MembershipState | None:
    row = await Membership.get_or_none(member_id=member.id)
    return row.state if row else None


async def left() -> int:
    return (await JoinLink.get()).uses_left


async def test_a_member_here_comes_in_by_it(token: str, section: Actor, member: Actor, ctx: Context) -> None:
    for _ in range(2):
        row = await links.redeem(token, member, ctx)
        assert (row.state, row.group_id) == (MembershipState.ACCEPTED, section.id)
    assert await left() == 1
    steps = await MembershipHistory.all().order_by("id").values_list("step", flat=True)
    assert steps == ["invited", "accepted"]


async def test_who_asked_or_was_invited_before_is_let_in(
    section: Actor, main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await membership.ask(member, section, ctx)
    await membership.invite(section, other_member, None, ctx)
    token = await links.make_link(section, None, 2, 7, ctx)
    for one in (member, other_member):
        assert (await links.redeem(token, one, ctx)).state is MembershipState.ACCEPTED
    assert await left() == 0


async def test_somebody_elsewhere_is_sent_an_invitation(
    token: str, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    assert (await links.redeem_elsewhere(token, remote_actor, ctx)).state is MembershipState.INVITED
    [invitation] = await sent_by(section)
    assert (invitation["type"], invitation["to"]) == ("Invite", [remote_actor.uri])
    with pytest.raises(Conflict):
        await links.redeem_elsewhere(token, remote_actor, ctx)
    assert await left() == 1
    await submit(factories.activity("Accept", remote_actor.uri, invitation), remote_actor, ctx)
    assert await state(remote_actor) is MembershipState.ACCEPTED


async def test_somebody_elsewhere_who_asked_is_let_in(
    section: Actor, main_section: Section, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Join", remote_actor.uri, section.uri), remote_actor, ctx)
    token = await links.make_link(section, None, 1, 7, ctx)
    assert (await links.redeem_elsewhere(token, remote_actor, ctx)).state is MembershipState.ACCEPTED
    assert [document["type"] for document in await sent_by(section)] == ["Accept"]


async def test_each_comes_in_where_they_live(
    token: str, member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    with pytest.raises(Conflict):
        await links.redeem(token, remote_actor, ctx)
    with pytest.raises(Conflict):
        await links.redeem_elsewhere(token, member, ctx)
    assert await left() == 2


@pytest.mark.parametrize("why", ["used up", "too old", "revoked", "unknown", "the section is gone"])
async def test_a_link_that_works_no_more_lets_nobody_in(
    token: str, section: Actor, member: Actor, remote_actor: Actor, ctx: Context, world: World, why: str
) -> None:
    if why == "used up":
        await JoinLink.all().update(uses_left=0)
    elif why == "too old":
        world.now += timedelta(days=7)
    elif why == "revoked":
        await links.revoke_link(section, (await JoinLink.get()).id, None)
    elif why == "unknown":
        token = token[:-1]
    else:
        await Actor.filter(id=section.id).update(gone_at=ctx.now())
    with pytest.raises(NotFound):
        await links.redeem(token, member, ctx)
    with pytest.raises(NotFound):
        await links.redeem_elsewhere(token, remote_actor, ctx)
    assert not await Membership.exists()


async def test_it_lets_in_as_many_as_it_is_for(
    section: Actor, main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    token = await links.make_link(section, None, 1, 7, ctx)
    await links.redeem(token, member, ctx)
    with pytest.raises(NotFound):
        await links.redeem(token, other_member, ctx)
    assert await links.links_of(section, None, ctx) == []


@pytest.mark.parametrize("why", [MembershipStep.REMOVED, MembershipStep.REFUSED, "blocked"])
async def test_whom_the_section_turned_away_has_no_use_of_it(
    token: str, section: Actor, member: Actor, remote_actor: Actor, ctx: Context, why: MembershipStep | str
) -> None:
    for person in (member, remote_actor):
        if isinstance(why, MembershipStep):
            await MembershipHistory.create(group=section, member=person, step=why)
        else:
            await Block.create(uri=f"{section.uri}/blocks/{person.id}", blocker=section, blocked=person)
    with pytest.raises(Forbidden):
        await links.redeem(token, member, ctx)
    with pytest.raises(Forbidden):
        await links.redeem_elsewhere(token, remote_actor, ctx)
    assert await left() == 2
    assert not await Membership.exists()


@pytest.mark.parametrize(("uses", "days"), [(0, 7), (1001, 7), (1, 0), (1, 367), (-1, 7)])
async def test_it_is_for_some_people_and_some_days(
    section: Actor, main_section: Section, ctx: Context, uses: int, days: int
) -> None:
    with pytest.raises(Invalid):
        await links.make_link(section, None, uses, days, ctx)


@pytest.mark.parametrize("role", [None, *Role])
async def test_who_manages_the_section_makes_lists_and_ends_links_and_nobody_else(
    token: str, section: Actor, main_section: Section, member: Actor, ctx: Context, role: Role | None
) -> None:
    number = (await JoinLink.get()).id
    await SectionAct.all().delete()
    if role is Role.MEMBER:
        await membership.add(section, member)
    elif role is not None:
        await RoleHolder.create(section=main_section, holder=member, role=role)
    if role in (Role.ANIMATOR, Role.MANAGER):
        assert await links.make_link(section, member, 1, 1, ctx)
        assert [row.maker_id for row in await links.links_of(section, member, ctx)] == [section.id, member.id]
        await links.revoke_link(section, number, member)
        acts = await SectionAct.all().order_by("id")
        assert [(act.act, act.author_id) for act in acts] == [("invite", member.id)] * 2
        return
    with pytest.raises(Forbidden):
        await links.make_link(section, member, 1, 1, ctx)
    with pytest.raises(Forbidden):
        await links.links_of(section, member, ctx)
    with pytest.raises(Forbidden):
        await links.revoke_link(section, number, member)
    assert await left() == 2


async def test_a_section_ends_its_own_links_alone(token: str, ctx: Context) -> None:
    other = await factories.section(ctx, "brest", "Brest", is_main=False)
    with pytest.raises(NotFound):
        await links.revoke_link(other, (await JoinLink.get()).id, None)
    assert await left() == 2


async def test_the_token_is_kept_nowhere(token: str) -> None:
    [row] = await database.select("SELECT * FROM join_link")
    assert token not in str(dict(row))
