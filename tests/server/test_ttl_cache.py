"""A memory of a few seconds and a few entries."""

from hypothesis import given
from hypothesis import strategies as st

from server.ttl_cache import TtlCache


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_there_until_its_time_is_over():
    clock = Clock()
    cache: TtlCache[str, int] = TtlCache(3.0, 10, clock)
    assert cache.keep("a", 1) == 1

    clock.now = 2.9
    assert cache.get("a") == 1
    clock.now = 3.0
    assert cache.get("a") is None
    assert len(cache) == 0


def test_being_asked_for_does_not_make_a_value_live_longer():
    clock = Clock()
    cache: TtlCache[str, int] = TtlCache(3.0, 10, clock)
    cache.keep("a", 1)
    for second in range(3):
        clock.now = float(second)
        cache.get("a")

    clock.now = 3.0

    assert cache.get("a") is None


def test_the_value_nobody_asked_for_leaves_first():
    cache: TtlCache[str, int] = TtlCache(3.0, 2, Clock())
    cache.keep("a", 1)
    cache.keep("b", 2)
    cache.get("a")

    cache.keep("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_values_can_be_dropped_and_forgotten():
    cache: TtlCache[str, int] = TtlCache(3.0, 10, Clock())
    cache.keep("a", 1)
    cache.keep("b", 2)

    cache.drop("a")
    cache.drop("never there")
    assert cache.get("a") is None
    cache.forget()

    assert cache.get("b") is None


@given(st.lists(st.integers(0, 20)), st.integers(1, 5))
def test_there_are_never_more_values_than_allowed(keys: list[int], most: int):
    cache: TtlCache[int, int] = TtlCache(3.0, most, Clock())
    for key in keys:
        cache.keep(key, key)

    assert len(cache) <= most
    assert all(cache.get(key) == key for key in keys[-1:])
