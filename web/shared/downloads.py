"""Files that somebody takes away, of what is theirs alone."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from web.shared.rendering import NEVER_KEEP


def download(body: bytes, media_type: str, name: str) -> Response:
    """Give a file to be saved under a name of letters, digits, _ and dots; nothing keeps it on the way."""
    return Response(body, headers=_headers(media_type, name))


def streamed(pieces: AsyncIterator[bytes], media_type: str, name: str) -> Response:
    """Give a file while it is being written, as `download` does."""
    return StreamingResponse(pieces, headers=_headers(media_type, name))


def _headers(media_type: str, name: str) -> dict[str, str]:
    return {
        "Cache-Control": NEVER_KEEP,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": media_type,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
