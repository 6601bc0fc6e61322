"""Events as every other program writes them, each down the whole path: kept with its date and place, and written again.

Source: Mobilizon, Gancio, WordPress Event Bridge, Friendica, Hubzilla, gathio, FEP-8a8e
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from federation.objects import event as event_object
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode, Organising
from models.poll import Poll
from models.post import Attachment, Post, Visibility
from models.reaction import Announce
from server.events import queries
from tests import factories
from tests.federation.submitting import submit
from tests.world import World

FIXTURES = Path(__file__).parents[1] / "fixtures" / "events"
AUTHOR = "https://far.test/users/noor"
GROUP, INES, RELAY = "https://mobilizon.test/@nord", "https://mobilizon.test/@ines", "https://mobilizon.test/relay"
START = "2026-12-05T14:00:00+01:00"


def load(name: str, member: Actor) -> dict[str, Any]:
    """An activity as another program writes it."""
    text = (FIXTURES / f"{name}.json").read_text().replace("{{member}}", member.uri)
    return dict(orjson.loads(text))


async def met(document: dict[str, Any], member: Actor, ctx: Context, world: World) -> Actor:
    """Whoever sent it; the member follows them, and the group in whose name they speak."""
    for uri, kind in ((GROUP, "Group"), (RELAY, "Application"), (document["actor"], "Person")):
        if not await Actor.exists(uri=uri):
            named = {"preferredUsername": f"one{await Actor.all().count()}", "kind": kind}
            await factories.follow(member, await factories.remote_actor(ctx, world, uri, **named))
    return await Actor.get(uri=document["actor"])


@pytest.fixture
def take(member: Actor, ctx: Context, world: World) -> Callable[[str], Any]:
    """Submit a fixture as its actor would; the event then."""

    async def submitted(name: str) -> Event:
        document = load(name, member)
        await submit(document, await met(document, member, ctx, world), ctx)
        return await Event.get(post__uri=document["object"]["id"]).select_related("post", "place", "organiser")

    return submitted


class TestEveryProgram:
    KEPT: tuple[tuple[str, dict[str, Any]], ...] = (
        ("coopole", {"kind": EventKind.LEAFLETING, "join_mode": JoinMode.RESTRICTED, "capacity": 12, "remaining_places": 5,
                     "participants_count": 7, "timezone": "Europe/Paris", "is_end_shown": True, "place.locality": "Rennes",
                     "place.longitude": -1.68431, "post.title": "Tractage aux Lices", "post.content_html": "<p>Au coin du marché</p>",
                     "post.language": "fr", "starts_at": datetime(2026, 12, 5, 9, tzinfo=UTC)}),
        ("mobilizon", {"kind": EventKind.MEETING, "organiser.uri": GROUP, "is_end_shown": False, "place.street": "2 rue Courmont",
                       "has_wheelchair_access": True, "ends_at": datetime(2026, 12, 8, 19, 30, tzinfo=UTC), "capacity": 30}),
        ("gancio", {"place.name": "La Condition Publique", "place.street": "14 place Faidherbe, Roubaix",
                    "place.latitude": 50.6972, "timezone": "Etc/GMT-1", "ends_at": datetime(2026, 12, 13, tzinfo=UTC)}),
        ("wordpress", {"place.region": "Nord", "join_mode": JoinMode.EXTERNAL, "status": EventStatus.CONFIRMED,
                       "external_url": "https://blog.test/agenda/cine-debat/", "kind": EventKind.OTHER}),
        ("friendica", {"place.name": "Beffroi de Lille", "timezone": "", "starts_at": datetime(2026, 12, 6, 9, tzinfo=UTC)}),
        ("hubzilla", {"place.name": "Local, 3 rue du Molinel", "post.visibility": Visibility.PUBLIC}),
        ("gathio", {"place.name": "Maison du peuple", "post.visibility": Visibility.DIRECT}),
        ("fep_8a8e", {"status": EventStatus.POSTPONED, "join_mode": JoinMode.NONE, "online_url": "https://visio.test/conf",
                      "place.name": "Bourse du travail", "is_end_shown": False, "participants_count": 31}),
    )  # fmt: skip

    @pytest.mark.parametrize(("name", "expected"), KEPT, ids=[name for name, _ in KEPT])
    async def test_its_event_is_kept(self, take: Callable[[str], Any], name: str, expected: dict[str, Any]) -> None:
        event = await take(name)
        for path, value in expected.items():
            found: Any = event
            for step in path.split("."):
                found = getattr(found, step)
            assert found == value, path

    @pytest.mark.parametrize("name", [name for name, _ in KEPT])
    async def test_what_was_kept_is_written_as_it_was_read(self, take: Callable[[str], Any], name: str) -> None:
        event = await take(name)
        view = (await queries.views([event.post_id]))[event.post_id]
        read = event_object.read({"id": event.post.uri} | event_object.write(view.whole, event.post.uri))
        assert read is not None
        without = {
            "participants_count",
            "remaining_places",
            *({"join_mode"} if event.join_mode is JoinMode.NONE else ()),
        }
        if event.place is not None:  # one location goes out, and the page beside it as a link
            without.add("online_url")
        kept = {name: getattr(event, name) for name in read.columns if name not in without}
        assert {name: read.columns[name] for name in kept} == kept
        if event.place is not None:
            assert read.location.place == {name: getattr(event.place, name) for name in read.location.place or {}}

    async def test_its_poll_about_coming_is_a_poll(self, member: Actor, ctx: Context, world: World) -> None:
        document = load("rsvp_question", member)
        await submit(document, await met(document, member, ctx, world), ctx)
        poll = await Poll.get(post__uri=document["object"]["id"]).prefetch_related("options")
        assert [option.title for option in poll.options] == ["Oui", "Peut-être", "Non"]

    async def test_nobody_is_believed_to_organise_who_did_not_say_so(self, take: Callable[[str], Any]) -> None:
        await take("fep_8a8e")
        assert not await Organising.exists()

    async def test_one_that_is_called_off_keeps_its_title(self, take: Callable[[str], Any]) -> None:
        await take("coopole")
        event = await take("cancelled")
        assert (event.status, event.post.title, event.sequence) == (EventStatus.CANCELLED, "Tractage aux Lices", 1)

    async def test_a_tombstone_ends_it(self, take: Callable[[str], Any], member: Actor, ctx: Context) -> None:
        event = await take("coopole")
        await submit(load("deleted", member), await Actor.get(id=event.organiser_id), ctx)
        assert (await Event.exists(), await Post.exists()) == (False, False)


# name -> what the event has besides or instead, and what is kept of it; None leaves a property out
TOLERANCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "location_null": ({"location": None}, {"place": None, "online_url": ""}),
    "location_missing": ({}, {"place": None}),
    "location_string": ({"location": "Mairie de Lille"}, {"place.name": "Mairie de Lille"}),
    "location_object": ({"location": {"type": "Place", "name": "Gare"}}, {"place.name": "Gare"}),
    "location_object_without_type": ({"location": {"name": "Gare"}}, {"place.name": "Gare"}),
    "location_array": ({"location": [{"type": "Place", "name": "Gare"}, {"type": "Place", "name": "Port"}]}, {"place.name": "Gare"}),
    "location_hybrid": (
        {"location": [{"type": "VirtualLocation", "url": "https://v.test/"}, {"type": "Place", "name": "Gare"}]},
        {"place.name": "Gare", "online_url": "https://v.test/"},
    ),
    "location_virtual": ({"location": {"type": "VirtualLocation", "url": "https://v.test/"}}, {"place": None, "online_url": "https://v.test/"}),
    "location_empty_array": ({"location": []}, {"place": None}),
    "place_without_address": ({"location": {"type": "Place", "name": "Gare", "id": "https://far.test/p/1"}}, {"place.uri": "https://far.test/p/1"}),
    "address_string": ({"location": {"type": "Place", "name": "G", "address": "3 rue X"}}, {"place.street": "3 rue X"}),
    "address_object": (
        {"location": {"type": "Place", "name": "G", "address": {"postalCode": "59000", "addressLocality": "Lille"}}},
        {"place.postal_code": "59000", "place.locality": "Lille"},
    ),
    "address_url": ({"location": {"type": "Place", "name": "En ligne", "address": {"url": "https://v.test/"}}}, {"online_url": "https://v.test/"}),
    "degrees_as_strings": ({"location": {"name": "G", "latitude": "50.5", "longitude": "3.25"}}, {"place.latitude": 50.5, "place.longitude": 3.25}),
    "degrees_as_integers": ({"location": {"name": "G", "latitude": 50, "longitude": 3}}, {"place.latitude": 50.0}),
    "end_missing": ({"endTime": None}, {"ends_at": datetime(2026, 12, 5, 15, tzinfo=UTC), "is_end_shown": False}),
    "end_before_start": ({"endTime": "2026-12-01T00:00:00Z"}, {"is_end_shown": False}),
    "time_without_seconds": ({"startTime": "2026-12-05T14:00+01:00"}, {"starts_at": datetime(2026, 12, 5, 13, tzinfo=UTC)}),
    "time_in_utc": ({"startTime": "2026-12-05T14:00:00Z"}, {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)}),
    "time_with_offset": ({"startTime": "2026-12-05T14:00:00-05:00"}, {"starts_at": datetime(2026, 12, 5, 19, tzinfo=UTC)}),
    "time_with_fractions": ({"startTime": "2026-12-05T14:00:00.000Z"}, {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)}),
    "time_naive_with_zone": ({"startTime": "2026-07-05T14:00:00", "timezone": "Europe/Paris"}, {"starts_at": datetime(2026, 7, 5, 12, tzinfo=UTC)}),
    "time_naive_without_zone": ({"startTime": "2026-12-05T14:00:00"}, {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)}),
    "date_alone": ({"startTime": "2026-12-05"}, {"is_all_day": True}),
    "zone_that_is_none": ({"timezone": "Mars/Olympus"}, {"timezone": "Etc/GMT-1"}),
    "attachment_single": ({"attachment": {"type": "Image", "url": "https://far.test/a.png", "mediaType": "image/png"}}, {"pictures": 1}),
    "attachment_without_media_type": ({"attachment": [{"type": "PropertyValue", "name": "x", "value": "y"}]}, {"pictures": 0}),
    "attachment_link": ({"attachment": [{"type": "Link", "mediaType": "text/html", "name": "Website", "href": "https://far.test/e"}]}, {"pictures": 0}),
    "tag_single": ({"tag": {"type": "Hashtag", "name": "#lille"}}, {"tags": ["lille"]}),
    "tag_without_href": ({"tag": [{"type": "Hashtag", "name": "#a"}, {"type": "Hashtag", "name": "#b"}]}, {"tags": ["a", "b"]}),
    "attributed_to_array": ({"attributedTo": [AUTHOR]}, {"organiser.uri": AUTHOR}),
    "attributed_to_object": ({"attributedTo": {"type": "Person", "id": AUTHOR}}, {"organiser.uri": AUTHOR}),
    "attributed_to_objects": ({"attributedTo": [{"type": "Person", "id": AUTHOR}, {"type": "Group", "id": "https://far.test/g"}]}, {"organiser.uri": AUTHOR}),
    "attributed_to_nobody": ({"attributedTo": None}, {"organiser.uri": AUTHOR}),
    "organizers_null": ({"organizers": None}, {"organisings": 0}),
    "organizers_uri": ({"organizers": "https://far.test/e/organizers"}, {"organisings": 0}),
    "event_status_before_status": ({"status": "CONFIRMED", "eventStatus": "EventCancelled"}, {"status": EventStatus.CANCELLED}),
    "event_status_iri": ({"eventStatus": "https://schema.org/EventPostponed"}, {"status": EventStatus.POSTPONED}),
    "ical_status": ({"ical:status": "TENTATIVE"}, {"status": EventStatus.TENTATIVE}),
    "status_of_another_world": ({"status": {"x": 1}}, {"status": EventStatus.CONFIRMED}),
    "category_array": ({"category": ["SPORTS", "LEARNING"]}, {"kind": EventKind.TRAINING}),
    "category_string": ({"category": "MEETING"}, {"kind": EventKind.MEETING}),
    "content_with_headings": ({"content": "<h1>A</h1><h3>B</h3><p>c</p>"}, {"words": "A B c"}),
    "content_with_lists": ({"content": "<ul><li>un</li><li>deux</li></ul>"}, {"words": "un deux"}),
    "content_with_pictures": ({"content": "<p>a</p><img src='https://far.test/x.png' onerror='x()'>"}, {"words": "a https://far.test/x.png"}),
    "content_null": ({"content": None}, {"words": ""}),
    "to_missing": ({"to": None, "cc": None}, {"post.visibility": Visibility.PUBLIC}),
    "to_string": ({"to": "as:Public", "cc": None}, {"post.visibility": Visibility.PUBLIC}),
    "public_in_cc": ({"to": [f"{AUTHOR}/followers"], "cc": [factories.PUBLIC]}, {"post.visibility": Visibility.UNLISTED}),
    "join_mode_unknown": ({"joinMode": "telepathy"}, {"join_mode": JoinMode.FREE}),
    "capacity_as_string": ({"maximumAttendeeCapacity": "many"}, {"capacity": None}),
    "image_null": ({"image": None, "summary": None, "uuid": None, "contacts": []}, {"post.title": "Fête"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TOLERANCES)
async def test_an_event_is_kept_for_all_that(name: str, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    changed, expected = TOLERANCES[name]
    event = factories.note(AUTHOR, type="Event", name="Fête", startTime=START) | changed
    document = {key: value for key, value in event.items() if value is not None or key in ("location", "organizers")}
    await factories.follow(member, remote_actor)

    await submit(factories.activity("Create", AUTHOR, document, to=[factories.PUBLIC]), remote_actor, ctx)

    kept = await Event.get().select_related("post", "place", "organiser").prefetch_related("post__tags")
    found = {
        "pictures": await Attachment.filter(post_id=kept.post_id).count(),
        "tags": sorted(tag.name for tag in kept.post.tags),
        "organisings": await Organising.all().count(),
        "words": " ".join(_plain(kept.post.content_html).split()),
    }
    for path, value in expected.items():
        one: Any = found[path] if path in found else kept
        for step in () if path in found else path.split("."):
            one = getattr(one, step)
        assert one == value, path


def _plain(html: str) -> str:
    assert "onerror" not in html
    assert "<img" not in html
    return "".join(part.rpartition(">")[2] + " " for part in html.split("<"))


def test_there_are_at_least_twenty_five_of_them() -> None:
    assert len(TOLERANCES) >= 25


class TestMobilizon:
    async def test_an_event_of_a_group_is_the_groups_whoever_wrote_it(self, take: Callable[[str], Any]) -> None:
        event = await take("mobilizon")
        assert (event.organiser.uri, (await event.post.actor).uri) == (GROUP, GROUP)

    @pytest.fixture
    async def moderator(self, ctx: Context, world: World) -> Actor:
        """Another moderator of the group, on its server."""
        return await factories.remote_actor(ctx, world, "https://mobilizon.test/@ali", preferredUsername="ali2")

    async def test_a_moderator_changes_and_deletes_it(
        self, take: Callable[[str], Any], moderator: Actor, member: Actor, ctx: Context
    ) -> None:
        event = await take("mobilizon")
        changed = load("mobilizon", member)["object"] | {"name": "Assemblée", "updated": "2026-11-22T09:00:00Z"}
        changed |= {"actor": moderator.uri, "status": "CANCELLED"}
        await submit(factories.activity("Update", moderator.uri, changed), moderator, ctx)
        event = await Event.get(id=event.id).select_related("post")
        assert (event.post.title, event.status) == ("Assemblée", EventStatus.CANCELLED)
        tombstone = {"type": "Tombstone", "formerType": "Event", "id": event.post.uri}
        await submit(factories.activity("Delete", moderator.uri, tombstone), moderator, ctx)
        assert not await Event.exists()

    async def test_nobody_of_another_server_does(
        self, take: Callable[[str], Any], stranger: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        event = await take("mobilizon")
        world.serve(load("mobilizon", member)["object"])
        for kind in ("Update", "Delete"):
            with pytest.raises(NotAuthorised, match="is not by"):
                await submit(factories.activity(kind, stranger.uri, event.post.uri), stranger, ctx)

    async def test_nobody_else_of_its_server_changes_what_a_person_wrote(
        self, remote_actor: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(member, remote_actor)
        event = await factories.event(remote_actor)
        neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/max")
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(factories.activity("Delete", neighbour.uri, event.uri), neighbour, ctx)

    async def test_nobody_writes_in_the_name_of_another_servers_group(
        self, stranger: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        document = load("mobilizon", member)
        await met(document, member, ctx, world)
        await factories.follow(member, stranger)
        forged = document["object"] | {"id": f"{stranger.uri}/events/1", "actor": stranger.uri}
        with pytest.raises(NotAuthorised):
            await submit(factories.activity("Create", stranger.uri, forged), stranger, ctx)
        assert not await Event.exists()

    async def test_of_a_group_that_nobody_follows_nothing_is_kept(
        self, member: Actor, ctx: Context, world: World
    ) -> None:
        document = load("mobilizon", member)
        await factories.remote_actor(ctx, world, GROUP, kind="Group", preferredUsername="nord")
        ines = await factories.remote_actor(ctx, world, INES, preferredUsername="ines")
        with pytest.raises(UnsupportedActivity, match="nobody here follows"):
            await submit(document, ines, ctx)

    async def test_its_relay_shows_what_it_lists(
        self, section: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        document = load("announced", member)
        relay = await factories.remote_actor(ctx, world, RELAY, kind="Application")
        await factories.follow(section, relay)
        await factories.remote_actor(ctx, world, GROUP, kind="Group", preferredUsername="nord")
        world.serve(load("mobilizon", member)["object"])
        await submit(document, relay, ctx)
        event = await Event.get().select_related("organiser", "place")
        assert (event.organiser.uri, event.place and event.place.locality) == (GROUP, "Lille")
        assert (await Announce.get()).actor_id == relay.id


class TestAnnounced:
    def event(self, **more: Any) -> dict[str, Any]:
        return factories.note(AUTHOR, type="Event", name="Fête", startTime=START) | more

    async def test_by_its_id_it_is_fetched_from_home(
        self, member: Actor, stranger: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(member, stranger)
        world.serve(self.event())
        await submit(factories.activity("Announce", stranger.uri, self.event()["id"]), stranger, ctx)
        assert (await Event.get().select_related("organiser")).organiser.id == remote_actor.id

    @pytest.mark.parametrize("kind", ["Group", "Application"])
    async def test_around_its_create_it_is_believed_when_its_home_says_so(
        self, member: Actor, remote_actor: Actor, ctx: Context, world: World, kind: str
    ) -> None:
        lister = await factories.remote_actor(ctx, world, "https://list.test/relay", kind=kind)
        await factories.follow(member, lister)
        create = factories.activity("Create", AUTHOR, self.event(), to=[factories.PUBLIC])
        forged = create | {"object": self.event(name="Autre chose")}
        for document in (create, create["object"]):
            world.serve(document)
        await submit(factories.activity("Announce", lister.uri, forged, to=[factories.PUBLIC]), lister, ctx)
        assert (await Event.get().select_related("post")).post.title == "Fête"

    async def test_around_its_create_nobody_else_passes_it_on(
        self, member: Actor, stranger: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(member, stranger)
        create = factories.activity("Create", AUTHOR, self.event())
        world.serve(create)
        with pytest.raises(NotAuthorised, match="no group"):
            await submit(factories.activity("Announce", stranger.uri, create), stranger, ctx)

    async def test_one_that_does_not_say_for_whom_it_is_is_for_whom_its_server_announced_it(
        self, member: Actor, stranger: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        silent = {name: value for name, value in self.event().items() if name not in ("to", "cc")}
        world.serve(silent)
        lister = await factories.remote_actor(ctx, world, "https://far.test/relay", kind="Application")
        for actor in (stranger, lister):
            await factories.follow(member, actor)
        with pytest.raises(NotAuthorised, match="may not be shown"):
            announce = factories.activity("Announce", stranger.uri, silent["id"], to=[factories.PUBLIC])
            await submit(announce, stranger, ctx)
        await submit(factories.activity("Announce", lister.uri, silent["id"], to=[factories.PUBLIC]), lister, ctx)
        assert (await Post.get()).visibility is Visibility.PUBLIC

    async def test_nobody_here_follows_whoever_announces_it(
        self, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        world.serve(self.event())
        with pytest.raises(UnsupportedActivity):
            await submit(factories.activity("Announce", stranger.uri, self.event()["id"]), stranger, ctx)
        assert world.fetched == []


class TestTheEndIsAskedOfItsHome:
    @pytest.fixture
    async def event(self, member: Actor, remote_actor: Actor) -> Post:
        """An event elsewhere."""
        await factories.follow(member, remote_actor)
        return await factories.event(remote_actor, uri=f"{AUTHOR}/notes/1")

    @pytest.mark.parametrize("answer", ["410", "tombstone"])
    async def test_an_update_of_what_is_no_more_is_its_end(
        self, event: Post, remote_actor: Actor, ctx: Context, world: World, answer: str
    ) -> None:
        """Source: Mobilizon, which looks again at what it is told has changed"""
        if answer == "410":
            world.statuses[event.uri] = 410
        else:
            world.serve({"id": event.uri, "type": "Tombstone", "formerType": "Event"})
        await submit(factories.activity("Update", AUTHOR, event.uri), remote_actor, ctx)
        assert not await Event.exists()
        again = factories.create(AUTHOR, type="Event", startTime=START)
        with pytest.raises(NotAuthorised, match="was deleted"):
            await submit(again, remote_actor, ctx)

    @pytest.mark.parametrize("status", [404, 500, 0])
    async def test_what_cannot_be_had_now_is_kept(
        self, event: Post, remote_actor: Actor, ctx: Context, world: World, status: int
    ) -> None:
        world.statuses[event.uri] = status
        with pytest.raises(FederationError):
            await submit(factories.activity("Update", AUTHOR, event.uri), remote_actor, ctx)
        assert await Event.exists()

    async def test_another_servers_word_does_not_end_it(
        self, event: Post, stranger: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(member, stranger)
        world.statuses[event.uri] = 410
        with pytest.raises(FederationError):
            await submit(factories.activity("Update", stranger.uri, event.uri), stranger, ctx)
        assert await Event.exists()
