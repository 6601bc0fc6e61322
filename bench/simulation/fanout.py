"""One post to everybody: a simulation of events, worker by worker and lane by lane.

A worker has one core (or its share of one), and lanes that each talk to one host. A delivery needs CPU, in which the
worker's lanes wait for each other, and then time on the network, in which they do not. A host that fails waits, longer
each time, in lanes of its own. The numbers below are those of workers/delivery.py.
"""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from bench.simulation.costs import MICRO, Costs
from bench.simulation.servers import Health, Server

HOSTS_AT_ONCE = 192
FAILING_HOSTS_AT_ONCE = 48
ROWS_A_CLAIM = 40
INBOXES_AT_ONCE = 4
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 12 * 3600.0
HANG_SECONDS = 30.0
GIVE_UP_AFTER = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What sends. `lanes` are those of one worker, of which `failing_lanes` may talk to hosts that failed before."""

    cores: int
    workers: int
    lanes: int = HOSTS_AT_ONCE
    failing_lanes: int = FAILING_HOSTS_AT_ONCE

    @property
    def slowness(self) -> float:
        """How much longer a worker's CPU time lasts because workers share cores."""
        return max(1.0, self.workers / self.cores)


@dataclass(slots=True)
class FanOut:
    """What came of it; times are seconds after the post."""

    planned_at: float
    healthy: list[float] = field(default_factory=list)
    healed: list[float] = field(default_factory=list)
    delivered: int = 0
    given_up: int = 0
    attempts: int = 0
    cpu_seconds: float = 0.0
    handshakes: int = 0
    busiest_lanes: int = 0

    def reached(self, share: float) -> float:
        """When this share of the healthy servers had it."""
        times = sorted(self.healthy)
        return times[max(0, ceil(share * len(times)) - 1)] if times else 0.0


@dataclass(slots=True)
class _Job:
    server: Server
    left: int
    tries: int = 0
    is_again: bool = False


@dataclass(slots=True)
class _Worker:
    cpu_free_at: float = 0.0
    lanes: int = 0
    failing: int = 0


class _Run:
    """The state of one simulation."""

    def __init__(self, servers: Sequence[Server], machine: Machine, costs: Costs, seed: int) -> None:
        self._machine, self._costs = machine, costs
        inboxes = sum(server.inboxes for server in servers)
        planned = inboxes * costs.plan_row_us * MICRO
        self.out = FanOut(planned_at=planned, cpu_seconds=planned)
        jobs = [_Job(server, server.inboxes) for server in servers]
        random.Random(seed).shuffle(jobs)
        self._fresh, self._again = deque(jobs), deque[_Job]()
        self._workers = [_Worker(cpu_free_at=planned) for _ in range(machine.workers)]
        self._events: list[tuple[float, int, _Worker | None, _Job]] = []
        self._numbers = itertools.count()

    def run(self) -> FanOut:
        for _ in range(self._machine.lanes):
            for worker in self._workers:
                self._open_one(worker, self.out.planned_at)
        while self._events:
            moment, _, sender, job = heapq.heappop(self._events)
            if sender is None:
                self._again.append(job)
            else:
                self._ended(sender, job, moment)
            worker = sender or min(self._workers, key=lambda one: (one.lanes, one.cpu_free_at))
            while self._open_one(worker, moment):
                pass
        return self.out

    def _open_one(self, worker: _Worker, moment: float) -> bool:
        """Give a free lane of a worker something to do; whether there was both."""
        if worker.lanes >= self._machine.lanes:
            return False
        if self._again and worker.failing < self._machine.failing_lanes:
            job = self._again.popleft()
            job.is_again = True
            worker.failing += 1
        elif self._fresh:
            job = self._fresh.popleft()
        else:
            return False
        worker.lanes += 1
        self.out.busiest_lanes = max(self.out.busiest_lanes, sum(one.lanes for one in self._workers))
        self._send(worker, job, moment, is_new=True)
        return True

    def _send(self, worker: _Worker, job: _Job, moment: float, *, is_new: bool) -> None:
        """Send the next rows of a job: CPU in turn, then the network."""
        server, costs = job.server, self._costs
        works = server.works(moment)
        rows = min(job.left, ROWS_A_CLAIM if works else INBOXES_AT_ONCE)
        shakes = is_new and (works or server.health is not Health.REFUSES)
        cpu = (rows * costs.delivery_us + (costs.tls_handshake_us if shakes else 0)) * MICRO
        worker.cpu_free_at = max(worker.cpu_free_at, moment) + cpu * self._machine.slowness
        self.out.cpu_seconds += cpu
        self.out.handshakes += shakes
        self.out.attempts += rows
        done_at = worker.cpu_free_at + _network(server, rows, works=works, is_new=is_new)
        job.tries += 1
        heapq.heappush(self._events, (done_at, next(self._numbers), worker, job))
        if works:
            job.left -= rows
            self.out.delivered += rows
            if job.left == 0:
                times = self.out.healthy if server.health is Health.GOOD else self.out.healed
                times.append(done_at - server.round_trip / 2)

    def _ended(self, worker: _Worker, job: _Job, moment: float) -> None:
        """Go on with the host, or leave its lane; a host that failed comes again later."""
        has_failed = job.left > 0 and not job.server.works(moment)
        if job.left > 0 and not has_failed:
            self._send(worker, job, moment, is_new=False)
            return
        worker.lanes -= 1
        worker.failing -= job.is_again
        if not has_failed:
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (job.tries - 1), LONGEST_PAUSE_SECONDS)
        if moment + pause > GIVE_UP_AFTER:
            self.out.given_up += job.left
            return
        heapq.heappush(self._events, (moment + pause, next(self._numbers), None, job))


def _network(server: Server, rows: int, *, works: bool, is_new: bool) -> float:
    """How long a lane waits for the other side; name, TCP and TLS take a round trip each."""
    if not works and server.health is Health.REFUSES:
        return 2 * server.round_trip
    if not works and server.health is Health.HANGS:
        return HANG_SECONDS
    opening = 3 * server.round_trip if is_new else 0.0
    return opening + ceil(rows / INBOXES_AT_ONCE) * (server.round_trip + server.thinking)


def fan_out(servers: Sequence[Server], machine: Machine, costs: Costs, seed: int) -> FanOut:
    """Send one post to all servers, until each has it or is given up."""
    return _Run(servers, machine, costs, seed).run()


def sent_bytes(out: FanOut, costs: Costs) -> float:
    """How many bytes went over the wire."""
    return out.attempts * (costs.document_bytes + costs.headers_bytes) + out.handshakes * costs.handshake_bytes
