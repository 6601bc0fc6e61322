"""Documents and Link headers are read within bounds, whatever they are."""

import contextlib

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.dereference import (
    MAX_NESTED_LEVELS,
    parse_document,
    read_alternate,
)
from federation.errors import MalformedActivity
from tests.federation.loopback import AP


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", None),
        (f'<https://a.example/1>; rel="alternate"; type="{AP}"', "https://a.example/1"),
        (f"<1>;type={AP};rel=alternate", "https://h.example/x/1"),
        (f'<1>; rel="self ALTERNATE"; TYPE="{AP}; charset=utf-8"', "https://h.example/x/1"),
        ('<1>; rel="alternate"; type="application/ld+json; profile=\\"x\\""', "https://h.example/x/1"),
        (f'<1>; rel="alternate"; type="text/html", <2>; rel="alternate"; type="{AP}"', "https://h.example/x/2"),
        (f'<1>; rel="lrdd"; type="{AP}"', None),
        (f'<1>; rel="lrdd"; rel="alternate"; type="{AP}"', None),
        ('<1>; rel="alternate"', None),
        (f'<http://[>; rel="alternate"; type="{AP}"', None),
        (f'1; rel="alternate"; type="{AP}"', None),
    ],
)
def test_the_alternate_is_found_in_a_link_header(header, found):
    assert read_alternate(header, "https://h.example/x/y") == found


@settings(deadline=None)
@given(st.text(alphabet='<>;=", altern\\/:[]') | st.text())
def test_any_link_header_is_read_or_passed_over(header):
    found = read_alternate(f'{header}>; rel="alternate"; type="{AP}"', "https://h.example/")

    assert found is None or isinstance(found, str)


@pytest.mark.parametrize("header", ["<" * 100_000, ";" * 100_000, "<a>" + "; rel =" * 50_000, "<" + " " * 100_000])
def test_a_hostile_link_header_is_read_at_once(header):
    assert read_alternate(header, "https://h.example/") is None


def nested(levels):
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


def test_sixty_four_levels_are_read_and_one_more_is_not():
    assert parse_document(nested(MAX_NESTED_LEVELS))
    with pytest.raises(MalformedActivity, match="64 levels"):
        parse_document(nested(MAX_NESTED_LEVELS + 1))


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b"{", b"<html>", b'{"a":NaN}', b"\xff{}", b"[" * 100_000, nested(5000)],
)
def test_what_is_no_json_object_is_malformed(body):
    with pytest.raises(MalformedActivity):
        parse_document(body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), json_values, max_size=3))
def test_any_json_object_is_read(document):
    try:
        body = orjson.dumps(document)
    except orjson.JSONEncodeError:
        return
    assert parse_document(body) == document


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_malformed(body):
    with contextlib.suppress(MalformedActivity):
        assert isinstance(parse_document(body), dict)
