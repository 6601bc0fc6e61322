"""Files in a bucket of an S3 service, which readers never see: every file passes through this server.

Source: developmentseed.org/obstore (S3Store); RFC 9110 §14 (Range)
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.media.names import SHELVES, is_name, media_type_of, place_of
from server.media.route import read_bucket_route
from server.media.storage import Stored

TIMEOUT = timedelta(seconds=30)
TRY_FOR = timedelta(seconds=10)
CHUNK_BYTES = 2**18

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Bucket:
    """A bucket, or a folder in one."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> "Bucket":
        """Reach the bucket that COOPOLE_MEDIA_STORE_URL names."""
        route = read_bucket_route(url)
        return cls(
            S3Store(
                route.bucket,
                prefix=route.prefix or None,
                endpoint=route.endpoint,
                region=route.region,
                access_key_id=route.key_id,
                secret_access_key=route.secret,
                virtual_hosted_style_request=False,
                client_options={"allow_http": not route.is_encrypted, "timeout": TIMEOUT},
                retry_config={"max_retries": 2, "retry_timeout": TRY_FOR},
            )
        )

    async def put(self, name: str, path: Path) -> None:
        """Keep a file."""
        kind = {"Content-Type": media_type_of(name)}
        try:
            await obstore.put_async(self._store, place_of(name), path, attributes=kind)
        except BaseError as error:
            raise OSError(f"{name} cannot be kept: {error}") from error

    async def remove(self, names: Sequence[str]) -> None:
        """Remove files."""
        for name in names:
            try:
                await obstore.delete_async(self._store, place_of(name))
            except (NotFoundError, FileNotFoundError):
                continue
            except BaseError as error:
                raise OSError(f"{name} cannot be removed: {error}") from error

    async def give(self, name: str, request: Request, headers: Mapping[str, str]) -> Response | None:
        """Answer with a file as it arrives, or with the part of it that is asked for."""
        place, kind = place_of(name), media_type_of(name)
        try:
            size = (await obstore.head_async(self._store, place))["size"]
            part = part_of(request.headers.get("range", ""), size)
            if part is None:
                whole = {**headers, "Accept-Ranges": "bytes", "Content-Range": f"bytes */{size}"}
                return Response(status_code=416, headers=whole)
            first, after = part
            is_part = after - first < size
            told = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(after - first)}
            if is_part:
                told["Content-Range"] = f"bytes {first}-{after - 1}/{size}"
            if request.method == "HEAD" or not size:
                return Response(status_code=206 if is_part else 200, headers=told, media_type=kind)
            found = await obstore.get_async(self._store, place, options={"range": (first, after)})
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise OSError(f"{name} cannot be read: {error}") from error
        chunks = (bytes(chunk) async for chunk in found.stream(min_chunk_size=CHUNK_BYTES))
        return StreamingResponse(chunks, 206 if is_part else 200, told, media_type=kind)

    async def read(self, name: str) -> AsyncIterator[bytes] | None:
        """Give a file as it arrives."""
        try:
            found = await obstore.get_async(self._store, place_of(name))
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise OSError(f"{name} cannot be read: {error}") from error
        return (bytes(chunk) async for chunk in found.stream(min_chunk_size=CHUNK_BYTES))

    async def shelf(self, digit: str) -> list[Stored]:
        """List some files."""
        found: list[Stored] = []
        try:
            for second in SHELVES:
                async for rows in obstore.list(self._store, prefix=f"{digit}{second}"):
                    names = ((row["path"].rpartition("/")[2], row["last_modified"]) for row in rows)
                    found += [Stored(name, kept_at) for name, kept_at in names if is_name(name)]
        except BaseError as error:
            raise OSError(f"the bucket cannot be listed: {error}") from error
        return found


def part_of(asked: str, size: int) -> tuple[int, int] | None:
    """Read which part of a file a Range header asks for, as first byte and the one after the last; None if there is none.

    What is no single range is passed over, and gives the whole.   Source: RFC 9110 §14.2
    """
    match = _RANGE.fullmatch(asked.strip().lower())
    if match is None or match[0] == "bytes=-":
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    if last and int(last) < int(first):
        return 0, size
    after = min(size, int(last) + 1) if last else size
    return (int(first), after) if int(first) < size else None
