"""A member of a section moves to another account: the section asks that one to go on, and what it kept goes along."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.jsonld import load
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.consent import Consent, Purpose
from models.delivery import Delivery
from models.membership import Membership, MembershipHistory, MembershipState, MembershipStatus, MembershipStep
from models.section import Openness, Section
from server.consents import actions as consents
from server.housekeeping.chores import CHORES, Terms
from server.sections import membership
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

NEW = "https://elsewhere.test/users/noor"
NEXT = "https://third.test/users/noor"
SINCE = datetime(2019, 5, 1, tzinfo=UTC)
NOTE = "Vient le mardi."


@pytest.fixture
async def old(section: Actor, remote_actor: Actor, ctx: Context) -> Actor:
    """Somebody elsewhere who has long belonged to the section, and shows it an e-mail address."""
    await Membership.create(
        group=section, member=remote_actor, uri=f"{remote_actor.uri}/join/1", state=MembershipState.ACCEPTED,
        status=MembershipStatus.SYMPATHISER, accepted_at=SINCE, dues_until="2031-07-19", note=NOTE,
        email="noor@cachette.example", phone="+33612345678",
    )  # fmt: skip
    for step in (MembershipStep.ASKED, MembershipStep.ACCEPTED):
        await MembershipHistory.create(group=section, member=remote_actor, step=step, at=SINCE)
    await consents.give(section, remote_actor, Purpose.SHARE_EMAIL, language="fr", by="command")
    return remote_actor


@pytest.fixture
async def new(old: Actor, ctx: Context, world: World) -> Actor:
    """Their new account, which names the old one; the old one's home says that it moved there."""
    world.serve(factories.actor_document(old.uri, movedTo=NEW))
    return await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri])


def move(old: Actor, target: str = NEW, number: int = 1) -> dict[str, Any]:
    return factories.activity("Move", old.uri, old.uri, number, target=target, to=[f"{old.uri}/followers"])


def join(actor: Actor, group: Actor, number: int = 1) -> dict[str, Any]:
    return factories.activity("Join", actor.uri, group.uri, number, to=[group.uri])


async def of(actor: Actor) -> Membership | None:
    return await Membership.get_or_none(member_id=actor.id)


async def state(actor: Actor) -> MembershipState | None:
    return row.state if (row := await of(actor)) else None


async def steps(actor: Actor) -> list[str]:
    return [row.step.value for row in await MembershipHistory.filter(member_id=actor.id).order_by("id")]


async def said(section: Actor) -> list[tuple[str, list[str]]]:
    """What the section said, and to whom."""
    return [(document["type"], document["to"]) for document in await sent_by(section)]


async def take_up(new: Actor, section: Actor, ctx: Context) -> None:
    """Have the new account take up the last invitation of the section."""
    [*_, invitation] = [one for one in await sent_by(section) if one["type"] == "Invite" and one["to"] == [new.uri]]
    await submit(factories.activity("Accept", new.uri, invitation), new, ctx)


class TestTheInvitation:
    async def test_goes_to_the_new_account_and_the_old_one_still_belongs(
        self, section: Actor, old: Actor, new: Actor, ctx: Context
    ) -> None:
        await submit(move(old), old, ctx)

        [invitation] = await sent_by(section)
        assert (invitation["type"], invitation["actor"], invitation["object"]) == ("Invite", section.uri, section.uri)
        assert (invitation["target"], invitation["to"], invitation["origin"]) == (NEW, [NEW], old.uri)
        assert "cc" not in invitation
        assert (await state(old), await state(new)) == (MembershipState.ACCEPTED, MembershipState.INVITED)
        assert await steps(new) == ["invited"]

    async def test_comes_once_however_often_the_move_does(
        self, section: Actor, old: Actor, new: Actor, ctx: Context
    ) -> None:
        await submit(move(old), old, ctx)
        assert not (await submit(move(old), old, ctx)).is_new
        await submit(move(old, number=2), old, ctx)
        assert await said(section) == [("Invite", [NEW])]

    async def test_is_for_nobody_who_was_not_moved_to(
        self, section: Actor, old: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        """To name a member as one's former account is for everybody to do."""
        world.serve(factories.actor_document(stranger.uri, alsoKnownAs=[old.uri]))
        pulled = factories.activity("Move", stranger.uri, old.uri, target=stranger.uri)
        with pytest.raises(NotAuthorised, match="does not say that it moved"):
            await submit(pulled, stranger, ctx)
        await submit(join(stranger, section), stranger, ctx)
        assert await state(stranger) is MembershipState.REQUESTED
        assert await said(section) == []

    @pytest.mark.parametrize("is_refused", [True, False])
    async def test_is_for_nobody_whom_the_section_turned_away(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, is_refused: bool
    ) -> None:
        step = MembershipStep.REFUSED if is_refused else MembershipStep.REMOVED
        await MembershipHistory.create(group=section, member=new, step=step)
        await submit(move(old), old, ctx)
        assert await said(section) == []
        await submit(join(new, section), new, ctx)
        assert (await state(old), await state(new)) == (MembershipState.ACCEPTED, MembershipState.REQUESTED)

    @pytest.mark.parametrize("is_by_section", [True, False])
    async def test_is_for_nobody_who_is_kept_apart_from_it(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, is_by_section: bool
    ) -> None:
        await factories.block(*((section, new) if is_by_section else (new, section)))
        await submit(move(old), old, ctx)
        assert (await state(old), await state(new)) == (MembershipState.ACCEPTED, None)

    async def test_is_for_no_former_member(self, section: Actor, old: Actor, new: Actor, ctx: Context, world: World):
        await submit(factories.activity("Leave", old.uri, section.uri), old, ctx)
        world.fetched.clear()
        with pytest.raises(UnsupportedActivity, match="nobody here follows"):
            await submit(move(old), old, ctx)
        assert (world.fetched, await state(new)) == ([], None)

    async def test_is_for_nobody_who_only_asked(self, section: Actor, old: Actor, new: Actor, ctx: Context) -> None:
        await Membership.filter(member_id=old.id).update(state=MembershipState.REQUESTED)
        with pytest.raises(UnsupportedActivity):
            await submit(move(old), old, ctx)
        assert await state(new) is None

    async def test_is_kept_for_ninety_days(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, world: World
    ) -> None:
        await submit(move(old), old, ctx)
        for days, left in ((89, 2), (2, 1)):
            await CHORES["invitations to go on"](0, Terms(world.pass_time(days=days), 0))
            assert await Membership.all().count() == left
        assert await state(old) is MembershipState.ACCEPTED


class TestGoingOn:
    @pytest.fixture
    async def moved(self, section: Actor, old: Actor, new: Actor, ctx: Context) -> Actor:
        """The new account, invited."""
        await submit(move(old), old, ctx)
        return new

    async def test_carries_over_what_the_section_kept(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context
    ) -> None:
        await take_up(moved, section, ctx)

        row = await Membership.get()
        assert (row.member_id, row.state, row.status) == (
            moved.id,
            MembershipState.ACCEPTED,
            MembershipStatus.SYMPATHISER,
        )
        assert (row.accepted_at, row.dues_until, row.note, row.former_id) == (SINCE, "2031-07-19", NOTE, None)
        assert await steps(moved) == ["asked", "accepted", "invited", "accepted", "carried_on"]
        [last] = await MembershipHistory.filter(member_id=old.id)
        assert (last.step, last.other_id) == (MembershipStep.ACCOUNT_MOVED, moved.id)

    async def test_keeps_sealed_what_was_sealed(self, section: Actor, old: Actor, moved: Actor, ctx: Context) -> None:
        await take_up(moved, section, ctx)
        [sealed] = await database.select("SELECT note, dues_until FROM membership")
        assert NOTE.encode() not in bytes(sealed["note"])
        assert b"2031" not in bytes(sealed["dues_until"])

    async def test_takes_no_consent_along(self, section: Actor, old: Actor, moved: Actor, ctx: Context) -> None:
        await take_up(moved, section, ctx)
        row = await Membership.get()
        assert (row.email, row.phone) == (None, None)
        [consent] = await Consent.all()
        assert (consent.actor_id, consent.withdrawn_by) == (old.id, "ended")

    async def test_is_told_to_the_old_account_alone(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context
    ) -> None:
        await take_up(moved, section, ctx)
        *_, removal = await sent_by(section)
        assert (removal["type"], removal["to"], removal["origin"]) == ("Remove", [old.uri], section.uri)
        assert removal["object"]["id"] == f"{old.uri}/join/1"
        assert removal["result"] == {"type": "Member", "actor": NEW, "object": section.uri}
        assert await Delivery.filter(activity__uri=removal["id"]).values_list("inbox_uri", flat=True) == [
            old.delivery_uri
        ]

    @pytest.mark.parametrize("openness", list(Openness))
    async def test_by_a_join_is_for_no_openness_to_decide(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context, openness: Openness
    ) -> None:
        await Section.filter(actor_id=section.id).update(openness=openness)
        await submit(join(moved, section), moved, ctx)
        assert (await state(old), await state(moved)) == (None, MembershipState.ACCEPTED)
        assert (await Membership.get()).note == NOTE
        assert await said(section) == [("Invite", [NEW]), ("Accept", [NEW]), ("Remove", [old.uri])]

    async def test_is_over_after_ninety_days(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context, world: World
    ) -> None:
        world.pass_time(days=91)
        await submit(join(moved, section), moved, ctx)
        assert (await state(old), await state(moved)) == (MembershipState.ACCEPTED, MembershipState.REQUESTED)
        await membership.approve(section, moved, None, ctx)
        assert (await state(old), (await of(moved)).note) == (MembershipState.ACCEPTED, None)

    async def test_is_not_for_who_declined(self, section: Actor, old: Actor, moved: Actor, ctx: Context) -> None:
        [invitation] = await sent_by(section)
        await submit(factories.activity("Reject", NEW, invitation), moved, ctx)
        await submit(join(moved, section), moved, ctx)
        assert (await state(old), await state(moved)) == (MembershipState.ACCEPTED, MembershipState.REQUESTED)

    async def test_is_done_once(self, section: Actor, old: Actor, moved: Actor, ctx: Context) -> None:
        await take_up(moved, section, ctx)
        with pytest.raises(UnsupportedActivity):
            await submit(move(old, number=2), old, ctx)
        await submit(join(moved, section), moved, ctx)
        assert (await Membership.get()).member_id == moved.id
        assert (await steps(moved)).count("carried_on") == 1

    @pytest.mark.parametrize("how", ["left", "removed", "back", "elsewhere"])
    @pytest.mark.parametrize("by", ["Accept", "Join"])
    async def test_is_over_with_what_it_rests_on(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context, how: str, by: str
    ) -> None:
        [invitation] = await sent_by(section)
        if how == "left":
            await submit(factories.activity("Leave", old.uri, section.uri), old, ctx)
        elif how == "removed":
            await membership.remove(section, old, None, ctx)
        else:
            more = {"movedTo": NEXT} if how == "elsewhere" else {}
            await submit(factories.activity("Update", old.uri, factories.actor_document(old.uri, **more)), old, ctx)

        document = join(moved, section) if by == "Join" else factories.activity("Accept", NEW, invitation)
        await submit(document, moved, ctx)

        assert await state(moved) is (MembershipState.REQUESTED if by == "Join" else None)
        assert await Membership.exists(member_id=old.id) is (how not in ("left", "removed"))
        if by == "Accept":
            assert (await said(section))[-1] == ("Remove", [NEW])

    async def test_is_without_the_old_account_once_that_is_deleted(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context
    ) -> None:
        await submit(factories.activity("Delete", old.uri, old.uri), old, ctx)
        record = await ActivityRecord.get(type="Invite")
        assert (old.uri in record.document, load(record.document)["target"]) == (False, NEW)
        await take_up(moved, section, ctx)
        row = await Membership.get()
        assert (row.member_id, row.state, row.accepted_at) == (moved.id, MembershipState.ACCEPTED, ctx.now())
        assert (row.status, row.note, row.dues_until) == (MembershipStatus.MEMBER, None, None)
        assert await steps(moved) == ["invited", "accepted"]

    async def test_is_over_where_the_old_account_was_removed_and_then_deleted(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context
    ) -> None:
        await membership.remove(section, old, None, ctx)
        await submit(factories.activity("Delete", old.uri, old.uri), old, ctx)
        assert not await Membership.exists()

    async def test_who_is_deleted_afterwards_is_named_no_more(
        self, section: Actor, old: Actor, moved: Actor, ctx: Context
    ) -> None:
        await take_up(moved, section, ctx)
        await submit(factories.activity("Delete", old.uri, old.uri), old, ctx)
        assert (await Membership.get()).note == NOTE
        assert await MembershipHistory.filter(other_id=old.id).count() == 0
        assert (await steps(old), len(await steps(moved))) == ([], 5)
        assert old.uri not in (await ActivityRecord.get(type="Invite")).document  # it stays with the membership
        assert not await ActivityRecord.exists(concerns_uri=old.uri)


class TestWhoIsThereAlready:
    async def test_goes_on_at_once_with_both(self, section: Actor, old: Actor, new: Actor, ctx: Context) -> None:
        await Membership.create(
            group=section, member=new, state=MembershipState.ACCEPTED, accepted_at=ctx.now(), note="Nouvelle venue",
            dues_until="2030-01-01",
        )  # fmt: skip
        await submit(move(old), old, ctx)
        row = await Membership.get()
        assert (row.member_id, row.status, row.accepted_at) == (new.id, MembershipStatus.MEMBER, SINCE)
        assert (row.note, row.dues_until) == (f"Nouvelle venue\n\n{NOTE}", "2031-07-19")
        assert await said(section) == [("Remove", [old.uri])]

    async def test_is_answered_who_has_asked(self, section: Actor, old: Actor, new: Actor, ctx: Context) -> None:
        await submit(join(new, section), new, ctx)
        await submit(move(old), old, ctx)
        row = await Membership.get()
        assert (row.member_id, row.state, row.note) == (new.id, MembershipState.ACCEPTED, NOTE)
        assert await said(section) == [("Accept", [NEW]), ("Remove", [old.uri])]

    async def test_goes_on_by_the_invitation_that_waits(
        self, section: Actor, old: Actor, new: Actor, ctx: Context
    ) -> None:
        await membership.invite(section, new, None, ctx)
        await submit(move(old), old, ctx)
        assert await said(section) == [("Invite", [NEW])]
        await take_up(new, section, ctx)
        assert (await Membership.get()).note == NOTE


class TestMovingOn:
    async def test_before_going_on_passes_the_invitation_on(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, world: World
    ) -> None:
        await submit(move(old), old, ctx)
        world.serve(factories.actor_document(NEW, alsoKnownAs=[old.uri], movedTo=NEXT))
        last = await factories.remote_actor(ctx, world, NEXT, alsoKnownAs=[NEW])
        await submit(move(new, NEXT), new, ctx)

        assert (await state(old), await state(new), await state(last)) == (
            MembershipState.ACCEPTED, None, MembershipState.INVITED,
        )  # fmt: skip
        assert await said(section) == [("Invite", [NEW]), ("Remove", [NEW]), ("Invite", [NEXT])]
        assert (await sent_by(section))[-1]["origin"] == old.uri
        with pytest.raises(UnsupportedActivity):
            await take_up(new, section, ctx)
        await take_up(last, section, ctx)
        row = await Membership.get()
        assert (row.member_id, row.note, row.accepted_at) == (last.id, NOTE, SINCE)

    async def test_after_going_on_is_a_move_like_the_first(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, world: World
    ) -> None:
        await submit(move(old), old, ctx)
        await take_up(new, section, ctx)
        world.serve(factories.actor_document(NEW, alsoKnownAs=[old.uri], movedTo=NEXT))
        last = await factories.remote_actor(ctx, world, NEXT, alsoKnownAs=[NEW])
        await submit(move(new, NEXT), new, ctx)
        await take_up(last, section, ctx)
        row = await Membership.get()
        assert (row.member_id, row.note, row.accepted_at) == (last.id, NOTE, SINCE)
        assert (await steps(last)).count("carried_on") == 2

    async def test_to_another_account_takes_the_first_invitation_back(
        self, section: Actor, old: Actor, new: Actor, ctx: Context, world: World
    ) -> None:
        await submit(move(old), old, ctx)
        world.serve(factories.actor_document(old.uri, movedTo=NEXT))
        last = await factories.remote_actor(ctx, world, NEXT, alsoKnownAs=[old.uri])
        await submit(move(old, NEXT, 2), old, ctx)
        assert (await state(new), await state(last)) == (None, MembershipState.INVITED)
        assert await said(section) == [("Invite", [NEW]), ("Remove", [NEW]), ("Invite", [NEXT])]
