"""Errands: run when due, tried again, and given up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from federation.context import Context, Work
from federation.errors import RemoteUnavailable
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from models.actor import Actor
from models.details import SharedDetails
from models.errand import Errand, ErrandType
from models.membership import Membership, MembershipState
from models.post import Post
from tests import factories
from tests.world import World
from workers import errands
from workers.errands import MAX_ATTEMPTS, Way, run_errands
from workers.sweep import sweep


@pytest.fixture
def above(world: World, remote_actor: Actor) -> str:
    """A post of another server that is not here."""
    note = factories.note(remote_actor.uri, "above")
    world.serve(note)
    return str(note["id"])


async def test_what_a_post_answers_is_fetched_and_then_rests(job: dict[str, Any], above: str, now: datetime) -> None:
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    await run_errands(job)
    assert await Post.exists(uri=above)
    [row] = await Errand.all()
    assert (row.rests_until, row.leased_until) == (now + timedelta(hours=6), None)


async def test_answers_are_fetched(job: dict[str, Any], remote_actor: Actor, world: World, now: datetime) -> None:
    post = await factories.post(remote_actor)
    reply = factories.note(remote_actor.uri, 1, inReplyTo=post.uri)
    replies = {"type": "Collection", "items": [reply]}
    world.serve(factories.note(remote_actor.uri, id=post.uri, replies=replies))
    await Errand.ask(ErrandType.REPLIES, post.uri, now)
    await run_errands(job)
    assert (await Post.get(uri=reply["id"])).in_reply_to_id == post.id


async def test_a_home_that_is_away_is_asked_again_ever_later_and_then_no_more(
    job: dict[str, Any], above: str, world: World, now: datetime
) -> None:
    world.statuses[above] = 0
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    pauses = []
    with capture_logs() as logs:
        for _ in range(MAX_ATTEMPTS):
            await run_errands(job)
            [row] = await Errand.all()
            pauses.append((row.due_at - world.now).total_seconds())
            world.now = max(row.due_at, world.now)

    assert pauses[:-1] == [60, 300, 1500, 7500]
    assert world.fetched == [above] * MAX_ATTEMPTS
    assert row.rests_until is not None
    assert [line["event"] for line in logs] == ["errand given up"]


async def test_what_cannot_be_had_is_not_asked_for_again(
    job: dict[str, Any], above: str, world: World, now: datetime
) -> None:
    world.statuses[above] = 404
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    with capture_logs() as logs:
        await run_errands(job)
    assert (await Errand.get()).rests_until is not None
    assert [line["event"] for line in logs] == ["errand ended"]


async def test_an_errand_that_breaks_something_breaks_it_alone(
    job: dict[str, Any], above: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(errand: Errand, ctx: Context) -> None:
        raise ZeroDivisionError

    table = {**errands.ERRANDS, ErrandType.FEATURED: Way(broken, timedelta(hours=1))}
    monkeypatch.setattr(errands, "ERRANDS", table)
    await Errand.ask(ErrandType.FEATURED, above, now)
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    with capture_logs() as logs:
        await run_errands(job)
    assert await Post.exists(uri=above)
    assert (await Errand.get(type=ErrandType.FEATURED)).attempts == 1
    assert [line["event"] for line in logs] == ["errand broke"]


async def test_the_periodic_look_finds_errands_and_drops_old_ones(
    job: dict[str, Any], above: str, world: World, now: datetime
) -> None:
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    await sweep(job)
    assert world.woken == [Work.ERRANDS]
    await run_errands(job)
    world.pass_time(hours=6)
    await sweep(job)
    assert world.woken == [Work.ERRANDS]
    assert not await Errand.exists()


async def test_a_home_that_says_when_is_asked_again_then(
    job: dict[str, Any], above: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(errand: Errand, ctx: Context) -> None:
        raise RemoteUnavailable("not now", retry_after_seconds=1)

    monkeypatch.setattr(errands, "ERRANDS", {ErrandType.ANCESTORS: Way(away, timedelta(hours=6))})
    await Errand.ask(ErrandType.ANCESTORS, above, now)
    await run_errands(job)
    assert (await Errand.get()).due_at == now + timedelta(seconds=1)


async def test_what_a_member_elsewhere_shows_is_read(
    job: dict[str, Any], section: Actor, remote_actor: Actor, world: World, now: datetime
) -> None:
    between = Between(f"{remote_actor.uri}/details", remote_actor.uri, section.uri)
    shown = Detail("email", "noor@post.example", Agreement(1, "fr", "J’accepte.", now))
    world.serve(details.write(between, [shown], now=now))
    row = await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    await SharedDetails.create(membership=row, uri=between.uri, renew_at=now)
    await sweep(job)
    with capture_logs() as logs:
        await run_errands(job)
    assert (await Membership.get(id=row.id)).email == "noor@post.example"
    assert "post.example" not in str(logs)
