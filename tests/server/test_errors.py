"""The one table of errors: what is answered to a program, and what to a person."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from tortoise.exceptions import BaseORMException, DBConnectionError, DoesNotExist, IntegrityError, OperationalError

from federation import errors as federation_errors
from federation.errors import FederationError, ObjectGone, RemoteUnavailable
from server import errors as server_errors
from server.config import read_settings
from server.errors import AppError
from server.main import create_app
from tests.world import ORIGIN

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}

PROMISED = {
    federation_errors.MalformedActivity: 400,
    federation_errors.UnsupportedActivity: 422,
    federation_errors.NotAuthorised: 403,
    federation_errors.BadSignature: 401,
    federation_errors.RejectedByPolicy: 403,
    federation_errors.ObjectGone: 410,
    federation_errors.RemoteUnavailable: 503,
    federation_errors.FederationError: 422,
    server_errors.AppError: 500,
    server_errors.Invalid: 422,
    server_errors.Unauthorised: 401,
    server_errors.Forbidden: 403,
    server_errors.NotFound: 404,
    server_errors.Gone: 410,
    server_errors.Conflict: 409,
    server_errors.TooSlow: 408,
    server_errors.TooLarge: 413,
    server_errors.TooMany: 429,
    server_errors.Unavailable: 503,
}


class Raiser:
    """The real application, with a few paths more that raise what a test puts here."""

    def __init__(self, app: Starlette) -> None:
        self.error: Exception = RuntimeError("nothing was chosen")
        for path in ("/raise", "/api/v1/raise", "/oauth/raise", "/.well-known/raise", "/nodeinfo/raise", "/some/inbox"):
            app.router.routes.insert(0, Route(path, self._raise))
        app.router.routes.insert(0, Route("/well", self._answer))
        self.client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False)

    async def _raise(self, request: Request) -> Response:
        raise self.error

    async def _answer(self, request: Request) -> Response:
        return PlainTextResponse(request.state.request_id)

    def get(self, error: Exception, path: str = "/raise", headers: Mapping[str, str] | None = None) -> Any:
        """Ask for a path that raises an error."""
        self.error = error
        return self.client.get(path, headers=headers)


@pytest.fixture
def raiser(tmp_path: Path) -> Raiser:
    """The application; nothing of it opens a database."""
    return Raiser(create_app(read_settings({"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN})))


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    """A class and everything below it in the tree of errors, as it is told in the module that draws it."""
    yield kind
    for child in kind.__subclasses__():
        yield from below(child)


@pytest.mark.parametrize("kind", list(PROMISED), ids=lambda kind: kind.__name__)
def test_every_error_has_its_status_and_its_sentence(raiser: Raiser, kind: type[Exception]) -> None:
    reply = raiser.get(kind("A sentence."))
    assert (reply.status_code, reply.json()) == (PROMISED[kind], {"error": "A sentence."})


def test_no_error_of_the_two_trees_is_forgotten() -> None:
    drawn = {
        kind
        for root, module in ((FederationError, federation_errors), (AppError, server_errors))
        for kind in below(root)
        if kind.__module__ == module.__name__
    }
    assert drawn == set(PROMISED)


def test_an_error_that_is_not_in_the_table_is_answered_like_the_one_above_it(raiser: Raiser) -> None:
    class Special(federation_errors.BadSignature):
        """A special case."""

    assert raiser.get(Special("No.")).status_code == 401


@pytest.mark.parametrize("error", [server_errors.Unavailable("Full."), RemoteUnavailable("Away.")])
def test_who_should_try_again_is_told_when(raiser: Raiser, error: Exception) -> None:
    for headers in ({}, BROWSER):
        assert raiser.get(error, headers=headers).headers["retry-after"] == "60"


def test_nobody_else_is_told_to_try_again(raiser: Raiser) -> None:
    assert "retry-after" not in raiser.get(server_errors.NotFound("No.")).headers


def test_a_person_is_shown_a_page(raiser: Raiser) -> None:
    reply = raiser.get(server_errors.NotFound("There is no such post."), headers=BROWSER)
    assert reply.status_code == 404
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.text.startswith("<!doctype html>")


def test_what_strangers_wrote_is_no_markup_on_the_page(raiser: Raiser) -> None:
    reply = raiser.get(federation_errors.MalformedActivity("<script>alert(1)</script>"), headers=BROWSER)
    assert "<script>alert(1)" not in reply.text


@pytest.mark.parametrize(
    "path", ["/api/v1/raise", "/oauth/raise", "/.well-known/raise", "/nodeinfo/raise", "/some/inbox"]
)
def test_a_path_for_programs_answers_json_whoever_asks(raiser: Raiser, path: str) -> None:
    reply = raiser.get(server_errors.NotFound("No."), path, headers=BROWSER)
    assert (reply.status_code, reply.json()) == (404, {"error": "No."})


def test_a_path_that_is_not_there_is_told_in_the_language_of_whoever_asks(raiser: Raiser) -> None:
    reply = raiser.client.get("/api/v1/nowhere", headers=BROWSER)
    assert (reply.status_code, list(reply.json())) == (404, ["error"])
    page = raiser.client.get("/nowhere/at/all", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_method_that_is_not_allowed_says_which_are(raiser: Raiser) -> None:
    for headers in ({}, BROWSER):
        reply = raiser.client.post("/raise", headers=headers)
        assert reply.status_code == 405
        assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_headers_of_a_refusal_are_passed_on(raiser: Raiser) -> None:
    reply = raiser.get(HTTPException(401, "Who?", {"WWW-Authenticate": "Bearer"}))
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_a_failure_of_ours_says_nothing_of_itself_but_its_number(raiser: Raiser, headers: dict[str, str]) -> None:
    with capture_logs() as logs:
        reply = raiser.get(RuntimeError("the secret is 1234"), headers=headers)
    assert reply.status_code == 500
    assert "1234" not in reply.text
    number = reply.headers["x-request-id"]
    assert number in reply.text
    [line] = logs
    assert (line["event"], line["route"], line["log_level"]) == ("request failed", "/raise", "error")
    assert isinstance(line["exc_info"], RuntimeError)


def sqlite_error(code: int) -> sqlite3.OperationalError:
    """What SQLite raises with a certain code."""
    error = sqlite3.OperationalError("from SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "error",
    [
        DBConnectionError("refused"),
        OperationalError(sqlite_error(sqlite3.SQLITE_FULL)),
        OperationalError(sqlite_error(sqlite3.SQLITE_BUSY)),
        OperationalError(sqlite_error(sqlite3.SQLITE_IOERR_WRITE)),
        OperationalError(sqlite_error(sqlite3.SQLITE_READONLY)),
    ],
)
def test_a_database_that_cannot_work_now_is_a_reason_to_try_again(raiser: Raiser, error: BaseORMException) -> None:
    with capture_logs() as logs:
        reply = raiser.get(error)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "60")
    assert "SQLite" not in reply.text
    assert [line["event"] for line in logs] == ["database is away"]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(sqlite_error(sqlite3.SQLITE_ERROR)),
        OperationalError("no such column"),
        OperationalError(),
        IntegrityError("duplicate"),
        DoesNotExist("Actor"),
    ],
)
def test_a_statement_that_never_works_is_a_failure_of_ours(raiser: Raiser, error: BaseORMException) -> None:
    with capture_logs() as logs:
        reply = raiser.get(error)
    assert reply.status_code == 500
    assert [line["event"] for line in logs] == ["request failed"]


def test_somebody_who_hangs_up_is_no_failure_of_ours(raiser: Raiser) -> None:
    with capture_logs() as logs:
        assert raiser.get(ClientDisconnect()).status_code == 400
    assert logs == []


def test_every_request_has_a_number_of_its_own(raiser: Raiser) -> None:
    replies = [raiser.client.get("/well") for _ in range(3)]
    numbers = [reply.text for reply in replies]
    assert [reply.headers["x-request-id"] for reply in replies] == numbers
    assert len(set(numbers)) == 3


def test_a_number_that_a_client_brings_is_not_taken(raiser: Raiser) -> None:
    reply = raiser.client.get("/well", headers={"X-Request-Id": "mine"})
    assert reply.headers["x-request-id"] != "mine"


def test_an_error_keeps_the_number_of_its_request(raiser: Raiser) -> None:
    assert len(raiser.get(server_errors.NotFound("No.")).headers["x-request-id"]) == 16


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_a_failure_of_ours_bears_the_number_that_it_tells_and_that_is_logged(
    raiser: Raiser, headers: dict[str, str]
) -> None:
    with capture_logs() as logs:
        reply = raiser.get(RuntimeError("broken"), headers=headers)
    number = reply.headers["x-request-id"]
    assert reply.status_code == 500
    assert len(number) == 16
    assert [line["event"] for line in logs] == ["request failed"]
    assert headers or number in reply.json()["error"]


@pytest.mark.parametrize("error", [server_errors.NotFound("No."), ObjectGone("Gone."), RuntimeError("broken")])
def test_a_query_that_is_no_text_breaks_no_answer(raiser: Raiser, error: Exception) -> None:
    raiser.error = error
    sent: list[Any] = []

    async def ask() -> None:
        scope = {
            "type": "http", "method": "GET", "path": "/raise", "raw_path": b"/raise", "query_string": b"\xff\xfe",
            "headers": [(b"host", b"lille.test")], "scheme": "https", "server": ("lille.test", 443), "root_path": "",
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        with suppress(RuntimeError):  # Starlette raises it again, for the server's log
            await raiser.client.app(scope, receive, send)

    asyncio.run(ask())
    assert sent[0]["status"] in (404, 410, 500)
    assert sent[1]["body"].startswith(b'{"error":')
