"""A running server is watched: its processes add up, a killed one still counts, outsiders are told nothing."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from tests.scenarios.conftest import NewServer
from tests.scenarios.receiver import Fediverse
from tests.scenarios.server import ADMIN, Server, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "a-long-secret-for-prometheus"


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    """A server with two workers, that logs requests as JSON."""
    server = new_server("lille", "Section de Lille", start=False, workers=2)
    lines = ["LOG_FORMAT=json", "LOG_REQUESTS=yes", f"METRICS_TOKEN={TOKEN}"]
    path = server.folder / "coopole.env"
    path.write_text(path.read_text() + "".join(f"COOPOLE_{line}\n" for line in lines))
    return server.start()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fediverse(server: Server) -> AsyncIterator[Fediverse]:
    """Five actors of another server."""
    made = await Fediverse(["127.0.1.30"], 5).start()
    yield made
    await made.stop()


async def scrape(server: Server) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Read every number."""
    status, _, text = await server.get("/metrics")
    assert status == 200
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def number(server: Server, name: str, **labels: str) -> float:
    """Read one number; 0 where it is not there."""
    return (await scrape(server)).get((name, tuple(sorted(labels.items()))), 0.0)


async def follow_all(server: Server, fediverse: Fediverse) -> None:
    """Have every actor follow the administrator, once more."""
    actor = await server.document(f"/@{ADMIN}")
    for fake in fediverse.fakes:
        assert await fediverse.send(fake, fediverse.follow(fake, actor["id"]), actor["inbox"]) == 202


async def test_what_arrives_and_what_leaves_moves_the_numbers_of_all_processes(
    server: Server, fediverse: Fediverse
) -> None:
    await follow_all(server, fediverse)

    async def all_is_done() -> bool:
        return await number(server, "coopole_delivery_seconds_count", outcome="delivered") >= 5

    await eventually(all_is_done)
    found = await scrape(server)
    performed = (("reason", ""), ("result", "performed"), ("type", "Follow"))
    assert found["coopole_activities_total", performed] == 5
    assert found["coopole_signatures_total", (("reason", ""), ("result", "verified"))] == 5
    assert found["coopole_inbox_perform_seconds_count", ()] == 5
    assert found["coopole_group_commit_rows_sum", (("of", "settled"),)] == 5
    for kind in ("web", "worker"):
        assert found["coopole_database_statements_total", (("process", kind),)] > 0
    assert {labels[0][1] for name, labels in found if name == "coopole_process_resident_bytes"} == {
        "web",
        "worker-1",
        "worker-2",
    }


async def test_a_forged_signature_is_counted_with_its_reason(server: Server, fediverse: Fediverse) -> None:
    async with aiohttp.ClientSession() as session:
        activity = json.dumps(fediverse.follow(fediverse.fakes[0], f"{server.origin}/@{ADMIN}"))
        async with session.post(f"{server.origin}/inbox", data=activity) as response:
            assert response.status == 401
    assert await number(server, "coopole_signatures_total", result="refused", reason="missing") == 1


async def test_who_was_killed_is_no_process_any_more_but_what_it_did_still_counts(
    server: Server, fediverse: Fediverse
) -> None:
    done = {"type": "Follow", "result": "performed", "reason": ""}
    before = await number(server, "coopole_activities_total", **done)
    server.kill("worker-1", "worker-2")
    assert await number(server, "coopole_activities_total", **done) == before
    await eventually(lambda: _has_workers(server, 2))
    await follow_all(server, fediverse)

    async def has_counted_on() -> bool:
        return await number(server, "coopole_activities_total", **done) == before + len(fediverse.fakes)

    await eventually(has_counted_on)


async def _has_workers(server: Server, count: int) -> bool:
    names = [labels[0][1] for name, labels in await scrape(server) if name == "coopole_process_resident_bytes"]
    return sum(name.startswith("worker-") for name in names) == count


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-Forwarded-For": "203.0.113.9"}, 404),
        ({"X-Forwarded-For": "127.0.0.1"}, 404),
        ({"Forwarded": "for=127.0.0.1"}, 404),
        ({"Host": "lille.example"}, 404),
        ({"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {TOKEN}"}, 200),
        ({"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {TOKEN}x"}, 404),
    ],
)
async def test_only_this_machine_and_the_bearer_of_the_token_are_told(
    server: Server, headers: dict[str, str], status: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.origin}/metrics", headers=headers) as response,
    ):
        assert response.status == status


async def test_it_lives_and_is_ready(server: Server) -> None:
    assert [(await server.get(f"/health/{name}"))[0] for name in ("live", "ready")] == [200, 200]
    _, _, text = await server.get("/health/ready")
    assert json.loads(text)["parts"] == {"database": "ok", "migrations": "ok", "broker": "ok"}


async def test_a_request_is_logged_with_the_number_of_its_answer_and_without_an_address(server: Server) -> None:
    status, headers, _ = await server.get("/@somebody-made-up?q=secret")
    assert status == 404

    async def line() -> str | None:
        return next((line for line in server.log_text().splitlines() if headers["X-Request-Id"] in line), None)

    logged = json.loads(await eventually(line) or "")
    assert {name: logged[name] for name in ("event", "process", "method", "status")} == {
        "event": "request",
        "process": "web",
        "method": "GET",
        "status": 404,
    }
    assert not {"secret", "made-up", "127.0."} & {
        part for part in ("secret", "made-up", "127.0.") if part in str(logged)
    }


async def test_the_command_line_says_the_same(server: Server) -> None:
    said = server.cli("status")
    assert "activities to perform" in said
    assert "worker-2" in said


async def test_after_a_new_start_the_count_begins_anew(server: Server) -> None:
    assert await number(server, "coopole_signatures_total", result="verified", reason="") > 0
    server.stop()
    server.start()
    assert await number(server, "coopole_signatures_total", result="verified", reason="") == 0
