"""Parameters: the ways clients write them, and that nothing written makes us fail."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request

from server.config import read_settings
from server.errors import Invalid, TooLarge
from server.mastodon.parameters import MAX_DEPTH, MAX_ID, MAX_PAIRS, Parameters, as_id, nest, read

MOST_BYTES = 4096


def request(body: bytes = b"", type_: str = "", query: str = "", method: str = "POST") -> Request:
    """A request as it arrives."""
    app = Starlette()
    app.state.settings = read_settings({"COOPOLE_DATA": "/nowhere", "COOPOLE_MAX_BODY_BYTES": str(MOST_BYTES)})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", type_.encode())] if type_ else []
    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query.encode(),
        "headers": headers,
        "app": app,
    }
    return Request(scope, receive)


JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def multipart(pairs: list[tuple[str, str]]) -> bytes:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs]
    return "".join([*parts, "--x--\r\n"]).encode()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("ids[]=1&ids[]=2", {"ids": ["1", "2"]}),
        ("ids%5B%5D=1", {"ids": ["1"]}),
        ("poll[options][]=a&poll[options][]=b&poll[multiple]=1", {"poll": {"options": ["a", "b"], "multiple": "1"}}),
        ("f[0][name]=a&f[0][value]=b&f[1][name]=c", {"f": {"0": {"name": "a", "value": "b"}, "1": {"name": "c"}}}),
        ("k[][w]=a&k[][whole]=1&k[][w]=b", {"k": [{"w": "a", "whole": "1"}, {"w": "b"}]}),
        ("k[][t][]=a&k[][t][]=b", {"k": [{"t": ["a", "b"]}]}),
        ("data[alerts][mention]=true", {"data": {"alerts": {"mention": "true"}}}),
        ("a[b=1&]=2&[]=3&a]=4&[x]=5", {"a[b": "1", "]": "2", "[]": "3", "a]": "4", "[x]": "5"}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[b]=1&a[]=2", {"a": ["2"]}),
    ],
)
async def test_brackets_are_read_like_json(text: str, values: dict[str, Any]):
    by_form = await read(request(text.encode(), FORM))
    by_query = await read(request(query=text, method="GET"))

    assert by_form.values == by_query.values == values


async def test_every_kind_of_body_is_read():
    pairs = [("status", "Ça va"), ("media_ids[]", "1"), ("media_ids[]", "2")]
    expected = {"status": "Ça va", "media_ids": ["1", "2"]}

    for made in (
        request(orjson.dumps(expected), JSON),
        request(orjson.dumps(expected), "application/json; charset=utf-8"),
        request(urlencode(pairs).encode(), FORM),
        request(urlencode(pairs).encode()),
        request(multipart(pairs), "multipart/form-data; boundary=x"),
    ):
        assert (await read(made)).values == expected


async def test_the_body_counts_over_the_query():
    parameters = await read(request(b"a=2", FORM, query="a=1&b=3"))

    assert parameters.values == {"a": "2", "b": "3"}


async def test_the_body_of_a_get_is_not_read():
    assert (await read(request(b"a=2", FORM, query="a=1", method="GET"))).values == {"a": "1"}


async def test_files_in_a_form_are_passed_over():
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x00\x01'
        b'\r\n--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    )

    assert (await read(request(body, "multipart/form-data; boundary=x"))).values == {"a": "1"}


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (b"{", JSON), (b"[1]", JSON), (b'"a"', JSON), (b"1", JSON), (b"\xff", JSON), (b'{"a": NaN}', JSON),
        (b"[" * 2000, JSON), (b"a=1", "text/plain"), (b"<a/>", "application/xml"), (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=x"), (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nA: b\r\n\r\nc\r\n--x--", "multipart/form-data; boundary=x"), (b"&" * (MAX_PAIRS + 1), FORM),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_refused(body: bytes, type_: str):
    with pytest.raises(Invalid):
        await read(request(body, type_))


async def test_a_body_that_is_too_large_is_refused():
    for type_ in (JSON, FORM, "multipart/form-data; boundary=x"):
        with pytest.raises(TooLarge):
            await read(request(b"a" * (MOST_BYTES + 1), type_))


async def test_refusals_reach_the_client_as_json(zoe: AsyncClient):
    broken = await zoe.post("/api/v1/statuses", content=b"{", headers={"Content-Type": JSON})
    large = await zoe.post("/api/v1/statuses", content=b"a" * 2_000_000, headers={"Content-Type": FORM})

    assert (broken.status_code, large.status_code) == (422, 413)
    assert set(broken.json()) == set(large.json()) == {"error"}


def test_a_scalar_is_read_as_the_type_that_is_wanted():
    values = {"a": "1", "b": 1, "c": True, "d": None, "e": ["x", "y"], "f": {"g": 1}, "h": "", "i": " 12 "}
    parameters = Parameters(values)

    assert [parameters.text(name, "-") for name in "abcdefhz"] == ["1", "1", "true", "-", "y", "-", "", "-"]
    assert Parameters({"a": "x\x00y"}).text("a") == "xy"
    assert parameters.texts("e") == ["x", "y"]
    assert parameters.texts("a") == ["1"]
    assert parameters.id("i") == 12
    assert parameters.has("a")
    assert not any(parameters.has(name) for name in "dhz")


@pytest.mark.parametrize("value", [True, "true", "1", 1, "on", "t", "yes", "TRUE", ["false", "true"]])
def test_many_words_mean_yes(value: object):
    assert Parameters({"a": value}).flag("a") is True


@pytest.mark.parametrize("value", [False, "false", "0", 0, "off", "f", "no", "False"])
def test_many_words_mean_no(value: object):
    assert Parameters({"a": value}).flag("a", default=True) is False


@pytest.mark.parametrize("value", [None, "", [], {}, {"b": "1"}])
def test_nothing_means_the_default(value: object):
    assert Parameters({"a": value}).flag("a", default=True) is True
    assert Parameters({"a": value}).flag("a") is False


def test_numbers_are_brought_between_their_bounds():
    def number(value: object) -> int:
        return Parameters({"n": value}).number("n", 20, least=1, most=40)

    assert [number(value) for value in ("7", 7, "0", "-5", "999", "", None)] == [7, 7, 1, 1, 40, 20, 20]
    for value in ("x", "1.5", "²", "1e3", "9" * 400, "--1", 1.5):
        with pytest.raises(Invalid):
            number(value)


def test_ids_are_read_once_each_and_the_rest_left_out():
    parameters = Parameters({"id": ["3", "x", "2", 3, "", str(MAX_ID), str(MAX_ID + 1), None, {"a": 1}]})

    assert parameters.ids("id") == [3, 2, MAX_ID]


names = st.text("ab[]0", max_size=12) | st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.tuples(names, st.text(max_size=3)), max_size=30))
def test_any_names_can_be_nested(pairs: list[tuple[str, str]]):
    values = nest(pairs)

    assert all(isinstance(name, str) for name in values)
    assert depth(values) <= 2 * MAX_DEPTH + 1


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth(item) for item in inner), default=0)


keys = st.text("abc", min_size=1, max_size=3)
nested = st.dictionaries(
    keys,
    st.recursive(
        st.text("xyz", max_size=3) | st.lists(st.text("xyz", max_size=3), min_size=1, max_size=3),
        lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
).filter(lambda values: depth(values) <= MAX_DEPTH)


def flatten(value: Any, name: str) -> list[tuple[str, str]]:
    """Write a nested value as clients do, in bracketed names."""
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in flatten(item, f"{name}[{key}]" if name else key)]
    if isinstance(value, list):
        return [(f"{name}[]", item) for item in value]
    return [(name, value)]


@given(nested)
def test_what_is_flattened_to_brackets_is_read_back(values: dict[str, Any]):
    assert nest(flatten(values, "")) == values


@given(json_values)
def test_any_value_can_be_read_as_any_type(value: Any):
    parameters = Parameters({"a": value})

    assert isinstance(parameters.flag("a"), bool)
    assert "\x00" not in parameters.text("a")
    assert all(isinstance(text, str) for text in parameters.texts("a"))
    assert all(0 <= id_ <= MAX_ID for id_ in parameters.ids("a"))
    parameters.has("a")
    for reader in (lambda: parameters.number("a", 1, least=0, most=9), lambda: parameters.id("a")):
        try:
            reader()
        except Invalid:
            continue


@given(st.text() | st.integers().map(str))
def test_an_id_is_a_number_that_a_row_may_have(text: str):
    id_ = as_id(text)

    assert id_ is None or (0 <= id_ <= MAX_ID and int(text) == id_)


@given(st.binary(max_size=400), st.sampled_from([JSON, FORM, "", "multipart/form-data; boundary=x", "text/plain"]))
async def test_any_body_is_read_or_refused(body: bytes, type_: str):
    try:
        parameters = await read(request(body, type_))
    except Invalid:
        return
    assert isinstance(parameters.values, dict)


@given(
    st.lists(
        st.sampled_from(
            [b"--x", b"--x--", b"\r\n", b"\r\n\r\n", b"a", b'Content-Disposition: form-data; name="a"', b":"]
        )
    )
)
async def test_any_broken_multipart_is_read_or_refused(pieces: list[bytes]):
    try:
        await read(request(b"".join(pieces), "multipart/form-data; boundary=x"))
    except Invalid:
        return


@given(st.text(max_size=40), st.text(max_size=40))
async def test_a_form_and_json_say_the_same(key: str, value: str):
    by_form = await read(request(urlencode({"status": value, "x": key}).encode(), FORM))
    by_json = await read(request(orjson.dumps({"status": value, "x": key}), JSON))

    assert by_form.text("status") == by_json.text("status")
    assert by_form.text("x") == by_json.text("x")
