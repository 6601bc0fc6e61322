"""Events that somebody else tells of: a moderator, a relay, a group; and whether they still are is asked of their home."""

from typing import Any

import pytest

from federation.context import Context
from federation.errors import FederationError, NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.event import Event, EventStatus
from models.post import Post, Visibility
from models.reaction import Announce
from tests import factories
from tests.federation.event_fixtures import AUTHOR, GROUP, INES, RELAY, START, Take, load, met, take
from tests.federation.submitting import submit
from tests.world import World

__all__ = ["take"]


class TestMobilizon:
    async def test_an_event_of_a_group_is_the_groups_whoever_wrote_it(self, take: Take) -> None:
        event = await take("mobilizon")
        assert (event.organiser.uri, (await event.post.actor).uri) == (GROUP, GROUP)

    @pytest.fixture
    async def moderator(self, ctx: Context, world: World) -> Actor:
        """Another moderator of the group, on its server."""
        return await factories.remote_actor(ctx, world, "https://mobilizon.test/@ali", preferredUsername="ali2")

    async def test_a_moderator_changes_and_deletes_it(
        self, take: Take, moderator: Actor, member: Actor, ctx: Context
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
        self, take: Take, stranger: Actor, member: Actor, ctx: Context, world: World
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
        announce = factories.activity("Announce", stranger.uri, silent["id"], to=[factories.PUBLIC])
        with pytest.raises(NotAuthorised, match="may not be shown"):
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
