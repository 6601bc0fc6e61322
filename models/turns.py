"""Whose turn it is at the inbox: hosts go round, the actors of each go round, each actor's messages keep their order.

Nothing here reads a backlog: to find the next host, the next actor or an actor's next message costs one look into an
index, however many messages wait. Where the last round ended is remembered by each process for itself.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest

from models import database

MAX_PLACES = 10_000
MAX_VISITS = 100_000


@dataclass(slots=True)
class Lane:
    """One actor's messages in a claim: the ids taken so far, and whether there may be more to take."""

    host: str
    actor_uri: str
    ids: list[int] = field(default_factory=list)
    has_more: bool = True


class Turns:
    """Where the rounds of one process ended: after which host, and, in a host with too many actors, after which actor."""

    def __init__(self) -> None:
        self._host = ""
        self._actors: OrderedDict[str, str] = OrderedDict()

    async def choose(self, now: datetime, limit: int, ordered_attempts: int) -> list[int]:
        """Choose so many messages at most, of as many hosts as possible and as many of each; their ids, oldest first."""
        chosen: list[int] = []
        origin = ""
        while len(chosen) < limit:
            hosts = await self._next_hosts(origin, now, limit)
            if hosts:
                lanes = await self._lanes(hosts, limit - len(chosen), now, ordered_attempts)
                chosen += await _fill(lanes, limit - len(chosen), now, ordered_attempts)
            if len(hosts) < limit:
                self._host = ""
                break
            origin, self._host = origin or hosts[0], hosts[-1]
        return sorted(chosen)

    async def _next_hosts(self, origin: str, now: datetime, limit: int) -> list[str]:
        """Go on round the hosts to which something due belongs, up to where this claim began."""
        rows = await database.select(_HOSTS, self._host, origin, now, limit)
        return [row["host"] for row in rows]

    async def _lanes(self, hosts: Sequence[str], room: int, now: datetime, ordered_attempts: int) -> list[Lane]:
        """Find actors of these hosts of whom something can be taken, the same number of each host at most."""
        most = -(-room // len(hosts))
        starts: list[str] = []
        for host in hosts:
            after = self._actors.get(host, "")
            starts += (host, after, "")
            if after:
                starts += (host, "", after)
        rows = await database.select(_lanes_sql(len(starts) // 3), now, ordered_attempts, most, *starts)
        found: dict[str, list[Lane]] = {host: [] for host in hosts}
        for row in sorted(rows, key=lambda row: bool(row["upto"])):  # those before the last place come after it
            if len(found[row["host"]]) < most:
                found[row["host"]].append(Lane(row["host"], row["actor_uri"]))
        for host, lanes in found.items():
            self._actors.pop(host, None)
            if len(lanes) == most:
                self._actors[host] = lanes[-1].actor_uri
        while len(self._actors) > MAX_PLACES:
            self._actors.popitem(last=False)
        return [lane for lanes in found.values() for lane in lanes]


async def _fill(lanes: Sequence[Lane], room: int, now: datetime, ordered_attempts: int) -> list[int]:
    """Take messages from lanes until there is no room: the same number of each host, where it has as many."""
    taken = 0
    while taken < room and (open_lanes := [lane for lane in lanes if lane.has_more]):
        taken += await _advance(open_lanes, room - taken, now, ordered_attempts)
    by_host: dict[str, list[Lane]] = {}
    for lane in lanes:
        by_host.setdefault(lane.host, []).append(lane)
    queues = [_one_of_each(lane.ids for lane in of_host) for of_host in by_host.values()]
    return list(_one_of_each(queues))[:room]


def _one_of_each(queues: Iterator[Sequence[int]] | Sequence[Sequence[int]]) -> list[int]:
    """Take the first of each queue, then the second of each, and so on."""
    return [id_ for level in zip_longest(*queues) for id_ in level if id_ is not None]


async def _advance(lanes: Sequence[Lane], room: int, now: datetime, ordered_attempts: int) -> int:
    """Take the next messages of each lane, so many that together they fill the room; how many those were."""
    lanes_of: dict[str, int] = {}
    for lane in lanes:
        lanes_of[lane.host] = lanes_of.get(lane.host, 0) + 1
    share = -(-room // len(lanes_of))
    values: list[object] = []
    for lane in lanes:
        values += (lane.host, lane.actor_uri, lane.ids[-1] if lane.ids else 0, -(-share // lanes_of[lane.host]))
    rows = await database.select(_messages_sql(len(lanes)), now, ordered_attempts, *values)
    found: dict[str, list[int]] = {}
    held: set[str] = set()
    for row in rows:
        if row["is_held"]:
            held.add(row["actor_uri"])
        elif row["actor_uri"] not in held:
            found.setdefault(row["actor_uri"], []).append(row["id"])
    for lane, depth in zip(lanes, values[3::4], strict=True):
        ids = found.get(lane.actor_uri, [])
        lane.has_more = len(ids) == depth
        lane.ids += ids
    return sum(map(len, found.values()))


def _host_after(host: str) -> str:
    return f"""COALESCE((SELECT min(m.host) FROM inbox_message m WHERE m.host > {host}),
                    (SELECT min(m.host) FROM inbox_message m))"""


_HOSTS = f"""
WITH RECURSIVE ring(host, following, origin, visits) AS (
  SELECT host, {_host_after("begin.host")}, CASE WHEN $2 = '' THEN host ELSE $2 END, 1
  FROM (SELECT CASE WHEN $1 = '' THEN (SELECT host FROM inbox_message ORDER BY id LIMIT 1)
                    ELSE {_host_after("$1")} END AS host) AS begin
  WHERE host <> $2
  UNION ALL
  SELECT following, {_host_after("ring.following")}, origin, visits + 1
  FROM ring WHERE following <> origin AND visits < {MAX_VISITS}
)
SELECT host FROM ring WHERE (SELECT min(m.due_at) FROM inbox_message m WHERE m.host = ring.host) <= $3 LIMIT $4
"""

# Held: an actor's later messages wait for it. One that failed too often is passed over until it is due.
_IS_HELD = "(CASE WHEN m.due_at > $1 OR m.leased_until >= $1 THEN 1 ELSE 0 END)"
_COUNTS = "(m.due_at <= $1 OR m.attempts <= $2 OR m.leased_until >= $1)"


def _starts(count: int, width: int, types: Sequence[str], first: int) -> str:
    numbers = iter(range(first, first + count * width))
    return ", ".join(f"({', '.join(f'${next(numbers)}::{type_}' for type_ in types)})" for _ in range(count))


def _lanes_sql(count: int) -> str:
    """Walk the actors of hosts until so many are found that are not held: $1 now, $2 attempts, $3 how many."""
    return f"""
WITH RECURSIVE start(host, after, upto) AS (VALUES {_starts(count, 3, ("text", "text", "text"), 4)}),
ring(host, upto, actor_uri, found) AS (
  SELECT host, upto, (SELECT min(m.actor_uri) FROM inbox_message m
                      WHERE m.host = start.host AND m.actor_uri > start.after), 0 FROM start
  UNION ALL
  SELECT host, upto,
    (SELECT min(m.actor_uri) FROM inbox_message m WHERE m.host = ring.host AND m.actor_uri > ring.actor_uri),
    found + {_is_free("ring")}
  FROM ring WHERE actor_uri IS NOT NULL AND found < $3 AND (upto = '' OR actor_uri < upto)
)
SELECT host, upto, actor_uri FROM ring
WHERE actor_uri IS NOT NULL AND (upto = '' OR actor_uri <= upto) AND {_is_free("ring")} = 1
"""


def _is_free(ring: str) -> str:
    """Whether the first message of an actor that counts can be taken."""
    return f"""COALESCE((SELECT 1 - {_IS_HELD} FROM inbox_message m
      WHERE m.host = {ring}.host AND m.actor_uri = {ring}.actor_uri AND {_COUNTS} ORDER BY m.id LIMIT 1), 0)"""


def _messages_sql(count: int) -> str:
    """Walk the messages of actors, so many of each, up to one that is held: $1 now, $2 attempts."""
    following = f"""(SELECT m.id FROM inbox_message m
      WHERE m.host = %s.host AND m.actor_uri = %s.actor_uri AND m.id > %s AND {_COUNTS} ORDER BY m.id LIMIT 1)"""
    first = following % ("lane", "lane", "lane.after_id")
    later = following % ("walk", "walk", "walk.id")
    return f"""
WITH RECURSIVE lane(host, actor_uri, after_id, depth) AS (
  VALUES {_starts(count, 4, ("text", "text", "bigint", "int"), 3)}),
walk(host, actor_uri, id, depth) AS (
  SELECT host, actor_uri, {first}, depth FROM lane
  UNION ALL
  SELECT host, actor_uri, {later}, depth - 1 FROM walk WHERE id IS NOT NULL AND depth > 1
)
SELECT m.id, m.actor_uri, {_IS_HELD} AS is_held
FROM inbox_message m WHERE m.id IN (SELECT id FROM walk WHERE id IS NOT NULL) ORDER BY m.id
"""
