"""Scopes: what covers what, and who is let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from models.member import Member
from server.errors import Forbidden, Invalid, Unauthorised
from server.oauth.scopes import (
    ANY_TOKEN,
    BROAD,
    EVERYBODY,
    OUTSIDE_SCOPES,
    SCOPES,
    Access,
    covers,
    optional,
    parse,
    requires,
)
from server.oauth.tokens import create_token


@pytest.mark.parametrize(
    ("granted", "wanted"),
    [
        ("read", "read"), ("read", "read:accounts"), ("write", "write:follows"), ("write:media", "write:media"),
        ("follow", "read:follows"), ("follow", "write:follows"), ("follow", "write:blocks"), ("follow", "read:mutes"),
        ("push", "push"), ("profile", "profile"), ("read write", "write:statuses"),
    ],
)  # fmt: skip
def test_a_scope_covers_itself_and_what_lies_below_it(granted: str, wanted: str):
    assert covers(granted.split(), wanted)


@pytest.mark.parametrize(
    ("granted", "wanted"),
    [
        ("read", "write"), ("read", "write:accounts"), ("read:accounts", "read"), ("read:accounts", "read:statuses"),
        ("follow", "write:statuses"), ("follow", "read:accounts"), ("follow", "read"), ("profile", "read:accounts"),
        ("", "read"), ("push", "read"), ("rea", "read"), ("write:follows", "follow"),
    ],
)  # fmt: skip
def test_a_scope_covers_nothing_else(granted: str, wanted: str):
    assert not covers(granted.split(), wanted)


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("read write follow push", ("read", "write", "follow", "push")),
        ("read:accounts+write:statuses", ("read:accounts", "write:statuses")),
        ("read  read\nread", ("read",)),
        ("", ("read",)),
        (" ", ("read",)),
    ],
)
def test_scopes_are_separated_by_spaces_and_read_by_default(text: str, scopes: tuple[str, ...]):
    assert parse(text) == scopes


@pytest.mark.parametrize("text", ["everything", "read admin:write", "read:", "READ", "read,write", "write:search"])
def test_an_unknown_scope_is_refused(text: str):
    with pytest.raises(Invalid):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_scopes_or_refused(text: str):
    try:
        assert set(parse(text)) <= SCOPES
    except Invalid:
        return


@given(st.sets(st.sampled_from(sorted(SCOPES))), st.sampled_from(sorted(SCOPES - set(BROAD))))
def test_nothing_is_covered_that_neither_it_nor_its_parent_nor_follow_was_granted_for(granted: set[str], wanted: str):
    if covers(granted, wanted):
        assert granted & {wanted, wanted.partition(":")[0], "follow"}


FOLLOWS = requires("write:follows", "write:blocks")
HALF_OPEN = optional("read:statuses")


def bearing(token: str) -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    return Request({"type": "http", "method": "GET", "headers": headers})


async def let_in(access: Access, token: str = "") -> str:
    """Whom an endpoint sees."""
    request = bearing(token)
    access.check(request, await access.identify(request))
    return str(request.state.actor.username) if request.state.actor else "the public"


async def test_any_one_of_the_scopes_opens_a_guarded_endpoint(login: Member):
    for scopes in (["write"], ["write:blocks"], ["follow"], ["read", "write:follows"]):
        assert await let_in(FOLLOWS, await create_token(login, scopes)) == "zoe"


async def test_a_token_for_other_things_does_not(login: Member):
    for scopes in (["read"], ["write:media"], ["push"]):
        with pytest.raises(Forbidden):
            await let_in(FOLLOWS, await create_token(login, scopes))


async def test_no_token_does_not(login: Member):
    for access in (FOLLOWS, ANY_TOKEN):
        with pytest.raises(Unauthorised) as refused:
            await let_in(access)
        assert refused.value.headers == {"WWW-Authenticate": 'Bearer realm="client API"'}


async def test_a_bad_token_does_not_and_is_called_bad(login: Member):
    with pytest.raises(Unauthorised) as refused:
        await let_in(FOLLOWS, "nope")
    assert refused.value.headers == {"WWW-Authenticate": 'Bearer realm="client API", error="invalid_token"'}


async def test_a_token_for_other_things_is_told_what_it_lacks(login: Member):
    with pytest.raises(Forbidden) as refused:
        await let_in(FOLLOWS, await create_token(login, ["read"]))
    challenge = 'Bearer error="insufficient_scope", scope="write:follows write:blocks"'
    assert (refused.value.message, refused.value.headers) == (OUTSIDE_SCOPES, {"WWW-Authenticate": challenge})


async def test_any_token_opens_what_needs_no_scope(login: Member):
    assert await let_in(ANY_TOKEN, await create_token(login, ["push"])) == "zoe"


async def test_an_open_endpoint_knows_a_member_by_the_token(login: Member):
    assert await let_in(HALF_OPEN, await create_token(login, ["read"])) == "zoe"


async def test_an_open_endpoint_takes_a_bad_token_for_the_public(login: Member):
    assert await let_in(HALF_OPEN, "nope") == await let_in(HALF_OPEN) == "the public"


async def test_an_open_endpoint_refuses_a_token_for_other_things(login: Member):
    with pytest.raises(Forbidden):
        await let_in(HALF_OPEN, await create_token(login, ["write"]))


async def test_an_endpoint_for_everybody_looks_at_no_token(login: Member):
    request = bearing(await create_token(login, ["push"]))
    assert await EVERYBODY.identify(request) is None
    EVERYBODY.check(request, None)
