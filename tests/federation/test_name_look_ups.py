"""Looking names up: the dead wait for each other, and nobody waits for them."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator

import pytest

from federation.name_look_ups import NameLookUps

ADDRESS = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", 443))


class Names:
    """The system's resolver, as a test wants it: the `hanging` are answered, in the negative, when they are let go."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.hanging: dict[str, threading.Event] = {}
        self.begun: list[str] = []

    def hang(self, *hosts: str) -> None:
        """Answer nothing about these, until they are let go."""
        self.hanging |= {host: threading.Event() for host in hosts}

    def let_go(self, *hosts: str) -> None:
        """Answer what was asked about these; about all, if none is named."""
        for host in hosts or self.hanging:
            self.hanging[host].set()

    def look_up(self, host: str, port: int, family: int, type_: int) -> list[object]:
        """Answer as `getaddrinfo` does."""
        self.begun.append(host)
        if host in self.hanging:
            self.hanging[host].wait()
        if host in self.dead or host in self.hanging:
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        return [ADDRESS]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    return names


@pytest.fixture
async def look_ups(names: Names) -> AsyncIterator[NameLookUps]:
    look_ups = NameLookUps(3)  # two threads, and one for the doubted
    yield look_ups
    names.let_go()
    look_ups.close()


async def find(look_ups: NameLookUps, host: str) -> list[object]:
    return await look_ups.addresses(host, 443, socket.AF_UNSPEC)


async def find_all(look_ups: NameLookUps, hosts: list[str]) -> None:
    await asyncio.gather(*(find(look_ups, host) for host in hosts), return_exceptions=True)


async def test_a_name_is_looked_up(look_ups: NameLookUps) -> None:
    assert await find(look_ups, "far.test") == [ADDRESS]


async def test_a_dead_name_is_an_error(look_ups: NameLookUps, names: Names) -> None:
    names.dead.add("dead.test")
    with pytest.raises(OSError, match="nobody answers"):
        await find(look_ups, "dead.test")


async def test_names_that_failed_before_and_hang_hold_up_nobody_else(look_ups: NameLookUps, names: Names) -> None:
    gone = [f"{number}.gone.test" for number in range(9)]
    names.dead.update(gone)
    await find_all(look_ups, gone)
    names.hang(*gone)
    waiting = asyncio.create_task(find_all(look_ups, gone))
    await asyncio.sleep(0)

    async with asyncio.timeout(30):
        assert await find(look_ups, "far.test") == [ADDRESS]

    assert not waiting.done()
    names.let_go()
    await waiting


async def test_a_name_that_comes_back_is_one_of_the_living_again(look_ups: NameLookUps, names: Names) -> None:
    names.dead.update(("far.test", "gone.test"))
    await find_all(look_ups, ["far.test", "gone.test"])
    names.dead.clear()
    await find(look_ups, "far.test")
    names.hang("gone.test")
    waiting = asyncio.create_task(find_all(look_ups, ["gone.test"]))
    await asyncio.sleep(0)

    async with asyncio.timeout(30):
        assert await find(look_ups, "far.test") == [ADDRESS]

    names.let_go()
    await waiting


async def test_a_name_that_was_only_waiting_when_it_was_given_up_is_not_doubted(
    look_ups: NameLookUps, names: Names
) -> None:
    names.dead.add("gone.test")
    await find_all(look_ups, ["gone.test"])
    names.hang("gone.test", "a.test", "b.test")
    gone = asyncio.create_task(find_all(look_ups, ["gone.test"]))
    hanging = asyncio.create_task(find_all(look_ups, ["a.test", "b.test"]))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(find(look_ups, "far.test"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    names.let_go("a.test", "b.test")
    await hanging

    async with asyncio.timeout(30):
        assert await find(look_ups, "far.test") == [ADDRESS]

    assert names.begun.count("far.test") == 1
    assert not gone.done()
    names.let_go()
    await gone
