"""The description of the API for programs: whole, and saying what the code does."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.filters import Filter, FilterKeyword
from models.lists import ReadingList
from models.member import Member
from models.notification import Notification, NotificationType
from models.scheduled import ScheduledPost
from server.mastodon import parameters
from server.mastodon.door import Row
from server.mastodon.openapi import describe, gives, security
from server.mastodon.parameters import Parameters
from server.mastodon.routes import API
from server.oauth.scopes import ANY_TOKEN, EVERYBODY, optional, requires
from server.oauth.tokens import create_token
from server.posts.actions import Draft
from server.posts.scheduled import written
from tests import factories
from tests.server.api import EVERYTHING
from tests.server.mastodon.asking import ask
from tests.world import ORIGIN

DOCUMENT = describe(API, ORIGIN)

# What an endpoint looks for in order to refuse it.
REFUSED = {("PUT", "/v1/statuses/{id}"): {"scheduled_at"}}


def references(part: Any) -> Iterator[str]:
    """Every $ref somewhere in a document."""
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from references(item)


async def test_it_is_given_to_everybody_and_not_twice(public: AsyncClient):
    answer = await public.get("/api/openapi.json", headers={"Origin": "https://phanpy.test"})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == orjson.loads(orjson.dumps(DOCUMENT))
    again = await public.get("/api/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_row_is_described_once():
    described = {(verb.upper(), path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs}
    names = [part["operationId"] for verbs in DOCUMENT["paths"].values() for part in verbs.values()]

    assert described == {(verb, f"/api{row.path}") for row in API for verb in row.verbs}
    assert len(names) == len(set(names)) == len(described)
    assert all(part["summary"] for verbs in DOCUMENT["paths"].values() for part in verbs.values())


def test_what_it_refers_to_is_there_and_nothing_else():
    named = {reference.rpartition("/")[2] for reference in references(DOCUMENT)}

    assert named == set(DOCUMENT["components"]["schemas"])
    assert all(name.isalnum() for name in named)


def test_an_entity_says_what_may_be_missing_and_what_may_be_null():
    status = DOCUMENT["components"]["schemas"]["Status"]

    assert "id" in status["required"]
    assert "favourited" not in status["required"]
    assert {"type": "null"} in status["properties"]["edited_at"]["anyOf"]
    assert status["properties"]["account"]["$ref"].endswith("/Account")


def test_who_may_ask_is_said():
    assert security(EVERYBODY) == []
    assert security(ANY_TOKEN) == [{"token": []}]
    assert security(requires("read", "profile")) == [{"token": ["read"]}, {"token": ["profile"]}]
    assert security(optional("read")) == [{}, {"token": ["read"]}]


@pytest.mark.parametrize("row", API, ids=lambda row: f"{row.verbs[0]} {row.path}")
def test_every_endpoint_says_what_it_gives(row: Row):
    kind, types = gives(row)

    assert (kind == "application/json") is bool(types)


class Listening(dict[str, Any]):
    """Values that remember by which names they were asked for."""

    asked: set[str]

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.asked = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Listening]:
    """Collect what the endpoints read of what they are sent."""
    found: list[Listening] = []

    def listen(values: Any) -> Parameters:
        found.append(Listening(dict(values)))
        return Parameters(found[-1])

    monkeypatch.setattr(parameters, "Parameters", listen)
    return found


SENT: dict[str, dict[str, str]] = {
    "/v1/statuses": {"status": "Bonjour", "visibility": "public"},
    "/v1/reports": {"account_id": "{account}"},
    "/v1/accounts/search": {"q": "nord"},
    "/v2/search": {"q": "nord"},
    "/v1/apps": {"client_name": "Phanpy", "redirect_uris": "https://phanpy.test/"},
    "/v1/polls/{id}/votes": {"choices[]": "0"},
    "/v1/lists": {"title": "Amis"},
    "/v2/filters": {"title": "Sport", "context[]": "home", "keywords_attributes[][keyword]": "foot"},
    "/v1/filters": {"phrase": "foot", "context[]": "home"},
    "/v2/filters/{id}/keywords": {"keyword": "rugby"},
    "/v1/scheduled_statuses/{id}": {"scheduled_at": "2099-05-01T18:00:00Z"},
    "/v1/push/subscription": {"subscription[endpoint]": "https://push.test/"},
}


FILES = {"avatar", "header"}  # which only a multipart form brings


async def test_every_name_that_is_read_is_described(
    app: Starlette, ctx: Context, login: Member, member: Actor, other_member: Actor, heard: list[Listening]
):
    token = await create_token(login, EVERYTHING)
    post = await factories.post(member)
    poll = await factories.poll(other_member, uri=f"{post.uri}/poll")
    filter_ = await Filter.create(owner=member, title="Ennui", contexts=["home"])
    word = await FilterKeyword.create(part_of=filter_, keyword="far")
    made = await ReadingList.create(owner=member, title="Amis")
    draft = await ScheduledPost.create(author=member, due_at=ctx.now(), draft=written(Draft("Demain")))
    told = await Notification.create(recipient=member, type=NotificationType.FOLLOW, actor=other_member)
    ids = {"accounts": other_member.id, "statuses": post.id, "polls": poll.id, "lists": made.id, "notifications": told.id,
           "scheduled_statuses": draft.id, "list": made.id, "follow_requests": other_member.id}  # fmt: skip
    read: dict[tuple[str, str], set[str]] = {}

    for row in API:
        if row.verbs[0] == "DELETE" or "streaming" in row.path:
            continue
        id_ = ids.get(
            row.path.split("/")[-1 if row.path.count("/") < 2 else 2] if "timelines" not in row.path else "list", 1
        )
        if "filters" in row.path:
            id_ = word.id if "/keywords/{id}" in row.path or "v1" in row.path else filter_.id
        blanks = {"id": id_, "name": "nord", "key": "x", "emoji": "x", "quoting_id": 1, "date": "2026-01-01"}
        path = f"/api{row.path}".format_map(blanks)
        said = urlencode(
            {name: value.format(account=other_member.id) for name, value in SENT.get(row.path, {}).items()}
        )
        for verb in row.verbs:
            heard.clear()
            address, body = (f"{path}?{said}", b"") if verb == "GET" else (path, said.encode())
            answer = await ask(app, verb, address, token=token, body=body)
            assert answer.status < 500, (verb, path)
            read[verb, row.path] = set().union(*(values.asked for values in heard[:1]))

    takes = {(verb, row.path): set(row.takes.__annotations__ if row.takes else ()) for row in API for verb in row.verbs}
    undescribed = {asked: names - takes[asked] - REFUSED.get(asked, set()) for asked, names in read.items()}
    unread = {asked: takes[asked] - names - FILES for asked, names in read.items() if names}
    assert {asked: names for asked, names in undescribed.items() if names} == {}
    assert {asked: names for asked, names in unread.items() if names} == {}
