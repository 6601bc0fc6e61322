"""Making a server of a backup."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile

import asyncpg

from models import database, dumping
from models.dumping import Table
from models.secrets import WrongKey
from server.backups.archive import (
    CHUNK_BYTES,
    MANIFEST,
    SECRET_KEY,
    SQLITE,
    BackupRefused,
    Manifest,
    extract,
    read_manifest,
    table_entry,
)
from server.backups.sealing import NotOpened, is_sealed, unseal
from server.backups.taking import DATABASE_FILE, SPARE_BYTES, Progress, check_room, quiet
from server.config import Settings
from server.runtime import running


@contextmanager
def opened(path: Path, passphrase: str = "", *, scratch: Path | None = None) -> Iterator[tuple[ZipFile, Manifest]]:
    """Open a backup; what is unsealed lies in the folder `scratch` meanwhile, under no name.

    Raises:
        BackupRefused: it is none, it is damaged, or the passphrase is not its own.
    """
    try:
        with ZipFile(path) as archive:
            if not is_sealed(archive):
                yield archive, read_manifest(archive)
                return
            if not passphrase:
                raise BackupRefused("This backup is sealed: its passphrase is needed.")
            with tempfile.TemporaryFile(dir=scratch or path.parent) as file:
                unseal(archive, passphrase, cast("BinaryIO", file))
                with ZipFile(cast("BinaryIO", file)) as inner:
                    yield inner, read_manifest(inner)
    except NotOpened as error:
        raise BackupRefused("The passphrase is not that of this backup, or it is damaged.") from error
    except FileNotFoundError as error:
        raise BackupRefused(f"There is no {path}.") from error
    except (BadZipFile, IsADirectoryError) as error:
        raise BackupRefused("This is no backup of a Coopole server.") from error


def unpack(archive: ZipFile, manifest: Manifest, target: Path, key: bytes, progress: Progress = quiet) -> None:
    """Make the data directory of a server: files, settings, key and, from SQLite, the database, which is looked through.

    Raises:
        BackupRefused: it is damaged, or there is no room.
    """
    names = [name for name in archive.namelist() if name != MANIFEST and not name.endswith(".copy")]
    check_room(target, sum(archive.getinfo(name).file_size for name in names) + SPARE_BYTES)
    for number, name in enumerate(names):
        place = target / (DATABASE_FILE if name == SQLITE else name)
        extract(archive, name, place)
        progress("Files", (number + 1) / len(names))
    if key:
        (target / SECRET_KEY).touch(mode=0o600)
        (target / SECRET_KEY).write_bytes(key)
    if manifest.database == "sqlite" and (wrong := dumping.check_sqlite(target / DATABASE_FILE)):
        raise BackupRefused(f"The database of this backup is damaged: {wrong}.")


async def fill_postgres(archive: ZipFile, manifest: Manifest, url: str) -> None:
    """Make the tables of an empty PostgreSQL database, and fill them.

    Raises:
        BackupRefused: it is not empty, or the backup is of another version.
    """
    if await dumping.has_tables(url):
        raise BackupRefused("The database is not empty: make a new one, and name it in COOPOLE_DATABASE_URL.")
    await database.migrate(url)
    ours = await database.applied_migrations()
    await database.close_database()
    if ours != manifest.migrations:
        raise BackupRefused(f"Restore this backup with version {manifest.version}, then upgrade.")
    tables = [Table(name, tuple(columns)) for name, columns in manifest.tables]

    async def stream(table: Table) -> AsyncIterator[bytes]:
        with archive.open(table_entry(table.name)) as entry:
            while chunk := entry.read(CHUNK_BYTES):
                yield chunk

    try:
        await dumping.load(url, tables, stream)
    except (asyncpg.PostgresError, BadZipFile, KeyError) as error:
        raise BackupRefused(f"The rows of this backup cannot be put back: {error}.") from error


async def prove(settings: Settings) -> None:
    """See that what was restored is a server: its tables are of this version, and its key opens what it sealed.

    Raises:
        BackupRefused: it is of a newer version, or the key is another one.
    """
    await database.migrate(settings.database_url)
    await database.close_database()
    try:
        async with running(settings, redis_url=""):
            pass
    except WrongKey as error:
        raise BackupRefused("The key is not that of this backup.") from error
