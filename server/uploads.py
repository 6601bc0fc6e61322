"""Reading the files of a multipart form, within bounds of size, number and time. They lie on disk, not in memory.

Source: RFC 7578
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from server.bodies import check_length, limited
from server.errors import Invalid, TooSlow
from server.media.actions import Upload

MULTIPART = "multipart/form-data"
UPLOAD_SECONDS = 300.0
MAX_FIELD_BYTES = 131_072  # 20,000 characters, as the text of an event may have, are 80,000 bytes at most
FIELDS_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Multipart:
    """What a multipart form holds: its texts in their order, and its files by the names of their fields."""

    pairs: list[tuple[str, str]]
    files: dict[str, Upload]


def is_multipart(request: Request) -> bool:
    """Whether a request brings a multipart form."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == MULTIPART


@asynccontextmanager
async def opened(request: Request, *, most_bytes: int, most_files: int, most_fields: int) -> AsyncIterator[Multipart]:
    """Read a multipart form; its files are closed afterwards. A file field that was left empty brings none.

    Raises:
        Invalid: it is no such form, or holds too much of something.
        TooLarge: it is larger than so many files of `most_bytes`.
        TooSlow: it is not all here in time.
    """
    most = most_bytes * most_files + FIELDS_BYTES
    check_length(request, most)
    most_of_each = {"max_files": most_files, "max_fields": most_fields, "max_part_size": MAX_FIELD_BYTES}
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            form = await _parsed(request, limited(request.stream(), most), **most_of_each)
    except TimeoutError as error:
        raise TooSlow("The request took too long to arrive.") from error
    try:
        yield _read(form)
    finally:
        await form.close()


async def texts(request: Request, body: bytes, *, most_fields: int) -> list[tuple[str, str]]:
    """Give the texts of a multipart form whose body is here already; its files are passed over.

    Raises:
        Invalid: it is no such form, or holds too much of something.
    """

    async def whole() -> AsyncIterator[bytes]:
        yield body

    form = await _parsed(request, whole(), max_files=most_fields, max_fields=most_fields, max_part_size=len(body))
    try:
        return _read(form).pairs
    finally:
        await form.close()


async def _parsed(request: Request, chunks: AsyncIterator[bytes], **most: int) -> FormData:
    parser = MultiPartParser(request.headers, chunks, **most)  # type: ignore[arg-type]  # any async iterator will do
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:  # a charset may hold what no name of one does
        raise Invalid("This form could not be read.") from error


def _read(form: FormData) -> Multipart:
    pairs, files = [], {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.size:
                files[name] = Upload((value.content_type or "").lower(), value.size, value.file)
        else:
            pairs.append((name, value))
    return Multipart(pairs, files)
