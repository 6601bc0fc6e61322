"""Another implementation as a child process on loopback, told what to do and asked what it saw by a control API."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, Final, Self
from urllib.parse import urlencode

import aiohttp
import pytest

START_TIMEOUT_S: Final = 20.0
CALL_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 5.0

Json = dict[str, Any]


class PeerError(Exception):
    """The peer did not start, could not be reached, or could not do what it was asked."""


class PeerProcess:
    """One peer: a process that says on its first line where it listens, and ends when its standard input does.

    Starting and stopping block, for a second or so, so that a fixture of any scope may hold a peer; the coroutines
    belong to no particular event loop.

    Raises:
        PeerError: or what `error` says, from every method, in the peer's own words.
    """

    error: ClassVar[type[PeerError]] = PeerError

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.origin = ""
        self._command, self._folder, self._environment = list(command), folder, environment
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        """Host and port, as they stand in a handle."""
        return self.origin.removeprefix("http://")

    @property
    def pid(self) -> int | None:
        """The process, None while it does not run."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process and wait for the line that says it listens."""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        try:
            self.origin = json.loads(self._first_line())["origin"]
        except ValueError as unready:
            complaint = self._complaint()
            self.stop()
            raise self.error(f"the peer did not start: {complaint}") from unready

    def stop(self) -> None:
        """End the process; calling it again does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
        for pipe in (process.stdin, process.stdout, self._stderr):
            if pipe is not None:
                pipe.close()

    async def _post(self, what: str, name: str | None, **told: Any) -> Json:
        body = {key: value for key, value in told.items() if value is not None}
        if name is not None:
            body["as"] = name
        answer: Json = await self._call("POST", what, CALL_TIMEOUT_S, json=body)
        return answer

    async def _get(self, what: str, query: dict[str, str], timeout_s: float = CALL_TIMEOUT_S) -> Any:
        return await self._call("GET", f"{what}?{urlencode(query)}", timeout_s)

    async def _call(self, method: str, what: str, timeout_s: float, **body: Any) -> Any:
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, f"{self.origin}/control/{what}", **body) as response,
            ):
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as lost:
            raise self.error(f"no answer to {method} {what}: {lost!r}: {self._complaint()}") from lost
        if not response.ok:
            raise self.error(f"{method} {what}: {json.dumps(answer, indent=1)}")
        return answer

    def _first_line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return self._process.stdout.readline() if selector.select(START_TIMEOUT_S) else b""

    def _complaint(self) -> str:
        if self._process is None or self._stderr is None:
            return "it is not running"
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")[-2000:].strip()
        return f"exit status {self._process.poll()}, stderr: {said or 'empty'}"


def miss(sentence: str, error: type[PeerError]) -> None:
    """Skip the test, loudly; in CI (`CI=true`) what is missing is an error."""
    if os.environ.get("CI") == "true":
        raise error(sentence)
    warnings.warn(sentence, stacklevel=3)
    pytest.skip(sentence, allow_module_level=True)


def query_of(criteria: dict[str, Any]) -> dict[str, str]:
    """Spell criteria for a URL: what is None is no criterion, a truth value is written as in JSON."""
    chosen = {key: value for key, value in ({"verified": True} | criteria).items() if value is not None}
    return {key: json.dumps(value) if isinstance(value, bool) else str(value) for key, value in chosen.items()}
