"""What other servers are told of our events: by whom, to whom, and what is left of one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation.actors import create_local
from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.delivery import Delivery
from models.event import Event, EventStatus
from models.follow import Follow, FollowState
from models.notification import Notification
from models.participation import Participation
from models.post import Post, Visibility
from models.reaction import Announce
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories
from tests.federation.sending import inboxes, sent_by
from tests.federation.submitting import submit
from tests.world import World

RELAY = "https://mobilizon.test/relay"


@pytest.fixture
async def instance(ctx: Context) -> Actor:
    """The actor of the server itself."""
    names = ctx.names
    return await create_local(
        names, ActorType.APPLICATION, "instance", display_name=names.host, now=ctx.now(), uri=names.instance_actor
    )


@pytest.fixture
def draft(ctx: Context) -> EventDraft:
    """An event in three days."""
    starts = ctx.now().replace(tzinfo=None) + timedelta(days=3)
    return EventDraft(
        "Porte-à-porte", starts, text="Venez", place=PlaceDraft("Halles", locality="Lille"), language="fr"
    )


async def named(sent: list[dict[str, Any]], kind: str) -> list[str]:
    return [item["object"]["name"] for item in sent if item["type"] == kind]


class TestTheServerAnnounces:
    async def test_what_a_section_calls_everybody_to(
        self, section: Actor, instance: Actor, remote_actor: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        await factories.follow(remote_actor, instance)
        post = await actions.publish(section, draft, ctx)
        [announce] = await sent_by(instance)
        assert (announce["type"], announce["object"]) == ("Announce", post.uri)
        assert (announce["to"], announce["cc"]) == ([factories.PUBLIC], [instance.followers_uri, section.uri])
        assert await inboxes("Announce") == [remote_actor.delivery_uri]
        assert await inboxes("Create") == []

    async def test_and_counts_as_nobody(self, section: Actor, instance: Actor, ctx: Context, draft: EventDraft) -> None:
        post = await actions.publish(section, draft, ctx)
        assert await Announce.exists(actor_id=instance.id, post_id=post.id)
        assert ((await Post.get(id=post.id)).announces_count, await Notification.exists()) == (0, False)

    @pytest.mark.parametrize("visibility", [Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION])
    async def test_nothing_that_is_not_for_everybody(
        self, section: Actor, instance: Actor, ctx: Context, draft: EventDraft, visibility: Visibility
    ) -> None:
        await actions.publish(section, replace(draft, visibility=visibility), ctx)
        assert not await Announce.exists()

    async def test_nothing_of_a_member(self, member: Actor, instance: Actor, ctx: Context, draft: EventDraft) -> None:
        await actions.publish(member, draft, ctx)
        assert not await Announce.exists()

    async def test_and_mobilizon_may_follow_it(self, instance: Actor, ctx: Context, world: World) -> None:
        relay = await factories.remote_actor(ctx, world, RELAY, kind="Application")
        await submit(factories.activity("Follow", RELAY, instance.uri), relay, ctx)
        assert (await Follow.get()).state is FollowState.ACCEPTED
        assert [item["type"] for item in await sent_by(instance)] == ["Accept"]

    async def test_whoever_has_it_from_there_is_told_what_becomes_of_it(
        self, section: Actor, instance: Actor, remote_actor: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        await factories.follow(remote_actor, instance)
        post = await actions.publish(section, draft, ctx)
        await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        await actions.delete(section, post, ctx)
        assert await inboxes("Update") == await inboxes("Delete") == [remote_actor.delivery_uri]


class TestCallingOff:
    @pytest.mark.parametrize(("language", "name"), [("fr", "[Annulé] "), ("en", "[Cancelled] "), (None, "[Annulé] ")])
    async def test_its_name_says_so_elsewhere_and_its_title_does_not(
        self, section: Actor, stranger: Actor, ctx: Context, draft: EventDraft, language: str | None, name: str
    ) -> None:
        await factories.follow(stranger, section)
        post = await actions.publish(section, replace(draft, language=language), ctx)
        post = await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        update = (await sent_by(section))[-1]["object"]
        assert (update["name"], update["status"], update["eventStatus"]) == (
            f"{name}Porte-à-porte", "CANCELLED", "EventCancelled",
        )  # fmt: skip
        assert (post.title, (await Event.get()).status) == ("Porte-à-porte", EventStatus.CANCELLED)
        assert (await actions.draft_of(post)).title == "Porte-à-porte"

    async def test_held_after_all_it_has_its_name_again(
        self, section: Actor, stranger: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        await factories.follow(stranger, section)
        post = await actions.publish(section, replace(draft, title="[Annulé] se dit Cancelled"), ctx)
        for status in (EventStatus.CANCELLED, EventStatus.CONFIRMED):
            post = await actions.set_status(section, post, status, ctx)
            assert post.title == "[Annulé] se dit Cancelled"
        assert await named(await sent_by(section), "Update") == [
            "[Annulé] [Annulé] se dit Cancelled",
            "[Annulé] se dit Cancelled",
        ]

    async def test_the_longest_title_keeps_all_its_characters(
        self, section: Actor, stranger: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        await factories.follow(stranger, section)
        post = await actions.publish(section, replace(draft, title="x" * 200), ctx)
        post = await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        assert await named(await sent_by(section), "Update") == ["x" * 200] == [post.title]

    async def test_whoever_comes_is_told_without_being_named(
        self, section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        post = await actions.publish(section, draft, ctx)
        await submit(factories.activity("Join", remote_actor.uri, post.uri), remote_actor, ctx)
        await submit(factories.activity("Reject", stranger.uri, post.uri), stranger, ctx)
        await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        assert await inboxes("Update") == [remote_actor.delivery_uri]
        record = await ActivityRecord.get(type="Update")
        assert remote_actor.uri not in record.document

    async def test_nobody_is_told_who_wants_nothing_to_do_with_the_section(
        self, section: Actor, remote_actor: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        post = await actions.publish(section, draft, ctx)
        await submit(factories.activity("Join", remote_actor.uri, post.uri), remote_actor, ctx)
        await factories.block(remote_actor, section)
        await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        assert await inboxes("Update") == []

    async def test_what_was_for_members_is_told_to_no_guest(
        self, section: Actor, remote_actor: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        post = await actions.publish(section, replace(draft, visibility=Visibility.SECTION), ctx)
        await factories.follow(remote_actor, section)
        from_elsewhere = {"event_id": post.id, "actor_id": remote_actor.id, "state": "accepted"}
        await Participation.create(**from_elsewhere)
        await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
        assert await inboxes("Update") == []


class TestDeleting:
    async def test_it_leaves_a_tombstone_that_says_what_it_was(
        self, section: Actor, remote_actor: Actor, ctx: Context, draft: EventDraft
    ) -> None:
        post = await actions.publish(section, draft, ctx)
        await submit(factories.activity("Join", remote_actor.uri, post.uri), remote_actor, ctx)
        await actions.delete(section, post, ctx)
        [delete] = [item for item in await sent_by(section) if item["type"] == "Delete"]
        assert delete["object"] == {"id": post.uri, "type": "Tombstone", "formerType": "Event"}
        assert not await Delivery.filter(activity__type="Delete").exclude(inbox_uri=remote_actor.delivery_uri).exists()
        assert not await Event.exists()
