"""Making a backup while the server runs."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import asyncpg
import msgspec

from models import database, dumping
from models.dumping import Table
from server.backups.archive import (
    FORMAT,
    MANIFEST,
    SECRET_KEY,
    SQLITE,
    BackupRefused,
    Manifest,
    add_file,
    table_entry,
)
from server.backups.sealing import seal
from server.config import ENV_FILE, VERSION, Settings
from server.media.store import INCOMING

DATABASE_FILE = "coopole.db"
PRESSED = 1  # the least that ZIP knows: the rows of a large server are pressed by half in a fifth of the time
SPARE_BYTES = 64 * 2**20
KEPT_APART = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "MEDIA_STORE_URL", "METRICS_TOKEN")
"""Settings that hold passwords: in a sealed backup alone."""

IN_PLACE = ("DATABASE_URL",)
"""Settings that a restored SQLite does without: its file lies in the data directory."""

Progress = Callable[[str, float], None]
"""Told what is done, and how much of it is (0 to 1)."""


def quiet(_what: str, _share: float) -> None:
    """Tell nobody."""


def back_up(
    settings: Settings,
    target: Path,
    now: datetime,
    *,
    passphrase: str = "",
    with_key: bool = False,
    progress: Progress = quiet,
) -> Manifest:
    """Write a backup of this server to a new file, open to its owner alone; whoever looks sees all of it, or nothing.

    Raises:
        BackupRefused: the file is there already, there is no room, or something cannot be read.
    """
    if target.exists():
        raise BackupRefused(f"{target} is there already.")
    check_room(target.parent, _size_of(settings))
    draft = target.with_name(f".{target.name}.part")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "r+b") as file:
            with (
                _opened_for(file, passphrase) as inner,
                ZipFile(inner, "w", ZIP_DEFLATED, compresslevel=PRESSED) as archive,
            ):
                manifest = _fill(archive, settings, now, with_key=with_key or bool(passphrase), progress=progress)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError as error:
        raise BackupRefused(f"{target} is there already.") from error
    except (OSError, sqlite3.Error, asyncpg.PostgresError) as error:
        raise BackupRefused(f"The backup could not be written: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


@contextmanager
def _opened_for(file: BinaryIO, passphrase: str) -> Iterator[BinaryIO]:
    if not passphrase:
        yield file
        return
    with seal(file, passphrase) as inner:
        yield inner


def _fill(archive: ZipFile, settings: Settings, now: datetime, *, with_key: bool, progress: Progress) -> Manifest:
    """Put in the database first: what is written while the files are added belongs to no row of it."""
    if settings.database_url.startswith("sqlite"):
        applied, tables = _add_sqlite(archive, settings, progress)
    else:
        applied, tables = asyncio.run(_add_postgres(archive, settings.database_url, progress))
    files, missing = _add_media(archive, settings, progress)
    lines = _settings_lines(settings, with_passwords=with_key)
    archive.writestr(ENV_FILE, "".join(f"{line}\n" for line in lines))
    if with_key:
        archive.writestr(SECRET_KEY, settings.secret_key)
    manifest = Manifest(
        format=FORMAT,
        version=VERSION,
        origin=settings.origin,
        made_at=now.isoformat(),
        database="postgres" if tables else "sqlite",
        migrations=applied,
        tables=[(table.name, list(table.columns)) for table in tables],
        has_key=with_key,
        files=files,
        missing_files=missing,
    )
    archive.writestr(MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _add_sqlite(archive: ZipFile, settings: Settings, progress: Progress) -> tuple[list[str], list[Table]]:
    source = Path(database.sqlite_path(settings.database_url))
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.data) as folder:
        copy = Path(folder) / DATABASE_FILE
        copy.touch(mode=0o600)
        whole = max(source.stat().st_size, 1)
        with ThreadPoolExecutor(1) as apart:
            work = apart.submit(dumping.copy_sqlite, source, copy)
            while wait([work], timeout=0.2).not_done:
                progress("Database", min(copy.stat().st_size / whole, 1) / 2)
            work.result()
        applied = dumping.sqlite_migrations(copy)
        add_file(archive, SQLITE, copy)
        progress("Database", 1)
    return applied, []


async def _add_postgres(archive: ZipFile, url: str, progress: Progress) -> tuple[list[str], list[Table]]:
    async with dumping.reading(url) as found:
        for number, table in enumerate(found.tables):
            with archive.open(table_entry(table.name), "w", force_zip64=True) as entry:
                await found.copy(table, _writer(entry))
            progress("Database", (number + 1) / len(found.tables))
        return list(found.migrations), list(found.tables)


def _writer(entry: IO[bytes]) -> Callable[[bytes], Awaitable[None]]:
    async def write(data: bytes) -> None:
        entry.write(data)

    return write


def _add_media(archive: ZipFile, settings: Settings, progress: Progress) -> tuple[int, int]:
    """Add the files that members brought; (how many, how many went meanwhile). Those in a bucket stay there."""
    folder = settings.data / "media"
    paths = [path for path in sorted(folder.glob("??/??/*")) if path.is_file()] if not settings.media_store_url else []
    missing = 0
    for number, path in enumerate(paths):
        missing += not add_file(archive, f"media/{path.relative_to(folder)}", path)
        progress("Files", (number + 1) / len(paths))
    return len(paths) - missing, missing


def _settings_lines(settings: Settings, *, with_passwords: bool) -> list[str]:
    """Give the lines of the settings file; what the server is called is in them, wherever it was said."""
    path = settings.data / ENV_FILE
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    left_out = KEPT_APART if not with_passwords else IN_PLACE if settings.database_url.startswith("sqlite") else ()
    kept = [
        line for line in lines if not line.replace(" ", "").startswith(tuple(f"COOPOLE_{name}=" for name in left_out))
    ]
    named = {"COOPOLE_ORIGIN": settings.origin, "COOPOLE_HANDLE_DOMAIN": settings.handle_domain}
    said = {line.partition("=")[0].strip() for line in kept}
    return kept + [f"{name}={value}" for name, value in named.items() if value and name not in said]


def _size_of(settings: Settings) -> int:
    """Tell how much room a backup needs at most, with the copy that it is made of."""
    if not settings.database_url.startswith("sqlite"):
        return SPARE_BYTES
    media = settings.data / "media"
    files = sum(path.stat().st_size for path in media.rglob("*") if path.is_file() and INCOMING not in path.parts)
    return 2 * Path(database.sqlite_path(settings.database_url)).stat().st_size + files + SPARE_BYTES


def check_room(folder: Path, needed: int) -> None:
    """See that so many bytes fit into a folder.

    Raises:
        BackupRefused: they do not.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be written: {error.strerror}.") from error
    if free < needed:
        raise BackupRefused(f"{folder} has {free // 2**20} MiB free, and {needed // 2**20} may be needed.")
