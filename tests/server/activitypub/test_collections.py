"""Collections that say how many, and never who."""

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.actor import Actor
from models.post import Post
from server.follows import actions as follows
from server.posts import actions, featured
from server.posts.actions import Draft
from tests import factories
from tests.server.activitypub.asker import Asker
from tests.world import World


@pytest.fixture
async def followed(member: Actor, remote_actor: Actor, ctx: Context) -> Actor:
    """A member whom one actor follows, and who follows another."""
    wish = parse(factories.activity("Follow", remote_actor.uri, member.uri))
    await pipeline.submit(wish, acting=remote_actor, ctx=ctx)
    return member


async def test_followers_are_counted(asker: Asker, followed: Actor):
    reply = await asker.get(f"{followed.uri}/followers")

    assert reply.json == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": followed.followers_uri,
        "type": "OrderedCollection",
        "totalItems": 1,
    }


async def test_the_followed_are_counted(asker: Asker, member: Actor, section: Actor, ctx: Context):
    await follows.follow(member, section, ctx)
    reply = await asker.get(f"{member.uri}/following")

    assert (reply.json["id"], reply.json["totalItems"]) == (member.following_uri, 1)


@pytest.mark.parametrize("name", ["followers", "following"])
async def test_not_even_a_follower_learns_who_follows(
    asker: Asker, followed: Actor, remote_actor: Actor, world: World, name: str
):
    reply = await asker.get(f"{followed.uri}/{name}", signer=world.signer(remote_actor.uri))

    assert set(reply.json) == {"@context", "id", "type", "totalItems"}
    assert (await asker.get(f"{followed.uri}/{name}?page=true")).json == reply.json
    assert (await asker.get(f"{followed.uri}/{name}?page=1&limit=40")).json == reply.json


async def test_what_is_pinned_is_featured_as_documents(asker: Asker, member: Actor, ctx: Context):
    first, second = [await actions.publish(member, Draft(text), ctx) for text in ("Un", "Deux")]
    for post in (first, second):
        await featured.pin(member, post, ctx)

    document = (await asker.get(f"{member.uri}/featured")).json

    assert (document["type"], document["totalItems"]) == ("OrderedCollection", 2)
    assert [item["id"] for item in document["orderedItems"]] == [second.uri, first.uri]
    assert [item["content"] for item in document["orderedItems"]] == ["<p>Deux</p>", "<p>Un</p>"]
    assert all("@context" not in item for item in document["orderedItems"])


async def test_nothing_is_featured_by_itself(asker: Asker, member: Actor):
    reply = await asker.get(f"{member.uri}/featured")

    assert reply.json["id"] == member.featured_uri
    assert (reply.json["totalItems"], reply.json["orderedItems"]) == (0, [])


async def test_every_collection_that_an_actor_names_is_served(asker: Asker, member: Actor, instance: Actor):
    for actor in (member, instance):
        document = (await asker.get(actor.uri)).json
        for name in ("outbox", "followers", "following", "featured"):
            reply = await asker.get(document[name])
            assert (reply.status, reply.json["id"]) == (200, document[name])


async def test_a_page_in_a_browser_is_not_what_a_collection_is(asker: Asker, member: Actor):
    reply = await asker.get(f"{member.uri}/followers", accept="text/html")

    assert reply.headers["content-type"].startswith("application/activity+json")


@pytest.mark.parametrize("name", ["followers", "following", "featured"])
async def test_a_gone_actor_has_no_collections(asker: Asker, member: Actor, ctx: Context, name: str):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    assert (await asker.get(f"{member.uri}/{name}")).status == 410


class TestOfAPost:
    """What was done with a post is counted."""

    @pytest.fixture
    async def post(self, member: Actor, ctx: Context) -> Post:
        return await actions.publish(member, Draft("Bonjour"), ctx)

    async def test_likes(self, asker: Asker, post: Post, section: Actor, ctx: Context):
        await actions.like(section, post, ctx)
        reply = await asker.get(f"{post.uri}/likes")

        assert reply.json == {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{post.uri}/likes",
            "type": "Collection",
            "totalItems": 1,
        }

    async def test_shares(self, asker: Asker, post: Post, section: Actor, ctx: Context):
        await actions.announce(section, post, ctx)
        reply = await asker.get(f"{post.uri}/shares")

        assert (reply.json["id"], reply.json["totalItems"]) == (f"{post.uri}/shares", 1)
        assert set(reply.json) == {"@context", "id", "type", "totalItems"}
