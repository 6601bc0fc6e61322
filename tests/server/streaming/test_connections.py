"""Open streams: how many there may be, and what becomes of one that does not take what waits for it."""

import pytest

from models.actor import Actor
from server.errors import TooMany
from server.streaming.connections import (
    MAX_WAITING,
    Connection,
    Connections,
    Event,
    EventKind,
    Limits,
    Stream,
    StreamName,
)

EVENT = Event(Stream(StreamName.USER), EventKind.DELETE, 1)


def connection(token_id: int = 1, address: str = "192.0.2.1", actor_id: int | None = None) -> Connection:
    return Connection(Actor(id=actor_id or token_id), token_id, ("read",), address)


def test_a_slow_client_is_closed_and_what_waits_for_it_dropped():
    slow = connection()
    for _ in range(MAX_WAITING):
        slow.offer(EVENT)
    assert not slow.closing.is_set()

    slow.offer(EVENT)
    slow.offer(EVENT)

    assert slow.closing.is_set()
    assert slow.waiting.get_nowait() is None
    assert slow.waiting.empty()


@pytest.mark.parametrize(
    ("limits", "others"),
    [
        (Limits(a_token=2), [connection(1, "192.0.2.1"), connection(1, "192.0.2.2")]),
        (Limits(a_member=2), [connection(2, "192.0.2.2", 1), connection(3, "192.0.2.3", 1)]),
        (Limits(an_address=2), [connection(2, "192.0.2.9"), connection(3, "192.0.2.9")]),
        (Limits(in_all=2), [connection(2, "192.0.2.2"), connection(3, "192.0.2.3")]),
    ],
)
def test_too_many_are_refused_until_one_goes(limits: Limits, others: list[Connection]):
    found, one_more = Connections(limits), connection(1, "192.0.2.9")
    for other in others:
        found.add(other)

    with pytest.raises(TooMany):
        found.add(one_more)
    found.remove(one_more)
    found.remove(others[0])
    found.remove(others[0])
    found.add(one_more)

    assert set(found) == {others[1], one_more}
