"""Actors of other servers are asked again who they are when they act, and buried when they are no more."""

import pytest

from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import NotAuthorised
from federation.renewal import STALE_AFTER, bury_if_gone, renew
from models.actor import Actor
from models.follow import Follow
from models.post import Post
from tests import factories
from tests.federation.submitting import submit
from tests.world import World


@pytest.fixture
async def known(remote_actor: Actor, member: Actor) -> Actor:
    """Somebody whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


def dereferencer(ctx: Context) -> Dereferencer:
    return Dereferencer(ctx.client, ctx.signer)


async def test_one_asked_of_late_is_left_alone(known: Actor, ctx: Context, world: World) -> None:
    world.pass_time(days=2)
    await renew(known, ctx, dereferencer(ctx))
    assert world.fetched == []


async def test_one_asked_long_ago_is_asked_when_something_of_theirs_is_fetched_anyway(
    known: Actor, ctx: Context, world: World
) -> None:
    world.pass_time(seconds=STALE_AFTER.total_seconds())
    note = factories.note(known.uri)
    world.serve(note)
    world.serve(factories.actor_document(known.uri, name="Noor N."))
    await submit(factories.activity("Create", known.uri, note["id"]), known, ctx)
    assert await Post.exists(uri=note["id"])
    assert (await Actor.get(id=known.id)).display_name == "Noor N."


async def test_nothing_is_fetched_for_what_lacks_nothing(known: Actor, ctx: Context, world: World) -> None:
    world.pass_time(days=30)
    await submit(factories.create(known.uri), known, ctx)
    assert world.fetched == []


@pytest.mark.parametrize("status", [404, 500, 0])
async def test_a_home_that_does_not_answer_changes_nothing(
    known: Actor, ctx: Context, world: World, status: int
) -> None:
    world.pass_time(days=30)
    world.statuses[known.uri] = status
    await renew(known, ctx, dereferencer(ctx))
    assert (await Actor.get(id=known.id)).gone_at is None


async def test_one_who_is_gone_is_buried(known: Actor, ctx: Context, world: World) -> None:
    await factories.post(known)
    world.pass_time(days=30)
    world.statuses[known.uri] = 410
    world.serve(factories.note(known.uri))
    with pytest.raises(NotAuthorised, match="no more"):
        await submit(factories.activity("Create", known.uri, f"{known.uri}/notes/1"), known, ctx)
    assert (await Actor.get(id=known.id)).gone_at == ctx.now()
    assert await Post.all().count() + await Follow.all().count() == 0


async def test_one_who_is_said_to_be_gone_is_asked_first(known: Actor, ctx: Context, world: World) -> None:
    await bury_if_gone(known.uri, ctx)
    assert (await Actor.get(id=known.id)).gone_at is None
    world.statuses[known.uri] = 410
    await bury_if_gone(known.uri, ctx)
    assert (await Actor.get(id=known.id)).gone_at == ctx.now()


async def test_nobody_is_fetched_who_was_never_met(member: Actor, ctx: Context, world: World) -> None:
    await bury_if_gone("https://far.test/users/nobody", ctx)
    await bury_if_gone(member.uri, ctx)
    assert world.fetched == []
