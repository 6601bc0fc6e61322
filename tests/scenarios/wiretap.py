"""A wire with an ear: stands where a server is asked, hands every byte on, and keeps what went over it, and between whom."""

import asyncio
import re
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.scenarios.server import Server, free_port

CHUNK_BYTES = 65536
ANSWER_SECONDS = 10.0
MIN_WORD_CHARACTERS = 7

_SERVER = re.compile(rb"user-agent: coopole/[^ ]+ \(\+http://([0-9.:]+)\)", re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length: ([0-9]+)", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(rb"authorization: bearer ", re.IGNORECASE)


@dataclass(slots=True)
class Talk:
    """One connection to a server: `asked` is what it was sent, `told` what it answered."""

    server: str
    asked: bytearray = field(default_factory=bytearray)
    told: bytearray = field(default_factory=bytearray)

    @property
    def other(self) -> str:
        """Who asked: another server of ours, by its host and port, `member` with a token, or `nobody` that is known."""
        if (match := _SERVER.search(self.asked)) is not None:
            return match[1].decode()
        return "member" if _TOKEN.search(self.asked) else "nobody"

    def between(self, one: str, other: str) -> bool:
        """Whether these two spoke."""
        return {self.server, self.other} == {one, other}

    def exchanges(self) -> list[tuple[bytes, bytes]]:
        """Give each request with its answer, in their order."""
        return list(zip(_messages(bytes(self.asked)), _messages(bytes(self.told)), strict=False))


class Wiretap:
    """All the wires, on a thread of their own, since starting a server waits for its answer."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self._ends: list[asyncio.Server | asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def listen_to(self, server: Server) -> None:
        """Stand before a server that has not started yet: it is asked where it was, and listens on another port."""
        server.listen_behind(inner := free_port(server.host))
        self._run(self._serve(server.netloc, server.host, server.port, inner))

    def stop(self) -> None:
        """End the thread, and what is still spoken."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_SECONDS)

    def heard(self, word: str, talks: Sequence[Talk] | None = None) -> list[tuple[str, str, str]]:
        """Tell where a word, or a uri that does not go on, was said: (server, who asked, what stands around it).

        A short word may stand in a key or a signature by chance, letters and digits as these are.
        """
        assert len(word) >= MIN_WORD_CHARACTERS, word
        found = []
        for talk in self.talks if talks is None else talks:
            for said in (talk.asked, talk.told):
                unfolded = bytes(said).replace(b"\r\n ", b"")  # calendars break their lines anywhere (RFC 5545 §3.1)
                if (place := _place(unfolded, word)) >= 0:
                    around = unfolded[max(0, place - 300) : place + 200].decode("utf-8", "replace")
                    found.append((talk.server, talk.other, around))
        return found

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)

    async def _serve(self, name: str, host: str, port: int, inner: int) -> None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                there, away = await asyncio.open_connection(host, inner)
                self.talks.append(kept := Talk(name))
                self._ends += [writer, away]
                await asyncio.gather(_pump(reader, away, kept.asked), _pump(there, writer, kept.told))
            writer.close()

        self._ends.append(await asyncio.start_server(talk, host, port))

    async def _end(self) -> None:
        for end in self._ends:
            end.close()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)


def _place(said: bytes, word: str) -> int:
    if "://" not in word:
        return said.lower().find(word.lower().encode())
    match = re.search(re.escape(word.encode()) + rb"(?![\w-])", said)
    return match.start() if match is not None else -1


def _messages(said: bytes) -> list[bytes]:
    """Part what was said into messages, by their lengths."""
    messages = []
    while b"\r\n\r\n" in said:
        head = said.index(b"\r\n\r\n") + 4
        length = _LENGTH.search(said[:head])
        end = head + (int(length[1]) if length else 0)
        messages.append(said[:end])
        said = said[end:]
    return messages


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            kept += data
            writer.write(data)
            await writer.drain()
        writer.close()
