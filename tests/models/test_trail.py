"""Asking the same questions again tells whether anything that was asked for has changed."""

import asyncio
import sqlite3
from datetime import UTC, datetime

import pytest
from tortoise.transactions import in_transaction

from models import database
from models.actor import Actor
from models.post import Post
from models.setting import Setting
from models.state import database_state
from models.trail import MAX_ROWS, Trail, followed, used
from tests import factories
from tests.web.test_queries import needs_sqlite


async def test_a_trail_stands_until_a_row_that_it_led_to_changes(member: Actor, other_member: Actor) -> None:
    with followed() as trail:
        await Actor.get(id=member.id)
    await Actor.filter(id=other_member.id).update(display_name="Aline")
    assert await trail.stands()

    await Actor.filter(id=member.id).update(display_name="Zoë")
    assert not await trail.stands()


async def test_a_row_that_comes_or_goes_is_noticed(member: Actor) -> None:
    with followed() as trail:
        assert await Post.filter(actor_id=member.id).count() == 0
        assert await Post.filter(actor_id=member.id) == []
        assert await Post.filter(actor_id=member.id).values("id") == []
    post = await factories.post(member)
    assert not await trail.stands()

    await post.delete()
    assert await trail.stands()


@needs_sqlite
async def test_what_another_process_writes_is_noticed(member: Actor, db: str) -> None:
    with followed() as trail:
        await Actor.get(id=member.id)
    with sqlite3.connect(db.removeprefix("sqlite:///")) as other:
        other.execute("UPDATE actor SET display_name = 'Zoë' WHERE username = 'zoe'")

    assert not await trail.stands()


async def test_questions_asked_in_a_transaction_or_by_hand_are_noted(member: Actor) -> None:
    with followed() as trail:
        async with in_transaction():
            await Actor.get(id=member.id)
        await database.select("SELECT username FROM actor WHERE id = $1", member.id)
    assert len(trail.steps) == 2

    await Actor.filter(id=member.id).update(username="zoee")
    assert not await trail.stands()


async def test_whoever_follows_further_out_has_it_noted_too(member: Actor) -> None:
    with followed() as outer, followed() as inner:
        await Actor.get(id=member.id)
    with followed() as later:
        used(inner)

    assert len(outer.steps) == len(later.steps) == 1


async def test_a_trail_on_which_something_was_written_never_stands(member: Actor) -> None:
    with followed() as trail:
        await Actor.get(id=member.id)
        await database.execute("UPDATE actor SET display_name = 'Zoë' WHERE id = $1", member.id)

    assert not await trail.stands()


async def test_asking_for_the_state_is_not_a_part_of_a_trail(member: Actor, stranger: Actor) -> None:
    with followed() as trail:
        await database_state()
        await Actor.get(id=member.id)
        await database_state()
    await factories.post(stranger)

    assert len(trail.steps) == 1
    assert await trail.stands()


async def test_what_is_asked_after_its_end_does_not_belong_to_a_trail(member: Actor) -> None:
    with followed() as trail:
        late = asyncio.create_task(_ask_later())
    await late

    assert trail.steps == []


async def _ask_later() -> None:
    await asyncio.sleep(0)
    await Setting.read("anything")


async def test_trails_of_requests_at_the_same_time_are_apart(member: Actor, other_member: Actor) -> None:
    async def follow(actor: Actor) -> Trail:
        with followed() as trail:
            for _ in range(3):
                await Actor.get(id=actor.id)
                await asyncio.sleep(0)
        return trail

    for trail, actor in zip(
        await asyncio.gather(follow(member), follow(other_member)), (member, other_member), strict=True
    ):
        assert [actor.id in rows[0] for _, _, rows in trail.steps] == [True] * 3


def test_a_trail_with_too_many_rows_is_not_remembered() -> None:
    trail = Trail()
    trail.note("SELECT 1", None, [(1,)] * (MAX_ROWS + 1))

    assert (trail.is_whole, trail.steps) == (False, [])


@pytest.mark.parametrize("other", [1, None, datetime(2026, 11, 23, tzinfo=UTC)])
def test_the_size_of_a_trail_counts_its_texts(other: object) -> None:
    trail = Trail()
    trail.note("SELECT 1", None, [("x" * 5000, other)])

    assert 5000 < trail.bytes < 6000
