"""A line and a number for each request: what was asked in general, never by whom, nor the path or query itself."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from server.config import read_settings
from server.main import create_app
from server.monitoring.metrics import HTTP_SECONDS
from tests.world import ORIGIN

CLIENT = ("203.0.113.9", 40000)


async def answer(request: Request) -> Response:
    return PlainTextResponse("", 200)


async def fail(request: Request) -> Response:
    raise RuntimeError("broken")


def client_of(data: Path, **more: str) -> TestClient:
    """Somebody who asks the real application, with two paths more; nothing of it opens a database."""
    app: Starlette = create_app(read_settings({"COOPOLE_DATA": str(data), "COOPOLE_ORIGIN": ORIGIN} | more))
    app.router.routes[:0] = [Route("/people/{name}", answer), Route("/fail/{name}", fail)]
    return TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, client=CLIENT)


def lines(client: TestClient, path: str) -> list[dict[str, Any]]:
    """Ask, and give the lines of the requests that were logged."""
    with capture_logs(processors=[merge_contextvars]) as logs:
        client.get(path)
    return [line for line in logs if line["event"] == "request"]


def test_a_request_is_a_line_with_its_number_and_without_who_asked_or_what_for(tmp_path: Path) -> None:
    client = client_of(tmp_path, COOPOLE_LOG_REQUESTS="yes")
    [line] = lines(client, "/people/zoe?token=secret")
    assert line.pop("ms") >= 0
    number = line.pop("request_id")
    assert len(number) == 16
    assert line == {
        "event": "request", "log_level": "info", "method": "GET", "route": "/people/{name}", "status": 200,
    } | {name: value for name, value in get_contextvars().items() if name != "request_id"}  # fmt: skip


def test_an_address_that_nobody_was_given_is_not_written_down(tmp_path: Path) -> None:
    [line] = lines(client_of(tmp_path, COOPOLE_LOG_REQUESTS="yes"), "/nothing/zoe")
    assert (line["route"], line["status"]) == ("none", 404)
    assert "zoe" not in repr(line)
    assert CLIENT[0] not in repr(line)


def test_a_failure_is_the_500_that_was_answered(tmp_path: Path) -> None:
    [line] = lines(client_of(tmp_path, COOPOLE_LOG_REQUESTS="yes"), "/fail/zoe")
    assert (line["route"], line["status"]) == ("/fail/{name}", 500)


def test_by_default_no_request_is_logged(tmp_path: Path) -> None:
    assert lines(client_of(tmp_path), "/people/zoe") == []


def test_whoever_wants_every_line_is_given_those_of_requests_too(tmp_path: Path) -> None:
    [line] = lines(client_of(tmp_path, COOPOLE_LOG_LEVEL="debug"), "/people/zoe")
    assert line["log_level"] == "debug"


@pytest.mark.parametrize(
    ("path", "route", "status"), [("/people/a", "/people/{name}", "200"), ("/fail/a", "/fail/{name}", "500")]
)
def test_every_request_is_counted_by_its_route(tmp_path: Path, path: str, route: str, status: str) -> None:
    def count() -> float:
        samples = [sample for metric in HTTP_SECONDS.collect() for sample in metric.samples]
        labels = {"method": "GET", "route": route, "status": status}
        return sum(found.value for found in samples if found.name.endswith("_count") and found.labels == labels)

    client, before = client_of(tmp_path), count()
    client.get(path)
    client.get(path)
    assert count() - before == 2
