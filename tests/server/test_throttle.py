"""Buckets: a few at once, and then one every so often."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from server import throttle
from server.throttle import Buckets, address_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_one_at_a_time() -> None:
    clock = Clock()
    buckets = Buckets(3, 10, clock)
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 10, 10]
    clock.now += 4
    assert buckets.take("a") == 6
    clock.now += 6
    assert [buckets.take("a"), buckets.take("a")] == [0, 10]


def test_nobody_pays_for_another() -> None:
    buckets = Buckets(1, 10, Clock())
    assert [buckets.take("a"), buckets.take("a"), buckets.take("b")] == [0, 10, 0]


def test_so_many_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_BUCKETS", 2)
    buckets = Buckets(1, 10, Clock())
    for key in "abc":
        buckets.take(key)
    assert [buckets.take("c"), buckets.take("b"), buckets.take("a")] == [10, 10, 0]


@settings(max_examples=40)
@given(burst=st.integers(1, 5), every=st.integers(1, 9), pauses=st.lists(st.integers(0, 12), max_size=40))
def test_never_more_than_the_burst_and_one_for_each_while(burst: int, every: int, pauses: list[int]) -> None:
    clock = Clock()
    buckets, taken = Buckets(burst, every, clock), 0
    for pause in pauses:
        clock.now += pause
        taken += buckets.take("a") == 0
    assert taken <= burst + (clock.now - 1000) / every


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("a socket", "a socket"),
    ],
)
def test_an_address_is_what_one_subscriber_has(host: str, address: str) -> None:
    assert address_of(Request({"type": "http", "headers": [], "client": (host, 1)})) == address


def test_whoever_has_no_address_shares_one() -> None:
    assert address_of(Request({"type": "http", "headers": [], "client": None})) == ""
