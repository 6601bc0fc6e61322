"""Who is told of belonging: those who manage the section, and the member concerned."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.membership import Transfer
from models.notification import Notification, NotificationType
from models.role import Role, RoleHolder
from models.section import Openness, Section
from server.sections import membership, transfer
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

GROUP = "https://far.test/groups/nord"


async def told(recipient: Actor) -> list[tuple[str, str]]:
    rows = Notification.filter(recipient_id=recipient.id).select_related("actor").order_by("id")
    return [(row.type.value, row.actor.username) for row in await rows]


@pytest.fixture
async def manager(main_section: Section, other_member: Actor) -> Actor:
    """Who manages the section."""
    await RoleHolder.create(section=main_section, holder=other_member, role=Role.MANAGER)
    return other_member


async def test_who_manages_the_section_learns_who_asks_and_nobody_else_does(
    section: Actor, main_section: Section, manager: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await RoleHolder.create(section=main_section, holder=member, role=Role.EDITOR)
    for number in (1, 2):
        await submit(factories.activity("Join", remote_actor.uri, section.uri, number), remote_actor, ctx)
    assert await told(manager) == [("member_request", "noor")]
    assert await told(member) == []


async def test_nobody_is_told_of_who_is_let_in_at_once(
    section: Actor, main_section: Section, manager: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Section.filter(id=main_section.id).update(openness=Openness.OPEN)
    await submit(factories.activity("Join", remote_actor.uri, section.uri), remote_actor, ctx)
    assert await told(manager) == []


async def test_a_member_is_told_of_the_invitation_and_then_of_being_in(
    section: Actor, main_section: Section, member: Actor, ctx: Context
) -> None:
    await membership.invite(section, member, None, ctx)
    assert await told(member) == [("member_invite", "lille")]
    await membership.reply(member, section, ctx, accept=True)
    assert await told(member) == [("member_accepted", "lille")]


async def test_a_group_elsewhere_invites_a_member_here(member: Actor, ctx: Context, world: World) -> None:
    group = await factories.remote_actor(ctx, world, GROUP, kind="Group")
    await submit(factories.activity("Invite", GROUP, GROUP, to=[member.uri], target=member.uri), group, ctx)
    assert await told(member) == [("member_invite", "nord")]


async def test_who_manages_either_section_learns_of_a_transfer_and_the_member_of_a_refusal(
    section: Actor, main_section: Section, manager: Actor, member: Actor, ctx: Context
) -> None:
    brest = await factories.section(ctx, "brest", "Brest", is_main=False)
    head = await factories.member(ctx, "max", "Max")
    await RoleHolder.create(section=await Section.get(actor_id=brest.id), holder=head, role=Role.ANIMATOR)
    await membership.add(section, member)
    await transfer.ask(member, section, brest, ctx)
    for one in (manager, head):
        assert await told(one) == [("transfer_request", "zoe")]
    await transfer.answer(brest, await Transfer.get(), head, ctx, agrees=False)
    assert await told(member) == [("transfer_refused", "brest")]


@pytest.mark.parametrize("type_", list(NotificationType))
def test_every_heading_fits_its_column(type_: NotificationType) -> None:
    assert len(type_.value) <= 16
