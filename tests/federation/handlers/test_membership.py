"""Belonging to a group: asked, answered, offered, left, ended; and who may do which."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from federation.jsonld import load
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStep
from models.moderation import Block
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


class TestAsking:
    async def test_a_section_keeps_the_wish_for_its_administrators(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await submit(join(remote_actor, section), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.REQUESTED
        assert not await Delivery.exists()

    async def test_again_is_the_same_wish_under_its_last_name(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        for number in (1, 2):
            await submit(join(remote_actor, section, number), remote_actor, ctx)
        assert (await Membership.get()).uri == f"{remote_actor.uri}/join/2"

    @pytest.mark.parametrize("before", [MembershipState.ACCEPTED, MembershipState.INVITED])
    async def test_who_is_expected_is_let_in_at_once(
        self, section: Actor, remote_actor: Actor, ctx: Context, before: MembershipState
    ) -> None:
        await given(section, remote_actor, before)
        asked = join(remote_actor, section)
        await submit(asked, remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.ACCEPTED
        [answer] = await sent_by(section)
        assert (answer["type"], answer["to"], answer.get("cc")) == ("Accept", [remote_actor.uri], None)
        assert answer["object"] == {name: value for name, value in asked.items() if name != "@context"}

    @pytest.mark.parametrize("who", ["member", "group"])
    async def test_a_person_is_no_group_and_strangers_are_not_our_business(
        self, member: Actor, remote_actor: Actor, group: Actor, ctx: Context, who: str
    ) -> None:
        with pytest.raises(NotAuthorised):
            await submit(join(remote_actor, member if who == "member" else group), remote_actor, ctx)
        assert not await Membership.exists()

    async def test_whoever_the_section_blocks_is_refused(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await Block.create(uri=f"{section.uri}/blocks/1", blocker=section, blocked=remote_actor)
        with pytest.raises(NotAuthorised):
            await submit(join(remote_actor, section), remote_actor, ctx)


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


class TestTheAnswer:
    JOIN = "https://lille.test/activities/1"

    def answer(self, kind: str, by: str, member: Actor, shape: str, number: int = 1) -> dict[str, Any]:
        pair = {"actor": member.uri, "object": GROUP}
        shapes: dict[str, Any] = {
            "the uri": self.JOIN,
            "the Join": pair | {"id": self.JOIN, "type": "Join"},
            "a Member": pair | {"id": f"{GROUP}/members/7", "type": "Member", "role": "member"},
        }
        return factories.activity(kind, by, shapes[shape], number, to=[member.uri])

    @pytest.fixture
    async def asked(self, group: Actor, member: Actor) -> Membership:
        """The wish of a member of ours."""
        await ActivityRecord.create(
            uri=self.JOIN, type="Join", actor_uri=member.uri, object_uri=GROUP, is_local=True, document="{}"
        )
        return await given(group, member, MembershipState.REQUESTED, self.JOIN)

    @pytest.mark.parametrize("shape", ["the uri", "the Join", "a Member"])
    async def test_lets_in_or_refuses_in_any_shape(
        self, asked: Membership, group: Actor, member: Actor, ctx: Context, shape: str
    ) -> None:
        await submit(self.answer("Accept", GROUP, member, shape), group, ctx)
        assert await state(group, member) is MembershipState.ACCEPTED
        await submit(self.answer("Reject", GROUP, member, shape), group, ctx)
        assert await state(group, member) is None

    @pytest.mark.parametrize("kind", ["Accept", "Reject"])
    async def test_is_the_groups_or_its_servers(
        self, asked: Membership, group: Actor, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context,
        kind: str,
    ) -> None:  # fmt: skip
        with pytest.raises(NotAuthorised, match="does not speak for"):
            await submit(self.answer(kind, stranger.uri, member, "the Join"), stranger, ctx)
        assert await state(group, member) is MembershipState.REQUESTED
        await submit(self.answer(kind, remote_actor.uri, member, "a Member"), remote_actor, ctx)
        assert await state(group, member) is (MembershipState.ACCEPTED if kind == "Accept" else None)

    async def test_to_a_question_nobody_asked_lets_nobody_in(
        self, group: Actor, member: Actor, other_member: Actor, ctx: Context
    ) -> None:
        await given(group, other_member, MembershipState.INVITED)
        for one, kind in ((member, UnsupportedActivity), (other_member, None)):
            document = self.answer("Accept", GROUP, one, "a Member", one.id)
            if kind is None:
                await submit(document, group, ctx)
            else:
                with pytest.raises(kind):
                    await submit(document, group, ctx)
        assert await state(group, member) is None
        assert await state(group, other_member) is MembershipState.INVITED

    async def test_for_a_section_of_ours_comes_from_nobody_elsewhere(
        self, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        asked = join(remote_actor, section)
        await submit(asked, remote_actor, ctx)
        for kind in ("Accept", "Reject"):
            with pytest.raises(NotAuthorised):
                await submit(factories.activity(kind, remote_actor.uri, asked), remote_actor, ctx)
        assert await state(section, remote_actor) is MembershipState.REQUESTED


class TestTheEnd:
    @pytest.fixture
    async def belonging(self, section: Actor, remote_actor: Actor) -> Membership:
        """Somebody elsewhere belongs to the section."""
        return await given(section, remote_actor, MembershipState.ACCEPTED, f"{remote_actor.uri}/join/1")

    @pytest.mark.parametrize("how", ["Leave", "Undo", "Undo by uri"])
    async def test_a_member_leaves(
        self, belonging: Membership, section: Actor, remote_actor: Actor, ctx: Context, how: str
    ) -> None:
        asked = join(remote_actor, section)
        object_ = {"Leave": section.uri, "Undo": asked, "Undo by uri": asked["id"]}[how]
        if how == "Undo by uri":
            await Membership.all().delete()
            await submit(asked, remote_actor, ctx)
        await submit(factories.activity(how.partition(" ")[0], remote_actor.uri, object_), remote_actor, ctx)
        assert await state(section, remote_actor) is None

    async def test_nobody_leaves_for_another(
        self, belonging: Membership, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
    ) -> None:
        for document in (
            factories.activity("Leave", stranger.uri, section.uri),
            factories.activity("Undo", stranger.uri, join(remote_actor, section)),
        ):
            with pytest.raises(FederationError):
                await submit(document, stranger, ctx)
        assert await state(section, remote_actor) is MembershipState.ACCEPTED

    async def test_a_group_removes_a_member_of_ours_and_nobody_elses(
        self, belonging: Membership, section: Actor, remote_actor: Actor, group: Actor, member: Actor, ctx: Context
    ) -> None:
        await given(group, member, MembershipState.ACCEPTED)
        for one, theirs in ((remote_actor, section), (member, group)):
            ended = {"type": "Member", "id": f"{GROUP}/members/{one.id}", "actor": one.uri, "object": theirs.uri}
            document = factories.activity("Remove", GROUP, ended, one.id, origin=theirs.uri)
            if theirs.is_local:
                with pytest.raises(NotAuthorised, match="does not speak for"):
                    await submit(document, group, ctx)
            else:
                await submit(document, group, ctx)
        assert await state(section, remote_actor) is MembershipState.ACCEPTED
        assert await state(group, member) is None

    @pytest.mark.parametrize("kind", ["Join", "Invite"])
    async def test_a_member_is_named_by_what_it_came_of(
        self, group: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context, kind: str
    ) -> None:
        """Source: Mobilizon, where the Member has the id of the Join or Invite, and a Remove only that."""
        uri = f"{remote_actor.uri}/{kind}" if kind == "Invite" else "https://lille.test/activities/1"
        await given(group, member, MembershipState.ACCEPTED, uri)
        await ActivityRecord.create(
            uri=uri, type=kind, actor_uri=member.uri, object_uri=GROUP, is_local=kind == "Join", document="{}"
        )
        with pytest.raises(NotAuthorised, match="does not speak for"):
            await submit(factories.activity("Remove", stranger.uri, uri, origin=GROUP), stranger, ctx)
        await submit(factories.activity("Remove", remote_actor.uri, uri, origin=GROUP), remote_actor, ctx)
        assert await state(group, member) is None
        assert await steps(group, member) == ["removed"]

    @pytest.mark.parametrize(
        ("role", "before", "after"),
        [
            ("moderator", MembershipState.REQUESTED, MembershipState.ACCEPTED),
            ("moderator", MembershipState.ACCEPTED, MembershipState.ACCEPTED),
            ("moderator", MembershipState.INVITED, MembershipState.INVITED),
            ("not_approved", MembershipState.REQUESTED, MembershipState.REQUESTED),
            ("rejected", MembershipState.ACCEPTED, None),
            (["member"], MembershipState.REQUESTED, MembershipState.ACCEPTED),
            ({"a": 1}, MembershipState.REQUESTED, MembershipState.REQUESTED),
        ],
    )
    async def test_a_role_that_the_group_gives(
        self, group: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context,
        role: Any, before: MembershipState, after: MembershipState | None,
    ) -> None:  # fmt: skip
        await given(group, member, before, f"{remote_actor.uri}/members/1")
        told = {
            "id": f"{remote_actor.uri}/members/1",
            "type": "Member",
            "actor": member.uri,
            "object": GROUP,
            "role": role,
        }
        with pytest.raises(FederationError):
            await submit(factories.activity("Update", stranger.uri, told), stranger, ctx)
        assert await state(group, member) is before
        await submit(factories.activity("Update", remote_actor.uri, told), remote_actor, ctx)
        assert await state(group, member) is after

    async def test_who_is_gone_belongs_to_nothing(
        self, belonging: Membership, section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
        assert await state(section, remote_actor) is None


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


async def test_nothing_of_it_is_ever_public(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await given(section, remote_actor, MembershipState.INVITED)
    await submit(join(remote_actor, section), remote_actor, ctx)
    for row in await ActivityRecord.filter(is_local=True):
        document = load(row.document)
        assert (document["to"], document.get("cc")) == ([remote_actor.uri], None)
