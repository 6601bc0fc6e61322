"""Whatever is posted, in whatever way, is answered as JSON, and never by a failure of ours."""

import json
import os
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from models.actor import Actor
from models.member import Member
from server.mastodon.door import Row
from server.mastodon.routes import API
from server.oauth.tokens import create_token
from tests import factories
from tests.server.api import EVERYTHING
from tests.server.mastodon.asking import ask

EXAMPLES = int(os.environ.get("COOPOLE_TEST_EXAMPLES", "1000")) // 5
WRITES = [(row, verb) for row in API for verb in row.verbs if verb != "GET"]
BLANKS = ("id", "name", "key", "emoji", "quoting_id", "date")
BOUNDARY = "x"

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
    | st.sampled_from(["1", "0", "-1", "true", "public", "direct", "section", "2027-05-01T18:00:00Z", "x" * 6000, "\x00"])
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just("0"), inner, max_size=4),
    max_leaves=12,
)
suffixes = st.sampled_from(["", "[]", "[0]", "[a]", "[][a]", "[0][a]", "[a][]", "[", "]", "[[]]"])


def names_of(row: Row) -> st.SearchStrategy[str]:
    """The names that an endpoint reads, and others."""
    known = sorted(row.takes.__annotations__) if row.takes is not None else ["id"]
    return st.sampled_from(known) | st.text(max_size=6)


@st.composite
def asked(draw: st.DrawFn, ids: list[str]) -> tuple[Row, str, str]:
    """A row, a method, an address: of what is there, of what is not, of what cannot be."""
    row, verb = draw(st.sampled_from(WRITES))
    blanks = {blank: draw(st.sampled_from(ids) | st.text(min_size=1, max_size=6).map(lambda text: quote(text, "")))
              for blank in BLANKS}  # fmt: skip
    return row, verb, f"/api{row.path}".format_map(blanks)


def as_json(draw: st.DrawFn, row: Row) -> tuple[str, bytes]:
    junk = draw(st.dictionaries(names_of(row), values, max_size=6) | values)
    return "application/json", json.dumps(junk).encode()


def pairs_of(draw: st.DrawFn, row: Row) -> list[tuple[str, str]]:
    names = st.tuples(names_of(row), suffixes).map("".join)
    return draw(st.lists(st.tuples(names, scalars.map(str)), max_size=8))


def as_form(draw: st.DrawFn, row: Row) -> tuple[str, bytes]:
    pairs = pairs_of(draw, row)
    return "application/x-www-form-urlencoded", urlencode(pairs).encode()


def as_multipart(draw: st.DrawFn, row: Row) -> tuple[str, bytes]:
    parts = []
    for name, value in pairs_of(draw, row):
        filename = draw(st.sampled_from(["", '; filename="a.png"', '; filename=""']))
        shown = name.replace('"', "%22").replace("\r", "").replace("\n", "")
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{shown}"{filename}\r\n\r\n{value}\r\n')
    return f"multipart/form-data; boundary={BOUNDARY}", "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


@pytest.mark.parametrize("write", [as_json, as_form, as_multipart])
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_no_junk_makes_the_server_fail(
    app: Starlette, login: Member, member: Actor, other_member: Actor, write: Any, data: st.DataObject
):
    token = await create_token(login, [*EVERYTHING, "profile"])
    post = await factories.post(member)
    poll = await factories.poll(other_member, uri=f"{post.uri}/poll")
    row, verb, path = data.draw(asked([str(post.id), str(poll.id), str(other_member.id), "1"]))
    kind, body = data.draw(st.composite(write)(row))

    answer = await ask(app, verb, path, token=token, body=body, headers={"Content-Type": kind})

    assert answer.status < 500
    assert answer.headers["content-type"].startswith("application/json")
    said = answer.json()
    assert answer.status < 400 or isinstance(said["error"], str)


@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.sampled_from(WRITES), kind=st.text(max_size=30), body=st.binary(max_size=200))
async def test_nor_does_any_body_of_any_kind(
    app: Starlette, login: Member, row: tuple[Row, str], kind: str, body: bytes
):
    token = await create_token(login, EVERYTHING)
    headers = {"Content-Type": kind.encode("ascii", "ignore").decode()}
    path = f"/api{row[0].path}".format_map(dict.fromkeys(BLANKS, "1"))

    answer = await ask(app, row[1], path, token=token, body=body, headers=headers)

    assert answer.status < 500
    assert answer.status < 400 or answer.error
