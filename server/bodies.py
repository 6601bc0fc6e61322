"""Reading the body of a request, within bounds of size and time."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from server.errors import TooLarge, TooSlow

MAX_LENGTH_DIGITS = 19
BODY_SECONDS = 30.0


async def read_body(request: Request, most_bytes: int, *, within_seconds: float | None = None) -> bytes:
    """Read a request's body, within BODY_SECONDS unless more time is given.

    Raises:
        TooLarge: it has more than `most_bytes`; the rest is not read.
        TooSlow: it is not all here in time.
    """
    check_length(request, most_bytes)
    try:
        async with asyncio.timeout(within_seconds or BODY_SECONDS):
            return b"".join([chunk async for chunk in limited(request.stream(), most_bytes)])
    except TimeoutError as error:
        raise TooSlow("The request took too long to arrive.") from error


def check_length(request: Request, most_bytes: int) -> None:
    """Refuse a body that says itself that it is too large.

    Raises:
        TooLarge: it does.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and (len(declared) > MAX_LENGTH_DIGITS or int(declared) > most_bytes):
        raise TooLarge(f"This server takes at most {most_bytes} bytes at once.")


async def limited(chunks: AsyncIterator[bytes], most_bytes: int) -> AsyncIterator[bytes]:
    """Give a body as it arrives, and no more of it than this.

    Raises:
        TooLarge: there is more; the rest is not read.
    """
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"This server takes at most {most_bytes} bytes at once.")
        yield chunk
