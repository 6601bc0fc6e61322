"""Who may ask: every endpoint, asked with a token for each scope there is, and with none."""

from typing import Any

import pytest
from starlette.applications import Starlette

from models.member import Member
from server.mastodon.door import Row
from server.mastodon.routes import API
from server.oauth.scopes import OUTSIDE_SCOPES, SCOPES, Access
from server.oauth.tokens import create_token
from tests.server.mastodon.asking import Answer, ask

ASKED = [(row, verb) for row in API for verb in row.verbs]
OF_OLD = ("blocks", "follows", "mutes")

# Whoever is logged out reads these: Phanpy and Elk are used so.
OPEN_TO_ALL = {
    "/v1/instance", "/v2/instance", "/v1/apps", "/v1/accounts/{id}", "/v1/accounts/{id}/statuses", "/v1/statuses/{id}",
    "/v1/statuses/{id}/context", "/v1/timelines/public", "/v1/timelines/tag/{name}", "/v1/trends", "/v1/trends/tags",
    "/v1/trends/statuses", "/v1/trends/links", "/v1/custom_emojis", "/v2/search", "/v1/accounts/lookup",
}  # fmt: skip


def path_of(row: Row, **ids: Any) -> str:
    """An address that fits a row, of what is not there."""
    return f"/api{row.path}".format_map(
        {"id": "1", "name": "nord", "key": "ungrouped-1", "emoji": "x", "date": "2026-01-01"}
        | ids
        | {"quoting_id": "2"}
    )


def opens(scope: str, access: Access) -> bool:
    """Whether a token with this scope alone opens an endpoint, as clients are told."""
    if access.is_for_all or not access.scopes:
        return True
    wanted = set(access.scopes) | {one.partition(":")[0] for one in access.scopes}
    covered = {f"{verb}:{name}" for verb in ("read", "write") for name in OF_OLD} if scope == "follow" else {scope}
    return bool(wanted & (covered | {scope}))


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_a_token_opens_what_its_scope_covers_and_nothing_else(app: Starlette, login: Member, scope: str):
    token = await create_token(login, [scope])

    for row, verb in ASKED:
        answer = await ask(app, verb, path_of(row), token=token)
        if opens(scope, row.access):
            assert answer.status != 401, (verb, row.path)
            assert answer.status < 400 or answer.error != OUTSIDE_SCOPES, (verb, row.path, answer.error)
            assert answer.status < 500, (verb, row.path)
        else:
            assert (answer.status, answer.error) == (403, OUTSIDE_SCOPES), (verb, row.path)


async def test_whoever_has_no_token_reads_what_is_open_and_is_told_to_log_in_elsewhere(app: Starlette, login: Member):
    for row, verb in ASKED:
        answer = await ask(app, verb, path_of(row))
        if row.access.is_public or row.access.is_for_all:
            assert answer.status not in (401, 403), (verb, row.path)
        else:
            assert answer.status == 401, (verb, row.path)
            assert answer.headers["www-authenticate"].startswith("Bearer"), (verb, row.path)
            assert answer.error, (verb, row.path)


async def test_a_token_that_is_no_good_opens_nothing(app: Starlette, login: Member):
    for row, verb in ASKED:
        answer = await ask(app, verb, path_of(row), token="nope")
        is_open = row.access.is_public or row.access.is_for_all
        assert (answer.status == 401) is not is_open, (verb, row.path)


async def test_a_token_for_other_things_is_told_which_it_needs(app: Starlette, login: Member):
    answer: Answer = await ask(app, "GET", "/api/v1/blocks", token=await create_token(login, ["write"]))

    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="read:blocks"'


def test_clients_that_are_logged_out_can_read():
    open_rows = {row.path for row in API if row.access.is_public or row.access.is_for_all}

    assert OPEN_TO_ALL - open_rows == set()


def test_every_scope_that_an_endpoint_asks_for_can_be_granted():
    assert {scope for row in API for scope in row.access.scopes} - SCOPES == set()


def test_no_two_rows_answer_the_same():
    asked = [(verb, row.path) for row, verb in ASKED]

    assert len(asked) == len(set(asked))
