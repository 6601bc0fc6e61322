"""Coming to a section from another server: open, moderated, by invitation, by link; and with a peer that is Mobilizon."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.scenarios.belonging import actor_uri, is_so, open_to, state, steps
from tests.scenarios.conftest import NewServer
from tests.scenarios.mobilizon import Mobilizon
from tests.scenarios.receiver import Fediverse
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of the section, and its member zoe."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    server.cli("section", "add-member", "lille", "zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server of noor."""
    server = new_server("brest", "Section de Brest")
    server.add_members("noor", "lou")
    return server


@pytest.fixture(scope="module")
def paris(new_server: NewServer) -> Server:
    """The server of max."""
    server = new_server("paris", "Bureau national")
    server.add_members("max", "ana")
    return server


@pytest.fixture
async def mobilizon() -> AsyncIterator[Mobilizon]:
    """A peer that keeps memberships as Mobilizon does."""
    peer = await Mobilizon(Fediverse(["127.0.0.40"], 2)).start()
    yield peer
    await peer.stop()


def at(server: Server, username: str) -> str:
    """Write somebody's address."""
    return f"@{username}@{server.netloc}"


async def test_an_open_section_takes_in_at_once_and_its_posts_arrive(lille: Server, brest: Server) -> None:
    await open_to(lille, "open")
    noor, section = await actor_uri(brest, "noor"), await actor_uri(lille, "lille")

    brest.cli("section", "join", "noor", at(lille, "lille"))

    for server in (lille, brest):
        await is_so(server, noor, section, "accepted")
    assert await steps(lille, noor) == await steps(brest, noor) == [(section, "asked"), (section, "accepted")]
    status = await lille.post_status("Entre nous", member="zoe", visibility="section")
    assert (await arrival(brest, "noor", status))["visibility"] == "private"


async def test_a_removal_takes_effect_at_once_on_both_servers(lille: Server, brest: Server) -> None:
    noor, section = await actor_uri(brest, "noor"), await actor_uri(lille, "lille")
    await is_so(brest, noor, section, "accepted")

    lille.cli("section", "remove", "lille", at(brest, "noor"))

    for server in (lille, brest):
        await is_so(server, noor, section, None)
        assert (await steps(server, noor))[-1] == (section, "removed")
    brest.cli("section", "join", "noor", at(lille, "lille"))
    await is_so(lille, noor, section, "requested")  # although it is open: the section sent her away


async def test_a_moderated_section_answers_when_its_managers_do(lille: Server, brest: Server, paris: Server) -> None:
    await open_to(lille, "moderated")
    section, lou, maxi = await actor_uri(lille, "lille"), await actor_uri(brest, "lou"), await actor_uri(paris, "max")
    brest.cli("section", "join", "lou", at(lille, "lille"), "--message", "Je connais Zoé")
    paris.cli("section", "join", "max", at(lille, "lille"))
    for person in (lou, maxi):
        await is_so(lille, person, section, "requested")
    assert "Je connais Zoé" in lille.cli("section", "requests", "lille")

    lille.cli("section", "approve", "lille", at(brest, "lou"))
    lille.cli("section", "refuse", "lille", at(paris, "max"))

    await is_so(brest, lou, section, "accepted")
    await is_so(paris, maxi, section, None)
    assert await steps(paris, maxi) == [(section, "asked"), (section, "refused")]
    brest.cli("section", "leave", "lou", at(lille, "lille"))
    await is_so(lille, lou, section, None)


async def test_a_section_for_the_invited_takes_in_by_link(lille: Server, paris: Server) -> None:
    await open_to(lille, "invite_only")
    section, ana = await actor_uri(lille, "lille"), await actor_uri(paris, "ana")
    link = lille.cli("section", "link", "lille", "--uses", "1")

    lille.cli("section", "redeem", link, at(paris, "ana"))
    await is_so(paris, ana, section, "invited")
    assert lille.try_cli("section", "redeem", link, at(paris, "max")).returncode == 1
    paris.cli("section", "take-up", "ana", at(lille, "lille"))

    for server in (lille, paris):
        await is_so(server, ana, section, "accepted")


async def test_a_section_for_the_invited_refuses_everybody_else(lille: Server, brest: Server) -> None:
    await open_to(lille, "invite_only")
    section, lou = await actor_uri(lille, "lille"), await actor_uri(brest, "lou")

    brest.cli("section", "join", "lou", at(lille, "lille"))

    async def is_refused() -> bool:
        return (await steps(brest, lou))[-1] == (section, "refused")

    await eventually(is_refused)
    assert await state(lille, lou, section) is await state(brest, lou, section) is None


class TestMobilizon:
    """Commands run in a thread: the peer, which they ask, lives in the loop of the test."""

    async def test_its_member_asks_is_let_in_and_removed(self, lille: Server, mobilizon: Mobilizon) -> None:
        await open_to(lille, "moderated")
        section, noor = await actor_uri(lille, "lille"), mobilizon.noor.uri

        url = await mobilizon.join(section, "<p>Bonjour</p>")
        await is_so(lille, noor, section, "requested")
        assert "Bonjour" in await asyncio.to_thread(lille.cli, "section", "requests", "lille")
        await asyncio.to_thread(lille.cli, "section", "approve", "lille", noor)
        await eventually(lambda: _is(mobilizon, url, "member"))

        await asyncio.to_thread(lille.cli, "section", "remove", "lille", noor)
        await eventually(lambda: _is(mobilizon, url, "rejected"))
        assert await state(lille, noor, section) is None
        assert mobilizon.ignored == []

    async def test_its_member_is_invited_comes_in_and_leaves(self, lille: Server, mobilizon: Mobilizon) -> None:
        section, noor = await actor_uri(lille, "lille"), mobilizon.noor.uri

        await asyncio.to_thread(lille.cli, "section", "invite", "lille", noor)
        await is_so(lille, noor, section, "accepted")
        await mobilizon.leave(section)

        await is_so(lille, noor, section, None)
        assert [step for _, step in await steps(lille, noor)] == ["invited", "accepted", "left"]
        assert mobilizon.ignored == []

    async def test_a_member_of_ours_joins_its_group_and_is_removed(self, brest: Server, mobilizon: Mobilizon) -> None:
        noor, group = await actor_uri(brest, "noor"), mobilizon.group.uri

        await asyncio.to_thread(brest.cli, "section", "join", "noor", group, "--message", "Bonjour")
        await is_so(brest, noor, group, "accepted")
        held = mobilizon.of(noor)
        assert held is not None
        await mobilizon.promote(held, "moderator")
        await mobilizon.remove(held)

        await is_so(brest, noor, group, None)
        assert [step for uri, step in await steps(brest, noor) if uri == group] == ["asked", "accepted", "removed"]

    async def test_a_member_of_ours_is_invited_to_its_group_comes_in_and_leaves(
        self, brest: Server, mobilizon: Mobilizon
    ) -> None:
        noor, group = await actor_uri(brest, "noor"), mobilizon.group.uri

        url = await mobilizon.invite(noor)
        await is_so(brest, noor, group, "invited")
        await asyncio.to_thread(brest.cli, "section", "take-up", "noor", group)
        await eventually(lambda: _is(mobilizon, url, "member"))
        await asyncio.to_thread(brest.cli, "section", "leave", "noor", group)
        await eventually(lambda: _is(mobilizon, url, None))

        url = await mobilizon.invite(noor)
        await is_so(brest, noor, group, "invited")
        await asyncio.to_thread(brest.cli, "section", "decline", "noor", group)
        await eventually(lambda: _is(mobilizon, url, None))


async def _is(mobilizon: Mobilizon, url: str, role: str | None) -> bool:
    return mobilizon.role(url) == role
