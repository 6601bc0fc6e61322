"""A member of one server moves between the sections of two others: both agree, one refuses, one is away meanwhile."""

import asyncio

import pytest

from tests.scenarios import rows
from tests.scenarios.belonging import actor_uri, is_so, open_to, state, steps
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival, follow, is_absent


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of one section, and its member zoe."""
    return _of_section(new_server("lille", "Section de Lille"), "zoe")


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server of another section, and its member noor."""
    return _of_section(new_server("brest", "Section de Brest"), "noor")


def _of_section(server: Server, member: str) -> Server:
    server.add_member(member)
    server.cli("section", "add-member", server.handle, member)
    asyncio.run(open_to(server, "open"))
    return server


@pytest.fixture(scope="module")
def paris(new_server: NewServer, lille: Server, brest: Server) -> Server:
    """The server where those live who move."""
    server = new_server("paris", "Bureau national")
    server.add_members("max", "ana", "lou", "eve")
    for one, member in ((server, "max"), (lille, "zoe")):
        asyncio.run(follow(one, member, at(brest, "brest")))  # so that it is known even while it is away
    return server


def at(server: Server, username: str) -> str:
    """Write somebody's address."""
    return f"@{username}@{server.netloc}"


class Three:
    """A member of `paris` who belongs to one section, and asks to move to another."""

    def __init__(self, paris: Server, origin: Server, target: Server, name: str) -> None:
        self.paris, self.origin, self.target, self.name = paris, origin, target, name
        self.member = self.left = self.reached = ""

    async def belong(self) -> "Three":
        """Have the member come to the section that is left later, unless they belong to it."""
        self.member = await actor_uri(self.paris, self.name)
        self.left = await actor_uri(self.origin, self.origin.handle)
        self.reached = await actor_uri(self.target, self.target.handle)
        if await state(self.paris, self.member, self.left) is None:
            self.paris.cli("section", "join", self.name, at(self.origin, self.origin.handle))
        await is_so(self.paris, self.member, self.left, "accepted")
        return self

    def ask(self) -> None:
        """Have the member ask."""
        ends = (at(self.origin, self.origin.handle), at(self.target, self.target.handle))
        self.paris.cli("section", "transfer", self.name, *ends)

    async def answer(self, server: Server, how: str) -> None:
        """Wait until a section was asked, and have it answer."""
        await eventually(lambda: self.waits_at(server))
        server.cli("section", f"transfer-{how}", server.handle, at(self.paris, self.name))

    async def waits_at(self, server: Server) -> bool:
        """Whether a server has the wish of the member."""
        sql = "SELECT t.id FROM transfer t JOIN actor a ON a.id = t.member_id WHERE a.uri = $1"
        return bool(await rows.query(server, sql, self.member))

    async def nowhere_waits(self) -> None:
        """Wait until nobody waits for an answer any more."""
        for server in (self.paris, self.origin, self.target):

            async def is_settled(server: Server = server) -> bool:
                return not await self.waits_at(server)

            await eventually(is_settled)

    async def has_moved(self) -> None:
        """Wait until all three servers say that the member has moved."""
        await self.nowhere_waits()
        for server, group, wanted in (
            (self.paris, self.left, None), (self.paris, self.reached, "accepted"),
            (self.origin, self.left, None), (self.target, self.reached, "accepted"),
        ):  # fmt: skip
            await is_so(server, self.member, group, wanted)

    async def has_stayed(self) -> None:
        """Wait until all three servers say that nothing came of it."""
        await self.nowhere_waits()
        for server in (self.paris, self.origin):
            assert await state(server, self.member, self.left) == "accepted"
        for server in (self.paris, self.target):
            assert await state(server, self.member, self.reached) is None


async def test_both_agree(lille: Server, brest: Server, paris: Server) -> None:
    three = await Three(paris, lille, brest, "max").belong()
    three.ask()
    await three.answer(lille, "agree")
    assert await state(lille, three.member, three.left) == "accepted"
    await three.answer(brest, "agree")
    await three.has_moved()

    moved = [(three.left, "moved_away"), (three.reached, "moved_here")]
    came = [(three.left, "asked"), (three.left, "accepted")]
    assert await steps(paris, three.member) == came + moved
    assert await steps(lille, three.member) == came + moved[:1]
    assert await steps(brest, three.member) == [(three.left, "accepted"), (three.reached, "moved_here")]
    kept_in = await lille.post_status("Entre nous à Lille", member="zoe", visibility="section")
    heard = await brest.post_status("Entre nous à Brest", member="noor", visibility="section")
    await arrival(paris, "max", heard)
    assert await is_absent(paris, "max", kept_in["uri"])


@pytest.mark.parametrize(("name", "refusing"), [("ana", "lille"), ("lou", "brest")])
async def test_one_refuses_and_nothing_has_changed(
    lille: Server, brest: Server, paris: Server, name: str, refusing: str
) -> None:
    three = await Three(paris, lille, brest, name).belong()
    yes, no = (brest, lille) if refusing == "lille" else (lille, brest)
    three.ask()
    await three.answer(yes, "agree")
    await three.answer(no, "refuse")
    await three.has_stayed()


async def test_it_is_taken_back(lille: Server, brest: Server, paris: Server) -> None:
    three = await Three(paris, lille, brest, "eve").belong()
    three.ask()
    await three.answer(lille, "agree")
    await eventually(lambda: three.waits_at(brest))
    paris.cli("section", "transfer-withdraw", "eve")
    await three.has_stayed()


async def test_one_is_away_for_an_hour_and_it_completes_when_it_is_back(
    lille: Server, brest: Server, paris: Server
) -> None:
    three = await Three(paris, lille, brest, "eve").belong()
    brest.stop()
    three.ask()
    await three.answer(lille, "agree")
    for server in (paris, lille):
        await eventually(lambda server=server: rows.query(server, "SELECT name FROM host WHERE failures > 0"))
    assert await state(lille, three.member, three.left) == "accepted"

    await asyncio.to_thread(brest.start)
    for server in (lille, paris):  # the answer comes before the question
        await rows.end_every_pause(server)
        await eventually(lambda server=server: _is_empty(server, "delivery"))
    await three.answer(brest, "agree")
    await three.has_moved()


async def _is_empty(server: Server, table: str) -> bool:
    return await rows.count(server, table) == 0
