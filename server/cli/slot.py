"""The place of one child among the processes of an instance: forked, asked to end, buried, forked again."""

import math
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.cli.child import HANDLED_SIGNALS, Child, flush_output, live

Say = Callable[..., None]  # say(level, event, **fields)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the supervisor waits; every field in seconds.

    A child that lived `settled_after` is restarted at once. One that died younger waits `first_delay`, twice
    as long each time, `longest_delay` at most. `trial` is the life that the replacement of a child without
    `is_ready` must reach before the next is replaced; `after_kill` is for the kernel to end a stuck process.
    """

    first_delay: float = 0.5
    longest_delay: float = 30.0
    settled_after: float = 10.0
    ready_within: float = 15.0
    ready_check_every: float = 0.02
    trial: float = 1.0
    after_kill: float = 10.0


@dataclass(slots=True)
class Slot:
    """One child's place: `pid` while it runs; `due_at` and `kill_at` say when to start and to kill it."""

    child: Child
    patience: Patience
    say: Say
    clock: Callable[[], float] = time.monotonic
    pid: int | None = None
    due_at: float = math.inf
    kill_at: float = math.inf
    is_killed: bool = False
    _is_wanted: bool = field(default=False, repr=False)
    _started_at: float = field(default=0.0, repr=False)
    _early_deaths: int = field(default=0, repr=False)

    def fork(self) -> None:
        """Start the child; a system out of processes or memory counts as an early death."""
        self._is_wanted, self.is_killed = True, False
        self.due_at = self.kill_at = math.inf
        self._started_at = self.clock()
        parent_pid = os.getpid()
        flush_output()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)  # the child has no ear yet
        try:
            pid = os.fork()
            if pid == 0:
                live(self.child, parent_pid)
        except OSError as error:
            self._early_deaths += 1
            delay = self._postpone()
            self.say("error", "cannot fork", name=self.child.name, why=str(error), restart_in_seconds=delay)
            return
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self.pid = pid
        self.say("info", "started", name=self.child.name, pid=pid)

    def leave_dead(self) -> None:
        """Do not start the child again if it ends, or if its restart was due."""
        self._is_wanted, self.due_at = False, math.inf

    def ask_to_end(self) -> None:
        """Send SIGTERM and let the grace of the child begin."""
        self.leave_dead()
        self.kill_at = self.clock() + self.child.stop_seconds
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill a child that outstayed its grace; forget one that even so did not end."""
        if self.pid is None:
            return
        if self.is_killed:
            self.say("error", "cannot be killed", name=self.child.name, pid=self.pid)
            self.pid = None
            return
        grace = self.child.stop_seconds
        self.say("warning", "killed", name=self.child.name, pid=self.pid, grace_seconds=grace)
        os.kill(self.pid, signal.SIGKILL)
        self.is_killed = True
        self.kill_at = self.clock() + self.patience.after_kill

    def bury(self, exit_code: int) -> None:
        """Log the end of a reaped child, clear what it left running in its group, plan its restart.

        A negative `exit_code` is the number of a signal.
        """
        if self.pid is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        lived = round(self.clock() - self._started_at, 3)
        fields = {"name": self.child.name, "pid": self.pid, **_cause(exit_code), "lived_seconds": lived}
        self.pid = None
        if not self._is_wanted:
            self.say("info", "ended", **fields)
            return
        self._early_deaths = 0 if lived >= self.patience.settled_after else self._early_deaths + 1
        self.say("error", "died", **fields, restart_in_seconds=self._postpone())

    def _postpone(self) -> float:
        """Set when the child is started again; return in how many seconds."""
        delay = 0.0
        if self._early_deaths:
            doublings = min(self._early_deaths - 1, 30)
            delay = min(self.patience.longest_delay, self.patience.first_delay * 2.0**doublings)
        self.due_at = self.clock() + delay
        return delay


def _cause(exit_code: int) -> dict[str, object]:
    """Name how a process ended: {"exit_code": 1} or {"signal": "SIGKILL"}."""
    if exit_code >= 0:
        return {"exit_code": exit_code}
    try:
        return {"signal": signal.Signals(-exit_code).name}
    except ValueError:  # real-time signals have numbers only
        return {"signal": str(-exit_code)}
