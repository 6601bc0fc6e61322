"""A real server, asked what its own description says that it may be asked, and what it says that it may not.

COOPOLE_TEST_EXAMPLES says how many requests in all; 10,000 take some minutes.
"""

import os
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from server.mastodon.openapi import describe
from server.mastodon.routes import API
from tests.scenarios.conftest import new_server
from tests.scenarios.server import ADMIN, Server

__all__ = ["new_server"]

SECONDS = 60
NEVER_ENDING = "/streaming/"

DOCUMENT = orjson.loads(orjson.dumps(describe(API, "http://127.0.0.1")))
OPERATIONS = sum(len(verbs) for path, verbs in DOCUMENT["paths"].items() if NEVER_ENDING not in path)
# By its own plan it asks hundreds of times for each endpoint; fewer are wanted, drawn at random.
CONFIG = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": False}}})
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG).exclude(path_regex=NEVER_ENDING)
EXAMPLES = max(int(os.environ.get("COOPOLE_TEST_EXAMPLES", "800")) // OPERATIONS, 1)
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@dataclass
class Asked:
    """A server that is asked, and what is there: an id for each kind of path."""

    server: Server
    headers: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)
    times: int = 0

    def id_for(self, path: str) -> str:
        """An id of something that is there, for a path."""
        parts = path.split("/")
        return next((self.ids[part] for part in reversed(parts) if part in self.ids), "1")


@pytest.fixture(scope="module")
def asked(new_server: Any) -> Asked:
    server: Server = new_server("lille", "Section de Lille")
    server.add_member("ali")
    token = server.cli("token", "create", ADMIN, "--scopes", "read write follow push profile").splitlines()[-1]
    asked = Asked(server, {"Authorization": f"Bearer {token}"})
    theirs = httpx2.Client(base_url=server.origin, headers={"Authorization": f"Bearer {server.token('ali')}"})
    ours = httpx2.Client(base_url=server.origin, headers=asked.headers)

    def make(client: httpx2.Client, path: str, **sent: Any) -> dict[str, Any]:
        answer = client.post(f"/api{path}", json=sent)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    ali = theirs.get("/api/v1/accounts/verify_credentials").json()["id"]
    status = make(ours, "/v1/statuses", status="Bonjour #nord @ali")
    polled = make(theirs, "/v1/statuses", status="Qui ?", poll={"options": ["un", "deux"], "expires_in": 3600})
    filter_ = make(ours, "/v2/filters", title="Sport", context=["home"], keywords_attributes=[{"keyword": "foot"}])
    due = make(ours, "/v1/statuses", status="Plus tard", scheduled_at="2099-05-01T18:00:00Z")
    word = filter_["keywords"][0]["id"]
    listed = make(ours, "/v1/lists", title="Amis")["id"]
    make(theirs, f"/v1/statuses/{status['id']}/favourite")
    make(theirs, "/v1/statuses", status=f"@{ADMIN} psst", visibility="direct")
    told = ours.get("/api/v1/notifications").json()
    talks = ours.get("/api/v1/conversations").json()
    asked.ids = {
        "accounts": ali, "statuses": status["id"], "polls": polled["poll"]["id"], "filters": filter_["id"], "keywords": word,
        "scheduled_statuses": due["id"], "lists": listed, "list": listed, "follow_requests": ali,
        "notifications": told[0]["id"] if told else "1", "conversations": talks[0]["id"] if talks else "1",
    }  # fmt: skip
    return asked


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Any, asked: Asked) -> None:
    for id_ in (None, asked.id_for(case.path)):
        if id_ is not None:
            if "id" not in case.path_parameters:
                return
            case.path_parameters["id"] = id_
        asked.times += 1
        answer = case.call(base_url=asked.server.origin, headers=asked.headers, session=asked.session, timeout=SECONDS)
        case.validate_response(answer, checks=CHECKS)


def test_nothing_failed_in_silence(asked: Asked) -> None:
    print("ASKED", asked.times)
    assert "request failed" not in asked.server.log_text()
