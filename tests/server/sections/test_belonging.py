"""Who sees who asks, and who does what with it: every role, allowed and refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.membership import Membership, MembershipState
from models.role import Role, RoleHolder, SectionAct
from models.section import Openness, Section
from server.errors import Forbidden, Invalid, NotFound
from server.sections import belonging, membership
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit

Doing = Callable[[Actor, Actor, Actor | None, Context], Awaitable[None]]

DOINGS: dict[str, Doing] = {
    "approve": membership.approve,
    "refuse": membership.refuse,
    "remove": membership.remove,
    "invite": membership.invite,
}
READINGS: dict[str, Callable[..., Awaitable[list[Any]]]] = {
    "requests": belonging.requests,
    "invitations": belonging.invitations,
}
MANAGING = (Role.ANIMATOR, Role.MANAGER)


@pytest.fixture
async def asking(section: Actor, main_section: Section, remote_actor: Actor, ctx: Context) -> Actor:
    """Somebody elsewhere who asks to belong, and says why."""
    asked = factories.activity("Join", remote_actor.uri, section.uri, participationMessage="Bonjour")
    await submit(asked, remote_actor, ctx)
    return remote_actor


async def hold(section: Section, person: Actor, role: Role | None) -> None:
    if role is Role.MEMBER:
        await membership.add(section.actor, person)
    elif role is not None:
        await RoleHolder.create(section=section, holder=person, role=role)


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("name", DOINGS)
async def test_what_is_done_for_a_section_needs_a_role(
    main_section: Section, member: Actor, asking: Actor, stranger: Actor, ctx: Context, name: str, role: Role | None
) -> None:
    await hold(main_section, member, role)
    person = stranger if name == "invite" else asking
    before = await Membership.filter(member_id=person.id).values("state")
    if role in MANAGING:
        await DOINGS[name](main_section.actor, person, member, ctx)
        [act] = await SectionAct.all()
        assert act.author_id == member.id
        assert person.uri in act.about
        assert await Membership.filter(member_id=person.id).values("state") != before
        return
    with pytest.raises(Forbidden):
        await DOINGS[name](main_section.actor, person, member, ctx)
    assert await Membership.filter(member_id=person.id).values("state") == before
    assert not await SectionAct.exists()


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("name", READINGS)
async def test_what_is_read_of_a_section_needs_a_role_and_is_logged(
    main_section: Section, member: Actor, asking: Actor, ctx: Context, name: str, role: Role | None
) -> None:
    await hold(main_section, member, role)
    if role in MANAGING:
        rows = await READINGS[name](main_section.actor, member, ctx)
        assert [(row.member.id, row.message) for row in rows] == (
            [(asking.id, "Bonjour")] if name == "requests" else []
        )
        [look] = await Look.all()
        assert (look.viewer_id, look.at_what, look.rows) == (member.id, name, len(rows))
        return
    with pytest.raises(Forbidden):
        await READINGS[name](main_section.actor, member, ctx)
    assert not await Look.exists()


@pytest.mark.parametrize("role", [None, *Role])
async def test_the_history_of_somebody_is_for_who_manages_the_section(
    main_section: Section, member: Actor, asking: Actor, ctx: Context, role: Role | None
) -> None:
    await hold(main_section, member, role)
    if role in MANAGING:
        rows = await belonging.history_in(main_section.actor, asking, member, ctx)
        assert [row.step.value for row in rows] == ["asked"]
        assert (await Look.get()).at_what == asking.handle
        return
    with pytest.raises(Forbidden):
        await belonging.history_in(main_section.actor, asking, member, ctx)


async def test_a_role_in_one_section_is_none_in_another(
    main_section: Section, member: Actor, asking: Actor, ctx: Context
) -> None:
    await hold(main_section, member, Role.ANIMATOR)
    other = await factories.section(ctx, "brest", "Brest", is_main=False)
    with pytest.raises(Forbidden):
        await membership.invite(other, asking, member, ctx)


async def test_nobody_acts_for_what_is_no_section_here(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    for doing in DOINGS.values():
        with pytest.raises(NotFound):
            await doing(remote_actor, member, None, ctx)


async def test_a_section_for_the_invited_is_not_asked(
    main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await Section.filter(id=main_section.id).update(openness=Openness.INVITATION)
    with pytest.raises(Forbidden):
        await membership.ask(member, main_section.actor, ctx)
    await membership.invite(main_section.actor, other_member, None, ctx)
    row = await membership.ask(other_member, main_section.actor, ctx)
    assert row.state is MembershipState.ACCEPTED


async def test_a_message_has_an_end(main_section: Section, member: Actor, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await membership.ask(member, main_section.actor, ctx, "é" * 2001)
    assert (await membership.ask(member, main_section.actor, ctx, "é" * 2000)).message == "é" * 2000


async def test_a_member_sees_where_they_stand(
    main_section: Section, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await membership.ask(member, main_section.actor, ctx)
    assert [(row.group.username, row.state.value) for row in await belonging.own(member)] == [("lille", "requested")]
    assert [row.step.value for row in await belonging.history_of(member)] == ["asked"]
    assert await belonging.own(other_member) == await belonging.history_of(other_member) == []


async def test_what_we_remove_has_the_id_that_mobilizon_knows_it_by(
    main_section: Section, asking: Actor, ctx: Context
) -> None:
    uri = (await Membership.get()).uri
    await membership.approve(main_section.actor, asking, None, ctx)
    await membership.remove(main_section.actor, asking, None, ctx)
    removal = (await sent_by(main_section.actor))[1]
    assert (removal["object"]["id"], removal["object"]["role"]) == (uri, "rejected")
