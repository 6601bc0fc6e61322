"""Reading forms with files: what is in them, and that nothing breaks on what is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from server.errors import Invalid, TooLarge, TooSlow
from server.uploads import is_multipart, opened

BOUNDARY = "limite"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def asking(body: bytes, kind: str = KIND, *, length: int | None = None, piece: int = 64) -> Request:
    """A request that brings a body in pieces."""
    pieces = [body[start : start + piece] for start in range(0, len(body), piece)] or [b""]

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    headers = [(b"content-type", kind.encode("latin-1", "replace"))]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    return Request(scope, receive)


def part(name: str, content: bytes, filename: str | None = None, kind: str = "image/png") -> bytes:
    file = f'; filename="{filename}"\r\nContent-Type: {kind}' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


async def read(request: Request, *, most_bytes: int = 10_000, most_files: int = 2, most_fields: int = 5) -> object:
    async with opened(request, most_bytes=most_bytes, most_files=most_files, most_fields=most_fields) as found:
        files = {name: (file.media_type, file.size_bytes, file.file.read()) for name, file in found.files.items()}
        return found.pairs, files


async def test_texts_and_files_are_told_apart() -> None:
    body = form(
        part("text", "Bonjour à tous".encode()),
        part("picture", b"\x89PNG\r\n--limit", "../../photo.png", "IMAGE/PNG"),
        part("empty", b"", ""),
    )

    for piece in (1, 7, 64, 10_000):
        assert await read(asking(body, piece=piece)) == (
            [("text", "Bonjour à tous")],
            {"picture": ("image/png", 13, b"\x89PNG\r\n--limit")},
        )


async def test_a_file_is_closed_afterwards() -> None:
    async with opened(asking(form(part("a", b"x", "a"))), most_bytes=100, most_files=1, most_fields=1) as found:
        file = found.files["a"].file
    assert file.closed


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", KIND), (b"junk", KIND), (form(part("a", b"x")), "multipart/form-data"), (form(part("a", b"x"))[:-8], KIND),
        (form(*[part("a", b"x", "a")] * 3), KIND), (form(*[part("a", b"x")] * 6), KIND),
        (form(part("a", b"x" * 140_000)), KIND), (f"--{BOUNDARY}\r\nX: y\r\n\r\n".encode(), KIND),
    ],
)  # fmt: skip
async def test_what_is_no_form_or_too_much_is_refused(body: bytes, kind: str) -> None:
    try:
        found = await read(asking(body, kind))
    except Invalid:
        return
    assert found == ([], {})


async def test_a_form_that_says_it_is_too_large_is_not_read() -> None:
    async def unread() -> Message:
        raise AssertionError("it was read")

    request = asking(b"", length=10**9)
    request._receive = unread
    with pytest.raises(TooLarge):
        await read(request)


async def test_a_form_that_is_too_large_is_not_read_to_its_end() -> None:
    given_pieces = []

    async def receive() -> Message:
        given_pieces.append(1)
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    request = asking(b"")
    request._receive = receive
    with pytest.raises((TooLarge, Invalid)):
        await read(request)
    assert len(given_pieces) < 10


async def test_a_form_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.uploads.UPLOAD_SECONDS", 0.0)

    async def stalled() -> AsyncIterator[bytes]:

        await asyncio.Event().wait()
        yield b""

    request = asking(b"")
    request.stream = stalled  # type: ignore[method-assign]
    with pytest.raises(TooSlow):
        await read(request)


@pytest.mark.parametrize(
    ("kind", "is_one"),
    [(KIND, True), ("MULTIPART/form-data;b=x", True), ("", False), ("application/json", False), ("multipart/mixed", False)],
)  # fmt: skip
def test_a_form_with_files_says_so(kind: str, is_one: bool) -> None:
    assert is_multipart(asking(b"", kind)) is is_one


@given(
    body=st.binary(max_size=400), kind=st.sampled_from([KIND, "multipart/form-data; boundary=", "multipart/form-data"])
)
async def test_any_bytes_are_read_or_refused(body: bytes, kind: str) -> None:
    for whole in (body, f"--{BOUNDARY}\r\n".encode() + body, form(part("a", body, "a"))):
        with suppress(Invalid, TooLarge):
            await read(asking(whole, kind))


@given(
    at=st.integers(0, 400),
    junk=st.binary(max_size=20),
    name=st.text(max_size=20),
    filename=st.text(max_size=20),
    header=st.text(max_size=60),
)
async def test_any_damage_is_read_or_refused(at: int, junk: bytes, name: str, filename: str, header: str) -> None:
    named = part(name.replace('"', ""), b"content", filename.replace('"', ""))
    body = form(named, part("b", b"y"), f"--{BOUNDARY}\r\n{header}\r\n\r\nz\r\n".encode("utf-8", "replace"))
    body = body[:at] + junk + body[at:]
    for kind in (KIND, f"{KIND}; charset={header}"):
        with suppress(Invalid, TooLarge):
            await read(asking(body, kind))
