"""Where finished files lie: a folder of this machine, or a bucket of an S3 service. Both know a file by its name alone."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from server.config import Settings
from server.media.names import is_name, media_type_of, place_of

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in a storage, and since when."""

    name: str
    kept_at: datetime


class Storage(Protocol):
    """What is asked of a storage. Names are those of server/media/names.py, and nothing else is ever asked for."""

    async def put(self, name: str, path: Path) -> None:
        """Keep a file under a name. Whoever looks sees all of it, or nothing. The file at `path` may be gone afterwards.

        Raises:
            OSError: it cannot be kept.
        """

    async def remove(self, names: Sequence[str]) -> None:
        """Remove files, as far as they are there.

        Raises:
            OSError: they cannot be removed.
        """

    async def give(self, name: str, request: Request, headers: Mapping[str, str]) -> Response | None:
        """Answer a request with a file, or the part of it that is asked for; None where there is no such file.

        Raises:
            OSError: the storage cannot be reached.
        """

    async def read(self, name: str) -> AsyncIterator[bytes] | None:
        """Give a file, piece by piece; None where there is no such file.

        Raises:
            OSError: the storage cannot be reached.
        """

    async def shelf(self, digit: str) -> list[Stored]:
        """List the files whose names begin with this digit.

        Raises:
            OSError: the storage cannot be reached.
        """


class Folder:
    """A folder of this machine, open to its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, name: str) -> Path:
        """Tell where the file of this name is."""
        return self.folder / place_of(name)

    async def put(self, name: str, path: Path) -> None:
        """Keep a file."""
        await asyncio.to_thread(self._put, path, self.path_of(name))

    def _put(self, path: Path, place: Path) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(path, place)

    async def remove(self, names: Sequence[str]) -> None:
        """Remove files."""
        await asyncio.to_thread(self._remove, names)

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            self.path_of(name).unlink(missing_ok=True)

    async def give(self, name: str, request: Request, headers: Mapping[str, str]) -> Response | None:
        """Answer with a file; Starlette reads the Range header."""
        path = self.path_of(name)
        if not await asyncio.to_thread(path.is_file):
            return None
        return FileResponse(path, media_type=media_type_of(name), headers=headers)

    async def read(self, name: str) -> AsyncIterator[bytes] | None:
        """Give a file, piece by piece."""
        path = self.path_of(name)
        return self._pieces(path) if await asyncio.to_thread(path.is_file) else None

    async def _pieces(self, path: Path) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(path.open, "rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece

    async def shelf(self, digit: str) -> list[Stored]:
        """List some files."""
        return await asyncio.to_thread(self._shelf, digit)

    def _shelf(self, digit: str) -> list[Stored]:
        found = ((path.name, path.stat()) for path in self.folder.glob(f"{digit}?/*/*") if is_name(path.name))
        return [Stored(name, datetime.fromtimestamp(said.st_mtime, UTC)) for name, said in found]


def storage_of(settings: Settings) -> Storage:
    """Make the storage that the settings name."""
    if not settings.media_store_url:
        return Folder(settings.data / "media")
    from server.media.bucket import Bucket  # late: its library costs memory that a folder does not need

    return Bucket.at(settings.media_store_url)


def free_bytes(folder: Path) -> int:
    """Tell how much room the disk of a folder has."""
    return shutil.disk_usage(folder).free
