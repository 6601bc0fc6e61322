"""A supervisor to run as a process of its own, children for it, and the pipe on which a test hears them all.

Every process holds the pipe's writing end: when the reading end sees its end, no process is left.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import structlog

from server.cli.broker import EmbeddedBroker
from server.cli.child import Child, Stage
from server.cli.datadir import DataDirectory
from server.cli.supervisor import Patience, Supervisor

IMPORTED_BY = os.getpid()
PATIENT_SECONDS = 30
REPOSITORY = Path(__file__).parents[3]


class Gate:
    """A FIFO that holds up a child until the test opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._both_ends = os.open(path, os.O_RDWR)  # so that neither side waits for the other to open it

    def open(self) -> None:
        """Let one child through."""
        os.write(self._both_ends, b"!")

    def close(self) -> None:
        """Take the gate down."""
        os.close(self._both_ends)


class Run:
    """A running supervisor, seen from the test."""

    def __init__(self, spec: dict[str, Any], **popen: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self._unread = b""
        self._heard, speaks = os.pipe()
        program = f"import {__name__} as supervised; supervised.main()"
        environment = os.environ | {"SUPERVISED_PIPE": str(speaks), "PYTHONPATH": str(REPOSITORY)}
        environment.pop("PYTHONUNBUFFERED", None)  # a lost buffer must show
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, json.dumps(spec)], env=environment, pass_fds=[speaks], **popen
            )
        finally:
            os.close(speaks)

    def until(self, event: str, **fields: Any) -> dict[str, Any]:
        """Return the next event that has these fields."""
        while (heard := self._next()) is not None:
            if heard.items() >= {"event": event, **fields}.items():
                return heard
        raise AssertionError(f"all processes ended without {event} {fields}: {self.events}")

    def started(self, *names: str) -> dict[str, int]:
        """Wait until children of these names speak, in any order; return their pids."""
        pids: dict[str, int] = {}
        while set(pids) < set(names):
            heard = self.until("here")
            pids[heard["by"]] = heard["pid"]
        return pids

    def until_silence(self) -> None:
        """Wait until no process holds the pipe any more."""
        while self._next() is not None:
            pass

    def told(self) -> list[tuple[str, str]]:
        """List (name, event) of all that children said, in order."""
        return [(event["by"], event["event"]) for event in self.events if event["by"] != "supervisor"]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """List what the supervisor logged under one title, in order."""
        return [each for each in self.events if each["by"] == "supervisor" and each["event"] == event]

    def signal(self, number: int) -> None:
        """Send the supervisor a signal."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """Ask for an orderly end; return the exit status once nobody is left."""
        self.signal(signal.SIGTERM)
        self.until_silence()
        return self.process.wait(PATIENT_SECONDS)

    def close(self) -> None:
        """End what a failed test left."""
        self.process.kill()
        self.process.wait(PATIENT_SECONDS)
        os.close(self._heard)

    def _next(self) -> dict[str, Any] | None:
        while b"\n" not in self._unread:
            if not select.select([self._heard], [], [], PATIENT_SECONDS)[0]:
                raise AssertionError(f"nothing more is heard after: {self.events}")
            received = os.read(self._heard, 65536)
            if not received:
                return None
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        event: dict[str, Any] = json.loads(line)
        self.events.append(event)
        return event


def main() -> NoReturn:
    """Run the supervisor that the first argument describes."""
    spec = json.loads(sys.argv[1])
    data = DataDirectory(spec["data"]) if "data" in spec else None
    if data is not None:
        data.prepare()
    with data.lock() if data is not None else nullcontext():
        supervisor = Supervisor(
            [_child(data, **child) for child in spec["children"]],
            preload=[__name__],
            pid_path=data.pid_file if data is not None else None,
            log=structlog.wrap_logger(
                _PipeLogger(),
                wrapper_class=structlog.make_filtering_bound_logger(0),
                processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
            ),
            patience=Patience(**spec.get("patience", {})),
        )
        status = supervisor.run()
    sys.exit(status)


def _child(
    data: DataDirectory | None,
    name: str,
    target: str = "serve",
    arguments: list[Any] | None = None,
    stop_seconds: float = 3600,
    ready_when: str | None = None,
) -> Child:
    if target == "valkey":
        assert data is not None
        broker = EmbeddedBroker(data.valkey)
        broker.prepare()
        return broker.child()
    stage = Stage.WEB if name == "web" else Stage.BROKER if name == "broker" else Stage.WORKER
    given: list[Any] = [_listener() if argument == "listener" else argument for argument in arguments or []]
    is_ready = None if ready_when is None else partial(os.path.exists, ready_when)
    return Child(name, f"{__name__}:{target}", (name, *given), stop_seconds, stage, is_ready)


def _listener() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0))
    say("supervisor", "listening", port=listener.getsockname()[1])
    return listener


class _PipeLogger:
    """Write each rendered log event to the pipe."""

    def msg(self, message: str) -> None:
        say("supervisor", **json.loads(message))

    debug = info = warning = error = msg


def say(by: str, event: str, **fields: Any) -> None:
    """Tell the test what happens, in one write, so that lines of several processes do not mix."""
    line = json.dumps({"by": by, "event": event, **fields}) + "\n"
    os.write(int(os.environ["SUPERVISED_PIPE"]), line.encode())


# --- children: each says "here" once it will understand SIGTERM


def serve(name: str, gate: str | None = None, **facts: Any) -> int:
    """Behave: end when told to; with a gate (a FIFO), when also something comes through it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    say(name, "here", pid=os.getpid(), **facts)
    signal.sigwait([signal.SIGTERM])
    say(name, "told")
    if gate is not None:
        os.read(os.open(gate, os.O_RDONLY), 1)
    say(name, "done")
    return 0


def be_stubborn(name: str) -> None:
    """Ignore SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(name, "here", pid=os.getpid())
    while True:
        signal.pause()


def end_with(name: str, code: object) -> object:
    """Return at once."""
    return code


def exit_with(name: str, code: Any) -> NoReturn:
    """Leave through sys.exit."""
    sys.exit(code)


def fail(name: str) -> NoReturn:
    """Raise what nobody expects."""
    print("printed before")
    raise ZeroDivisionError("the reason")


def serve_once(name: str, marker: str) -> int:
    """Behave in the first life, die at once in every later one."""
    if Path(marker).exists():
        return 3
    Path(marker).touch()
    return serve(name)


def serve_with_a_lodger(name: str) -> int:
    """Behave, but leave a process of one's own behind."""
    if os.fork() == 0:
        be_stubborn("lodger")
    return serve(name)


def describe(name: str) -> int:
    """Say what the child finds itself with, then behave."""
    return serve(
        name,
        stdin=os.readlink("/proc/self/fd/0"),
        title=Path("/proc/self/comm").read_text().strip(),
        blocked=[int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])],
        terminates=signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        hangs_up=signal.getsignal(signal.SIGHUP) is signal.SIG_DFL,
        wakeup=signal.set_wakeup_fd(-1),
        imported_by=IMPORTED_BY,
        parent=os.getppid(),
        session=os.getsid(0),
    )


def answer_once(name: str, listener: socket.socket, gate: str) -> int:
    """In the first life only wait for the gate; in the second, once it is gone, answer one connection."""
    if Path(gate).exists():
        serve(name, gate)
        Path(gate).unlink()
        return 0
    connection, _ = listener.accept()
    with connection:
        connection.sendall(name.encode())
    return serve(name)
