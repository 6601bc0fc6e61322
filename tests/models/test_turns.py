"""Hosts in turn: a flood of one delays the others by a batch, whatever the backlog looks like."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import database, turns
from models.inbox import LEASE_SECONDS, ORDERED_ATTEMPTS, InboxMessage, host_in
from models.turns import Turns

FLOOD = "https://flood.test/users/f"


async def arrive(*actor_uris: str, now: datetime, **more: object) -> list[str]:
    """Put one message of each of these actors into the journal, in this order; their uris."""
    start = await InboxMessage.all().count()
    rows = [
        InboxMessage(actor_uri=uri, activity_uri=f"{uri}/{start + n}", body="{}", received_at=now, due_at=now, **more)
        for n, uri in enumerate(actor_uris)
    ]
    for first in range(0, len(rows), 500):
        await InboxMessage.bulk_create(rows[first : first + 500])
    return [row.activity_uri for row in rows]


def actor(host: int, number: int = 0) -> str:
    return f"https://h{host:04}.test/users/{number}"


async def test_a_flood_delays_nobody_by_more_than_a_batch(db: str, now: datetime) -> None:
    await arrive(*[FLOOD] * 1000, now=now)
    [late] = await arrive(actor(1), now=now)
    assert late in [row.activity_uri for row in await InboxMessage.claim("one", now, 100)]


async def test_each_host_gets_as_many_as_any_other(db: str, now: datetime) -> None:
    await arrive(*[FLOOD] * 300, *[actor(1)] * 300, *[actor(2)] * 10, now=now)
    counts: dict[str, int] = defaultdict(int)
    for row in await InboxMessage.claim("one", now, 90):
        counts[row.host] += 1
    assert counts == {"flood.test": 40, "h0001.test": 40, "h0002.test": 10}


async def test_each_actor_of_a_host_gets_as_many_as_any_other(db: str, now: datetime) -> None:
    await arrive(*[actor(1, 0)] * 300, *[actor(1, 1)] * 300, now=now)
    claimed = [row.actor_uri for row in await InboxMessage.claim("one", now, 50)]
    assert (claimed.count(actor(1, 0)), claimed.count(actor(1, 1))) == (25, 25)


async def test_a_host_that_sends_alone_gets_whole_batches(db: str, now: datetime) -> None:
    uris = await arrive(*[FLOOD] * 250, now=now)
    assert [row.activity_uri for row in await InboxMessage.claim("one", now, 100)] == uris[:100]


async def test_more_hosts_than_a_batch_has_room_for_are_all_served_in_one_round(db: str, now: datetime) -> None:
    await arrive(*(actor(host) for host in range(25) for _ in range(10)), now=now)
    round_ = Turns()
    served: set[str] = set()
    for _ in range(3):
        rows = await InboxMessage.claim("one", now, 10, round_)
        served |= {row.host for row in rows}
        await InboxMessage.filter(id__in=[row.id for row in rows]).delete()
    assert len(served) == 25


async def test_more_actors_than_a_host_has_turns_are_all_served_in_one_round(db: str, now: datetime) -> None:
    await arrive(*(actor(1, number) for number in range(25) for _ in range(10)), now=now)
    round_ = Turns()
    served: set[str] = set()
    for _ in range(3):
        rows = await InboxMessage.claim("one", now, 10, round_)
        served |= {row.actor_uri for row in rows}
        await InboxMessage.filter(id__in=[row.id for row in rows]).delete()
    assert len(served) == 25


async def test_hosts_whose_messages_wait_for_another_try_are_passed_over(db: str, now: datetime) -> None:
    later = now + timedelta(hours=1)
    await arrive(*(actor(host) for host in range(30)), now=now)
    await InboxMessage.all().update(due_at=later, attempts=1)
    [due] = await arrive(actor(15, 1), now=now)
    assert [row.activity_uri for row in await InboxMessage.claim("one", now, 5)] == [due]


async def test_what_others_hold_is_passed_over_however_much_of_the_same_actor_waits(db: str, now: datetime) -> None:
    await arrive(*[FLOOD] * 300, now=now)
    await InboxMessage.claim("one", now, 5)
    [other] = await arrive("https://flood.test/users/g", now=now)
    assert [row.activity_uri for row in await InboxMessage.claim("two", now, 5)] == [other]


async def test_the_plans_of_a_claim_look_into_indexes_and_read_no_backlog(db: str, now: datetime) -> None:
    if database.is_postgres():
        return  # its plans depend on how much is there; the statements are the same
    lanes, messages = turns._lanes_sql(1), turns._messages_sql(1)
    for sql, values in (
        (turns._HOSTS, ("", "", now, 100)),
        (lanes, (now, ORDERED_ATTEMPTS, 1, "h", "", "")),
        (messages, (now, ORDERED_ATTEMPTS, "h", "a", 0, 1)),
    ):
        plan = [str(row["detail"]) for row in await database.select(f"EXPLAIN QUERY PLAN {sql}", *values)]
        looks = [line for line in plan if line.split()[1:2] == ["m"]]
        assert looks, plan
        assert all(line.startswith("SEARCH m USING ") for line in looks), plan


def test_the_host_of_an_actor_is_what_its_uri_says() -> None:
    assert host_in("https://Far.test:8443/users/noor") == "far.test:8443"
    assert host_in("nonsense") == "?"


async def test_what_is_kept_is_counted_by_host_up_to_a_limit(db: str, now: datetime) -> None:
    await arrive(*[actor(1)] * 3, *[actor(2)] * 2, now=now)
    assert await InboxMessage.count_by_host(100) == {"h0001.test": 3, "h0002.test": 2}
    assert sum((await InboxMessage.count_by_host(4)).values()) == 4


BACKLOGS = st.lists(
    st.tuples(
        st.integers(0, 5),  # host
        st.integers(0, 2),  # actor
        st.sampled_from(["due", "due", "due", "put off", "given way", "leased"]),
        st.integers(1, 12),  # how many
    ),
    min_size=1,
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(backlog=BACKLOGS, limit=st.integers(1, 9))
def test_of_any_backlog_everything_free_is_claimed_in_order_and_no_host_waits_longer_than_a_round(
    database_url: str, backlog: list[tuple[int, int, str, int]], limit: int
) -> None:
    asyncio.run(_check_backlog(database_url, backlog, limit))


async def _check_backlog(url: str, backlog: list[tuple[int, int, str, int]], limit: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    await database.open_database(url)
    try:
        await InboxMessage.all().delete()
        for host, number, state, count in backlog:
            rows = await arrive(*[actor(host, number)] * count, now=now)
            await _bring_into(state, rows, now)
        await _claim_all(limit, await _free_rows(now), now)
    finally:
        await database.close_database()


async def _bring_into(state: str, activity_uris: list[str], now: datetime) -> None:
    rows = InboxMessage.filter(activity_uri__in=activity_uris)
    if state == "leased":
        await rows.update(leased_by="other", leased_until=now + timedelta(seconds=LEASE_SECONDS))
    elif state != "due":
        attempts = 1 if state == "put off" else ORDERED_ATTEMPTS + 1
        await rows.update(due_at=now + timedelta(minutes=1), attempts=attempts)


async def _free_rows(now: datetime) -> list[InboxMessage]:
    """What may be taken, as it is said in words: due, not leased, and nothing held before it of the same actor."""
    held: set[str] = set()
    free = []
    for row in await InboxMessage.all().order_by("id"):
        if row.leased_until is not None or (row.due_at > now and row.attempts <= ORDERED_ATTEMPTS):
            held.add(row.actor_uri)
        elif row.due_at <= now and row.actor_uri not in held:
            free.append(row)
    return free


async def _claim_all(limit: int, free: list[InboxMessage], now: datetime) -> None:
    round_ = Turns()
    taken: list[InboxMessage] = []
    waits: dict[str, int] = {}
    hosts = len({row.host for row in free})
    while rows := await InboxMessage.claim("one", now, limit, round_):
        assert len(rows) <= limit
        taken += rows
        await InboxMessage.filter(id__in=[row.id for row in rows]).delete()
        left = {row.host for row in free} - {row.host for row in free if _is_all_taken(row.host, free, taken)}
        waits = {host: 0 if host in {row.host for row in rows} else waits.get(host, 0) + 1 for host in left}
        assert all(wait <= 2 * -(-hosts // limit) for wait in waits.values()), waits
    assert sorted(row.id for row in taken) == [row.id for row in free]
    for actor_uri in {row.actor_uri for row in free}:
        mine = [row.id for row in taken if row.actor_uri == actor_uri]
        assert mine == sorted(mine)


def _is_all_taken(host: str, free: list[InboxMessage], taken: list[InboxMessage]) -> bool:
    return sum(row.host == host for row in free) == sum(row.host == host for row in taken)
