"""Sections organise an event together: one asks, the other answers, and nobody else learns of it before."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.delivery import Delivery
from models.errand import Errand, ErrandType
from models.event import Organising, OrganisingState
from models.notification import Notification, NotificationType
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from models.reaction import Announce
from models.role import Role, SectionAct
from models.section import Section
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.events import actions, in_agenda, participation, queries
from server.events.drafts import EventDraft
from server.sections import organising, roles
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World
from workers.errands import run_one

INVITED, ACCEPTED, DECLINED = OrganisingState.INVITED, OrganisingState.ACCEPTED, OrganisingState.DECLINED
ROUBAIX = "https://roubaix.test/actors/1"


@pytest.fixture
async def roubaix(ctx: Context, world: World) -> Actor:
    """A section of another server."""
    return await factories.remote_actor(ctx, world, ROUBAIX, kind="Group")


@pytest.fixture
async def brest(ctx: Context) -> Actor:
    """Another section of this server."""
    return await factories.section(ctx, "brest", "Section de Brest", is_main=False)


async def state_of(event: Post, section: Actor) -> OrganisingState | None:
    row = await Organising.get_or_none(event__post_id=event.id, section_id=section.id)
    return row.state if row else None


async def offered(roubaix: Actor, section: Actor, ctx: Context, **more: Any) -> tuple[Post, dict[str, Any]]:
    """An event of the other server, and the Offer by which ours is asked."""
    event = await factories.event(roubaix, uri=f"{ROUBAIX}/events/{await Post.all().count()}")
    document = factories.activity("Offer", ROUBAIX, event.uri, event.id, target=section.uri, to=[section.uri]) | more
    await submit(document, roubaix, ctx)
    return event, document


async def agenda(section: Actor) -> list[int]:
    return await in_agenda.post_ids(section, in_agenda.Page(20))


async def run_errands(ctx: Context) -> None:
    for errand in await Errand.filter(type=ErrandType.RETELL, rests_until=None):
        await run_one(errand, ctx)


class TestAskingAnotherServer:
    @pytest.fixture
    async def event(self, section: Actor, stranger: Actor, ctx: Context) -> Post:
        """An event of ours, of a section that a stranger follows."""
        starts = ctx.now().replace(tzinfo=None) + timedelta(days=3)
        event = await actions.publish(section, EventDraft("Fête", starts, online_url="https://visio.test/salle"), ctx)
        await factories.follow(stranger, section)
        return event

    async def test_the_other_section_alone_is_asked(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        await organising.ask(section, event, roubaix, None, ctx)

        [offer] = await sent_by(section)
        assert (offer["type"], offer["object"], offer["target"]) == ("Offer", event.uri, ROUBAIX)
        assert (offer["to"], offer.get("cc"), "proof" in offer) == ([ROUBAIX], None, False)
        assert [row.inbox_uri for row in await Delivery.all()] == [roubaix.delivery_uri]
        assert await state_of(event, roubaix) is INVITED
        assert [actor.id for actor in (await queries.views([event.id]))[event.id].organisers] == [section.id]

    async def test_when_it_agrees_everybody_is_told_who_organises(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        await organising.ask(section, event, roubaix, None, ctx)
        [offer] = await sent_by(section)
        await submit(factories.activity("Accept", ROUBAIX, offer, to=[section.uri]), roubaix, ctx)
        assert await state_of(event, roubaix) is ACCEPTED

        await run_errands(ctx)

        update = (await sent_by(section))[-1]
        assert update["type"] == "Update"
        assert update["object"]["organizers"]["orderedItems"] == [section.uri, ROUBAIX]
        assert update["object"]["attributedTo"] == section.uri

    async def test_when_it_leaves_they_are_told_again(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        await organising.ask(section, event, roubaix, None, ctx)
        [offer] = await sent_by(section)
        await submit(factories.activity("Accept", ROUBAIX, offer["id"]), roubaix, ctx)
        await run_errands(ctx)
        await submit(factories.activity("Reject", ROUBAIX, offer["id"]), roubaix, ctx)
        await run_errands(ctx)
        assert await state_of(event, roubaix) is DECLINED
        told = [
            item["object"]["organizers"]["totalItems"] for item in await sent_by(section) if item["type"] == "Update"
        ]
        assert told == [2, 1]

    async def test_who_declines_is_named_to_nobody_and_may_be_asked_again(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        first = await organising.ask(section, event, roubaix, None, ctx)
        await submit(factories.activity("Reject", ROUBAIX, first.uri), roubaix, ctx)
        assert await Errand.all().count() == 0
        again = await organising.ask(section, event, roubaix, None, ctx)
        assert (again.state, again.uri == first.uri) == (INVITED, False)
        with pytest.raises(UnsupportedActivity, match="does not stand here"):
            await submit(factories.activity("Accept", ROUBAIX, first.uri, 2), roubaix, ctx)
        with pytest.raises(Conflict):
            await organising.ask(section, event, roubaix, None, ctx)

    async def test_nobody_answers_for_another(
        self, event: Post, section: Actor, roubaix: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        row = await organising.ask(section, event, roubaix, None, ctx)
        neighbour = await factories.remote_actor(ctx, world, "https://roubaix.test/actors/2", kind="Group")
        other = await factories.event(section)
        forged = {"id": row.uri, "type": "Offer", "actor": section.uri, "object": other.uri, "target": ROUBAIX}
        for actor in (stranger, neighbour):
            for kind in ("Accept", "Reject"):
                with pytest.raises(NotAuthorised, match="was not asked"):
                    await submit(factories.activity(kind, actor.uri, row.uri), actor, ctx)
        with pytest.raises(NotAuthorised, match="not about that event"):
            await submit(factories.activity("Accept", ROUBAIX, forged), roubaix, ctx)
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(factories.activity("Undo", ROUBAIX, {"id": row.uri, "type": "Offer"} | forged), roubaix, ctx)
        assert (await state_of(event, roubaix), await state_of(other, roubaix)) == (INVITED, None)

    async def test_an_answer_to_what_nobody_asked_is_refused(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        forged = {"id": f"{section.uri}/offers/1", "type": "Offer", "actor": section.uri, "object": event.uri}
        with pytest.raises(UnsupportedActivity, match="does not stand here"):
            await submit(factories.activity("Accept", ROUBAIX, forged), roubaix, ctx)
        assert not await Organising.exists()

    async def test_what_is_taken_back_is_told_to_the_other_alone(
        self, event: Post, section: Actor, roubaix: Actor, ctx: Context
    ) -> None:
        row = await organising.ask(section, event, roubaix, None, ctx)
        await organising.take_back(section, row, None, ctx)
        undo = (await sent_by(section))[-1]
        assert (undo["type"], undo["object"]["id"], undo["to"]) == ("Undo", row.uri, [ROUBAIX])
        assert (await state_of(event, roubaix), await Errand.all().count()) == (None, 0)
        with pytest.raises(NotFound):
            await organising.take_back(section, row, None, ctx)

    async def test_who_organises_too_has_no_say_in_who_comes(
        self, event: Post, section: Actor, roubaix: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await organising.ask(section, event, roubaix, None, ctx)
        await submit(factories.activity("Accept", ROUBAIX, (await Organising.get()).uri), roubaix, ctx)
        join = factories.activity("Join", remote_actor.uri, event.uri)
        await submit(join, remote_actor, ctx)
        with pytest.raises(NotAuthorised, match="does not organise"):
            await submit(factories.activity("Reject", ROUBAIX, join), roubaix, ctx)
        assert (await Participation.get()).state is ParticipationState.ACCEPTED
        named = [
            row.inbox_uri for row in await Delivery.filter(inbox_uri=roubaix.delivery_uri, activity__type="Accept")
        ]
        assert named == []

    @pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS])
    async def test_only_what_is_open_to_everybody_is_organised_together(
        self, section: Actor, roubaix: Actor, ctx: Context, visibility: Visibility
    ) -> None:
        event = await factories.event(section, visibility=visibility)
        with pytest.raises(Invalid, match="open to everybody"):
            await organising.ask(section, event, roubaix, None, ctx)

    async def test_who_cannot_be_asked(
        self, event: Post, section: Actor, roubaix: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        for other in (section, remote_actor):
            with pytest.raises(Invalid):
                await organising.ask(section, event, other, None, ctx)
        with pytest.raises(Forbidden):
            await organising.ask(section, await factories.event(roubaix), roubaix, None, ctx)
        await factories.block(roubaix, section)
        with pytest.raises(Forbidden):
            await organising.ask(section, event, roubaix, None, ctx)
        assert not await Organising.exists()


class TestBeingAskedByAnotherServer:
    async def test_those_who_manage_it_are_told_and_nobody_else(
        self, section: Actor, main_section: Section, roubaix: Actor, member: Actor, other_member: Actor, ctx: Context
    ) -> None:
        await roles.give(main_section, member, Role.MANAGER, None, ctx)
        await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
        event, _ = await offered(roubaix, section, ctx)
        told = await Notification.get()
        assert (told.recipient_id, told.type) == (member.id, NotificationType.ORGANISE_REQUEST)
        assert (told.actor_id, told.post_id) == (roubaix.id, event.id)
        assert [row.state for row in await organising.waiting_at(section, member, ctx.now())] == [INVITED]
        with pytest.raises(Forbidden):
            await organising.waiting_at(section, other_member, ctx.now())
        assert await agenda(section) == []

    async def test_an_event_that_is_not_here_is_fetched_from_home(
        self, section: Actor, roubaix: Actor, ctx: Context, world: World
    ) -> None:
        uri = f"{ROUBAIX}/events/fete"
        document = factories.note(ROUBAIX, type="Event", name="Fête", startTime="2026-12-05T14:00:00Z") | {"id": uri}
        world.serve(document)
        forged = document | {"name": "Autre chose"}
        await submit(factories.activity("Offer", ROUBAIX, forged, target=section.uri, to=[section.uri]), roubaix, ctx)
        row = await Organising.get().select_related("event__post")
        assert (row.event.post.title, row.state) == ("Fête", INVITED)

    async def test_it_agrees_shows_the_event_and_has_it_in_its_agenda(
        self, section: Actor, roubaix: Actor, stranger: Actor, ctx: Context
    ) -> None:
        await factories.follow(stranger, section)
        event, document = await offered(roubaix, section, ctx)
        await organising.answer(section, await Organising.get(), None, ctx, accept=True)

        accept, announce = await sent_by(section)
        assert (accept["type"], accept["object"]["id"], accept["to"]) == ("Accept", document["id"], [ROUBAIX])
        assert (announce["type"], announce["object"]) == ("Announce", event.uri)
        assert section.followers_uri in announce["cc"]
        assert await agenda(section) == [event.id]
        act = await SectionAct.get()
        assert (act.act, act.about) == ("organise together", f"Accept {event.uri}")

    async def test_it_leaves_and_shows_the_event_no_longer(
        self, section: Actor, roubaix: Actor, stranger: Actor, ctx: Context
    ) -> None:
        await factories.follow(stranger, section)
        event, _ = await offered(roubaix, section, ctx)
        await organising.answer(section, await Organising.get(), None, ctx, accept=True)
        await organising.answer(section, await Organising.get(), None, ctx, accept=False)
        assert [item["type"] for item in await sent_by(section)] == ["Accept", "Announce", "Reject", "Undo"]
        assert (await agenda(section), await Announce.all().count()) == ([], 0)
        assert await state_of(event, section) is DECLINED
        with pytest.raises(NotFound):
            await organising.answer(section, await Organising.get(), None, ctx, accept=True)

    async def test_when_the_other_takes_it_back_it_is_shown_no_longer(
        self, section: Actor, roubaix: Actor, member: Actor, main_section: Section, ctx: Context
    ) -> None:
        await roles.give(main_section, member, Role.MANAGER, None, ctx)
        _, document = await offered(roubaix, section, ctx)
        await organising.answer(section, await Organising.get(), member, ctx, accept=True)
        await submit(factories.activity("Undo", ROUBAIX, document), roubaix, ctx)
        assert (await agenda(section), await Announce.all().count(), await Organising.all().count()) == ([], 0, 0)
        assert not await Notification.exists()

    async def test_only_whoever_made_an_event_offers_it(
        self, section: Actor, roubaix: Actor, stranger: Actor, ctx: Context
    ) -> None:
        event = await factories.event(roubaix)
        with pytest.raises(NotAuthorised, match="may not offer"):
            await submit(factories.activity("Offer", stranger.uri, event.uri, target=section.uri), stranger, ctx)

    async def test_what_asks_nobody_here_is_not_kept(
        self, section: Actor, member: Actor, roubaix: Actor, ctx: Context, world: World
    ) -> None:
        event = await factories.event(roubaix)
        far = await factories.remote_actor(ctx, world, "https://far.test/groups/1", kind="Group")
        for target in ([], [section.uri, far.uri], far.uri, "https://nobody.test/1"):
            with pytest.raises((UnsupportedActivity, NotAuthorised)):
                await submit(factories.activity("Offer", ROUBAIX, event.uri, target=target), roubaix, ctx)
        with pytest.raises(NotAuthorised, match="cannot be organised together"):
            await submit(factories.activity("Offer", ROUBAIX, event.uri, target=member.uri), roubaix, ctx)
        assert not await Organising.exists()

    async def test_a_section_that_goes_organises_nothing(self, section: Actor, roubaix: Actor, ctx: Context) -> None:
        await offered(roubaix, section, ctx)
        await submit(factories.activity("Delete", ROUBAIX, ROUBAIX), roubaix, ctx)
        assert not await Organising.exists()


class TestTogetherOnOneServer:
    async def test_both_have_it_in_their_agenda(
        self, section: Actor, brest: Actor, member: Actor, ctx: Context
    ) -> None:
        event = await factories.event(section)
        row = await organising.ask(section, event, brest, None, ctx)
        with pytest.raises(Forbidden):
            await organising.answer(brest, row, member, ctx, accept=True)
        with pytest.raises(NotFound):
            await organising.answer(section, row, None, ctx, accept=True)
        await organising.answer(brest, row, None, ctx, accept=True)
        assert (await agenda(section), await agenda(brest)) == ([event.id], [event.id])
        assert await Announce.exists(actor_id=brest.id, post_id=event.id)
        assert [actor.id for actor in (await queries.views([event.id]))[event.id].organisers] == [section.id, brest.id]

    async def test_the_other_section_does_not_decide_who_comes(
        self, section: Actor, brest: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        event = await factories.event(section)
        row = await organising.ask(section, event, brest, None, ctx)
        await organising.answer(brest, row, None, ctx, accept=True)
        await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
        with pytest.raises(Forbidden):
            await participation.decide(brest, await Participation.get(), ctx, accept=False)
