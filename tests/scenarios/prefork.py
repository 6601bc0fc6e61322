"""The command `coopole` without its second of imports: forked from a process that has them behind it.

What runs is `python -m server.cli …` in a process of its own, with its own environment, streams and exit status; only the
importing is shared. This module is that process too: `python -m tests.scenarios.prefork <socket>`.
"""

import array
import atexit
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

REPOSITORY = Path(__file__).parents[2]
IMPORTED = ("server.cli.commands", "server.main", "workers.main")
PROGRAM = "server.cli"
MOST_REQUEST_BYTES = 1_000_000
LENGTH_BYTES = 8


class Process:
    """A running `coopole …`, in the words of `subprocess.Popen`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("r")
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give the exit status, None while it runs."""
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            self._read()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit status; -9 where SIGKILL ended it.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("coopole", timeout or 0)
            self._read()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended gets none."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _read(self) -> None:
        self.returncode = int(self._lines.readline())
        self._lines.close()
        self._connection.close()


def start(
    arguments: list[str],
    environment: Mapping[str, str],
    stdout: IO[bytes],
    stderr: IO[bytes],
    *,
    program: str = PROGRAM,
) -> Process:
    """Start `coopole …` with just this environment and nothing to read; `program` is a module that runs it otherwise."""
    request = json.dumps({"arguments": [program, *arguments], "environment": dict(environment)}).encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_server())
    descriptors = array.array("i", [stdout.fileno(), stderr.fileno()])
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
    connection.sendmsg([len(request).to_bytes(LENGTH_BYTES, "big")], control)
    connection.sendall(request)
    return Process(connection)


def run(
    arguments: list[str], environment: Mapping[str, str], *, seconds: float = 60, program: str = PROGRAM
) -> subprocess.CompletedProcess[str]:
    """Run `coopole …` to its end and give everything of it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status = start(arguments, environment, out, err, program=program).wait(seconds)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess(["coopole", *arguments], status, *said)


@cache
def _server() -> str:
    """Start the process that forks, once for this one, with which it ends; its socket."""
    folder = tempfile.TemporaryDirectory(prefix="coopole-prefork-")
    path = f"{folder.name}/socket"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COOPOLE_", "COV_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, path],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return path


def serve(path: str) -> None:
    """Fork for whoever asks, until standard input ends."""
    for module in IMPORTED:
        importlib.import_module(module)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([listener, 0], [], [])
            _bury(os.WNOHANG)
            if 0 in readable:
                break
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    listener.close()
                    _attend(connection)
    _bury(0)


def _bury(options: int) -> None:
    """Reap who has ended: those who have so far, or all."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options) != (0, 0):
            pass


def _attend(connection: socket.socket) -> NoReturn:
    """Fork the command, and say its pid and, when it has ended, its status; whoever asked may leave, and it ends too."""
    request, descriptors = _received(connection)
    pid = os.fork()
    if pid == 0:
        connection.close()
        _become(request["arguments"], request["environment"], descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    connection.sendall(f"{pid}\n".encode())
    ended = os.pidfd_open(pid)
    readable, _, _ = select.select([connection, ended], [], [])
    if ended not in readable:
        os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    if connection not in readable:
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _received(connection: socket.socket) -> tuple[dict[str, dict[str, str] | list[str]], list[int]]:
    descriptors = array.array("i", [0, 0])
    head, control, _, _ = connection.recvmsg(LENGTH_BYTES, socket.CMSG_SPACE(descriptors.itemsize * 2))
    [(_, _, given)] = control
    length, body = int.from_bytes(head, "big"), b""
    assert length < MOST_REQUEST_BYTES
    while len(body) < length:
        body += connection.recv(length - len(body))
    return json.loads(body), list(array.array("i", given))


def _become(arguments: list[str], environment: dict[str, str], streams: list[int]) -> NoReturn:
    """Be the command: the environment, the streams, the interpreter's way to leave."""
    null = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate([null, *streams]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    program, *arguments = arguments
    sys.argv = ["coopole", *arguments]
    status = 1
    try:
        runpy.run_module(program, run_name="__main__")
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
