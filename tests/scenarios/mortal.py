"""A server that dies at the step which a test names, and the fediverse around it that must not notice."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.scenarios import crashing, rows
from tests.scenarios.crashing import Process
from tests.scenarios.receiver import PUBLIC, Fake, Fediverse, Json
from tests.scenarios.server import ADMIN, Server, eventually
from workers.delivery import INBOXES_AT_ONCE

HOSTS = [f"127.0.2.{number}" for number in range(1, 4)]
NEW_HOST, BLOCKED_HOST, GOING_HOST = (
    "127.0.2.7",
    "127.0.2.8",
    "127.0.2.9",
)  # whose actors follow nobody until a test has them do so
ACTORS_PER_HOST = 4
FOLLOWERS = len(HOSTS) * ACTORS_PER_HOST
SENDERS = 16
PATIENCE_SECONDS = 40.0
RETRY_SECONDS = 0.05
LOOKS_A_PAUSE = 6


@dataclass
class Town:
    """The server, with a follower for every fake; its administrator follows one on each host."""

    server: Server
    fediverse: Fediverse
    actor: Json = field(default_factory=dict)
    followers_count: int = FOLLOWERS
    accepted: int = 0

    async def settle_in(self) -> "Town":
        """Let everybody follow."""
        self.actor = await self.server.document(f"/@{ADMIN}")
        await self.deliver([(fake, self.fediverse.follow(fake, self.actor["id"])) for fake in self.followers])
        for fake in self.friends:
            await self.server.follow(fake.uri)
        await self.finish()
        return self

    @property
    def friends(self) -> list[Fake]:
        """One fake of each host: those whom the administrator follows."""
        return self.followers[::ACTORS_PER_HOST]

    @property
    def followers(self) -> list[Fake]:
        """The fakes that follow the administrator."""
        return self.fediverse.fakes[: self.followers_count]

    def of_host(self, host: str) -> list[Fake]:
        """The fakes of one host."""
        return [fake for fake in self.fediverse.fakes if urlsplit(fake.uri).hostname == host]

    def arm(self, process: Process, step: str, number: int = 1) -> None:
        """Have the next process of this kind that takes a step for so manyeth time be killed there."""
        assert step in crashing.STEPS, step
        folder = self.server.folder
        (folder / crashing.SPRUNG).unlink(missing_ok=True)
        new = folder / "crash.new"
        new.write_text(f"{process}\n{number}\n{step}\n{datetime.now(UTC)}")
        new.rename(folder / crashing.ARMED)

    async def struck(self) -> None:
        """Wait until the kill has happened."""

        async def has_sprung() -> bool:
            return (self.server.folder / crashing.SPRUNG).exists()

        await self.while_time_passes(has_sprung)

    async def deliver(self, activities: list[tuple[Fake, Json]]) -> None:
        """Send activities as other servers do: again, until each is accepted."""
        waiting = iter(activities)

        async def send() -> None:
            for fake, activity in waiting:
                while not await self._is_accepted(fake, activity):
                    await asyncio.sleep(RETRY_SECONDS)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(send() for _ in range(SENDERS)))

    async def _is_accepted(self, fake: Fake, activity: Json) -> bool:
        try:
            is_accepted = await self.fediverse.send(fake, activity, self.actor["inbox"]) == 202
        except (aiohttp.ClientError, TimeoutError):
            return False
        self.accepted += is_accepted
        return is_accepted

    async def publish(self, text: str, key: str, **more: Any) -> Json:
        """Publish as the administrator's client does: again with the same key, until it is told of the post."""
        headers = {"Authorization": f"Bearer {self.server.token(ADMIN)}", "Idempotency-Key": key}
        async with asyncio.timeout(PATIENCE_SECONDS), aiohttp.ClientSession(self.server.origin) as session:
            while True:
                try:
                    asked = session.post("/api/v1/statuses", json={"status": text} | more, headers=headers)
                    async with asked as response:
                        if response.status == 200:
                            return dict(await response.json())
                        assert response.status in (409, 503), await response.text()
                except aiohttp.ClientError:
                    pass
                await self._forget_claims()
                await asyncio.sleep(RETRY_SECONDS)

    async def _forget_claims(self) -> None:
        """Let the minute be over for which a request is taken to be under way."""
        before = datetime.now(UTC) - timedelta(minutes=5)
        await rows.query(self.server, "UPDATE idempotency_key SET created_at = $1", before)

    async def finish(self) -> None:
        """Wait until nothing is left to do; every pause that a failure led to is over at once."""
        await self.while_time_passes(self.is_done)

    async def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not await self.number(WAITING)

    async def while_time_passes(self, look: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so; every few looks the clock is turned."""
        looks = itertools.count(1)

        async def look_again() -> bool:
            if await look():
                return True
            if next(looks) % LOOKS_A_PAUSE == 0:
                await rows.end_every_pause(self.server)
            return False

        await eventually(look_again, seconds=PATIENCE_SECONDS)

    async def number(self, sql: str, *values: Any) -> int:
        """Run a query that gives one number."""
        [(value,)] = await rows.query(self.server, sql, *values)
        return int(value)

    def note(self, fake: Fake, text: str, **more: Any) -> Json:
        """Write a note that everybody may read."""
        return {
            "id": self.fediverse.new_uri(fake, "notes"),
            "type": "Note",
            "attributedTo": fake.uri,
            "content": f"<p>{text}</p>",
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "to": [PUBLIC],
            "cc": [fake.followers],
        } | more

    def create(self, fake: Fake, note: Json) -> Json:
        """Write the Create of a note."""
        return {name: note[name] for name in ("to", "cc")} | {
            "id": f"{note['id']}/create",
            "type": "Create",
            "actor": fake.uri,
            "object": note,
        }

    def undo_follow(self, fake: Fake) -> Json:
        """Write the Undo of a fake's Follow of the administrator."""
        follow = {"type": "Follow", "actor": fake.uri, "object": self.actor["id"]}
        return {"id": self.fediverse.new_uri(fake, "undo"), "type": "Undo", "actor": fake.uri, "object": follow}

    def about(self, fake: Fake, kind: str, object_uri: str) -> Json:
        """Write a Like or an Announce."""
        id_ = self.fediverse.new_uri(fake, kind.lower())
        return {"id": id_, "type": kind, "actor": fake.uri, "object": object_uri, "to": [PUBLIC]}


WAITING = """
SELECT (SELECT count(*) FROM inbox_message) + (SELECT count(*) FROM delivery WHERE due_at IS NOT NULL)
  + (SELECT count(*) FROM errand WHERE rests_until IS NULL)
"""


def check_fan_out(fediverse: Fediverse, text: str, fakes: list[Fake], *, is_sender_killed: bool = True) -> None:
    """One activity reached every inbox; sent again was no more than can be on its way to a host at once."""
    arrived = fediverse.deliveries(text)
    assert {inbox for _, inbox in arrived} == {fake.inbox for fake in fakes}
    assert len({activity for activity, _ in arrived}) == 1
    again = Counter(urlsplit(inbox).hostname for (_, inbox), times in arrived.items() for _ in range(times - 1))
    assert max(again.values(), default=0) <= (INBOXES_AT_ONCE if is_sender_killed else 0)
    assert all(arrival.is_signed for arrival in fediverse.arrivals)
