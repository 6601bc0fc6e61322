"""What loading and fetching cost: few queries, no document twice, and no transaction that waits for the network."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from federation import gathering, pipeline
from federation.activities import parse
from federation.context import Context
from federation.pipeline import Outcome, Submission
from models.actor import Actor
from models.post import Post, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.federation.watchful import WatchfulClient
from tests.world import World

MAX = "https://elsewhere.test/users/max"


@pytest.fixture
async def announcer(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


@pytest.fixture
def unknown(world: World) -> dict[str, Any]:
    """A public post that its home serves, by somebody nobody here has met; home serves them too."""
    note = factories.note(MAX, content="<p>De Max</p>")
    world.serve(note)
    world.serve(factories.actor_document(MAX))
    return note


# How much it costs


async def test_loading_takes_as_many_queries_for_many_as_for_one(
    member: Actor, ctx: Context, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    actors = [await factories.remote_actor(ctx, world, f"https://far.test/users/{number}") for number in range(12)]
    for actor in actors:
        await factories.follow(member, actor)
    tag = [{"type": "Mention", "href": member.uri}]
    parents = [await factories.post(member, str(number)) for number in range(12)]
    pending = [
        Outcome(parse(factories.create(actor.uri, tag=tag, inReplyTo=parent.uri)))
        for actor, parent in zip(actors, parents, strict=True)
    ]
    caplog.set_level(logging.DEBUG, "tortoise.db_client")

    counts = []
    for batch in (pending[:1], pending):
        caplog.clear()
        await gathering.load(batch, ctx.for_batch())
        counts.append(len(caplog.records))

    assert 0 < counts[0] == counts[1] <= 10


async def test_loading_bears_more_names_than_a_query_may_have(ctx: Context, remote_actor: Actor) -> None:
    batch = ctx.for_batch()
    await batch.known.load([remote_actor.uri, *(f"https://far.test/users/{number}" for number in range(40_000))])
    assert list(batch.known.actors) == [remote_actor.uri]


async def test_no_transaction_waits_for_the_network(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    client = WatchfulClient(world)
    ctx = replace(ctx, client=client)
    note = factories.note(announcer.uri, 7, inReplyTo=unknown["id"])
    world.serve(note)
    batch = [
        Submission(parse(factories.create(announcer.uri, 1)), announcer.uri),
        Submission(parse(factories.activity("Announce", announcer.uri, unknown["id"])), announcer.uri),
        Submission(parse(factories.activity("Create", announcer.uri, note["id"], 7)), announcer.uri),
        Submission(parse(factories.activity("Update", announcer.uri, announcer.uri)), announcer.uri),
        Submission(parse(factories.activity("Like", MAX, unknown["id"])), MAX),
    ]
    outcomes = await pipeline.submit_many(batch, ctx)
    assert [outcome.error for outcome in outcomes] == [None] * 5
    assert len(client.calls) >= 4
    assert not any(client.calls)


async def test_a_brought_post_is_open(announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any]) -> None:
    world.serve(unknown | {"to": [f"{MAX}/followers"], "cc": [PUBLIC]})
    await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    assert (await Post.get()).visibility is Visibility.UNLISTED
