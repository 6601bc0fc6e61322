"""Running the server: everything at once, or each kind of process on its own."""

import asyncio
import importlib
import os
import socket
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer

from models import database
from server.cli.broker import EmbeddedBroker
from server.cli.child import die_with
from server.cli.console import out
from server.cli.datadir import DataDirectory, StartRefused
from server.cli.people import DEFAULT_SCOPES, TokenOption
from server.cli.supervisor import Child, Stage, Supervisor, worker_count
from server.config import ENV_FILE, Settings, checked_origin, read_settings
from server.oauth.tokens import create_token
from server.runtime import running
from server.sections.setup import SetupForm, SetupRefused, finish_setup, is_set_up, new_setup_token

PRELOAD = ("server.main", "workers.main")
FINISH_SECONDS = 40.0
BACKLOG = 2048

DataOption = Annotated[Path | None, typer.Option("--data", help="Data directory; COOPOLE_DATA, else ./data.")]


def serve(
    data: DataOption = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; as many as helps by default.")] = None,
) -> None:
    """Run everything: web, workers and, unless COOPOLE_REDIS_URL names a broker, a Valkey of our own."""
    chosen = {"DATA": data, "LISTEN_PORT": port, "LISTEN_HOST": host, "WORKERS": workers}
    os.environ.update({f"COOPOLE_{name}": str(value) for name, value in chosen.items() if value is not None})
    settings = read_settings()
    directory = DataDirectory(settings.data)
    directory.prepare()
    with directory.lock(), _listener(settings) as listener:
        _have_secret_key(settings, directory)
        directory.forget_numbers()
        children = _broker(settings, directory)
        settings = read_settings()
        _bring_up_to_date(settings.database_url)
        token = asyncio.run(_setup_token(settings))
        _greet(settings, token)
        children += _processes(settings, listener)
        status = Supervisor(children, preload=PRELOAD, pid_path=directory.pid_file).run()
    raise typer.Exit(status)


def _have_secret_key(settings: Settings, directory: DataDirectory) -> None:
    """Make the key file at the first start, and check it at the others; a key given in the settings needs no file."""
    if not settings.secret_key or directory.secret_file.exists():
        directory.secret_key()


def _listener(settings: Settings) -> socket.socket:
    """Listen in this process, so that no connection is refused while a web process is replaced."""
    family = socket.AF_INET6 if ":" in settings.listen_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.listen_host, settings.listen_port))
    except OSError as error:
        listener.close()
        where = f"{settings.listen_host}:{settings.listen_port}"
        raise StartRefused(f"Nothing can listen on {where}: {error.strerror}. Choose another with --port.") from error
    listener.listen(BACKLOG)
    return listener


def _broker(settings: Settings, directory: DataDirectory) -> list[Child]:
    if settings.redis_url:
        return []
    broker = EmbeddedBroker(directory.valkey)
    broker.prepare()
    os.environ["COOPOLE_REDIS_URL"] = broker.url
    return [broker.child()]


def _bring_up_to_date(url: str) -> None:
    """Migrate in a process of its own: what building every version of the tables takes is given back when it ends."""
    fork = get_context("fork")
    with ProcessPoolExecutor(1, mp_context=fork, initializer=die_with, initargs=(os.getpid(),)) as apart:
        apart.submit(_migrate_alone, url).result()


def _migrate_alone(url: str) -> None:
    async def migrate_and_close() -> None:
        await database.migrate(url)
        await database.close_database()

    asyncio.run(migrate_and_close())


async def _setup_token(settings: Settings) -> str | None:
    """Give a new set-up token while nobody has finished setting up."""
    async with running(settings, redis_url=""):
        return None if await is_set_up() else await new_setup_token()


def _greet(settings: Settings, token: str | None) -> None:
    out.print(f"Coopole serves [bold]{settings.origin}[/] from {settings.data}")
    if token is not None:
        out.print(f"Finish the set-up in a browser, once: [bold]{settings.origin}/setup/{token}[/]")


def _processes(settings: Settings, listener: socket.socket) -> list[Child]:
    count = settings.workers or worker_count(os.cpu_count() or 1)
    webs = ["web"] if settings.web_processes == 1 else [f"web-{n}" for n in range(1, settings.web_processes + 1)]
    names = [f"worker-{number}" for number in range(1, count + 1)]
    return [
        *(Child(name, "server.main:run_web", (listener, name), FINISH_SECONDS, Stage.WEB) for name in webs),
        *(Child(name, "workers.main:run_worker", (name,), FINISH_SECONDS, Stage.WORKER) for name in names),
    ]


def web() -> None:
    """Run one web process, for an installation with PostgreSQL and Redis on several machines."""
    settings = read_settings()
    _need_broker(settings)
    raise typer.Exit(importlib.import_module("server.main").run_web(name=f"web-{settings.listen_port}"))


def worker(
    name: Annotated[str | None, typer.Option(help="Distinguishes the workers of one machine.")] = None,
) -> None:
    """Run one worker process, for an installation with PostgreSQL and Redis on several machines."""
    _need_broker(read_settings())
    raise typer.Exit(importlib.import_module("workers.main").run_worker(name or f"pid-{os.getpid()}"))


def _need_broker(settings: Settings) -> None:
    if not settings.redis_url:
        raise StartRefused("Set COOPOLE_REDIS_URL: only `coopole serve` runs a broker of its own.")


def migrate(data: DataOption = None) -> None:
    """Bring the database up to this version."""
    if data is not None:
        os.environ["COOPOLE_DATA"] = str(data)
    settings = read_settings()
    if settings.database_url.startswith("sqlite"):
        DataDirectory(settings.data).prepare()
    done = asyncio.run(_migrate(settings))
    out.print("The database is up to date." if not done else f"Applied {len(done)}: {', '.join(done)}.")


async def _migrate(settings: Settings) -> list[str]:
    await database.open_database(settings.database_url)
    pending = await database.pending_migrations()
    await database.close_database()
    await database.migrate(settings.database_url)
    await database.close_database()
    return pending


def init(
    domain: Annotated[
        str, typer.Option(prompt="Domain or address of this server", help="lille.example, or http://localhost:8000")
    ],
    section: Annotated[str, typer.Option(prompt="Name of the section")],
    handle: Annotated[str, typer.Option(prompt="Handle of the section (the part before the @)")],
    admin: Annotated[str, typer.Option(prompt="Username of the first administrator")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    description: Annotated[str, typer.Option(help="What the section says of itself.")] = "",
    place: Annotated[str, typer.Option(help="Where the section is.")] = "",
    email: Annotated[str, typer.Option(help="The administrator's e-mail address.")] = "",
    with_token: TokenOption = False,
    data: DataOption = None,
) -> None:
    """Set up a server without a browser: its domain, its section and its first administrator."""
    if data is not None:
        os.environ["COOPOLE_DATA"] = str(data)
    origin = checked_origin(domain if "://" in domain else f"https://{domain}")
    directory = DataDirectory(os.environ.get("COOPOLE_DATA", "data"))
    directory.prepare()
    os.environ["COOPOLE_ORIGIN"] = origin
    _have_secret_key(read_settings(), directory)
    form = SetupForm(
        section_name=section, handle=handle, description=description, place=place, username=admin, email=email,
        password=password, password_again=password,
    )  # fmt: skip
    token = asyncio.run(_init(read_settings(), form, with_token))
    _write_environment(directory.path / ENV_FILE, origin)
    out.print(f"[bold]{section}[/] is @{handle}@{origin.partition('://')[2]}. Start it with: coopole serve")
    if token:
        out.print(token)


def _write_environment(path: Path, origin: str) -> None:
    """Put the origin into the data directory's settings, leaving the other lines as they are."""
    kept = (
        [line for line in path.read_text().splitlines() if not line.startswith("COOPOLE_ORIGIN=")]
        if path.exists()
        else []
    )
    path.write_text("\n".join([*kept, f"COOPOLE_ORIGIN={origin}"]) + "\n")


async def _init(settings: Settings, form: SetupForm, with_token: bool) -> str:
    await database.migrate(settings.database_url)
    async with running(settings, redis_url="") as ctx:
        if await is_set_up():
            raise StartRefused("This server is set up already; add sections and members with their own commands.")
        try:
            _, admin = await finish_setup(form, ctx, await new_setup_token())
        except SetupRefused as refused:
            reasons = "; ".join(f"{field}: {problem}" for field, problem in refused.problems.items())
            raise StartRefused(f"Some answers will not do: {reasons}") from refused
        return await create_token(admin, DEFAULT_SCOPES.split()) if with_token else ""
