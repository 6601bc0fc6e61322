"""Open many streams on one web process, publish, and see how long each waits and what each costs.

    python -m bench.streams [--streams 1000] [--posts 10] [--server-port 8081] [--markdown]

Half of the streams are homes of those who follow the account, half the public timeline. All are held by this process,
which shares the cores with the server: the time from sending a post to its last arrival contains that of reading it
everywhere. It needs Linux, whose loopback has an address for each 200 streams.
"""

import asyncio
import itertools
import json
import os
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from websockets.asyncio.client import ClientConnection, connect

from bench import readers, table
from bench.harness import CannotMeasure
from bench.installation import ACCOUNT, BenchServer
from server.config import read_settings

STREAMS_A_TOKEN = 16
STREAMS_AN_ADDRESS = 200
OPENED_AT_ONCE = 20
PATIENCE_SECONDS = 60.0
TEXT = "Réunion publique jeudi à 19 h à la Maison des associations, venez nombreux. #Lille"
HEADERS = (
    "streams",
    "memory of the web process, PSS MiB: before, after",
    "KiB a stream",
    "first, median, last arrival, ms",
)


@dataclass
class Audience:
    """Streams that are open on a server; leaving the context closes them."""

    origin: str
    clients: list[ClientConnection] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await asyncio.gather(*(client.close() for client in self.clients))

    async def grow(self, tokens: Sequence[str], how_many: int) -> None:
        """Open so many streams more, so many of each token and from each address as the server lets."""
        wanted = itertools.islice(_places(tokens), len(self.clients), len(self.clients) + how_many)
        while some := list(itertools.islice(wanted, OPENED_AT_ONCE)):
            self.clients += await asyncio.gather(*(self._open(*place) for place in some))

    async def _open(self, token: str, address: str, stream: str) -> ClientConnection:
        parts = urlsplit(self.origin)
        return await connect(
            f"ws://{parts.netloc}/api/v1/streaming?stream={stream}",
            additional_headers={"Authorization": f"Bearer {token}"},
            local_addr=(address, 0),
            compression=None,
            ping_interval=None,
            open_timeout=PATIENCE_SECONDS,
        )

    async def hear(self) -> list[float]:
        """Wait until every stream has told of a post; when each did, as `time.perf_counter` has it.

        Raises:
            TimeoutError: some did not.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            return list(await asyncio.gather(*(_arrival(client) for client in self.clients)))


def _places(tokens: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Give token, address and stream of each client, one after the other.

    Raises:
        CannotMeasure: there are not enough tokens.
    """
    for number in itertools.count():
        if number >= len(tokens) * STREAMS_A_TOKEN:
            raise CannotMeasure(f"{len(tokens)} tokens are too few for more than {number} streams")
        address = f"127.9.0.{1 + number // STREAMS_AN_ADDRESS}"
        yield tokens[number // STREAMS_A_TOKEN], address, "user" if number % 2 else "public"


async def _arrival(client: ClientConnection) -> float:
    while json.loads(await client.recv())["event"] != "update":
        pass
    return time.perf_counter()


def pss_kib(pid: int) -> int:
    """Tell how much memory a process has, what it shares with others counted in part.   Source: proc(5), smaps_rollup"""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def web_process(supervisor_pid: int) -> int:
    """Find the web process below the supervisor.

    Raises:
        CannotMeasure: there is none.
    """
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and os.access(entry / "stat", os.R_OK):
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            if name == "coopole-web" and int(rest.split()[1]) == supervisor_pid:
                return int(entry.name)
    raise CannotMeasure("there is no web process")


def arguments(argv: Sequence[str] | None = None) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--posts", type=int, default=10)
    parser.add_argument("--server-port", type=int, default=8081, help="port of the server under test (default 8081)")
    parser.add_argument("--markdown", action="store_true", help="write the table for a page")
    return parser.parse_args(argv)


def main() -> int:
    """Measure; 2 when nothing could be measured."""
    options = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="coopole-streams-") as name:
            server = BenchServer(Path(name), options.server_port)
            server.set_up()
            settings = read_settings(server.environment)
            tokens = asyncio.run(readers.make(settings, ACCOUNT, 1 + options.streams // STREAMS_A_TOKEN))
            with server.running():
                row = asyncio.run(_measure(server, tokens, options))
    except CannotMeasure as reason:
        print(f"streams: {reason}", file=sys.stderr)
        return 2
    print("\n".join((table.markdown if options.markdown else table.plain)(HEADERS, [row])))
    return 0


async def _measure(server: BenchServer, tokens: Sequence[str], options: Namespace) -> list[str]:
    web = web_process(int(server.pid_file.read_text()))
    headers = {"Authorization": f"Bearer {server.token}"}
    async with aiohttp.ClientSession(server.origin, headers=headers) as session, Audience(server.origin) as audience:
        await audience.grow(tokens, 1)
        await _publish(session, audience)
        before = pss_kib(web)
        await audience.grow(tokens, options.streams - 1)
        waits = [await _publish(session, audience) for _ in range(options.posts)]
        after = pss_kib(web)
    each = (after - before) / max(options.streams - 1, 1)
    first, last = median(min(wait) for wait in waits), median(max(wait) for wait in waits)
    middle = median(wait for some in waits for wait in some)
    return [
        str(options.streams),
        f"{before / 1024:.1f}, {after / 1024:.1f}",
        f"{each:.1f}",
        ", ".join(f"{1000 * seconds:.0f}" for seconds in (first, middle, last)),
    ]


async def _publish(session: aiohttp.ClientSession, audience: Audience) -> list[float]:
    """Publish a post; how many seconds after that was sent each stream told of it."""
    began = time.perf_counter()
    listening = asyncio.create_task(audience.hear())
    async with session.post("/api/v1/statuses", json={"status": TEXT}) as answer:
        answer.raise_for_status()
        await answer.read()
    return [arrived - began for arrived in await listening]


if __name__ == "__main__":
    sys.exit(main())
