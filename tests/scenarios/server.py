"""A server of ours as others meet it: real processes on loopback, spoken to by HTTP and by its command line."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from tests.scenarios import prefork

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 30.0
WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.05
PASSWORD = "correct horse battery staple"
ADMIN = "ines"

Found = TypeVar("Found")


def free_port(host: str) -> int:
    """Find a port of `host` that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def eventually(look: Callable[[], Awaitable[Found]], *, seconds: float = WAIT_SECONDS) -> Found:
    """Look until something is found (anything true); what it was.

    Raises:
        AssertionError: nothing was found in time; the last look's error or result is told.
    """
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            if found := await look():
                return found
            last = found
        except (AssertionError, LookupError, aiohttp.ClientError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {seconds} s; last: {last!r}")
        await asyncio.sleep(PAUSE_SECONDS)


class Server:
    """One installation: its data directory, its processes, its address."""

    def __init__(
        self,
        folder: Path,
        handle: str,
        name: str,
        *,
        host: str,
        database_url: str | None = None,
        workers: int = 1,
        program: str = prefork.PROGRAM,
    ) -> None:
        self.folder, self.handle, self.name = folder, handle, name
        self.host, self.port = host, free_port(host)
        self.origin = f"http://{host}:{self.port}"
        self.netloc = f"{host}:{self.port}"
        self.log = folder.with_suffix(".log")
        self.database_url = database_url
        self._program = program
        self._process: prefork.Process | None = None
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("COOPOLE_", "COV_"))},
            "COOPOLE_DATA": str(folder),
            "COOPOLE_ORIGIN": self.origin,
            "COOPOLE_LISTEN_HOST": host,
            "COOPOLE_LISTEN_PORT": str(self.port),
            "COOPOLE_WORKERS": str(workers),
            "COOPOLE_ALLOW_PRIVATE_ADDRESSES": "yes",
            "COOPOLE_API_REQUESTS": "0",
        }
        if database_url:
            self._environment["COOPOLE_DATABASE_URL"] = database_url
        self.tokens: dict[str, str] = {}

    def cli(self, *arguments: str) -> str:
        """Run `coopole …` on this installation; its standard output.

        Raises:
            AssertionError: it failed; what it said is told.
        """
        done = self.try_cli(*arguments)
        assert done.returncode == 0, f"coopole {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout.strip()

    def try_cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `coopole …` and give everything of it."""
        return prefork.run(list(arguments), self._environment, program=self._program)

    def init(self, admin: str = ADMIN) -> "Server":
        """Set the server up from the command line, with one section and one administrator."""
        said = self.cli(
            "init", "--domain", self.origin, "--section", self.name, "--handle", self.handle,
            "--admin", admin, "--password", PASSWORD, "--token",
        )  # fmt: skip
        self.tokens[admin] = said.splitlines()[-1]
        return self

    def add_member(self, username: str) -> str:
        """Make a member and an access token for it; the token."""
        self.tokens[username] = self.cli("member", "create", username, "--password", PASSWORD, "--token").splitlines()[
            -1
        ]
        return self.tokens[username]

    def add_members(self, *usernames: str) -> None:
        """Make several members."""
        for username in usernames:
            self.add_member(username)

    def token(self, username: str) -> str:
        """Make an access token for a member, once."""
        if username not in self.tokens:
            self.tokens[username] = self.cli("token", "create", username).splitlines()[-1]
        return self.tokens[username]

    def listen_behind(self, port: int) -> None:
        """Listen on another port than the one where it is asked, since somebody stands before it from now on."""
        self._environment["COOPOLE_LISTEN_PORT"] = str(port)

    def live_in(self, folder: Path, database_url: str | None) -> None:
        """Have another data directory, and another database, from the next start on; the address stays."""
        self.folder, self.database_url = folder, database_url
        self._environment["COOPOLE_DATA"] = str(folder)
        self._environment.pop("COOPOLE_DATABASE_URL", None)
        if database_url:
            self._environment["COOPOLE_DATABASE_URL"] = database_url

    def set_environment(self, name: str, value: str) -> None:
        """Set a variable for what is called and started from now on."""
        self._environment[name] = value

    def run(self, program: str, *arguments: str) -> str:
        """Run a module with the environment of this installation; its standard output.

        Raises:
            AssertionError: it failed; what it said is told.
        """
        done = prefork.run(list(arguments), self._environment, program=program)
        assert done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout.strip()

    def start(self, *, workers: int | None = None, webs: int | None = None) -> "Server":
        """Start `coopole serve` and wait until it answers; from now on with so many workers and web processes."""
        if workers is not None:
            self._environment["COOPOLE_WORKERS"] = str(workers)
        if webs is not None:
            self._environment["COOPOLE_WEB_PROCESSES"] = str(webs)
        with self.log.open("ab") as log:
            self._process = prefork.start(["serve"], self._environment, log, log, program=self._program)
        self._wait_until_up()
        return self

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, f"it ended at once: {self.log.read_text()[-2000:]}"
            with suppress(OSError), socket.create_connection((self.host, self.port), 2) as connection:
                connection.settimeout(5)
                connection.sendall(
                    f"GET /nodeinfo/2.0 HTTP/1.1\r\nHost: {self.netloc}\r\nConnection: close\r\n\r\n".encode()
                )
                if connection.recv(64).startswith(b"HTTP/1.1 200"):
                    return
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"it did not answer within {START_SECONDS} s: {self.log.read_text()[-2000:]}")

    @property
    def pid(self) -> int:
        """The pid of the supervisor."""
        assert self._process is not None
        return self._process.pid

    def processes(self) -> dict[str, int]:
        """Name the pids below the supervisor: web, worker-1, …, broker.

        The kernel cuts a process's name after 15 characters, so workers are numbered here in the order of their pids.
        """
        found: dict[str, int] = {}
        for pid in sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == self.pid:
                    name = Path(f"/proc/{pid}/comm").read_text().strip().removeprefix("coopole-")
                    if name.startswith("worker-"):
                        name = f"worker-{1 + sum(other.startswith('worker-') for other in found)}"
                    found["broker" if name.startswith("valkey") else name] = pid
        return found

    def sender(self, port: int) -> str:
        """Name the process below the supervisor that holds this local TCP port, one of a connection to another server.

        Source: proc(5), /proc/net/tcp: sl, local_address, rem_address, st, queues, timer, retrnsmt, uid, timeout, inode.
        """
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        sockets = {f"socket:[{line[9]}]" for line in lines if int(line[1].rpartition(":")[2], 16) == port}
        for name, pid in self.processes().items():
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if os.readlink(descriptor) in sockets:
                        return name
        raise LookupError(f"nobody here holds port {port}")

    def kill_everything(self) -> None:
        """SIGKILL the supervisor and all below it, as a power cut would."""
        pids = [self.pid, *self.processes().values()]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(STOP_SECONDS)
        self._process = None

    def kill(self, *names: str) -> int:
        """SIGKILL processes by name, all as they are named now; the pid of the last."""
        processes = self.processes()
        for name in names:
            os.kill(processes[name], signal.SIGKILL)
        return processes[names[-1]]

    def stop(self) -> int:
        """Ask it to stop and wait; its exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_everything()
            raise
        finally:
            self._process = None

    def log_text(self) -> str:
        """Give everything it logged."""
        return self.log.read_text() if self.log.exists() else ""

    async def get(
        self, path: str, *, accept: str = "application/json", token: str | None = None
    ) -> tuple[int, Mapping[str, str], str]:
        """GET a path or a URL of this server: (status, headers, text)."""
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        url = path if path.startswith("http") else self.origin + path
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, headers=headers, allow_redirects=False) as response,
        ):
            return response.status, response.headers, await response.text()

    async def document(self, uri: str) -> dict[str, Any]:
        """GET an ActivityPub document."""
        status, _, text = await self.get(uri, accept="application/activity+json")
        assert status == 200, f"{uri}: {status} {text[:300]}"
        return dict(json.loads(text))

    async def api(self, method: str, path: str, *, member: str | None = ADMIN, expect: int = 200, **body: Any) -> Any:
        """Call the client API as a member; the decoded answer."""
        headers = {"Authorization": f"Bearer {self.token(member)}"} if member else {}
        parameters: dict[str, Any] = {"params": body} if method == "GET" else {"json": body}
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.origin + path, headers=headers, **parameters) as response,
        ):
            text = await response.text()
            assert response.status == expect, f"{method} {path}: {response.status} {text[:500]}"
            return json.loads(text)

    async def post_status(self, text: str, *, member: str = ADMIN, **more: Any) -> dict[str, Any]:
        """Publish as a member; the status."""
        return dict(await self.api("POST", "/api/v1/statuses", member=member, status=text, **more))

    async def follow(self, handle: str, *, member: str = ADMIN) -> str:
        """Find somebody and follow them; their account id here."""
        found = await self.api("GET", "/api/v1/accounts/search", member=member, q=handle, resolve="true", limit=1)
        assert found, f"{handle} was not found from {self.origin}"
        await self.api("POST", f"/api/v1/accounts/{found[0]['id']}/follow", member=member)
        return str(found[0]["id"])

    async def follows(self, account_id: str, *, member: str = ADMIN) -> bool:
        """Whether a member follows an account, accepted."""
        rows = await self.api("GET", "/api/v1/accounts/relationships", member=member, **{"id[]": account_id})
        return bool(rows[0]["following"])

    async def home(self, *, member: str = ADMIN, limit: int = 40) -> list[dict[str, Any]]:
        """Read a member's home timeline."""
        return list(await self.api("GET", "/api/v1/timelines/home", member=member, limit=limit))

    async def in_home(self, uri: str, *, member: str = ADMIN) -> dict[str, Any] | None:
        """Find a post in a member's home timeline by uri, itself or shared; None when it is not there."""
        for status in await self.home(member=member):
            shown = status["reblog"] or status
            if shown["uri"] == uri:
                return status
        return None
