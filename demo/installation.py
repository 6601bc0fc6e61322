"""One server of the demonstration: its data directory, its processes, its command line and its client API."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from demo.cast import PASSWORD, Place
from server.cli.child import die_with

START_SECONDS = 60.0
STOP_SECONDS = 45.0
WAIT_SECONDS = 30.0
PAUSE_SECONDS = 0.02
LOG_TAIL_CHARACTERS = 2000
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

Found = TypeVar("Found")
Json = dict[str, Any]


class DemoFailed(Exception):
    """Something did not happen; its text says what, and what the server wrote about it."""


async def eventually(what: str, look: Callable[[], Awaitable[Found]]) -> Found:
    """Look until there is something to see (anything true), and give it.

    Raises:
        DemoFailed: there was nothing within WAIT_SECONDS.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := await look()):
        if time.monotonic() > deadline:
            raise DemoFailed(f"{what}: not seen within {WAIT_SECONDS:.0f} seconds")
        await asyncio.sleep(PAUSE_SECONDS)
    return found


class Installation:
    """`coopole serve` with a folder and a loopback address of its own."""

    def __init__(self, place: Place, folder: Path, port: int) -> None:
        self.place = place
        self.host = f"{place.address}:{port}"
        self.origin = f"http://{self.host}"
        self.tokens: dict[str, str] = {}
        self._log = folder / f"{place.handle}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("COOPOLE_")} | {
            "COOPOLE_DATA": str(folder / place.handle),
            "COOPOLE_ORIGIN": self.origin,
            "COOPOLE_LISTEN_HOST": place.address,
            "COOPOLE_LISTEN_PORT": str(port),
            "COOPOLE_WORKERS": "1",
            "COOPOLE_ALLOW_PRIVATE_ADDRESSES": "yes",
            "NO_COLOR": "1",
        }

    def handle(self, username: str) -> str:
        """Give the address of somebody here: @user@host."""
        return f"@{username}@{self.host}"

    async def command(self, *arguments: str, module: str = "server.cli") -> str:
        """Run `coopole …`, or another program of ours, here; what it printed last.

        Raises:
            DemoFailed: it did not succeed.
        """
        streams = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
        process = await self._spawn(*arguments, module=module, **streams)
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        printed = TERMINAL_COLOURS.sub("", output.decode(errors="replace")).strip()
        if process.returncode:
            raise DemoFailed(f"{module} {' '.join(arguments)} ({self.place.section}): {printed}")
        return printed.rpartition("\n")[2]

    async def _spawn(self, *arguments: str, module: str = "server.cli", **streams: Any) -> asyncio.subprocess.Process:
        """Start the command line in a session of its own, so that Ctrl-C asks us alone, and never to outlive us."""
        parent_pid = os.getpid()
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module, *arguments),
            cwd=Path(__file__).parents[1],
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with(parent_pid),
            **streams,
        )

    async def set_up(self) -> None:
        """Make the section and its administrator, then the other members, and a token for each."""
        place = self.place
        first, *others = place.people
        self.tokens[first.username] = await self.command(
            "init", "--domain", self.origin, "--section", place.section, "--handle", place.handle, "--place",
            place.where, "--description", place.description, "--admin", first.username, "--password", PASSWORD,
            "--token",
        )  # fmt: skip
        for person in others:
            identity = (person.username, "--name", person.name, "--password", PASSWORD)
            self.tokens[person.username] = await self.command("member", "create", *identity, "--token")

    async def start(self) -> None:
        """Start `coopole serve` and wait until it answers.

        Raises:
            DemoFailed: it ended, or did not answer within START_SECONDS.
        """
        with self._log.open("ab") as log:
            self._process = await self._spawn("serve", stdout=log, stderr=log)
        self._session = aiohttp.ClientSession(self.origin, timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.returncode is None:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.get("/nodeinfo/2.0") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(PAUSE_SECONDS)
        raise DemoFailed(f"{self.place.section} did not start: {self._log.read_text()[-LOG_TAIL_CHARACTERS:]}")

    async def stop(self) -> None:
        """Ask the server to end, and wait; one that does not is killed."""
        if self._session is not None:
            await self._session.close()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def api(self, username: str, method: str, path: str, **body: Any) -> Any:
        """Call the client API as a member; the decoded answer.

        Raises:
            DemoFailed: the answer is an error.
        """
        assert self._session is not None
        headers = {"Authorization": f"Bearer {self.tokens[username]}"}
        parameters: Json = {"params": body} if method == "GET" else {"json": body}
        async with self._session.request(method, path, headers=headers, **parameters) as response:
            text = await response.text()
            if response.status != 200:
                raise DemoFailed(f"{method} {self.origin}{path}: {response.status} {text[:300]}")
            return json.loads(text)

    async def read(self, address: str, accept: str = "text/html") -> tuple[int, str]:
        """Read a page as a visitor, or a document: (status, text)."""
        assert self._session is not None
        async with self._session.get(address.removeprefix(self.origin), headers={"Accept": accept}) as response:
            return response.status, await response.text()

    async def publish(self, username: str, text: str, **more: Any) -> Json:
        """Publish as a member; the status."""
        return dict(await self.api(username, "POST", "/api/v1/statuses", status=text, **more))

    async def follow(self, username: str, handle: str) -> str:
        """Have a member find and follow somebody, and wait for the answer; their account id here."""
        found = await self.api(username, "GET", "/api/v1/accounts/search", q=handle, resolve="true", limit=1)
        if not found:
            raise DemoFailed(f"{handle} was not found from {self.place.section}")
        id_ = str(found[0]["id"])
        await self.api(username, "POST", f"/api/v1/accounts/{id_}/follow")

        async def is_accepted() -> bool:
            [standing] = await self.api(username, "GET", "/api/v1/accounts/relationships", **{"id[]": id_})
            return bool(standing["following"])

        await eventually(f"{handle} accepts {username}", is_accepted)
        return id_

    async def in_home(self, username: str, uri: str) -> Json | None:
        """Find a post in a member's home timeline, itself or shared; None when it is not there."""
        for status in await self.api(username, "GET", "/api/v1/timelines/home", limit=40):
            if (status["reblog"] or status)["uri"] == uri:
                return dict(status)
        return None

    async def arrival(self, username: str, uri: str) -> Json:
        """Wait until a post is in a member's home timeline; the status there."""
        found = await eventually(f"{uri} in the home of {username}", lambda: self.in_home(username, uri))
        assert found is not None
        return found


def free_port(addresses: list[str], preferred: int) -> int:
    """Choose a port that is free at all these addresses: the preferred one, else any.

    Raises:
        DemoFailed: there is none, or this machine does not have these addresses.
    """
    for wished in (preferred, *[0] * 20):
        listeners: list[socket.socket] = []
        try:
            for address in addresses:
                port = listeners[0].getsockname()[1] if listeners else wished
                listeners.append(socket.create_server((address, port)))
            return int(listeners[0].getsockname()[1])
        except OSError:
            continue
        finally:
            for listener in listeners:
                listener.close()
    raise DemoFailed(f"nothing can listen on {', '.join(addresses)}: the demonstration needs Linux's loopback network")
