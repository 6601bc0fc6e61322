"""A thousand open streams on one web process: each hears a post, and costs little."""

import pytest

from bench.streams import STREAMS_A_TOKEN, Audience, pss_kib
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server

STREAMS = 1000
MOST_KIB_A_STREAM = 64


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    return new_server("lille", "Section de Lille")


async def test_a_thousand_streams_hear_a_post_and_are_cheap(server: Server):
    tokens = server.run("bench.readers", ADMIN, str(1 + STREAMS // STREAMS_A_TOKEN)).splitlines()
    web = server.processes()["web"]
    async with Audience(server.origin) as audience:
        await audience.grow(tokens, 1)
        await server.post_status("À une personne")
        await audience.hear()
        before = pss_kib(web)
        await audience.grow(tokens, STREAMS - 1)

        await server.post_status("À mille")

        assert len(await audience.hear()) == STREAMS
        assert (pss_kib(web) - before) / STREAMS < MOST_KIB_A_STREAM
        assert server.processes()["web"] == web
