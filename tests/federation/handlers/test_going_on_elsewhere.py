"""An account moves: what the servers of the old and of the new one do, and what all of it is on one server."""

from typing import Any

import pytest
from hypothesis import given, settings

from federation.activities import parse
from federation.context import Context
from federation.taking_over import successor_uri
from models.actor import Actor
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep
from models.notification import Notification, NotificationType
from models.role import Role, RoleHolder
from models.section import Openness, Section
from server.errors import Forbidden, NotFound
from server.members import moving
from server.privacy import erasing
from server.sections import links, membership, roles, transfer
from tests import factories
from tests.federation import hostile
from tests.federation.sending import inboxes, sent_by
from tests.federation.submitting import submit
from tests.world import World

GROUP = "https://far.test/groups/nord"
NEW = "https://elsewhere.test/users/zoe"


@pytest.fixture
async def group(ctx: Context, world: World) -> Actor:
    """A group elsewhere."""
    return await factories.remote_actor(ctx, world, GROUP, kind="Group")


@pytest.fixture
async def new(member: Actor, ctx: Context, world: World) -> Actor:
    """The account elsewhere to which a member of ours moves."""
    return await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[member.uri])


async def state(group: Actor, member: Actor) -> MembershipState | None:
    row = await Membership.get_or_none(group_id=group.id, member_id=member.id)
    return row.state if row else None


class TestTheServerThatIsLeft:
    @pytest.mark.parametrize("before", list(MembershipState))
    async def test_tells_the_groups_of_its_member_without_naming_them(
        self, group: Actor, member: Actor, new: Actor, stranger: Actor, ctx: Context, before: MembershipState
    ) -> None:
        await Membership.create(group=group, member=member, state=before)
        await factories.follow(stranger, member)
        await moving.move(member, NEW, ctx)
        is_told = before is not MembershipState.REQUESTED
        assert await inboxes("Move") == sorted({stranger.delivery_uri} | ({group.delivery_uri} if is_told else set()))
        assert all(GROUP not in str(document) for document in await sent_by(member))

    async def test_tells_no_other_group_of_a_transfer(
        self, section: Actor, group: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        brest = await factories.remote_actor(ctx, world, "https://brest.test/groups/brest", kind="Group")
        await membership.add(section, member)
        await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
        await transfer.ask(member, section, brest, ctx)
        assert await inboxes("Move") == [brest.delivery_uri]

    @pytest.mark.parametrize("has_moved", [True, False])
    async def test_writes_down_that_it_goes_on_elsewhere(
        self, group: Actor, member: Actor, new: Actor, ctx: Context, has_moved: bool
    ) -> None:
        await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
        if has_moved:
            await moving.move(member, NEW, ctx)
        ended = {"type": "Member", "id": f"{GROUP}/members/1", "actor": member.uri, "object": GROUP}
        result = {"type": "Member", "actor": NEW, "object": GROUP}
        await submit(factories.activity("Remove", GROUP, ended, origin=GROUP, result=result), group, ctx)
        [step] = await MembershipHistory.all()
        wanted = (MembershipStep.ACCOUNT_MOVED, new.id) if has_moved else (MembershipStep.REMOVED, None)
        assert (step.step, step.other_id) == wanted
        assert await state(group, member) is None


class TestTheServerThatIsReached:
    @pytest.fixture
    async def moved(self, member: Actor, stranger: Actor) -> Actor:
        """A member of ours who lived elsewhere before."""
        await Actor.filter(id=member.id).update(also_known_as=[stranger.uri])
        return member

    def invitation(self, to: Actor, origin: Any) -> dict[str, Any]:
        return factories.activity("Invite", GROUP, GROUP, to=[to.uri], target=to.uri, origin=origin)

    async def test_says_with_which_account_they_belonged(
        self, group: Actor, moved: Actor, stranger: Actor, ctx: Context
    ) -> None:
        await submit(self.invitation(moved, stranger.uri), group, ctx)
        row = await Membership.get()
        assert (row.state, row.former_id) == (MembershipState.INVITED, stranger.id)
        assert await Notification.exists(recipient_id=moved.id, type=NotificationType.MEMBER_INVITE)

    async def test_believes_no_group_about_accounts_that_are_not_theirs(
        self, group: Actor, moved: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await submit(self.invitation(moved, remote_actor.uri), group, ctx)
        row = await Membership.get()
        assert (row.state, row.former_id) == (MembershipState.INVITED, None)

    @pytest.mark.parametrize("origin", [None, [], {}, 1, "", "https://nobody.test/", [{"id": 3}], {"id": "x"}])
    async def test_takes_an_invitation_that_names_nobody_for_any_other(
        self, group: Actor, moved: Actor, ctx: Context, origin: Any
    ) -> None:
        await submit(self.invitation(moved, origin), group, ctx)
        assert (await Membership.get()).former_id is None

    async def test_has_it_taken_up(self, group: Actor, moved: Actor, stranger: Actor, ctx: Context) -> None:
        await submit(self.invitation(moved, stranger.uri), group, ctx)
        await membership.reply(moved, group, ctx, accept=True)
        row = await Membership.get()
        assert (row.state, row.former_id) == (MembershipState.ACCEPTED, None)
        [accept] = await sent_by(moved)
        assert (accept["type"], accept["to"], accept["object"]["origin"]) == ("Accept", [GROUP], stranger.uri)

    async def test_learns_that_it_no_longer_stood(
        self, group: Actor, moved: Actor, stranger: Actor, ctx: Context
    ) -> None:
        invitation = self.invitation(moved, stranger.uri)
        await submit(invitation, group, ctx)
        await membership.reply(moved, group, ctx, accept=True)
        ended = {"type": "Member", "id": invitation["id"], "actor": moved.uri, "object": GROUP}
        await submit(factories.activity("Remove", GROUP, ended, origin=GROUP), group, ctx)
        assert await state(group, moved) is None

    async def test_forgets_an_account_that_is_no_more(
        self, group: Actor, moved: Actor, stranger: Actor, ctx: Context
    ) -> None:
        await submit(self.invitation(moved, stranger.uri), group, ctx)
        await submit(factories.activity("Delete", stranger.uri, stranger.uri), stranger, ctx)
        row = await Membership.get()
        assert (row.state, row.former_id) == (MembershipState.INVITED, None)


class TestAllOnOneServer:
    @pytest.fixture
    async def moved(self, section: Actor, member: Actor, other_member: Actor, ctx: Context) -> Actor:
        """The second name here of somebody who belongs to the section and is its only animator."""
        await roles.found(await Section.get(actor_id=section.id).select_related("actor"), member, ctx)
        await moving.add_alias(other_member, "zoe", ctx)
        await moving.move(member, "ali", ctx)
        return other_member

    async def test_the_role_stays_until_it_is_handed_over(
        self, section: Actor, member: Actor, moved: Actor, main_section: Section, ctx: Context
    ) -> None:
        await membership.reply(moved, section, ctx, accept=True)
        assert (await state(section, member), await state(section, moved)) == (None, MembershipState.ACCEPTED)
        assert (await RoleHolder.get()).holder_id == member.id
        offer = await roles.offer(main_section, moved, Role.ANIMATOR, member, ctx, is_hand_over=True)
        await roles.accept(moved, offer, ctx)
        assert (await RoleHolder.get()).holder_id == moved.id

    async def test_who_came_back_is_told_that_the_invitation_is_over(
        self, section: Actor, member: Actor, moved: Actor, ctx: Context
    ) -> None:
        await moving.come_back(member, ctx)
        with pytest.raises(NotFound, match="no longer stands"):
            await membership.reply(moved, section, ctx, accept=True)
        assert (await state(section, member), await state(section, moved)) == (MembershipState.ACCEPTED, None)

    async def test_who_came_back_is_not_let_in_where_only_the_invited_are(
        self, section: Actor, member: Actor, moved: Actor, main_section: Section, ctx: Context
    ) -> None:
        await moving.come_back(member, ctx)
        await Section.filter(id=main_section.id).update(openness=Openness.INVITATION)
        with pytest.raises(Forbidden, match="whom it invites"):
            await membership.ask(moved, section, ctx)
        assert await state(section, moved) is None

    async def test_a_link_lets_in_whose_invitation_is_over_as_anybody_else(
        self, section: Actor, member: Actor, moved: Actor, ctx: Context
    ) -> None:
        await moving.come_back(member, ctx)
        await links.redeem(await links.make_link(section, None, 1, 1, ctx), moved, ctx)
        assert await Membership.filter(state=MembershipState.ACCEPTED).count() == 2
        assert not await MembershipHistory.exists(step=MembershipStep.CARRIED_ON)

    async def test_who_is_erased_leaves_an_invitation_that_can_be_declined(
        self, section: Actor, member: Actor, moved: Actor, main_section: Section, ctx: Context
    ) -> None:
        await roles.give(main_section, moved, Role.ANIMATOR, None, ctx)
        await erasing.erase(member, ctx)
        assert (await Membership.get()).former_id is None
        await membership.reply(moved, section, ctx, accept=False)
        assert not await Membership.exists()


@settings(max_examples=40)
@given(hostile.objects)
def test_any_result_names_an_account_or_none(value: Any) -> None:
    found = successor_uri(parse(factories.activity("Remove", GROUP, NEW, result=value)))
    assert found is None or found.startswith("http")
