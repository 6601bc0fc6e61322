"""What a server meets on an ordinary day, at a steady rate: activities from other servers, posts of its own, readers."""

import asyncio
import itertools
import random
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench import harness

AT_ONCE = 64
MIX = {"Create": 60, "Like": 15, "Announce": 10, "Follow": 5, "Undo": 10}
KEPT_POSTS = 50
UNDOABLE_MOST = 500

Activity = dict[str, Any]


@dataclass(slots=True)
class Stage:
    """The server under test and the fleet, as fedbench's modules want them handed over."""

    sut: Any
    fleet: Any
    opts: Namespace
    salt: str

    def log(self, text: str) -> None:
        """Say what is going on."""
        print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


@dataclass(slots=True)
class Mix:
    """Activities of followed authors, drawn by weight from a seed; each is distinct, and only what was done is undone."""

    authors: list[Any]
    stranger: Callable[[int], Any]
    local_actor: str
    seed: int = 1
    local_posts: list[str] = field(default_factory=list)
    _random: random.Random = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _undoable: list[tuple[Any, Activity]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next(self) -> tuple[Any, Activity]:
        """Draw the next activity: (the actor that signs it, the activity)."""
        [kind] = self._random.choices(list(MIX), list(MIX.values()))
        number = next(self._numbers)
        author = self._random.choice(self.authors)
        ref = f"{int(time.time())}-{number}"
        if kind == "Undo" and self._undoable:
            actor, done = self._undoable.pop(0)
            return actor, actor.activity("Undo", {k: v for k, v in done.items() if k != "@context"}, ref)
        if kind == "Follow":
            author = self.stranger(number)
            return self._undoable_later(author, author.activity("Follow", self.local_actor, ref))
        if kind in ("Like", "Announce") and self.local_posts:
            activity = author.activity(kind, self._random.choice(self.local_posts), ref)
            if kind == "Announce":
                activity |= {"to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [author.id + "/followers"]}
            return self._undoable_later(author, activity)
        return author, author.create(ref)

    def posted(self, uri: str) -> None:
        """Take note of a post of ours, to be liked and announced."""
        self.local_posts = [*self.local_posts, uri][-KEPT_POSTS:]

    def _undoable_later(self, actor: Any, activity: Activity) -> tuple[Any, Activity]:
        self._undoable.append((actor, activity))
        del self._undoable[:-UNDOABLE_MOST]
        return actor, activity


async def paced(per_second: float, seconds: float, act: Callable[[], Awaitable[None]]) -> float:
    """Begin `act` so often for so long, whether or not earlier ones have ended; how late the last one began, in seconds.

    No more than `AT_ONCE` run at once: beyond, it waits, and the lateness tells. Half as late as it is long, it gives up.
    """
    places, start, late = asyncio.Semaphore(AT_ONCE), time.monotonic(), 0.0

    async def one() -> None:
        try:
            await act()
        finally:
            places.release()

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            late = time.monotonic() - start - number / per_second
            if late < 0:
                await asyncio.sleep(-late)
            if late > seconds / 2:
                break
            await places.acquire()
            group.create_task(one())
    return max(0.0, late)


class Load:
    """The load itself; `answers` counts what the server answered: {"inbox 202": 100}."""

    def __init__(self, stage: Stage, mix: Mix) -> None:
        self.stage = stage
        self.mix = mix
        self.answers: Counter[str] = Counter()
        self._http_error = harness.module("http1").HttpError
        self._refused = harness.module("sut").SutError
        self._reads = itertools.cycle(
            [
                ("home", "/api/v1/timelines/home?limit=20", "application/json"),
                ("profile", f"/@{stage.sut.account}", "text/html"),
                ("actor", stage.sut.target(stage.sut.actor["id"]), "application/activity+json"),
                ("instance", "/api/v1/instance", "application/json"),
            ]
        )

    async def receive(self) -> None:
        """Have the fleet send one activity to the inbox."""
        actor, activity = self.mix.next()
        raw = self.stage.fleet.signed_post(actor, self.stage.sut.inbox, activity, self.stage.sut.extra)
        await self._ask("inbox", self.stage.sut.deliver(raw))

    async def publish(self) -> None:
        """Publish one post to all followers."""
        try:
            status = await self.stage.sut.post_status(f"Steady as she goes, {time.time():.6f}")
        except (self._refused, self._http_error) as error:
            self.answers[f"post {type(error).__name__}"] += 1
            return
        self.answers["post 200"] += 1
        self.mix.posted(status["uri"])

    async def read(self) -> None:
        """Read one thing that clients, visitors or other servers ask for."""
        name, path, accept = next(self._reads)
        await self._ask(name, self.stage.sut.get(path, accept, token=name == "home"))

    async def _ask(self, name: str, asked: Awaitable[Any]) -> None:
        try:
            self.answers[f"{name} {(await asked).status}"] += 1
        except self._http_error as error:
            self.answers[f"{name} {error}"] += 1

    def failures(self) -> dict[str, int]:
        """Give the answers that are no success."""
        return {
            answer: count for answer, count in self.answers.items() if not answer.rpartition(" ")[2].startswith("2")
        }


async def cancelled(task: "asyncio.Task[Any]") -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
