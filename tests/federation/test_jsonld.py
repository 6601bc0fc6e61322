"""Properties are read in every shape that servers write them, and in no other."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation import jsonld
from federation.errors import MalformedActivity
from tests.federation import hostile


def test_the_text_of_an_object_is_loaded() -> None:
    assert jsonld.load(b'{"id": "https://far.test/1"}') == {"id": "https://far.test/1"}


@pytest.mark.parametrize(
    "text", [b"", b"no", b"[1]", b'"id"', b"null", b"3", b'{"a": NaN}', b"\xff", b'{"a": "\\ud800"}']
)
def test_what_is_no_json_object_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedActivity):
        jsonld.load(text)


@pytest.mark.parametrize("levels", [100, 300, 2000, 100_000])
def test_what_is_nested_too_deeply_is_malformed(levels: int) -> None:
    with pytest.raises(MalformedActivity):
        jsonld.load(b'{"a": ' + b"[" * levels + b"]" * levels + b"}")


@given(hostile.objects)
@example({"a": hostile.nested(60)})
def test_what_loads_can_be_written_again(document: dict) -> None:
    text = orjson.dumps(document, default=float, option=orjson.OPT_NON_STR_KEYS) if _fits(document) else b"{}"
    loaded = jsonld.load(text)
    assert jsonld.load(jsonld.dump(loaded)) == loaded


def _fits(document: dict) -> bool:
    """Whether orjson can write it at all: it knows no number beyond 64 bits."""
    try:
        orjson.dumps(document)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "items"),
    [(None, []), ("a", ["a"]), ([], []), (["a", None], ["a", None]), ({"id": 1}, [{"id": 1}]), (0, [0])],
)
def test_each_gives_the_items_of_a_list_or_the_one_value(value: object, items: list) -> None:
    assert list(jsonld.each(value)) == items


def test_each_stops_at_a_thousand() -> None:
    assert len(list(jsonld.each([1] * 5000))) == jsonld.MAX_LIST_ITEMS


@pytest.mark.parametrize("value", ["https://far.test/1", "http://far.test", "https://fär.test/ö#x"])
def test_web_addresses_are_uris(value: str) -> None:
    assert jsonld.is_uri(value)


@pytest.mark.parametrize(
    "value",
    [
        None, 1, "", "as:Public", "acct:a@far.test", "ftp://far.test", "HTTPS://far.test", "javascript:alert(1)",
        "https://far.test/\n", "https://far.test/\x00", "https://far.test/\u202e", "https://far.test/" + "a" * 2048,
        ["https://far.test"], {"id": "https://far.test"},
    ],
)  # fmt: skip
def test_nothing_else_is_a_uri(value: object) -> None:
    assert not jsonld.is_uri(value)


@pytest.mark.parametrize(
    "value",
    [
        "https://far.test/1",
        ["https://far.test/1", "https://far.test/2"],
        {"id": "https://far.test/1"},
        {"@id": "https://far.test/1"},
        {"type": "Link", "href": "https://far.test/1"},
        [None, 3, {"name": "no id"}, {"id": "https://far.test/1"}],
    ],
)
def test_a_reference_stands_for_an_id_in_any_shape(value: object) -> None:
    assert jsonld.uri_of(value) == "https://far.test/1"


@pytest.mark.parametrize(
    "value", [None, [], {}, 3, "as:Public", {"id": 3}, {"id": ["https://far.test/1"]}, [["https://a.b"]]]
)
def test_a_reference_without_an_id_stands_for_nothing(value: object) -> None:
    assert jsonld.uri_of(value) is None


def test_all_ids_are_kept_in_order_and_once() -> None:
    value = ["https://b.test", {"id": "https://a.test"}, "as:Public", "https://b.test", 3, None, {"name": "x"}]
    assert jsonld.uris_of(value) == ("https://b.test", "https://a.test", "as:Public")


@pytest.mark.parametrize("word", ["", "a" * 3000, "as:\x00Public", "a\nb"])
def test_words_that_no_database_could_keep_are_dropped(word: str) -> None:
    assert jsonld.uris_of([word, "as:Public"]) == ("as:Public",)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": "Note"}, "Note"),
        ({"type": ["Note", "Article"]}, "Note"),
        ({"type": [3, "Note"]}, "Note"),
        ({"type": "N" * 65}, None),
        ({"type": {}}, None),
        ({}, None),
        ("Note", None),
        (None, None),
    ],
)
def test_the_type_is_the_first_one(document: object, kind: str | None) -> None:
    assert jsonld.type_of(document) == kind


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Bonjour", "Bonjour"),
        ({"fr": "Bonjour", "en": "Hello"}, "Bonjour"),
        ([None, "Bonjour"], "Bonjour"),
        ({"fr": 3}, ""),
        (None, ""),
        (3, ""),
        ("a\x00b", "ab"),
        ("a\ud800b", "ab"),
    ],
)
def test_text_is_found_in_any_shape(value: object, text: str) -> None:
    assert jsonld.text_of(value) == text


@pytest.mark.parametrize(
    "value", ["2026-11-22T18:00:00Z", "2026-11-22T18:00:00", "2026-11-22T19:00:00+01:00", " 2026-11-22T18:00:00.000Z "]
)
def test_times_are_read_as_utc(value: str) -> None:
    assert jsonld.instant_of(value) == datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [None, 3, "", "soon", "2026-13-01", "2026-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59-14:00", "2026-11-22T18:00:00Z" + " " * 40, ["2026-11-22"]],
)  # fmt: skip
def test_what_is_no_time_is_none(value: object) -> None:
    assert jsonld.instant_of(value) is None


@given(st.datetimes(datetime(1971, 1, 1, tzinfo=UTC).replace(tzinfo=None), timezones=st.just(UTC)))
def test_a_written_time_reads_back(moment: datetime) -> None:
    assert jsonld.instant_of(jsonld.written_instant(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(("value", "number"), [(0, 0), (12, 12), (12.9, 12), (2**31 - 1, 2**31 - 1)])
def test_whole_numbers_are_read(value: object, number: int) -> None:
    assert jsonld.integer_of(value) == number


@pytest.mark.parametrize("value", [None, True, "12", -1, 2**31, hostile.HUGE, float("inf"), float("nan"), [1]])
def test_other_numbers_are_none(value: object) -> None:
    assert jsonld.integer_of(value) is None


@given(hostile.values)
def test_no_value_upsets_a_reader(value: object) -> None:
    list(jsonld.each(value))
    assert jsonld.uri_of(value) is None or jsonld.is_uri(jsonld.uri_of(value))
    assert all(0 < len(uri) <= 2048 and uri.isprintable() for uri in jsonld.uris_of(value))
    assert "\x00" not in jsonld.text_of(value)
    assert jsonld.type_of(value) is None or isinstance(jsonld.type_of({"type": value}), str | None)
    moment = jsonld.instant_of(value)
    assert moment is None or moment.tzinfo is UTC
    assert jsonld.integer_of(value) is None or isinstance(jsonld.integer_of(value), int)
