"""Files that somebody takes away, of what is theirs alone."""

from starlette.responses import Response

from web.shared.rendering import NEVER_KEEP


def download(body: bytes, media_type: str, name: str) -> Response:
    """Give a file to be saved under a name of letters, digits, _ and dots; nothing keeps it on the way."""
    headers = {
        "Cache-Control": NEVER_KEEP,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": media_type,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(body, headers=headers)
