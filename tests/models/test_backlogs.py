"""What is asked again and again costs the same however much waits: the steps of SQLite's machine are counted."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.inbox import Arrival, InboxMessage
from models.post import Post
from models.turns import _messages_sql
from tests.web.test_queries import needs_sqlite

pytestmark = needs_sqlite

HOSTS = [f"{name}.test" for name in "abcd"]
FEW, MANY = 60, 1_500
STEPS_A_CALL = 10

Ask = Callable[[datetime], Awaitable[object]]


async def steps(ask: Ask, now: datetime) -> int:
    """Count the steps that SQLite takes for a question, to the nearest ten; what it writes is taken back."""
    raw = database.connection()._connection._conn
    count = 0

    def tick() -> int:
        nonlocal count
        count += STEPS_A_CALL
        return 0

    raw.set_progress_handler(tick, STEPS_A_CALL)
    try:
        await ask(now)
    finally:
        raw.set_progress_handler(None, 0)
    await Delivery.all().update(leased_until=None, leased_by=None)
    await InboxMessage.all().update(leased_until=None, leased_by=None)
    return count


async def owe(author: Actor, first: int, last: int, now: datetime) -> None:
    """Let so many activities wait to be delivered to four hosts, and as many of four hosts to be performed."""
    records = [
        ActivityRecord(uri=f"https://lille.test/{number}", type="Create", actor_uri=author.uri, document="{}")
        for number in range(first, last)
    ]
    await ActivityRecord.bulk_create(records)
    await Delivery.bulk_create(
        Delivery(
            activity_id=record.id,
            sender_id=author.id,
            inbox_uri=f"https://{host}/inbox",
            host=host,
            due_at=now,
            created_at=now,
        )
        for number, record in enumerate(records)
        for host in (HOSTS[number % 4],)
    )
    arrivals = [
        Arrival(f"https://{HOSTS[n % 4]}/users/a", f"https://{HOSTS[n % 4]}/a/{n}", "{}", now)
        for n in range(first, last)
    ]
    await InboxMessage.keep(arrivals)
    await Post.bulk_create(
        Post(
            uri=f"{author.uri}/posts/{number}",
            url="https://a.test",
            actor=author,
            visibility="public",
            published_at=now,
        )
        for number in range(first, last)
    )


QUESTIONS: dict[str, Ask] = {
    "due hosts": lambda now: Delivery.due_hosts(now, 10, are_failing=False),
    "claim of deliveries": lambda now: Delivery.claim_many("worker-1", HOSTS, now, 5),
    "claim of the inbox": lambda now: InboxMessage.claim("worker-1", now, 20),
    "awaited posts": lambda now: Post.awaited([f"https://far.test/{number}" for number in range(20)]),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_backlog_makes_nothing_dearer(name: str, remote_actor: Actor, now: datetime) -> None:
    costs = []
    done = 0
    for waiting in (FEW, MANY):
        await owe(remote_actor, done, waiting, now)
        done = waiting
        costs.append(await steps(QUESTIONS[name], now + timedelta(seconds=1)))

    assert costs[0] > 0
    assert costs[1] < 1.5 * costs[0]


async def test_the_messages_of_a_claim_are_not_looked_for_among_all(db: str, now: datetime) -> None:
    """SQLite chose to, where a join let it, as soon as there were many."""
    for lanes in (1, 4, 10, 100):
        values = [value for _ in range(lanes) for value in ("a.test", "https://a.test/users/a", 0, 10)]
        plan = await database.select(f"EXPLAIN QUERY PLAN {_messages_sql(lanes)}", now, 3, *values)
        assert "SCAN m" not in {row["detail"] for row in plan}
