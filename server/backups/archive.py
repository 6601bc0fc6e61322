"""The file that a backup is: a ZIP archive (PKWARE APPNOTE 6.3) that any program unpacks.

backup.json              what it is a backup of: see `Manifest`
database/coopole.db      SQLite: the database
database/<table>.copy    PostgreSQL: the rows of a table, in the binary format of COPY
media/3f/a9/3fa9….jpg    the files that members brought, where they lie in a folder
coopole.env              settings; those that hold passwords only in a sealed backup
secret.key               what private columns are sealed with; only in a sealed backup, or where it was asked for
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

from server.config import ENV_FILE
from server.media.names import is_name, place_of

FORMAT = 1
MANIFEST, SECRET_KEY, SQLITE = "backup.json", "secret.key", "database/coopole.db"
CHUNK_BYTES = 2**20
MAX_MANIFEST_BYTES = 2**20
MAX_SETTINGS_BYTES = 2**20

_TABLE = re.compile(r"database/([a-z_]{1,63})\.copy")
_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class BackupRefused(Exception):
    """Why a backup cannot be made or used, in one sentence for the administrator."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself. `tables` are those of PostgreSQL with their columns, in the order of the streams."""

    format: int
    version: str
    origin: str
    made_at: str
    database: str
    migrations: list[str]
    tables: list[tuple[_Name, list[_Name]]] = []
    has_key: bool = False
    files: int = 0
    missing_files: int = 0


def read_manifest(archive: ZipFile) -> Manifest:
    """Read what a backup says of itself, and see that it holds nothing but what a backup holds.

    Raises:
        BackupRefused: it is none, or one of a newer kind.
    """
    try:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
            raise BackupRefused("This is no backup of a Coopole server.")
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, BadZipFile, msgspec.DecodeError, UnicodeDecodeError, NotImplementedError, OSError) as error:
        raise BackupRefused("This is no backup of a Coopole server.") from error
    if manifest.format != FORMAT or manifest.database not in ("sqlite", "postgres"):
        raise BackupRefused(f"This backup was made by version {manifest.version}, which this version cannot read.")
    if strange := next((name for name in archive.namelist() if not _is_expected(name)), None):
        raise BackupRefused(f"This backup holds {strange!r}, which no backup of ours does.")
    return manifest


def _is_expected(name: str) -> bool:
    if name in (MANIFEST, SECRET_KEY, SQLITE, ENV_FILE) or _TABLE.fullmatch(name):
        return True
    last = name.rpartition("/")[2]
    return is_name(last) and name == f"media/{place_of(last)}"


def table_entry(name: str) -> str:
    """Name where the rows of a table lie."""
    return f"database/{name}.copy"


def add_file(archive: ZipFile, name: str, path: Path) -> bool:
    """Add a file, pictures as they are and others pressed; False where it is gone meanwhile."""
    with suppress(FileNotFoundError):
        info = ZipInfo.from_file(path, name, strict_timestamps=False)
        info.compress_type = ZIP_STORED if name.startswith("media/") else ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
            for chunk in _chunks(source):
                target.write(chunk)
        return True
    return False


def extract(archive: ZipFile, name: str, target: Path) -> None:
    """Write an entry to a file that is open to its owner alone; what was written is what was packed, by its checksum.

    Raises:
        BackupRefused: it is damaged.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    try:
        with archive.open(name) as source, target.open("wb") as out:
            for chunk in _chunks(source):
                out.write(chunk)
    except (BadZipFile, EOFError, NotImplementedError) as error:
        raise BackupRefused(f"This backup is damaged: {name} cannot be read.") from error


def _chunks(source: BinaryIO | object) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):  # type: ignore[union-attr]
        yield chunk
