"""Moving between groups of several servers, as each of the three servers sees it; and who may say what."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, RemoteUnavailable, UnsupportedActivity
from models.actor import Actor
from models.membership import (
    Membership,
    MembershipHistory,
    MembershipState,
    MembershipStatus,
    Transfer,
    TransferAnswer,
)
from models.moderation import Block
from server.sections import transfer
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

BREST = "https://brest.test/actors/1"
SINCE = "2019-05-01T00:00:00Z"


@pytest.fixture
async def brest(ctx: Context, world: World) -> Actor:
    """The other group, elsewhere."""
    return await factories.remote_actor(ctx, world, BREST, kind="Group", members=f"{BREST}/members")


async def belong(member: Actor, group: Actor) -> Membership:
    return await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)


def move(member: Actor, origin: Actor, target: Actor, number: int = 1) -> dict[str, Any]:
    ends = {"origin": origin.uri, "target": target.uri, "to": [origin.uri, target.uri]}
    return factories.activity("Move", member.uri, member.uri, number, **ends)


def answer(kind: str, group: Actor, asked: dict[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    embedded = {name: value for name, value in asked.items() if name != "@context"}
    return factories.activity(kind, group.uri, embedded, number, to=[asked["actor"]], **more)


async def groups_of(member: Actor) -> list[str]:
    rows = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED).select_related("group")
    return [row.group.uri for row in await rows]


async def steps(member: Actor) -> list[tuple[str, str]]:
    rows = MembershipHistory.filter(member_id=member.id).select_related("group").order_by("id")
    return [(row.group.uri, row.step.value) for row in await rows]


async def says(section: Actor, agrees: bool, ctx: Context) -> None:
    await transfer.answer(section, await Transfer.get(), None, ctx, agrees=agrees)


async def answered(section: Actor) -> list[tuple[str, list[str]]]:
    return [(document["type"], document["to"]) for document in await sent_by(section)]


class TestWhereTheSectionIsThatIsLeft:
    @pytest.fixture
    async def asked(self, section: Actor, remote_actor: Actor, brest: Actor, ctx: Context) -> dict[str, Any]:
        """A member who lives elsewhere asks to move to another group."""
        await belong(remote_actor, section)
        document = move(remote_actor, section, brest)
        await submit(document, remote_actor, ctx)
        return document

    async def test_nothing_changes_before_both_agree(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await says(section, True, ctx)
        assert await groups_of(remote_actor) == [section.uri]
        assert await answered(section) == [("Accept", [remote_actor.uri, BREST])]
        await submit(answer("Accept", brest, asked), brest, ctx)
        assert await groups_of(remote_actor) == []
        assert await steps(remote_actor) == [(section.uri, "moved_away")]
        assert (await MembershipHistory.get()).other_id == brest.id
        assert not await Transfer.exists()

    async def test_the_other_group_may_be_faster(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await submit(answer("Accept", brest, asked), brest, ctx)
        assert await groups_of(remote_actor) == [section.uri]
        await says(section, True, ctx)
        assert await groups_of(remote_actor) == []

    @pytest.mark.parametrize("first", [True, False])
    async def test_one_refusal_ends_it(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context, first: bool
    ) -> None:
        if first:
            await says(section, False, ctx)
            await submit(answer("Accept", brest, asked), brest, ctx)
        else:
            await says(section, True, ctx)
            await submit(answer("Reject", brest, asked), brest, ctx)
            await submit(answer("Accept", brest, asked, 2), brest, ctx)
        assert await groups_of(remote_actor) == [section.uri]
        assert await steps(remote_actor) == []
        assert not await Transfer.exists()

    async def test_what_is_agreed_stands(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await submit(answer("Accept", brest, asked), brest, ctx)
        await submit(answer("Reject", brest, asked), brest, ctx)
        await says(section, True, ctx)
        assert await groups_of(remote_actor) == []

    async def test_taken_back_before_the_section_agreed_is_refused(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
    ) -> None:
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Undo", stranger.uri, asked), stranger, ctx)
        await submit(factories.activity("Undo", remote_actor.uri, asked["id"]), remote_actor, ctx)
        assert await answered(section) == [("Reject", [remote_actor.uri, BREST])]
        assert not await Transfer.exists()
        assert await groups_of(remote_actor) == [section.uri]

    @pytest.mark.parametrize(("kind", "left"), [("Accept", False), ("Reject", True)])
    async def test_taken_back_after_it_agreed_waits_for_the_other_groups_word(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context,
        kind: str, left: bool,
    ) -> None:  # fmt: skip
        await says(section, True, ctx)
        await submit(factories.activity("Undo", remote_actor.uri, asked), remote_actor, ctx)
        await submit(answer(kind, brest, asked), brest, ctx)
        assert await groups_of(remote_actor) == ([section.uri] if left else [])
        assert not await Transfer.exists()

    async def test_asked_anew_it_is_still_done_where_both_had_agreed(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await says(section, True, ctx)
        await submit(move(remote_actor, section, brest, 2), remote_actor, ctx)
        await submit(answer("Accept", brest, asked), brest, ctx)
        assert await groups_of(remote_actor) == []
        await belong(remote_actor, section)
        await submit(answer("Accept", brest, asked, 2), brest, ctx)
        assert await groups_of(remote_actor) == [section.uri]

    async def test_nobody_else_answers_or_answers_for_another(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, stranger: Actor, ctx: Context,
        world: World,
    ) -> None:  # fmt: skip
        neighbour = await factories.remote_actor(ctx, world, "https://brest.test/actors/2")
        for one in (stranger, neighbour, remote_actor):
            for kind in ("Accept", "Reject"):
                with pytest.raises(NotAuthorised):
                    await submit(answer(kind, one, asked), one, ctx)
        with pytest.raises(NotAuthorised):
            await submit(answer("Accept", section, asked), brest, ctx)
        row = await Transfer.get()
        assert (row.origin_says, row.target_says) == (TransferAnswer.WAITING, TransferAnswer.WAITING)

    async def test_a_group_that_the_answer_only_claims_has_no_say(
        self, asked: dict[str, Any], section: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        claimed = await factories.remote_actor(ctx, world, "https://elsewhere.test/actors/9", kind="Group")
        with pytest.raises(NotAuthorised):
            await submit(answer("Accept", claimed, asked | {"target": claimed.uri}), claimed, ctx)

    async def test_who_does_not_belong_is_refused_at_once(
        self, section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await submit(move(remote_actor, section, brest), remote_actor, ctx)
        assert await answered(section) == [("Reject", [remote_actor.uri, BREST])]
        assert not await Transfer.exists()


class TestWhereTheSectionIsThatIsReached:
    @pytest.fixture
    async def asked(self, section: Actor, remote_actor: Actor, brest: Actor, ctx: Context) -> dict[str, Any]:
        """Somebody who lives elsewhere asks to move from another group to the section."""
        return move(remote_actor, brest, section)

    async def test_both_agree(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context
    ) -> None:
        await submit(asked, remote_actor, ctx)
        result = {"type": "Member", "role": "sympathiser", "published": SINCE}
        await submit(answer("Accept", brest, asked, result=result), brest, ctx)
        assert await groups_of(remote_actor) == []
        await says(section, True, ctx)
        row = await Membership.get()
        assert (row.group_id, row.status, row.accepted_at) == (section.id, MembershipStatus.SYMPATHISER, ctx.now())
        assert await steps(remote_actor) == [(BREST, "accepted"), (section.uri, "moved_here")]
        assert (await MembershipHistory.get(step="accepted")).at.isoformat() == "2019-05-01T00:00:00+00:00"

    @pytest.mark.parametrize("kind", ["Accept", "Reject"])
    async def test_an_answer_before_the_move_is_kept_for_it(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, brest: Actor, ctx: Context, kind: str
    ) -> None:
        await submit(answer(kind, brest, asked), brest, ctx)
        await submit(asked, remote_actor, ctx)
        assert await Transfer.exists() is (kind == "Accept")
        if kind == "Accept":
            await says(section, True, ctx)
            assert await groups_of(remote_actor) == [section.uri]

    async def test_an_answer_before_the_move_is_not_believed_of_others(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        """Whoever claims a Move in which it has a say only has it in what the member really asked."""
        claimed = await factories.remote_actor(ctx, world, "https://elsewhere.test/actors/9", kind="Group")
        for kind, origin in (("Accept", claimed.uri), ("Reject", claimed.uri)):
            await submit(answer(kind, claimed, asked | {"origin": origin}), claimed, ctx)
        with pytest.raises(NotAuthorised):
            await submit(answer("Accept", stranger, asked), stranger, ctx)
        with pytest.raises(NotAuthorised):
            await submit(
                answer("Accept", claimed, asked | {"id": f"{claimed.uri}/1", "origin": claimed.uri}, 3), claimed, ctx
            )
        with pytest.raises(UnsupportedActivity):
            await submit(factories.activity("Accept", claimed.uri, f"{remote_actor.uri}/7", 4), claimed, ctx)
        await submit(asked, remote_actor, ctx)
        assert (await Transfer.get()).origin_says is TransferAnswer.WAITING

    async def test_whom_the_section_blocks_it_refuses_at_once(
        self, asked: dict[str, Any], section: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await Block.create(uri=f"{section.uri}/blocks/1", blocker=section, blocked=remote_actor)
        await submit(asked, remote_actor, ctx)
        assert not await Transfer.exists()
        assert not await Membership.exists()

    async def test_a_group_that_we_have_not_met_is_met(
        self, section: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        uri = "https://quimper.test/actors/1"
        document = factories.activity("Move", remote_actor.uri, remote_actor.uri, origin=uri, target=section.uri)
        world.statuses[uri] = 0
        with pytest.raises(RemoteUnavailable):
            await submit(document, remote_actor, ctx)
        del world.statuses[uri]
        world.serve(factories.actor_document(uri, kind="Group"))
        await submit(document, remote_actor, ctx)
        assert (await Transfer.get().select_related("origin")).origin.uri == uri

    async def test_nothing_is_fetched_for_what_concerns_nobody_here(
        self, remote_actor: Actor, brest: Actor, ctx: Context, world: World
    ) -> None:
        uri = "https://quimper.test/actors/1"
        document = factories.activity("Move", remote_actor.uri, remote_actor.uri, origin=uri, target=BREST)
        with pytest.raises(UnsupportedActivity):
            await submit(document, remote_actor, ctx)
        assert world.fetched == []


class TestWhereTheMemberLives:
    @pytest.fixture
    async def nord(self, ctx: Context, world: World, member: Actor) -> Actor:
        """A group elsewhere to which the member belongs."""
        group = await factories.remote_actor(ctx, world, "https://nord.test/actors/1", kind="Group")
        await belong(member, group)
        return group

    @pytest.fixture
    async def asked(self, member: Actor, nord: Actor, brest: Actor, ctx: Context) -> dict[str, Any]:
        """The Move that the member sent."""
        await transfer.ask(member, nord, brest, ctx)
        [document] = await sent_by(member)
        return document

    async def test_the_move_goes_to_both_groups_and_nobody_else(
        self, asked: dict[str, Any], member: Actor, nord: Actor
    ) -> None:
        named = {name: asked.get(name) for name in ("actor", "object", "origin", "target", "to", "cc")}
        ends = {"origin": nord.uri, "target": BREST, "to": [nord.uri, BREST], "cc": None}
        assert named == {"actor": member.uri, "object": member.uri} | ends

    @pytest.mark.parametrize("first", ["nord", "brest"])
    async def test_both_agree_in_either_order(
        self, asked: dict[str, Any], member: Actor, nord: Actor, brest: Actor, ctx: Context, first: str
    ) -> None:
        groups = [nord, brest] if first == "nord" else [brest, nord]
        for group in groups:
            assert await groups_of(member) == [nord.uri]
            result = {"type": "Member", "role": "sympathiser", "published": SINCE}
            await submit(answer("Accept", group, asked, result=result), group, ctx)
        assert await groups_of(member) == [BREST]
        assert await steps(member) == [(nord.uri, "moved_away"), (BREST, "moved_here")]
        assert (await Membership.get()).status is MembershipStatus.MEMBER

    @pytest.mark.parametrize("refusing", ["nord", "brest"])
    async def test_one_refuses(
        self, asked: dict[str, Any], member: Actor, nord: Actor, brest: Actor, ctx: Context, refusing: str
    ) -> None:
        yes, no = (brest, nord) if refusing == "nord" else (nord, brest)
        await submit(answer("Accept", yes, asked), yes, ctx)
        await submit(answer("Reject", no, asked), no, ctx)
        assert await groups_of(member) == [nord.uri]
        assert await steps(member) == []
        assert not await Transfer.exists()

    async def test_taken_back_it_is_still_done_where_both_had_agreed(
        self, asked: dict[str, Any], member: Actor, nord: Actor, brest: Actor, ctx: Context
    ) -> None:
        await transfer.withdraw(member, await Transfer.get(), ctx)
        assert not await Transfer.exists()
        for number in (1, 2):
            for group in (nord, brest):
                await submit(answer("Accept", group, asked, number), group, ctx)
        assert await groups_of(member) == [BREST]
        assert len(await steps(member)) == 2

    async def test_nobody_moves_another(
        self, member: Actor, nord: Actor, brest: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        document = move(remote_actor, nord, brest) | {"object": member.uri}
        with pytest.raises(FederationError):
            await submit(document, remote_actor, ctx)
        assert await groups_of(member) == [nord.uri]
        assert not await Transfer.exists()


@pytest.mark.parametrize("wrong", ["no group", "the same", "gone"])
async def test_a_move_from_or_to_nowhere_is_refused(
    section: Actor, remote_actor: Actor, brest: Actor, member: Actor, ctx: Context, wrong: str
) -> None:
    await belong(remote_actor, section)
    target = {"no group": member, "the same": section, "gone": brest}[wrong]
    if wrong == "gone":
        await Actor.filter(id=brest.id).update(gone_at=ctx.now())
    with pytest.raises(NotAuthorised):
        await submit(move(remote_actor, section, target), remote_actor, ctx)
    assert not await Transfer.exists()


async def test_the_move_of_an_account_is_another_thing(
    remote_actor: Actor, section: Actor, member: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    document = factories.activity("Move", remote_actor.uri, remote_actor.uri, target=section.uri)
    with pytest.raises(NotAuthorised, match="does not say that it was"):
        await submit(document, remote_actor, ctx)
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Undo", remote_actor.uri, document), remote_actor, ctx)


async def test_who_is_gone_moves_no_more(section: Actor, remote_actor: Actor, brest: Actor, ctx: Context) -> None:
    await belong(remote_actor, section)
    await submit(move(remote_actor, section, brest), remote_actor, ctx)
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert not await Transfer.exists()
