"""Who a section lets in by itself, what they wrote to it, and which steps are written down."""

from typing import Any

import pytest

from federation.context import Context
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep
from models.section import Openness, Section
from server.sections import membership
from tests import factories
from tests.federation.sending import sent_by
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


async def steps(group: Actor, member: Actor) -> list[str]:
    rows = MembershipHistory.filter(group_id=group.id, member_id=member.id).order_by("id")
    return [row.step.value for row in await rows]


async def given(group: Actor, member: Actor, given_state: MembershipState, uri: str | None = None) -> Membership:
    return await Membership.create(group=group, member=member, state=given_state, uri=uri)


class TestOpenness:
    @pytest.fixture(params=list(Openness))
    async def openness(self, request: pytest.FixtureRequest, main_section: Section) -> Openness:
        """Each way in which a section may be open."""
        await Section.filter(id=main_section.id).update(openness=request.param)
        return Openness(request.param)

    async def test_says_how_a_join_is_answered(
        self, section: Actor, remote_actor: Actor, ctx: Context, openness: Openness
    ) -> None:
        await submit(join(remote_actor, section), remote_actor, ctx)
        expected = {
            Openness.OPEN: (MembershipState.ACCEPTED, ["Accept"]),
            Openness.MODERATED: (MembershipState.REQUESTED, []),
            Openness.INVITATION: (None, ["Reject"]),
        }
        answers = [document["type"] for document in await sent_by(section)]
        assert (await state(section, remote_actor), answers) == expected[openness]

    async def test_does_not_matter_to_who_was_invited(
        self, section: Actor, remote_actor: Actor, ctx: Context, openness: Openness
    ) -> None:
        await given(section, remote_actor, MembershipState.INVITED)
        await submit(join(remote_actor, section), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.ACCEPTED
        assert (await Membership.get()).accepted_at == ctx.now()

    @pytest.mark.parametrize("step", [MembershipStep.REFUSED, MembershipStep.REMOVED])
    async def test_lets_nobody_back_in_whom_the_section_turned_away(
        self, main_section: Section, section: Actor, remote_actor: Actor, ctx: Context, step: MembershipStep
    ) -> None:
        await Section.filter(id=main_section.id).update(openness=Openness.OPEN)
        await MembershipHistory.create(group=section, member=remote_actor, step=step)
        await submit(join(remote_actor, section), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.REQUESTED

    async def test_lets_back_in_who_left(
        self, main_section: Section, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await Section.filter(id=main_section.id).update(openness=Openness.OPEN)
        for number in (1, 2):
            await submit(join(remote_actor, section, number), remote_actor, ctx)
            assert await state(section, remote_actor) is MembershipState.ACCEPTED
            leaving = factories.activity("Leave", remote_actor.uri, section.uri, number)
            await submit(leaving, remote_actor, ctx)
            assert await state(section, remote_actor) is None
        assert await steps(section, remote_actor) == ["asked", "accepted", "left"] * 2


class TestTheMessage:
    SAID = "Je viens d'arriver à Lille"

    async def test_is_sealed_in_the_row_and_nowhere_else(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        asked = join(remote_actor, section) | {"participationMessage": f"<p>{self.SAID}</p>"}
        await submit(asked, remote_actor, ctx)
        assert (await Membership.get()).message == self.SAID
        [sealed] = await database.select("SELECT message FROM membership")
        assert self.SAID.encode() not in bytes(sealed["message"])
        assert self.SAID not in (await ActivityRecord.get(uri=asked["id"])).document

    async def test_is_not_sent_back_with_the_answer(
        self, main_section: Section, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await Section.filter(id=main_section.id).update(openness=Openness.OPEN)
        await submit(join(remote_actor, section) | {"participationMessage": self.SAID}, remote_actor, ctx)
        [answer] = await sent_by(section)
        assert "participationMessage" not in answer["object"]

    @pytest.mark.parametrize("kind", ["Accept", "Reject"])
    async def test_of_ours_is_kept_until_the_group_has_answered(
        self, group: Actor, member: Actor, ctx: Context, kind: str
    ) -> None:
        await membership.ask(member, group, ctx, self.SAID)
        [asked] = await sent_by(member)
        assert asked["participationMessage"] == self.SAID
        assert (await Membership.get()).message is None
        await submit(factories.activity(kind, GROUP, asked["id"]), group, ctx)
        assert self.SAID not in (await ActivityRecord.get(uri=asked["id"])).document


@pytest.mark.parametrize(
    ("kind", "before", "step"),
    [
        ("Leave", MembershipState.REQUESTED, "left"),
        ("Leave", MembershipState.ACCEPTED, "left"),
        ("Leave", MembershipState.INVITED, "declined"),
        ("Reject", MembershipState.REQUESTED, "refused"),
        ("Reject", MembershipState.ACCEPTED, "removed"),
    ],
)
async def test_how_it_ended_is_written_down_here(
    group: Actor, member: Actor, ctx: Context, kind: str, before: MembershipState, step: str
) -> None:
    uri = "https://lille.test/activities/1"
    await given(group, member, before, uri)
    if kind == "Leave":
        await membership.leave(member, group, ctx)
    else:
        asked = {"id": uri, "type": "Join", "actor": member.uri, "object": GROUP}
        await submit(factories.activity(kind, GROUP, asked), group, ctx)
    assert await steps(group, member) == [step]


async def test_every_step_is_written_down_once(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    for number in (1, 2):
        await submit(join(remote_actor, section, number), remote_actor, ctx)
    await membership.approve(section, remote_actor, None, ctx)
    await membership.remove(section, remote_actor, None, ctx)
    assert await steps(section, remote_actor) == ["asked", "accepted", "removed"]


async def test_the_history_goes_with_the_account(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await submit(join(remote_actor, section), remote_actor, ctx)
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert await steps(section, remote_actor) == []


async def test_a_ban_is_written_down_too(group: Actor, remote_actor: Actor, member: Actor, ctx: Context) -> None:
    await given(group, member, MembershipState.ACCEPTED)
    ban = factories.activity("Block", remote_actor.uri, member.uri, target=group.uri)
    await submit(ban, remote_actor, ctx)
    assert await steps(group, member) == ["removed"]


@pytest.mark.parametrize("is_by_group", [True, False])
async def test_a_block_ends_it_on_either_side(
    section: Actor, group: Actor, member: Actor, remote_actor: Actor, ctx: Context, is_by_group: bool
) -> None:
    ours, theirs = (group, member) if is_by_group else (section, remote_actor)
    await given(ours, theirs, MembershipState.ACCEPTED)
    blocker, blocked = (ours, theirs) if is_by_group else (theirs, ours)
    await submit(factories.activity("Block", blocker.uri, blocked.uri), blocker, ctx)
    assert await state(ours, theirs) is None
    assert await steps(ours, theirs) == ["removed" if is_by_group else "left"]
