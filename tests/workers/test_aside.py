"""A slow server delays what needs it, and nothing else."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.context import Context, Work
from models.actor import Actor
from models.inbox import InboxMessage
from models.post import Post
from tests import factories
from tests.workers.test_inbox import announce, arrive
from tests.world import World, WorldClient
from workers import aside as aside_module
from workers.aside import Aside
from workers.inbox import CROWDED_SECONDS, process_inbox


class Hanging(WorldClient):
    """A server that answers when it is told to."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.answers = asyncio.Event()
        self.asked = 0

    async def get(self, url: str, **choices: Any) -> Any:
        """Answer late."""
        self.asked += 1
        await self.answers.wait()
        return await super().get(url, **choices)


async def until(is_so: Callable[[], Any]) -> None:
    """Let everything go on until something is so."""
    async with asyncio.timeout(20):
        while not await is_so():
            await asyncio.sleep(0)


@pytest.fixture
def hanging(job: dict[str, Any], world: World) -> Hanging:
    """Everybody else hangs."""
    client = Hanging(world)
    job["context"] = replace(job["context"], client=client)
    return client


@pytest.fixture
async def readers(member: Actor, remote_actor: Actor, stranger: Actor) -> tuple[Actor, Actor]:
    """Two actors of different hosts whom a member follows."""
    await factories.follow(member, remote_actor)
    await factories.follow(member, stranger)
    return remote_actor, stranger


def far_note(world: World, number: int) -> str:
    author = "https://slow.test/users/s"
    world.serve(factories.actor_document(author))
    note = factories.note(author, number)
    world.serve(note)
    return str(note["id"])


async def test_messages_that_wait_for_a_server_that_hangs_hold_up_nobody_elses(
    readers: tuple[Actor, Actor], job: dict[str, Any], world: World, hanging: Hanging, now: datetime
) -> None:
    slow, other = readers
    await arrive(*(announce(slow, far_note(world, number), number) for number in range(50)), now=now)
    serving = asyncio.create_task(process_inbox(job))
    await until(lambda: _true_if(hanging.asked > 0))

    await arrive(*(factories.create(other.uri, number) for number in range(20)), now=now)
    assert await process_inbox(job) == 0, "the one that is at it already looks again"
    await until(lambda: _count_is(Post.all(), 20))

    assert not serving.done()
    hanging.answers.set()
    assert await serving == 70
    assert await Post.all().count() == 70
    assert not await InboxMessage.exists()


async def test_what_an_actor_sent_after_what_waits_waits_too(
    readers: tuple[Actor, Actor], job: dict[str, Any], world: World, hanging: Hanging, now: datetime
) -> None:
    slow, _ = readers
    await arrive(announce(slow, far_note(world, 1), 1), now=now)
    serving = asyncio.create_task(process_inbox(job))
    await until(lambda: _true_if(hanging.asked > 0))

    await arrive(factories.create(slow.uri, 2), now=now)
    await process_inbox(job)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not await Post.exists()

    hanging.answers.set()
    await serving
    assert [post.uri for post in await Post.all().order_by("id")][-1] == f"{slow.uri}/notes/2"


async def test_what_finds_no_room_aside_is_put_off_without_counting_as_a_try(
    readers: tuple[Actor, Actor],
    job: dict[str, Any],
    world: World,
    hanging: Hanging,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aside_module, "MAX_ROWS_OF_HOST", 2)
    slow, _ = readers
    await arrive(*(announce(slow, far_note(world, number), number) for number in range(5)), now=now)
    serving = asyncio.create_task(process_inbox(job))
    await until(lambda: _true_if(hanging.asked > 0))

    put_off = await InboxMessage.filter(leased_by=None).order_by("id")
    assert [(row.attempts, row.due_at) for row in put_off] == [(0, now + timedelta(seconds=CROWDED_SECONDS))] * 3

    hanging.answers.set()
    await serving
    world.pass_time(seconds=CROWDED_SECONDS)
    assert await process_inbox(job) == 2
    world.pass_time(seconds=CROWDED_SECONDS)
    assert await process_inbox(job) == 1
    assert await Post.all().count() == 5


async def test_one_host_is_served_two_batches_at_a_time_and_others_beside_it(ctx: Context, now: datetime) -> None:
    running: list[str] = []
    ends = asyncio.Event()

    async def perform(rows: Any, ctx: Context, turn: Any) -> None:
        async with turn:
            running.append(rows[0].host)
            await ends.wait()

    aside = Aside(perform)
    for host, count in (("a.test", 5), ("b.test", 1)):
        for number in range(count):
            row = InboxMessage(
                actor_uri=f"https://{host}/{number}", activity_uri=f"https://{host}/{number}/x", body="{}"
            )
            assert aside.take([row], ctx) == []
    for _ in range(5):
        await asyncio.sleep(0)
    assert sorted(running) == ["a.test", "a.test", "b.test"]
    assert aside.waiting() == {"a.test": 5, "b.test": 1}

    ends.set()
    while aside.waiting():
        await aside.wait(asyncio.Event())
    assert len(running) == 6


async def test_what_hangs_is_left_when_the_worker_stops(
    readers: tuple[Actor, Actor], job: dict[str, Any], world: World, hanging: Hanging, now: datetime
) -> None:
    slow, _ = readers
    await arrive(announce(slow, far_note(world, 1), 1), now=now)
    serving = asyncio.create_task(process_inbox(job))
    await until(lambda: _true_if(hanging.asked > 0))

    serving.cancel()
    await asyncio.wait([serving])

    assert await InboxMessage.release(job["slot"]) == 1
    hanging.answers.set()
    assert await process_inbox(job) == 1
    assert Work.INBOX not in world.woken


async def _true_if(is_so: bool) -> bool:
    return is_so


async def _count_is(rows: Any, count: int) -> bool:
    return bool(await rows.count() == count)
