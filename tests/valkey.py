"""A real Valkey for tests: started, killed, started again empty."""

import os
import signal
import subprocess
import time
from pathlib import Path

from server.cli.broker import EmbeddedBroker, find_binary

START_SECONDS = 20.0


class Valkey:
    """The server that comes with us, on a socket in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self._broker = EmbeddedBroker(folder)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, running or not."""
        return self._broker.url

    def start(self) -> "Valkey":
        """Start it, empty, and wait until it answers."""
        self._broker.prepare()
        command = [str(find_binary()), "valkey.conf"]
        self._process = subprocess.Popen(command, cwd=self._folder, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._broker.is_ready():
            assert self._process.poll() is None, (self._folder / "valkey.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self._process is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it without a farewell; what it knew is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
