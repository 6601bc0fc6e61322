"""Backups from the command line: made while the server runs, tried in a folder apart, restored into an empty one."""

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zipfile import ZipFile

import typer
from rich.progress import Progress as Bars
from rich.progress import TaskID
from rich.prompt import Prompt

from models import database
from server.backups.archive import BackupRefused, Manifest
from server.backups.restoring import fill_postgres, opened, prove, unpack
from server.backups.sealing import LEAST_CHARACTERS
from server.backups.taking import Progress, back_up
from server.cli.console import err, out
from server.cli.datadir import DataDirectory
from server.config import VERSION, Settings, read_settings

FOLDER = "backups"
PASSPHRASE = "COOPOLE_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable

_TIME = re.compile(r"-\d{4}-\d\d-\d\d-\d{6}(?=\.zip$)")

DataOption = Annotated[Path | None, typer.Option("--data", help="Data directory; COOPOLE_DATA, else ./data.")]
SealedOption = Annotated[
    bool, typer.Option("--sealed", help=f"Seal it with a passphrase: {PASSPHRASE}, else asked for.")
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="Your copy of secret.key, if the backup holds none.")]


def backup(
    target: Annotated[Path | None, typer.Argument(help="File or folder; <data>/backups by default.")] = None,
    data: DataOption = None,
    sealed: SealedOption = False,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put in the secret key, unsealed: keep it well.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Then restore it into a folder apart, to see that it can be.")] = True,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Of those in that folder, keep so many of the newest.")
    ] = None,
) -> None:
    """Make a backup of everything, while the server runs: database, files, settings and, in a sealed one, keys."""
    settings = _settings(data)
    passphrase = _new_passphrase() if sealed else ""
    now = datetime.now(UTC)
    path = _backup_path(settings, target, now)
    with _bars() as progress:
        made = back_up(settings, path, now, passphrase=passphrase, with_key=with_key, progress=progress)
        if check:
            _try(path, passphrase, settings.secret_key, progress)
    if keep is not None:
        _forget_older(path, keep)
    size = path.stat().st_size / 2**20
    out.print(f"[bold]{path}[/]: {size:.1f} MiB, {made.files} files{', tried' if check else ''}.")
    if made.missing_files:
        out.print(f"{made.missing_files} files were deleted while it was made, and are not in it.")
    if not made.has_key:
        out.print("The secret key is not in it: keep a copy of secret.key elsewhere, or use --sealed.")


def restore(
    source: Annotated[Path, typer.Argument(help="The backup.")],
    data: DataOption = None,
    key: KeyOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only try it in a folder apart; nothing is changed.")] = False,
) -> None:
    """Make a server of a backup, in an empty folder. PostgreSQL needs an empty database, in COOPOLE_DATABASE_URL."""
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase and _is_sealed(source):
        passphrase = Prompt.ask("Passphrase of this backup", password=True, console=err)
    secret = _read_key(key) if key is not None else b""
    with _bars() as progress:
        if check:
            found = _try(source, passphrase, secret, progress)
        else:
            found = _restore(source, _target(data), passphrase, secret, progress)
    made = found.made_at[:16].replace("T", " ")
    if check:
        rows = "" if found.database == "sqlite" else " Its rows were read, and not put into a database."
        out.print(f"The backup of {found.origin}, made {made} UTC by version {found.version}, is whole.{rows}")
        return
    out.print(f"{found.origin} is as it was on {made} UTC, with {found.files} files. Start it with: coopole serve")


def upgrade(data: DataOption = None) -> None:
    """Bring the database up to this version, with a backup first; say how to go back."""
    settings = _settings(data)
    waiting = asyncio.run(_pending(settings))
    if not waiting:
        out.print("The database is up to date.")
        return
    now = datetime.now(UTC)
    path = _backup_path(settings, None, now)
    with _bars() as progress:
        back_up(settings, path, now, progress=progress)
        _try(path, "", settings.secret_key, progress)
    asyncio.run(_migrate(settings))
    out.print(f"Applied {len(waiting)}: {', '.join(waiting)}. This is version {VERSION}.")
    out.print(f"To go back: stop the server, install the version before, move {settings.data} away, then")
    out.print(f"  coopole restore {path} --data {settings.data} --key <the folder you moved>/secret.key")


async def _pending(settings: Settings) -> list[str]:
    await database.open_database(settings.database_url)
    try:
        return await database.pending_migrations()
    finally:
        await database.close_database()


async def _migrate(settings: Settings) -> None:
    await database.migrate(settings.database_url)
    await database.close_database()


def _settings(data: Path | None) -> Settings:
    if data is not None:
        os.environ["COOPOLE_DATA"] = str(data)
    settings = read_settings()
    if not settings.secret_key:
        raise BackupRefused(f"There is no server in {settings.data}.")
    return settings


def _backup_path(settings: Settings, target: Path | None, now: datetime) -> Path:
    if target is None:
        target = settings.data / FOLDER
        target.mkdir(mode=0o700, exist_ok=True)
    if not target.is_dir():
        return target.absolute()
    host = settings.origin.partition("://")[2].replace(":", "-")
    return target.absolute() / f"coopole-{host}-{now:%Y-%m-%d-%H%M%S}.zip"


def _forget_older(newest: Path, keep: int) -> None:
    """Delete the oldest backups of this server that lie beside this one, by the time in their names."""
    stem = _TIME.sub("", newest.name)
    alike = [path for path in newest.parent.iterdir() if _TIME.search(path.name) and _TIME.sub("", path.name) == stem]
    for path in sorted(alike)[:-keep]:
        path.unlink()


def _new_passphrase() -> str:
    """Take the passphrase of a new backup, twice if somebody types it.

    Raises:
        BackupRefused: it is too short, or two different ones were typed.
    """
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        if not sys.stdin.isatty():
            raise BackupRefused(f"Set {PASSPHRASE}: nobody is here to type a passphrase.")
        passphrase = Prompt.ask("Passphrase for this backup", password=True, console=err)
        if Prompt.ask("The same again", password=True, console=err) != passphrase:
            raise BackupRefused("The two passphrases differ: no backup was made.")
    if len(passphrase) < LEAST_CHARACTERS:
        raise BackupRefused(f"A passphrase needs {LEAST_CHARACTERS} characters at least; four words do well.")
    return passphrase


def _is_sealed(source: Path) -> bool:
    try:
        with opened(source):
            return False
    except BackupRefused as refused:
        if "sealed" not in str(refused):
            raise
        return True


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror}.") from error
    if len(key) != 32:
        raise BackupRefused(f"{path} is no secret key: it has {len(key)} bytes instead of 32.")
    return key


def _target(data: Path | None) -> DataDirectory:
    """Give the empty folder that a server is to be restored into.

    Raises:
        BackupRefused: it is not empty.
    """
    directory = DataDirectory(data or Path(os.environ.get("COOPOLE_DATA", "data")))
    if directory.path.is_dir() and any(entry.name != "lost+found" for entry in directory.path.iterdir()):
        raise BackupRefused(
            f"{directory.path} is not empty: move away what is there, or name another folder with --data."
        )
    return directory


def _restore(source: Path, directory: DataDirectory, passphrase: str, key: bytes, progress: Progress) -> Manifest:
    directory.path.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(directory.path.parent) as folder, opened(source, passphrase, scratch=folder) as (archive, manifest):
        ready = folder / "server"
        ready.mkdir(mode=0o700)
        settings = _unpacked(archive, manifest, ready, key, progress)
        if manifest.database == "postgres":
            asyncio.run(fill_postgres(archive, manifest, settings.database_url))
        asyncio.run(prove(settings))
        directory.path.mkdir(mode=0o700, exist_ok=True)
        for entry in ready.iterdir():
            os.replace(entry, directory.path / entry.name)
        directory.path.chmod(0o700)
    return manifest


def _try(source: Path, passphrase: str, key: bytes, progress: Progress) -> Manifest:
    with (
        _scratch(source.absolute().parent) as folder,
        opened(source, passphrase, scratch=folder) as (archive, manifest),
    ):
        settings = _unpacked(archive, manifest, folder, b"" if manifest.has_key else key, progress)
        if manifest.database == "sqlite":
            asyncio.run(prove(settings))
        elif manifest.database == "postgres" and (broken := archive.testzip()):
            raise BackupRefused(f"This backup is damaged: {broken} cannot be read.")
    return manifest


def _unpacked(archive: ZipFile, manifest: Manifest, folder: Path, key: bytes, progress: Progress) -> Settings:
    """Unpack a backup; the settings of the server that lies in the folder then."""
    if not manifest.has_key and not key:
        raise BackupRefused("The secret key is not in this backup: name your copy of secret.key with --key.")
    unpack(archive, manifest, folder, key, progress)
    given = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("COOPOLE_") and name != "COOPOLE_SECRET_KEY"
    }
    settings = replace(read_settings(given | {"COOPOLE_DATA": str(folder)}), origin=manifest.origin)
    is_postgres = not settings.database_url.startswith("sqlite")
    if manifest.database == "sqlite":
        return replace(settings, database_url=f"sqlite:///{folder}/coopole.db")
    if not is_postgres:
        raise BackupRefused("This backup is of a PostgreSQL database: name an empty one in COOPOLE_DATABASE_URL.")
    return settings


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """Give a folder on the disk that the result will lie on, gone afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".coopole-restoring-", dir=beside))
    except OSError as error:
        raise BackupRefused(f"{beside} cannot be written: {error.strerror}.") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _bars() -> Iterator[Progress]:
    """Show how far it is, where somebody watches."""
    with Bars(console=err, transient=True, disable=not err.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=share)

        yield tell
