"""Several web processes behind one port: they say the same, and one may die."""

from collections.abc import Callable

import pytest

from tests.scenarios.server import ADMIN, Server

TIMES = 24


@pytest.fixture(scope="module")
def server(new_server: Callable[..., Server]) -> Server:
    return new_server("lille", "Section de Lille", start=False).start(webs=3)


async def pages(server: Server) -> list[str]:
    """Read the profile page over so many new connections, whoever takes them."""
    answers = [await server.get(f"/@{ADMIN}", accept="text/html") for _ in range(TIMES)]
    assert {status for status, _, _ in answers} == {200}
    return [text for _, _, text in answers]


def test_each_web_process_has_a_name_of_its_own(server: Server):
    assert {"web-1", "web-2", "web-3"} <= set(server.processes())


async def test_what_one_process_writes_none_keeps_an_older_answer_of(server: Server):
    await pages(server)

    for text in ("the first word", "the second word", "the third word"):
        await server.post_status(text)
        assert all(text in page for page in await pages(server))


@pytest.mark.parametrize("victim", ["web-1", "web-2", "web-3"])
async def test_whichever_dies_the_others_answer(server: Server, victim: str):
    server.kill(victim)

    await pages(server)
