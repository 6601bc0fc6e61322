"""What is shown to a section elsewhere: written as FEDERATION.md says, and read with care."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, MalformedActivity, NotAuthorised
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail, Shown

NOW = datetime(2026, 11, 28, 18, tzinfo=UTC)
HOME = "https://home.example"
BETWEEN = Between(
    f"{HOME}/shared-details/IFSVuz3g1qcdHUmMjmmYcdkc4PBzM8QmcYpRrWnJPyw",
    f"{HOME}/actors/1",
    "https://lille.example/actors/1",
)
WORDS = "I agree that my e-mail address leaves my server for the server of Lille …"
EMAIL = Detail("email", "zoe@post.example", Agreement(1, "en", WORDS, NOW))
PHONE = Detail("phone", "+33320000000", Agreement(1, "fr", "J’accepte.", NOW))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TIMES = st.sampled_from(["2026-12-01T00:00:00Z", "2126-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "x", None]) | JSON
CONSENTS = JSON | st.fixed_dictionaries(
    {
        "version": st.integers(-1, 3) | JSON,
        "language": st.sampled_from(["fr", "en-GB", "FR", ""]) | JSON,
        "content": st.text() | JSON,
        "published": TIMES,
    }
)
DETAILS = JSON | st.fixed_dictionaries(
    {
        "type": st.just("SharedDetail") | JSON,
        "name": st.sampled_from(["email", "phone", "note"]) | JSON,
        "value": st.text(max_size=300) | JSON,
        "consent": CONSENTS,
    }
)


def written(*shown: Detail, **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(orjson.dumps(details.write(BETWEEN, shown, now=NOW)))
    return document | more


def read(document: dict[str, Any]) -> Shown:
    return details.read(document, BETWEEN, now=NOW)


def examples() -> list[dict[str, Any]]:
    """The JSON that FEDERATION.md shows of it: the notice, and the document."""
    text = (Path(__file__).parents[3] / "FEDERATION.md").read_text()
    room = text.partition("### Shared details\n")[2].partition("\n### ")[0]
    return [orjson.loads(block) for block in re.findall(r"```json\n(.*?)```", room, re.DOTALL)]


def test_it_is_written_as_is_said_to_others() -> None:
    notice, document = examples()
    assert written(EMAIL) == document
    told = details.notice(BETWEEN.uri)
    assert notice["@context"] == told.pop("@context")
    assert (notice["object"], notice["to"]) == (told, [BETWEEN.group_uri])


def test_what_is_written_is_read() -> None:
    assert read(written(EMAIL, PHONE)) == Shown((EMAIL, PHONE), NOW + timedelta(days=30))
    assert read(written()) == Shown((), NOW + timedelta(days=30))


@pytest.mark.parametrize("name", ["id", "attributedTo", "audience"])
@pytest.mark.parametrize("value", [f"{HOME}/actors/2", None, 7, []])
def test_what_is_anothers_or_for_another_section_is_refused(name: str, value: Any) -> None:
    with pytest.raises(NotAuthorised):
        read(written(EMAIL, **{name: value}))


@pytest.mark.parametrize("more", [{"type": "Note"}, {"type": None}, {"keepUntil": None}, {"keepUntil": "tomorrow"}])
def test_what_is_none_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(MalformedActivity):
        read(written(EMAIL, **more))


def test_what_may_no_longer_be_kept_is_refused() -> None:
    with pytest.raises(MalformedActivity):
        read(written(EMAIL, keepUntil="2026-11-28T18:00:00Z"))


@pytest.mark.parametrize(
    ("until", "kept_until"),
    [("2026-11-29T18:00:00Z", NOW + timedelta(days=1)), ("2036-11-29T18:00:00Z", NOW + timedelta(days=30))],
)
def test_it_is_kept_as_long_as_it_says_and_thirty_days_at_most(until: str, kept_until: datetime) -> None:
    assert read(written(EMAIL, keepUntil=until)).keep_until == kept_until


@pytest.mark.parametrize(
    "more",
    [
        {"type": "Note"},
        {"name": "note"},
        {"name": ["email"]},
        {"value": ""},
        {"value": "x" * 255},
        {"value": "zoe@post.example\r\nBcc: all@post.example"},
        {"value": ["zoe@post.example"]},
        {"consent": None},
        {"consent": {"version": 1, "language": "fr", "content": "J’accepte."}},
        {"consent": {"version": 0, "language": "fr", "content": "x", "published": "2026-11-28T18:00:00Z"}},
        {"consent": {"version": 1, "language": "fr", "content": " ", "published": "2026-11-28T18:00:00Z"}},
        {"consent": {"version": 1, "language": "fr", "content": "x" * 4001, "published": "2026-11-28T18:00:00Z"}},
        {"consent": {"version": 1, "language": "<b>", "content": "x", "published": "2026-11-28T18:00:00Z"}},
        {"consent": {"version": 1, "language": "fr", "content": "x", "published": "2026-11-28T19:00:01Z"}},
    ],
)
def test_what_is_not_whole_is_left_out(more: dict[str, Any]) -> None:
    document = written(EMAIL, PHONE)
    document["details"][0] |= more
    assert read(document).details == (PHONE,)


def test_of_two_with_one_name_the_first_counts_and_of_many_only_some_are_read() -> None:
    second = Detail("email", "other@post.example", EMAIL.agreement)
    assert read(written(EMAIL, second)).details == (EMAIL,)
    document = written(PHONE)
    document["details"] = [{}] * details.MAX_DETAILS + document["details"]
    assert read(document).details == ()


@given(TIMES, JSON | st.lists(DETAILS, max_size=4), st.dictionaries(st.text(), JSON))
def test_whatever_is_there_is_short_and_whole_or_refused(until: Any, listed: Any, more: dict[str, Any]) -> None:
    document = more | written(EMAIL) | {"keepUntil": until, "details": listed}
    try:
        shown = read(document)
    except FederationError:
        return
    assert NOW < shown.keep_until <= NOW + details.KEEP_FOR
    assert len({detail.name for detail in shown.details}) == len(shown.details) <= len(details.NAMES)
    for detail in shown.details:
        assert 0 < len(detail.value) <= details.MAX_VALUE_CHARACTERS
        assert detail.value.isprintable()
        assert 0 < len(detail.agreement.words) <= details.MAX_WORDS_CHARACTERS
        assert "\x00" not in detail.agreement.words
        assert len(detail.agreement.language) <= 16
        assert 0 < detail.agreement.version < 2**31
        assert detail.agreement.given_at <= NOW + timedelta(hours=1)


@given(JSON)
def test_whatever_is_no_such_document_is_refused(value: Any) -> None:
    with pytest.raises(FederationError):
        read(value if isinstance(value, dict) else {"type": value})
