"""Keep the processes of one instance alive: fork them in order, restart what dies, end them in order.

SIGTERM and SIGINT stop everything, a second SIGINT at once. SIGHUP replaces web and workers one by one and
keeps the broker; the new ones run the code imported at start: a new version needs a stop and a start.
Under systemd use KillMode=mixed: only the supervisor knows in which order its children may end.
"""

import gc
import importlib
import logging
import math
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger

from server.cli.child import HANDLED_SIGNALS, Child, Stage
from server.cli.slot import Patience, Slot

__all__ = ["Child", "Patience", "Stage", "Supervisor", "plain_log", "worker_count"]

_WORKERS_MOST = 8


def worker_count(cores: int) -> int:
    """Say how many workers help: one core is left to web and broker, and a database writes for one at a time.

    Beyond eight the workers of a SQLite instance only wait for each other, and each costs its memory.
    """
    return min(max(1, cores - 1), _WORKERS_MOST)


def plain_log() -> FilteringBoundLogger:
    """Log one line per event to standard error: time, level, event, fields."""
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, sort_keys=False),
        ],
    )
    return logger


class Supervisor:
    """Run `children`, started in the given order, until told to stop; they end in the order of their stages.

    Brokers start first, so that they boot while `preload` is imported; the others are forked after it and
    share its memory. `pid_path` holds the supervisor's pid, alone on a line, from the start to a clean stop.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        preload: Sequence[str] = (),
        pid_path: Path | None = None,
        log: FilteringBoundLogger | None = None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._preload = preload
        self._pid_path = pid_path
        self._log = log or plain_log()
        self._patience = patience or Patience()
        self._clock = clock
        self._slots = [Slot(child, self._patience, self._say, clock) for child in children]
        self._has_terminal = os.isatty(0)
        self._is_stop_asked = self._is_hurried = self._is_roll_asked = False

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; return 0 after a clean stop, 1 if a child never became ready."""
        with self._signals(), self._pid_file():
            self._say("info", "starting", pid=os.getpid())
            try:
                has_started = self._start()
                while has_started and not self._is_stop_asked:
                    self._turn()
                    if self._is_roll_asked and not self._is_stop_asked:
                        self._roll()
            finally:
                self._stop()
            self._say("info", "stopped", pid=os.getpid())
        return 0 if has_started else 1

    def _start(self) -> bool:
        """Start every child; False if one that says when it is ready did not become so."""
        for slot in self._slots:
            if slot.child.stage is Stage.BROKER:
                slot.fork()
        self._import_once()
        for slot in self._slots:
            if self._is_stop_asked:
                return True
            if slot.child.stage is not Stage.BROKER:
                slot.fork()
            if not self._becomes_ready(slot) and not self._is_stop_asked:
                self._say("error", "not ready", name=slot.child.name, seconds=self._patience.ready_within)
                return False
        return True

    def _import_once(self) -> None:
        """Import what every child needs; keep the collector from touching, and so unsharing, its pages."""
        gc.disable()
        for module_name in self._preload:
            importlib.import_module(module_name)
        gc.collect()
        gc.freeze()
        gc.enable()

    def _stop(self) -> None:
        """End every child, stage after stage; a broker that dies meanwhile comes back: workers need it."""
        self._is_stop_asked = True
        self._say("info", "stopping", pid=os.getpid())
        for slot in self._slots:
            if slot.child.stage is not Stage.BROKER:
                slot.leave_dead()
        for stage in Stage:
            self._end([slot for slot in self._slots if slot.child.stage is stage])

    def _roll(self) -> None:
        """Replace web and workers one by one; leave the others as they are once a replacement fails."""
        self._is_roll_asked = False
        self._say("info", "rolling")
        for slot in self._slots:
            if slot.child.stage is Stage.BROKER:
                continue
            self._end([slot])
            if self._is_stop_asked:
                return
            slot.fork()
            if not self._proves_itself(slot):
                self._say("error", "rolling ended early", name=slot.child.name)
                return
        self._say("info", "rolled")

    def _end(self, slots: Sequence[Slot]) -> None:
        """Ask children to finish, give each its grace, kill what remains."""
        for slot in slots:
            slot.ask_to_end()
        while running := [slot for slot in slots if slot.pid is not None]:
            for slot in running:
                if slot.kill_at <= self._clock() or (self._is_hurried and not slot.is_killed):
                    slot.kill()
            self._turn(min(slot.kill_at for slot in running))

    def _becomes_ready(self, slot: Slot) -> bool:
        """Wait until a child says it is ready, minding the others; one that never says so counts as ready."""
        if slot.child.is_ready is None:
            return True
        give_up_at = self._clock() + self._patience.ready_within
        while not self._is_stop_asked and self._clock() < give_up_at:
            if slot.child.is_ready():
                return True
            self._turn(self._clock() + self._patience.ready_check_every)
        return False

    def _proves_itself(self, slot: Slot) -> bool:
        """Wait until a replacement is ready or, if it does not say, has lived for the trial."""
        if slot.child.is_ready is not None:
            return self._becomes_ready(slot)
        pid, trial_ends_at = slot.pid, self._clock() + self._patience.trial
        while pid is not None and slot.pid == pid and self._clock() < trial_ends_at:
            if self._is_stop_asked:
                return False
            self._turn(trial_ends_at)
        return pid is not None and slot.pid == pid

    def _turn(self, until: float = math.inf) -> None:
        """Sleep until a signal, `until`, or a restart is due; then bury the dead and start what is due."""
        wake_at = min([until, *(slot.due_at for slot in self._slots)])
        timeout = None if wake_at == math.inf else max(0.0, wake_at - self._clock())
        if select.select([self._bell], [], [], timeout)[0]:
            for number in self._bell.recv(4096):
                self._hear(number)
        self._bury_the_dead()
        for slot in self._slots:
            if slot.due_at <= self._clock():
                slot.fork()

    def _hear(self, number: int) -> None:
        """Note what a signal asks for."""
        if number == signal.SIGHUP and self._has_terminal and not os.isatty(0):
            self._is_stop_asked = True  # not a wish of the administrator: the terminal was closed
        elif number == signal.SIGHUP:
            self._is_roll_asked = True
        elif number == signal.SIGINT and self._is_stop_asked:
            self._is_hurried = True
        elif number in (signal.SIGINT, signal.SIGTERM):
            self._is_stop_asked = True

    def _bury_the_dead(self) -> None:
        """Reap every process that has ended, including strangers a container's process 1 inherits."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for slot in self._slots:
                if slot.pid == pid:
                    slot.bury(os.waitstatus_to_exitcode(status))

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Turn signals into bytes on the bell; put the former handlers back afterwards."""
        self._bell, rope = socket.socketpair()
        rope.setblocking(False)
        former_rope = signal.set_wakeup_fd(rope.fileno(), warn_on_full_buffer=False)
        former = {number: signal.signal(number, lambda *_: None) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(former_rope)
            self._bell.close()
            rope.close()

    @contextmanager
    def _pid_file(self) -> Iterator[None]:
        """Publish the supervisor's pid, whole or not at all; what an earlier run left is replaced."""
        if self._pid_path is None:
            yield
            return
        fresh = self._pid_path.with_name(self._pid_path.name + ".new")
        fresh.write_text(f"{os.getpid()}\n")
        fresh.replace(self._pid_path)
        try:
            yield
        finally:
            self._pid_path.unlink(missing_ok=True)

    def _say(self, level: str, event: str, **fields: object) -> None:
        """Log; an instance does not fall because nobody reads its log any more."""
        with suppress(OSError, ValueError):
            getattr(self._log, level)(event, **fields)
