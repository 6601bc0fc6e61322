"""Taking members in, and letting them go: what administrators and members do."""

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from server.errors import Conflict, Invalid, NotFound
from server.sections import membership
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

GROUP = "https://far.test/groups/nord"


@pytest.fixture
async def asking(section: Actor, remote_actor: Actor, ctx: Context) -> Actor:
    """Somebody elsewhere who asks to belong to the section."""
    await submit(factories.activity("Join", remote_actor.uri, section.uri, to=[section.uri]), remote_actor, ctx)
    return remote_actor


async def state(group: Actor, member: Actor) -> MembershipState | None:
    row = await Membership.get_or_none(group_id=group.id, member_id=member.id)
    return row.state if row else None


@pytest.mark.parametrize("act", [membership.approve, membership.refuse])
async def test_who_asked_is_answered_alone_with_the_join_as_it_came(
    section: Actor, asking: Actor, ctx: Context, act: object
) -> None:
    await act(section, asking, None, ctx)  # type: ignore[operator]
    is_approval = act is membership.approve
    assert await state(section, asking) is (MembershipState.ACCEPTED if is_approval else None)
    [answer] = await sent_by(section)
    assert (answer["type"], answer["to"]) == ("Accept" if is_approval else "Reject", [asking.uri])
    assert "cc" not in answer
    assert answer["object"]["id"] == f"{asking.uri}/join/1"


async def test_who_did_not_ask_is_not_answered(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    for act in (membership.approve, membership.refuse, membership.remove):
        with pytest.raises(NotFound):
            await act(section, remote_actor, None, ctx)
    await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    for act in (membership.approve, membership.refuse):
        with pytest.raises(NotFound):
            await act(section, remote_actor, None, ctx)


async def test_who_is_removed_is_told_and_nobody_else(section: Actor, asking: Actor, ctx: Context) -> None:
    await membership.approve(section, asking, None, ctx)
    await membership.remove(section, asking, None, ctx)
    assert await state(section, asking) is None
    removal = (await sent_by(section))[1]
    assert (removal["type"], removal["to"], removal["origin"]) == ("Remove", [asking.uri], section.uri)
    assert removal["object"]["type"] == "Member"


async def test_members_of_this_server_are_added_and_nobody_else(
    section: Actor, member: Actor, remote_actor: Actor
) -> None:
    for _ in range(2):
        await membership.add(section, member)
    assert await state(section, member) is MembershipState.ACCEPTED
    for group, one in ((section, remote_actor), (member, member), (remote_actor, member), (section, section)):
        with pytest.raises(Invalid):
            await membership.add(group, one)
    assert not await ActivityRecord.exists()


async def test_a_member_here_asks_a_section_here(section: Actor, member: Actor, ctx: Context) -> None:
    row = await membership.ask(member, section, ctx)
    assert row.state is MembershipState.REQUESTED
    assert (await membership.ask(member, section, ctx)).uri == row.uri
    await membership.approve(section, member, None, ctx)
    assert await membership.groups_of(member) == [section]
    await membership.leave(member, section, ctx)
    assert await membership.groups_of(member) == []


async def test_a_member_here_asks_a_group_elsewhere_and_nobody_else_is_told(
    member: Actor, ctx: Context, world: World
) -> None:
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group")
    await membership.ask(member, group, ctx)
    [asked] = await sent_by(member)
    assert (asked["type"], asked["object"], asked["to"]) == ("Join", GROUP, [GROUP])
    assert "cc" not in asked
    await membership.leave(member, group, ctx)
    assert (await sent_by(member))[1]["type"] == "Leave"


async def test_nobody_belongs_to_a_person(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await membership.ask(member, remote_actor, ctx)


@pytest.mark.parametrize(("accept", "after"), [(True, MembershipState.ACCEPTED), (False, None)])
async def test_an_invitation_is_taken_up_or_declined(
    section: Actor, member: Actor, ctx: Context, accept: bool, after: MembershipState | None
) -> None:
    await membership.invite(section, member, None, ctx)
    assert await state(section, member) is MembershipState.INVITED
    with pytest.raises(Conflict):
        await membership.invite(section, member, None, ctx)
    await membership.reply(member, section, ctx, accept=accept)
    assert await state(section, member) is after
    with pytest.raises(NotFound):
        await membership.reply(member, section, ctx, accept=True)


async def test_the_invitation_of_a_group_elsewhere_is_answered_to_it_and_to_who_invited(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group")
    invitation = factories.activity("Invite", remote_actor.uri, GROUP, to=[member.uri], target=member.uri)
    await submit(invitation, remote_actor, ctx)
    await membership.reply(member, group, ctx, accept=True)
    [answer] = await sent_by(member)
    assert (answer["type"], answer["to"]) == ("Accept", [GROUP, remote_actor.uri])
    assert answer["object"]["id"] == invitation["id"]


async def test_administrators_see_who_belongs_and_who_waits(
    section: Actor, member: Actor, asking: Actor, ctx: Context
) -> None:
    await membership.add(section, member)
    rows = [(row.member.handle, row.state.value) for row in await membership.members_of(section)]
    assert rows == [("noor@far.test", "requested"), ("zoe", "accepted")]
