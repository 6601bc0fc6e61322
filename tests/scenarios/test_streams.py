"""Streams of whole servers: a thousand on one web process, and some on two that lose their broker."""

import asyncio
from contextlib import suppress

import pytest

from bench.streams import STREAMS_A_TOKEN, Audience, pss_kib
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually

STREAMS = 1000
MOST_KIB_A_STREAM = 64
PATIENCE_SECONDS = 2.0


@pytest.fixture
def server(new_server: NewServer) -> Server:
    return new_server("lille", "Section de Lille")


@pytest.fixture
def twofold(new_server: NewServer) -> Server:
    """One with two web processes."""
    return new_server("brest", "Section de Brest", start=False).start(webs=2)


async def test_a_thousand_streams_on_one_process_hear_a_post_and_are_cheap(server: Server):
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


async def test_streams_on_two_processes_hear_the_same_and_go_on_when_the_broker_is_back(twofold: Server):
    tokens = twofold.run("bench.readers", ADMIN, "1").splitlines()
    async with Audience(twofold.origin) as audience:
        await audience.grow(tokens, STREAMS_A_TOKEN)
        await twofold.post_status("Avant")
        assert len(await audience.hear()) == STREAMS_A_TOKEN

        twofold.kill("broker")

        async def is_heard() -> bool:
            await twofold.post_status("Après")  # what is said while nobody listens to the broker is not told
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return len(await audience.hear()) == STREAMS_A_TOKEN
            return False

        assert await eventually(is_heard)
        assert {"web-1", "web-2", "broker"} <= set(twofold.processes())
