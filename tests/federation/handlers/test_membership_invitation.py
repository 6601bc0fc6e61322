"""Being invited to belong to a group: by whom, and how it is answered."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor
from models.membership import Membership, MembershipState
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

GROUP = "https://far.test/groups/nord"


@pytest.fixture
async def group(ctx: Context, world: World) -> Actor:
    """A group elsewhere."""
    return await factories.remote_actor(ctx, world, GROUP, kind="Group", members=f"{GROUP}/members")


def join(actor: Actor, group: Actor, number: int = 1) -> dict[str, Any]:
    return factories.activity("Join", actor.uri, group.uri, number, to=[group.uri])


async def state(group: Actor, member: Actor) -> MembershipState | None:
    row = await Membership.get_or_none(group_id=group.id, member_id=member.id)
    return row.state if row else None


async def given(group: Actor, member: Actor, given_state: MembershipState, uri: str | None = None) -> Membership:
    return await Membership.create(group=group, member=member, state=given_state, uri=uri)


class TestAnInvitation:
    def invitation(self, by: str, member: Actor) -> dict[str, Any]:
        return factories.activity("Invite", by, GROUP, to=[member.uri], target=member.uri)

    async def test_waits_for_its_member(self, group: Actor, member: Actor, ctx: Context) -> None:
        await submit(self.invitation(GROUP, member), group, ctx)
        assert await state(group, member) is MembershipState.INVITED

    async def test_of_a_group_we_have_not_met_makes_us_meet_it(
        self, remote_actor: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(factories.actor_document(GROUP, kind="Group"))
        await submit(self.invitation(remote_actor.uri, member) | {"to": []}, remote_actor, ctx)
        assert await state(await Actor.get(uri=GROUP), member) is MembershipState.INVITED
        assert world.fetched == [GROUP]

    async def test_of_a_stranger_is_refused(self, group: Actor, stranger: Actor, member: Actor, ctx: Context) -> None:
        with pytest.raises(NotAuthorised, match="does not speak for"):
            await submit(self.invitation(stranger.uri, member), stranger, ctx)

    async def test_changes_nothing_for_who_belongs(self, group: Actor, member: Actor, ctx: Context) -> None:
        await given(group, member, MembershipState.ACCEPTED)
        await submit(self.invitation(GROUP, member), group, ctx)
        assert await state(group, member) is MembershipState.ACCEPTED

    @pytest.mark.parametrize(("kind", "after"), [("Accept", MembershipState.ACCEPTED), ("Reject", None)])
    async def test_is_answered_by_who_was_invited(
        self, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, kind: str, after: Any
    ) -> None:
        uri = ctx.names.new_activity()
        await given(section, remote_actor, MembershipState.INVITED, uri)
        offered = {"id": uri, "type": "Invite", "actor": section.uri, "object": section.uri, "target": remote_actor.uri}
        with pytest.raises(NotAuthorised):
            await submit(factories.activity(kind, stranger.uri, offered), stranger, ctx)
        await submit(factories.activity(kind, remote_actor.uri, offered), remote_actor, ctx)
        assert await state(section, remote_actor) is after

    async def test_is_taken_up_as_mobilizon_does(
        self, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
    ) -> None:
        uri = ctx.names.new_activity()
        await given(section, remote_actor, MembershipState.INVITED, uri)
        said = {"id": uri, "type": "Member", "actor": remote_actor.uri, "object": section.uri, "role": "member"}
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Accept", stranger.uri, said), stranger, ctx)
        await submit(factories.activity("Accept", remote_actor.uri, said), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.ACCEPTED

    async def test_nobody_lets_themselves_in_by_naming_a_member(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        asked = join(remote_actor, section)
        await submit(asked, remote_actor, ctx)
        said = {"id": asked["id"], "type": "Member", "actor": remote_actor.uri, "object": section.uri, "role": "member"}
        for kind in ("Accept", "Update"):
            with pytest.raises(NotAuthorised):
                await submit(factories.activity(kind, remote_actor.uri, said), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.REQUESTED

    async def test_lets_in_nobody_who_only_asked(self, section: Actor, remote_actor: Actor, ctx: Context) -> None:
        asked = join(remote_actor, section)
        await submit(asked, remote_actor, ctx)
        offered = {"id": asked["id"], "type": "Invite", "actor": section.uri, "object": section.uri}
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Accept", remote_actor.uri, offered), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.REQUESTED
