"""What the status of an answer means, and when to come back."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.answers import MAX_RETRY_AFTER_SECONDS, Answer, raise_for_status, retry_after_seconds
from federation.errors import MalformedActivity, NotAuthorised, ObjectGone, RemoteUnavailable

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def answer(status, **headers):
    return Answer(status, "https://example.org/x", headers, b"")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_success_raises_nothing(status):
    raise_for_status(answer(status), NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, MalformedActivity),
        (304, MalformedActivity),
        (400, MalformedActivity),
        (401, NotAuthorised),
        (403, NotAuthorised),
        (404, ObjectGone),
        (406, MalformedActivity),
        (408, RemoteUnavailable),
        (410, ObjectGone),
        (429, RemoteUnavailable),
        (451, NotAuthorised),
        (500, RemoteUnavailable),
        (503, RemoteUnavailable),
        (599, RemoteUnavailable),
    ],
)
def test_each_refusal_has_its_error(status, error):
    with pytest.raises(error, match=str(status)):
        raise_for_status(answer(status), NOW)


@pytest.mark.parametrize(("status", "is_permanent"), [(404, False), (410, True)])
def test_only_gone_is_for_ever(status, is_permanent):
    with pytest.raises(ObjectGone) as caught:
        raise_for_status(answer(status), NOW)

    assert caught.value.is_permanent is is_permanent


def test_a_busy_server_says_when_to_come_back():
    with pytest.raises(RemoteUnavailable) as caught:
        raise_for_status(answer(429, **{"retry-after": "120"}), NOW)

    assert caught.value.retry_after_seconds == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0),
        (" 120 ", 120),
        ("9" * 5000, MAX_RETRY_AFTER_SECONDS),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90),
        ("Sun, 01 Mar 2026 12:01:30 -0000", 90),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90),
        ("Sun Mar  1 12:01:30 2026", 90),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Sun, 99 Mar 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_bounded(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


@settings(deadline=None)
@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\w+"))
def test_any_retry_after_is_bounded(value):
    seconds = retry_after_seconds(value, NOW)

    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_SECONDS


@settings(deadline=None)
@given(st.integers(0, 86_400))
def test_a_date_and_a_number_of_seconds_say_the_same(seconds):
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert retry_after_seconds(date, NOW) == retry_after_seconds(str(seconds), NOW) == seconds
