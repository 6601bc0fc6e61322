"""Performing what the inbox kept: in order, once, and each activity's trouble its own."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from arq.connections import ArqRedis
from structlog.testing import capture_logs

from federation.context import Context, Work
from federation.facts import Fact, Posted
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow
from models.inbox import LEASE_SECONDS, ORDERED_ATTEMPTS, InboxMessage
from models.post import Post
from server.queue import Queue
from server.reactions import react
from tests import factories
from tests.valkey import Valkey
from tests.world import World, WorldClient
from workers import inbox as inbox_module
from workers.inbox import BATCH_ROWS, MAX_ATTEMPTS, process_inbox

REPOSITORY = Path(__file__).parents[2]
SLOT = "here/worker-1"


async def arrive(*documents: dict[str, Any], now: datetime) -> list[InboxMessage]:
    """Put activities into the journal as the inbox does."""
    await InboxMessage.bulk_create(
        [
            InboxMessage(
                actor_uri=document["actor"],
                activity_uri=document["id"],
                body=orjson.dumps(document).decode(),
                received_at=now,
                due_at=now,
            )
            for document in documents
        ]
    )
    return await InboxMessage.filter(activity_uri__in=[document["id"] for document in documents]).order_by("id")


async def work(ctx: Context, slot: str = SLOT) -> int:
    """Perform what is due, as the task does; how many messages were claimed."""
    count = 0
    while rows := await InboxMessage.claim(slot, ctx.now(), BATCH_ROWS):
        await inbox_module.perform(rows, ctx)
        count += len(rows)
    return count


async def post_uris() -> list[str]:
    """The posts here, in the order in which they came to be."""
    return [post.uri for post in await Post.all().order_by("id")]


@pytest.fixture
async def followed(member: Actor, remote_actor: Actor) -> Actor:
    """Somebody elsewhere whom a member follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


async def test_what_arrived_is_performed_and_leaves_the_journal(
    section: Actor, followed: Actor, ctx: Context, now: datetime
) -> None:
    creates = [factories.create(followed.uri, number) for number in range(3)]
    await arrive(*creates, factories.activity("Follow", followed.uri, section.uri), now=now)

    assert await work(ctx) == 4

    assert await post_uris() == [create["object"]["id"] for create in creates]
    assert await Follow.exists(follower_id=followed.id, followed_id=section.id)
    assert not await InboxMessage.exists()


async def test_what_is_refused_leaves_the_journal_and_is_logged(
    section: Actor, followed: Actor, stranger: Actor, ctx: Context, now: datetime
) -> None:
    await arrive(
        factories.activity("Follow", followed.uri, followed.uri, 1),
        factories.create(stranger.uri, 2),
        factories.activity("Follow", followed.uri, section.uri, 3),
        now=now,
    )
    with capture_logs() as logs:
        await work(ctx)

    assert not await InboxMessage.exists()
    assert await ActivityRecord.filter(is_local=False).count() == 1
    refused = {line["activity"]: line["why"] for line in logs if line["event"] == "activity refused"}
    assert refused == {
        f"{followed.uri}/follow/1": "NotAuthorised",
        f"{stranger.uri}/create/2": "UnsupportedActivity",
    }


async def test_what_a_blocked_domain_sent_before_it_was_blocked_is_dropped(
    followed: Actor, ctx: Context, now: datetime
) -> None:
    await arrive(factories.create(followed.uri), now=now)
    await factories.blocked_origin("far.test")
    await work(ctx)
    assert await post_uris() == []
    assert not await InboxMessage.exists()


def announce(actor: Actor, uri: str, number: int) -> dict[str, Any]:
    """An Announce of a post that is not here."""
    return factories.activity("Announce", actor.uri, uri, number)


DEAD = "https://dead.test/notes/1"


async def test_what_needs_a_server_that_is_away_is_put_off_and_tried_again(
    followed: Actor, stranger: Actor, ctx: Context, world: World, now: datetime
) -> None:
    [row] = await arrive(announce(followed, f"{stranger.uri}/notes/1", 1), now=now)
    world.statuses[f"{stranger.uri}/notes/1"] = 0

    assert await work(ctx) == 1

    await row.refresh_from_db()
    assert (row.attempts, row.due_at) == (1, now + timedelta(seconds=15))
    assert (row.leased_by, row.leased_until) == (None, None)
    assert "does not answer" in row.last_error
    assert await work(ctx) == 0

    del world.statuses[f"{stranger.uri}/notes/1"]
    world.serve(factories.note(stranger.uri, 1))
    world.pass_time(seconds=15)
    assert await work(ctx) == 1
    assert await post_uris() == [f"{stranger.uri}/notes/1"]
    assert not await InboxMessage.exists()


async def test_pauses_grow_and_an_end_comes(followed: Actor, ctx: Context, world: World, now: datetime) -> None:
    [row] = await arrive(announce(followed, DEAD, 1), now=now)
    world.statuses[DEAD] = 0
    pauses = []
    with capture_logs() as logs:
        for _ in range(MAX_ATTEMPTS - 1):
            assert await work(ctx) == 1
            await row.refresh_from_db()
            pauses.append((row.due_at - world.now).total_seconds())
            world.now = row.due_at
        assert await work(ctx) == 1

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (15, 30, 15 * 2 ** (MAX_ATTEMPTS - 2))
    assert not await InboxMessage.exists()
    assert [line["activity"] for line in logs if line["event"] == "activity given up"] == [row.activity_uri]


async def test_nobodys_order_is_changed_by_what_is_put_off(
    followed: Actor, stranger: Actor, ctx: Context, world: World, now: datetime
) -> None:
    first = announce(followed, DEAD, 1)
    second, third = factories.create(followed.uri, 2), factories.create(followed.uri, 3)
    await arrive(first, second, now=now)
    world.statuses[DEAD] = 0

    await work(ctx)
    await arrive(third, now=now)
    await work(ctx)

    assert await post_uris() == []
    rows = {row.activity_uri: row.attempts for row in await InboxMessage.filter(leased_by=None)}
    assert rows == {first["id"]: 1, second["id"]: 0, third["id"]: 0}

    del world.statuses[DEAD]
    world.serve(factories.actor_document("https://dead.test/users/dora"))
    world.serve(factories.note("https://dead.test/users/dora", 1, id=DEAD))
    world.pass_time(seconds=15)
    await work(ctx)

    performed = await ActivityRecord.all().order_by("id").values_list("uri", flat=True)
    assert performed == [first["id"], second["id"], third["id"]]


async def test_what_is_put_off_delays_nobody_else(
    member: Actor, followed: Actor, stranger: Actor, ctx: Context, world: World, now: datetime
) -> None:
    await factories.follow(member, stranger)
    world.statuses[DEAD] = 0
    await arrive(announce(followed, DEAD, 1), factories.create(stranger.uri, 2), now=now)
    await work(ctx)
    assert await post_uris() == [f"{stranger.uri}/notes/2"]


async def test_a_dead_server_does_not_silence_for_long_whoever_mentioned_it(
    followed: Actor, ctx: Context, world: World, now: datetime
) -> None:
    [dead] = await arrive(announce(followed, DEAD, 1), now=now)
    await arrive(factories.create(followed.uri, 2), now=now)
    world.statuses[DEAD] = 0
    for _ in range(ORDERED_ATTEMPTS):
        await work(ctx)
        assert await post_uris() == []
        await dead.refresh_from_db()
        world.now = dead.due_at

    await work(ctx)

    assert await post_uris() == [f"{followed.uri}/notes/2"]
    assert [row.activity_uri for row in await InboxMessage.all()] == [dead.activity_uri]
    assert (world.now - now).total_seconds() < 120


def breaking_on(ctx: Context, *uris: str) -> Context:
    """The same context, whose reactions break on certain posts, as a bug of ours would."""

    async def react_or_break(facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Posted) and fact.post.uri in uris:
                raise RuntimeError(f"no reaction to {fact.post.uri}\x00")
        await react(facts)

    return replace(ctx, react=react_or_break)


async def test_an_activity_that_breaks_something_breaks_it_alone(
    member: Actor, followed: Actor, stranger: Actor, ctx: Context, now: datetime
) -> None:
    await factories.follow(member, stranger)
    poison = factories.create(followed.uri, 2)
    await arrive(
        factories.create(followed.uri, 1), poison, factories.create(followed.uri, 3), factories.create(stranger.uri, 4),
        now=now,
    )  # fmt: skip
    with capture_logs() as logs:
        await work(breaking_on(ctx, poison["object"]["id"]))

    assert await post_uris() == [f"{followed.uri}/notes/1", f"{stranger.uri}/notes/4"]
    rows = {row.activity_uri: row.attempts for row in await InboxMessage.filter(leased_by=None)}
    assert rows == {poison["id"]: 1, f"{followed.uri}/create/3": 0}
    assert [line["activity"] for line in logs if line["event"] == "activity cannot be performed"] == [poison["id"]]
    assert "no reaction" in (await InboxMessage.get(activity_uri=poison["id"])).last_error


async def test_an_activity_that_always_breaks_something_is_given_up(
    followed: Actor, ctx: Context, world: World, now: datetime
) -> None:
    poison = factories.create(followed.uri, 1)
    await arrive(poison, factories.create(followed.uri, 2), now=now)
    broken = breaking_on(ctx, poison["object"]["id"])
    with capture_logs() as logs:
        for _ in range(MAX_ATTEMPTS):
            await work(broken)
            world.pass_time(hours=7)

    assert not await InboxMessage.exists()
    assert await post_uris() == [f"{followed.uri}/notes/2"]
    assert [line["activity"] for line in logs if line["event"] == "activity given up"] == [poison["id"]]


async def test_what_broke_halfway_leaves_no_trace(followed: Actor, ctx: Context, now: datetime) -> None:
    poison = factories.create(followed.uri, 1)
    await arrive(poison, now=now)
    await work(breaking_on(ctx, poison["object"]["id"]))
    assert not await ActivityRecord.exists()
    assert not await Post.exists()


async def test_a_message_that_no_longer_reads_is_given_up_like_any_that_breaks_something(
    followed: Actor, ctx: Context, world: World, now: datetime
) -> None:
    [row] = await arrive(factories.create(followed.uri, 1), now=now)
    await InboxMessage.filter(id=row.id).update(body="{")
    await arrive(factories.create(followed.uri, 2), now=now)
    for _ in range(MAX_ATTEMPTS):
        await work(ctx)
        world.pass_time(hours=7)
    assert not await InboxMessage.exists()
    assert await post_uris() == [f"{followed.uri}/notes/2"]


async def test_what_one_worker_holds_no_other_takes(followed: Actor, ctx: Context, now: datetime) -> None:
    await arrive(*(factories.create(followed.uri, number) for number in range(4)), now=now)
    held = await InboxMessage.claim("one", now, 2)
    assert len(held) == 2
    assert await InboxMessage.claim("two", now, 10) == []


async def test_messages_of_others_are_taken_meanwhile(
    followed: Actor, stranger: Actor, ctx: Context, now: datetime
) -> None:
    await arrive(
        factories.create(followed.uri, 1), factories.create(followed.uri, 2), factories.create(stranger.uri, 3), now=now
    )
    await InboxMessage.claim("one", now, 1)
    assert [row.actor_uri for row in await InboxMessage.claim("two", now, 10)] == [stranger.uri]


async def test_a_lease_that_ran_out_is_taken_over(followed: Actor, ctx: Context, world: World, now: datetime) -> None:
    await arrive(factories.create(followed.uri, 1), now=now)
    await InboxMessage.claim("dead", now, 10)
    assert await work(ctx) == 0
    world.pass_time(seconds=LEASE_SECONDS)
    assert await work(ctx) == 0
    world.pass_time(seconds=1)
    assert await work(ctx) == 1
    assert await post_uris() == [f"{followed.uri}/notes/1"]


async def test_what_two_workers_performed_was_performed_once(followed: Actor, ctx: Context, now: datetime) -> None:
    rows = await arrive(*(factories.create(followed.uri, number) for number in range(3)), now=now)
    await asyncio.gather(inbox_module.perform(rows, ctx), inbox_module.perform(rows, ctx))
    assert len(await post_uris()) == 3
    assert (await Actor.get(id=followed.id)).posts_count == 3
    assert await work(ctx) == 0


async def test_a_worker_that_comes_back_gives_back_what_it_held(
    followed: Actor, stranger: Actor, ctx: Context, now: datetime
) -> None:
    await arrive(factories.create(followed.uri, 1), factories.create(stranger.uri, 2), now=now)
    await InboxMessage.claim("one", now, 1)
    await InboxMessage.claim("two", now, 1)
    assert await InboxMessage.release("one") == 1
    assert [row.activity_uri for row in await InboxMessage.claim("three", now, 10)] == [f"{followed.uri}/create/1"]


async def test_the_task_performs_everything_and_full_batches_call_for_help(
    job: dict[str, Any], followed: Actor, world: World, now: datetime
) -> None:
    await arrive(*(factories.create(followed.uri, number) for number in range(BATCH_ROWS + 3)), now=now)
    assert await process_inbox(job) == BATCH_ROWS + 3
    assert world.woken.count(Work.INBOX) == 1
    assert len(await post_uris()) == BATCH_ROWS + 3
    assert await process_inbox(job) == 0


async def test_the_task_takes_its_mark_away_so_that_the_next_message_wakes_another(
    job: dict[str, Any], redis: ArqRedis, shared_valkey: Valkey, db: str
) -> None:
    queue = Queue(shared_valkey.url)
    await queue.wake(Work.INBOX)
    await queue.wake(Work.INBOX)
    assert len(await redis.queued_jobs()) == 1

    await process_inbox(job)
    await queue.wake(Work.INBOX)
    await queue.close()

    assert [found.function for found in await redis.queued_jobs()] == ["process_inbox", "process_inbox"]


async def test_two_processes_share_the_journal_and_keep_everybodys_order(
    member: Actor, ctx: Context, world: World, now: datetime, db: str
) -> None:
    authors = [await factories.remote_actor(ctx, world, f"https://far.test/users/{number}") for number in range(12)]
    for author in authors:
        await factories.follow(member, author)
    documents = [factories.create(author.uri, number) for number in range(15) for author in authors]
    await arrive(*documents, now=now - timedelta(minutes=1))

    command = [sys.executable, "-m", "tests.workers.performing", db]
    workers = [
        subprocess.Popen([*command, slot], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for slot in ("one", "two")
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    said = [asyncio.to_thread(worker.communicate, "go\n", 120) for worker in workers]
    performed = [out.split() for out, _ in await asyncio.gather(*said)]

    assert [worker.returncode for worker in workers] == [0, 0]
    assert all(performed), "one of the two had nothing to do"
    assert sorted(performed[0] + performed[1]) == sorted(document["id"] for document in documents)
    assert await Post.all().count() == len(documents)
    for slot_order in performed:
        for author in authors:
            mine = [uri for uri in slot_order if uri.startswith(f"{author.uri}/")]
            assert mine == sorted(mine, key=lambda uri: int(uri.rpartition("/")[2]))


class Slow(WorldClient):
    """Another server whose answer takes longer than a lease."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.world = world

    async def get(self, url: str, **choices: Any) -> Any:
        """Answer when the lease of what waits for it has been renewed."""
        for _ in range(3):
            until = (await InboxMessage.get()).leased_until
            assert until is not None
            self.world.now = until - timedelta(seconds=1)
            async with asyncio.timeout(10):
                while (await InboxMessage.get()).leased_until == until:
                    await asyncio.sleep(0)
        return await super().get(url, **choices)


async def test_a_batch_keeps_its_lease_however_long_others_take_to_answer(
    followed: Actor, stranger: Actor, job: dict[str, Any], world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "RENEW_SECONDS", 0)
    job["context"] = replace(job["context"], client=Slow(world))
    note = factories.note(stranger.uri, 1)
    world.serve(note)
    await arrive(announce(followed, note["id"], 1), now=now)

    assert await process_inbox(job) == 1

    assert (world.now - now).total_seconds() > LEASE_SECONDS
    assert await post_uris() == [note["id"]]


async def test_what_was_given_back_is_not_held_on_to(followed: Actor, ctx: Context, now: datetime) -> None:
    [row] = await arrive(factories.create(followed.uri), now=now)
    await InboxMessage.claim(SLOT, now, 10)
    await InboxMessage.filter(id=row.id).update(leased_until=None, leased_by=None)
    await InboxMessage.renew([row.id], SLOT, now)
    assert (await InboxMessage.get()).leased_until is None
