"""Tokens: made once, known by their hash, good until revoked."""

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.oauth import AccessToken
from server.oauth import apps, tokens
from server.oauth.tokens import GRANTS, authenticate, bearer_of, create_token, revoke
from tests.web.test_queries import needs_sqlite, statements


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Nothing is remembered."""
    GRANTS.forget()


def bearing(header: str | None) -> Request:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


async def whose(token: str) -> Member | None:
    return await authenticate(bearing(f"Bearer {token}"))


async def test_a_token_says_whose_it_is(login: Member, member: Actor):
    request = bearing(f"Bearer {await create_token(login, ['read', 'write:media'])}")

    assert await authenticate(request) == login
    assert request.state.member == login
    assert request.state.actor == member
    assert request.state.grant.scopes == {"read", "write:media"}


async def test_only_the_hash_of_a_token_is_kept(login: Member):
    token = await create_token(login, ["read"])

    row = await AccessToken.get()

    assert len(token) >= 43
    assert token not in str(dict(row))


async def test_no_two_tokens_are_alike(login: Member):
    assert await create_token(login, ["read"]) != await create_token(login, ["read"])


async def test_a_token_remembers_its_application(login: Member):
    application, _ = await apps.register("Phanpy", ["https://phanpy.test/"])
    request = bearing(f"Bearer {await create_token(login, ['read'], application)}")

    await authenticate(request)

    assert request.state.grant.application_id == application.id == (await AccessToken.get()).application_id


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer nope", "Bearer é", "Token abc"])
async def test_without_a_good_token_nobody_is_asking(login: Member, header: str | None):
    request = bearing(header)

    assert await authenticate(request) is None
    assert request.state.member is None
    assert request.state.actor is None


async def test_the_scheme_may_be_written_in_any_case(login: Member):
    token = await create_token(login, ["read"])

    assert await authenticate(bearing(f"bearer  {token} ")) == login


async def test_the_hash_is_no_token(login: Member):
    await create_token(login, ["read"])

    assert await whose((await AccessToken.get()).hash) is None


async def test_revoking_works_at_once_where_it_is_done(login: Member):
    token = await create_token(login, ["read"])
    assert await whose(token) == login

    await revoke(token)

    assert await whose(token) is None


async def test_revoking_leaves_other_tokens_alone(login: Member):
    first, second = await create_token(login, ["read"]), await create_token(login, ["read"])

    await revoke(first)
    await revoke("unknown")

    assert await whose(second) == login


async def test_what_another_process_takes_away_is_noticed_at_once(login: Member, ctx: Context):
    token = await create_token(login, ["read"])
    for rows, column in ((AccessToken.all(), "revoked_at"), (Member.all(), "disabled_at")):
        assert await whose(token) == login
        await rows.update(**{column: ctx.now()})
        assert await whose(token) is None
        await rows.update(**{column: None})


async def test_what_changed_in_the_profile_is_known_at_once(login: Member):
    token = await create_token(login, ["read"])
    await whose(token)
    await Actor.filter(id=login.actor_id).update(display_name="Zoé B.")
    await authenticate(request := bearing(f"Bearer {token}"))

    assert request.state.actor.display_name == "Zoé B."


async def test_the_token_of_a_disabled_member_is_no_good(login: Member, ctx: Context):
    token = await create_token(login, ["read"])
    await Member.all().update(disabled_at=ctx.now())

    assert await whose(token) is None


async def test_the_token_of_a_member_whose_actor_is_gone_is_no_good(login: Member, ctx: Context):
    token = await create_token(login, ["read"])
    await Actor.filter(id=login.actor_id).update(gone_at=ctx.now())

    assert await whose(token) is None


async def test_the_token_of_a_program_alone_is_nobody_s(db: str):
    await AccessToken.create(hash=tokens.token_hash("t"), scopes="read")

    assert await whose("t") is None


async def test_a_token_that_is_no_good_takes_no_memory(login: Member):
    for number in range(50):
        await whose(f"guess{number}")

    assert len(GRANTS) == 0


@needs_sqlite
async def test_a_remembered_token_costs_no_query_while_nothing_is_written(login: Member):
    token = await create_token(login, ["read"])
    first = await whose(token)
    with statements() as seen:
        assert await whose(token) is first

    assert seen == []


async def test_what_others_write_leaves_a_remembered_token_as_it_is(login: Member, stranger: Actor):
    token = await create_token(login, ["read"])
    first = await whose(token)
    await Actor.filter(id=stranger.id).update(display_name="?")

    assert await whose(token) is first


async def test_a_program_finds_its_token_refused_after_revocation(zoe: AsyncClient):
    assert (await zoe.get("/api/v1/accounts/verify_credentials")).status_code == 200

    await revoke(zoe.headers["Authorization"].removeprefix("Bearer "))

    answer = await zoe.get("/api/v1/accounts/verify_credentials")
    assert answer.status_code == 401
    assert (await zoe.get("/api/v1/timelines/public")).status_code == 200


@given(st.text(max_size=80))
def test_any_header_is_read_as_a_token_or_as_none(header: str):
    token = bearer_of(header)

    assert token.isascii()
    assert token == token.strip()
    assert not token or header.strip().lower().startswith("bearer ")
