"""Loading what a batch touches in a few queries, and fetching what it lacks from home, with no transaction open."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from federation.pipeline import Submission
from models.activity import ActivityRecord
from models.actor import Actor
from models.post import Post
from models.reaction import Announce
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


# Fetching what is announced


async def test_an_unknown_post_is_fetched_from_home_with_its_author(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    post = await Post.get(uri=unknown["id"]).select_related("actor")
    assert (post.content_html, post.actor.uri, post.announces_count) == ("<p>De Max</p>", MAX, 1)
    assert sorted(world.fetched) == [MAX, unknown["id"]]


async def test_the_copy_in_the_announce_is_never_believed(
    announcer: Actor, ctx: Context, unknown: dict[str, Any]
) -> None:
    copy = unknown | {"content": "<p>Jamais dit</p>", "attributedTo": announcer.uri}
    await submit(factories.activity("Announce", announcer.uri, copy), announcer, ctx)
    post = await Post.get(uri=unknown["id"]).select_related("actor")
    assert (post.content_html, post.actor.uri) == ("<p>De Max</p>", MAX)


async def test_for_an_actor_nobody_follows_nothing_is_fetched(
    remote_actor: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedActivity, match="nobody here follows"):
        await submit(factories.activity("Announce", remote_actor.uri, unknown["id"]), remote_actor, ctx)
    assert world.fetched == []
    assert await Post.all().count() == 0


async def test_a_post_we_have_is_not_fetched(announcer: Actor, stranger: Actor, ctx: Context, world: World) -> None:
    post = await factories.post(stranger)
    await submit(factories.activity("Announce", announcer.uri, post.uri), announcer, ctx)
    assert world.fetched == []


async def test_a_post_that_we_never_made_is_not_asked_for(announcer: Actor, ctx: Context, world: World) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Announce", announcer.uri, ctx.names.post(7)), announcer, ctx)
    assert world.fetched == []


async def test_a_post_of_a_blocked_server_is_not_asked_for(
    announcer: Actor, ctx: Context, world: World, blocked_origin: str
) -> None:
    note = factories.note(f"{blocked_origin}/users/troll")
    world.serve(note)
    with pytest.raises(RejectedByPolicy, match="blocked"):
        await submit(factories.activity("Announce", announcer.uri, note["id"]), announcer, ctx)
    assert world.fetched == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"attributedTo": None}, NotAuthorised),
        ({"attributedTo": "https://far.test/users/noor"}, NotAuthorised),
        ({"id": "https://far.test/users/noor/notes/1"}, NotAuthorised),
        ({"type": "Create"}, MalformedActivity),
        ({"type": "Tombstone"}, ObjectGone),
        ({"to": [f"{MAX}/followers"], "cc": []}, NotAuthorised),
        ({"to": ["https://far.test/users/noor"], "cc": []}, NotAuthorised),
        ({"to": [], "cc": []}, NotAuthorised),
    ],
)
async def test_what_home_serves_must_be_an_open_post_of_somebody_there(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any], change: dict[str, Any],
    error: type[FederationError],
) -> None:  # fmt: skip
    world.serve(unknown | change, url=unknown["id"])
    with pytest.raises(error):
        await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    assert await Post.all().count() + await Announce.all().count() + await ActivityRecord.all().count() == 0


@pytest.mark.parametrize("url", ["the post", "its author"])
async def test_when_home_does_not_answer_it_is_for_later(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any], url: str
) -> None:
    world.statuses[unknown["id"] if url == "the post" else MAX] = 503
    with pytest.raises(RemoteUnavailable):
        await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    assert await Post.all().count() == 0


async def test_a_brought_post_names_whom_it_names_and_answers_what_it_answers(
    announcer: Actor, member: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    parent = await factories.post(member)
    world.serve(unknown | {"inReplyTo": parent.uri, "tag": [{"type": "Mention", "href": member.uri}]})
    await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    post = await Post.get(uri=unknown["id"]).prefetch_related("mentions")
    assert (post.in_reply_to_id, [row.actor_id for row in post.mentions]) == (parent.id, [member.id])


async def test_the_create_of_a_brought_post_still_reaches_its_followers(
    announcer: Actor, other_member: Actor, ctx: Context, unknown: dict[str, Any]
) -> None:
    await submit(factories.activity("Announce", announcer.uri, unknown["id"]), announcer, ctx)
    author = await Actor.get(uri=MAX)
    await factories.follow(other_member, author)
    await submit(factories.activity("Create", MAX, unknown, to=[PUBLIC]), author, ctx)
    assert await Post.all().count() == 1
    assert [row.item_id for row in await other_member.home_rows.all()] == [(await Post.get()).id]  # type: ignore[attr-defined]


async def test_announced_by_several_in_one_batch_it_is_fetched_once(
    announcer: Actor, member: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    others = [await factories.remote_actor(ctx, world, f"https://far.test/users/{n}") for n in range(3)]
    for other in others:
        await factories.follow(member, other)
    ctx = replace(ctx, client=WatchfulClient(world))
    batch = [
        Submission(parse(factories.activity("Announce", actor.uri, unknown["id"])), actor.uri)
        for actor in (announcer, *others)
    ]

    outcomes = await pipeline.submit_many(batch, ctx)

    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert (await Post.get()).announces_count == 4
    assert sorted(world.fetched) == [MAX, unknown["id"]]


async def test_two_workers_may_bring_one_post_at_once(
    announcer: Actor, member: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    other = await factories.remote_actor(ctx, world, "https://far.test/users/other")
    await factories.follow(member, other)
    await factories.remote_actor(ctx, world, MAX)
    ctx = replace(ctx, client=WatchfulClient(world))
    announces = [(actor, factories.activity("Announce", actor.uri, unknown["id"])) for actor in (announcer, other)]
    await asyncio.gather(*(submit(announce, actor, ctx) for actor, announce in announces))
    assert (await Post.get()).announces_count == 2
    assert (await Actor.get(uri=MAX)).posts_count == 1


async def test_many_posts_of_one_unknown_author_meet_them_once(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    notes = [unknown, *(factories.note(MAX, number) for number in (2, 3))]
    for note in notes:
        world.serve(note)
    ctx = replace(ctx, client=WatchfulClient(world))
    batch = [
        Submission(parse(factories.activity("Announce", announcer.uri, note["id"], number)), announcer.uri)
        for number, note in enumerate(notes)
    ]
    outcomes = await pipeline.submit_many(batch, ctx)
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert world.fetched.count(MAX) == 1


# Order, and what waits for what


async def test_what_follows_something_that_lacks_waits_with_it(
    announcer: Actor, ctx: Context, unknown: dict[str, Any]
) -> None:
    announce = factories.activity("Announce", announcer.uri, unknown["id"])
    undo = factories.activity("Undo", announcer.uri, announce["id"])
    create = factories.create(announcer.uri)
    outcomes = await pipeline.submit_many(
        [Submission(parse(item), announcer.uri) for item in (announce, undo, create)], ctx
    )
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert await Announce.all().count() == 0


async def test_what_lacks_nothing_does_not_wait_for_others(
    announcer: Actor, stranger: Actor, member: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(member, stranger)
    world.statuses["https://slow.test/1"] = 0
    batch = [
        Submission(parse(factories.activity("Announce", announcer.uri, "https://slow.test/1")), announcer.uri),
        Submission(parse(factories.create(stranger.uri)), stranger.uri),
    ]
    outcomes = await pipeline.submit_many(batch, ctx)
    assert [type(outcome.error) for outcome in outcomes] == [RemoteUnavailable, type(None)]
    assert (await Post.get()).actor_id == stranger.id


async def test_an_activity_that_is_here_already_lacks_nothing(
    announcer: Actor, ctx: Context, world: World, unknown: dict[str, Any]
) -> None:
    announce = factories.activity("Announce", announcer.uri, unknown["id"])
    await submit(announce, announcer, ctx)
    await Post.all().delete()
    world.fetched.clear()
    assert not (await submit(announce, announcer, ctx)).is_new
    assert world.fetched == []


async def test_an_actor_nobody_has_met_is_met_first(section: Actor, ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    follow = parse(factories.activity("Follow", MAX, section.uri))
    [outcome] = await pipeline.submit_many([Submission(follow, MAX)], ctx)
    assert outcome.error is None
    assert (await Actor.get(id=section.id)).followers_count == 1


async def test_an_actor_that_cannot_be_met_does_nothing(section: Actor, ctx: Context, world: World) -> None:
    world.statuses[MAX] = 503
    follow = parse(factories.activity("Follow", MAX, section.uri))
    [outcome] = await pipeline.submit_many([Submission(follow, MAX)], ctx)
    assert isinstance(outcome.error, RemoteUnavailable)
