"""What belongs to events, at its own addresses: numbers, organisers, places, shifts, and the agenda of a section."""

from datetime import datetime, timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, Organising, OrganisingState, Place, Shift
from models.post import Post, Visibility
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft, ShiftDraft
from tests import factories
from tests.federation.submitting import submit
from tests.server.activitypub.asker import Asker
from tests.web.test_queries import needs_sqlite, statements
from tests.world import World


def draft(now: datetime, days: int = 3, title: str = "Fête du port") -> EventDraft:
    starts = now.replace(tzinfo=None) + timedelta(days=days)
    return EventDraft(
        title,
        starts,
        place=PlaceDraft("Halles", "12 rue Colbert", "59000", "Lille", latitude=50.0, longitude=3.0),
        shifts=[ShiftDraft("Accueil", starts, starts + timedelta(hours=1), 2)],
        capacity=40,
    )


@pytest.fixture
async def event(section: Actor, ctx: Context) -> Post:
    """An event for everybody, with a place and a shift."""
    return await actions.publish(section, draft(ctx.now()), ctx)


async def test_how_many_come_is_told_and_nobody_is_named(
    event: Post, asker: Asker, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await submit(factories.activity("Join", remote_actor.uri, event.uri), remote_actor, ctx)
    document = (await asker.get(event.uri)).json
    for signer in (None, world.signer(remote_actor.uri)):
        found = (await asker.get(document["attendees"]["id"], signer=signer)).json
        assert set(found) == {"@context", "id", "type", "totalItems"}
        assert (found["type"], found["totalItems"]) == ("OrderedCollection", 1)


async def test_who_organises_is_told(event: Post, section: Actor, remote_actor: Actor, asker: Asker) -> None:
    row = await Organising.create(uri="https://lille.test/o/1", event_id=event.id, section=remote_actor)
    uri = (await asker.get(event.uri)).json["organizers"]["id"]
    assert (await asker.get(uri)).json["orderedItems"] == [section.uri]
    await Organising.filter(id=row.id).update(state=OrganisingState.ACCEPTED)
    found = (await asker.get(uri)).json
    assert (found["orderedItems"], found["totalItems"]) == ([section.uri, remote_actor.uri], 2)


async def test_a_place_is_at_its_own_name(event: Post, asker: Asker) -> None:
    location = (await asker.get(event.uri)).json["location"]
    found = (await asker.get(location["id"])).json
    assert {name: found[name] for name in location} == location
    assert isinstance(found["latitude"], float)


async def test_a_place_that_only_members_know_is_at_no_name(section: Actor, ctx: Context, asker: Asker) -> None:
    secret = EventDraft(
        "Entre nous", ctx.now().replace(tzinfo=None), place=PlaceDraft("Chez Ali"), visibility=Visibility.SECTION
    )
    await actions.publish(section, secret, ctx)
    assert (await asker.get((await Place.get()).uri)).status == 404


async def test_a_shift_is_at_its_own_name(event: Post, asker: Asker) -> None:
    found = (await asker.get((await Shift.get()).uri)).json
    assert (found["name"], found["superEvent"], found["remainingAttendeeCapacity"]) == ("Accueil", event.uri, 2)


async def test_what_is_not_for_everybody_is_for_the_signature_of_those_it_is_for(
    section: Actor, ctx: Context, asker: Asker, remote_actor: Actor, stranger: Actor, world: World
) -> None:
    await factories.follow(remote_actor, section)
    starts = ctx.now().replace(tzinfo=None)
    shifts = [ShiftDraft("Accueil", starts, starts + timedelta(hours=1))]
    inner = EventDraft(
        "Pour qui suit", starts, online_url="https://visio.test/s", shifts=shifts, visibility=Visibility.FOLLOWERS
    )
    post = await actions.publish(section, inner, ctx)
    for uri in (f"{post.uri}/attendees", f"{post.uri}/organizers", (await Shift.get()).uri):
        for signer, status in ((None, 404), (world.signer(stranger.uri), 404), (world.signer(remote_actor.uri), 200)):
            answer = await asker.get(uri, signer=signer)
            assert answer.status == status, uri
            assert status == 404 or answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["/posts/{note}/attendees", "/posts/{note}/organizers", "/posts/7/attendees", "/places/7", "/shifts/7"]
)
async def test_what_there_is_not(section: Actor, asker: Asker, ctx: Context, path: str) -> None:
    note = await factories.post(section, id=5, uri=ctx.names.post(5))
    assert (await asker.get(path.format(note=note.id))).status == 404


async def test_a_deleted_event_answers_410_to_servers_and_to_people(
    event: Post, section: Actor, asker: Asker, ctx: Context
) -> None:
    await actions.delete(section, event, ctx)
    gone = await asker.get(event.uri)
    assert (gone.status, gone.json["type"], gone.json["formerType"], gone.json["id"]) == (
        410, "Tombstone", "Event", event.uri,
    )  # fmt: skip
    assert (await asker.get(event.url, accept="text/html")).status == 410
    assert (await asker.get(f"{event.uri}/attendees")).status == 410


async def test_the_outbox_has_the_event_whole_and_the_servers_has_it_announced(
    event: Post, section: Actor, asker: Asker
) -> None:
    """Source: Mobilizon, Gancio and WordPress, which read an outbox when they follow"""
    [create] = (await asker.get(f"{section.outbox_uri}?page=true")).json["orderedItems"]
    assert (create["type"], create["object"]["startTime"][:4].isdigit()) == ("Create", True)
    assert create["object"]["location"]["name"] == "Halles"


async def test_the_servers_own_actor_announces_and_its_followers_are_a_number(
    instance: Actor, section: Actor, remote_actor: Actor, asker: Asker, ctx: Context
) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, instance.uri), remote_actor, ctx)
    post = await actions.publish(section, draft(ctx.now()), ctx)
    document = (await asker.get(instance.uri)).json
    assert (document["type"], document["discoverable"]) == ("Application", False)
    [announce] = (await asker.get(f"{instance.outbox_uri}?page=true")).json["orderedItems"]
    assert (announce["type"], announce["object"]) == ("Announce", post.uri)
    assert set((await asker.get(document["followers"])).json) == {"@context", "id", "type", "totalItems"}


class TestTheAgenda:
    @pytest.fixture
    async def events(self, section: Actor, ctx: Context) -> list[Post]:
        """Events of yesterday, of the day after tomorrow and of the day after that, made in another order."""
        made = [await actions.publish(section, draft(ctx.now(), days, f"Jour {days}"), ctx) for days in (2, -1, 3)]
        return sorted(made, key=lambda post: post.title)

    async def pages(self, asker: Asker, uri: str) -> list[str]:
        """The names of everything in a collection, through all its pages."""
        collection = (await asker.get(uri)).json
        found, page = [], collection["first"]
        while page:
            document = (await asker.get(page)).json
            found += [item if isinstance(item, str) else item["name"] for item in document["orderedItems"]]
            page = document.get("next")
        assert collection["totalItems"] == len(found)
        return found

    async def test_a_section_names_both_collections(self, section: Actor, asker: Asker) -> None:
        document = (await asker.get(section.uri)).json
        assert (document["events"], document["upcomingEvents"]) == (
            f"{section.uri}/events",
            f"{section.uri}/upcomingEvents",
        )

    async def test_all_are_there_the_last_to_begin_first(
        self, events: list[Post], section: Actor, asker: Asker
    ) -> None:
        assert await self.pages(asker, f"{section.uri}/events") == ["Jour 3", "Jour 2", "Jour -1"]

    async def test_those_to_come_are_there_the_first_to_begin_first(
        self, events: list[Post], section: Actor, asker: Asker
    ) -> None:
        """Source: FEP-8a8e"""
        assert await self.pages(asker, f"{section.uri}/upcomingEvents") == ["Jour 2", "Jour 3"]

    async def test_each_is_whole_and_has_no_context_of_its_own(
        self, events: list[Post], section: Actor, asker: Asker
    ) -> None:
        page = (await asker.get(f"{section.uri}/events?page=true")).json
        alone = (await asker.get(events[2].uri)).json
        assert page["orderedItems"][0] == {name: value for name, value in alone.items() if name != "@context"}
        assert page["@context"] == alone["@context"]

    async def test_what_it_organises_with_others_is_there_by_its_uri(
        self, events: list[Post], section: Actor, remote_actor: Actor, asker: Asker, ctx: Context
    ) -> None:
        theirs = await factories.event(remote_actor, starts_at=ctx.now() + timedelta(days=2, hours=1))
        row = await Organising.create(uri="https://far.test/o/1", event_id=theirs.id, section=section)
        assert await self.pages(asker, f"{section.uri}/upcomingEvents") == ["Jour 2", "Jour 3"]
        await Organising.filter(id=row.id).update(state=OrganisingState.ACCEPTED)
        assert await self.pages(asker, f"{section.uri}/upcomingEvents") == ["Jour 2", theirs.uri, "Jour 3"]

    async def test_pages_end_and_begin_between_events_of_the_same_moment(
        self, section: Actor, asker: Asker, ctx: Context
    ) -> None:
        moment = ctx.now() + timedelta(days=1)
        for number in range(45):
            await factories.event(
                section, f"Numéro {number}", id=100 + number, uri=ctx.names.post(100 + number), starts_at=moment
            )
        names = [f"Numéro {number}" for number in range(45)]
        assert await self.pages(asker, f"{section.uri}/upcomingEvents") == names
        assert await self.pages(asker, f"{section.uri}/events") == names[::-1]

    @pytest.mark.parametrize(
        "visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT]
    )
    async def test_what_is_not_public_is_not_listed(
        self, section: Actor, remote_actor: Actor, asker: Asker, world: World, visibility: Visibility
    ) -> None:
        """Source: FEP-8a8e"""
        await factories.event(section, visibility=visibility)
        await factories.follow(remote_actor, section)
        for name in ("events", "upcomingEvents"):
            found = await asker.get(f"{section.uri}/{name}?page=true", signer=world.signer(remote_actor.uri))
            assert found.json["orderedItems"] == []

    @pytest.mark.parametrize("beyond", ["x", "0", "7", "99999999999999999999"])
    async def test_a_page_that_begins_nowhere_is_not_there(self, section: Actor, asker: Asker, beyond: str) -> None:
        assert (await asker.get(f"{section.uri}/events?beyond={beyond}")).status == 404

    async def test_a_person_has_no_agenda(self, member: Actor, asker: Asker) -> None:
        assert (await asker.get(f"{member.uri}/upcomingEvents")).status == 404
        assert await Event.all().count() == 0

    @needs_sqlite
    @pytest.mark.parametrize("name", ["events", "upcomingEvents"])
    async def test_twenty_events_cost_as_many_questions_as_one(
        self, section: Actor, remote_actor: Actor, asker: Asker, ctx: Context, name: str
    ) -> None:
        costs = []
        for numbers in (range(1), range(1, 12)):
            for number in numbers:
                await actions.publish(section, draft(ctx.now(), 1 + number), ctx)
                theirs = await factories.event(remote_actor)
                await Organising.create(
                    uri=f"{theirs.uri}#o", event_id=theirs.id, section=section, state=OrganisingState.ACCEPTED
                )
            with statements() as seen:
                await asker.get(f"{section.uri}/{name}?page=true")
            costs.append(len(seen))
        assert costs[0] == costs[1] <= 16
