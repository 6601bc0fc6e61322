"""A soak knows growth from noise, and everything that may go wrong by its name."""

import asyncio
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import soak
from bench.steadiness import Outcome, Sample, slope
from bench.traffic import AT_ONCE, MIX, Mix, paced

STEADY = Outcome(
    samples=[Sample(second, 150.0, 120.0 + second % 3, 0, 0) for second in range(0, 600, 10)],
    warm_up_seconds=120,
    drained_after=0.5,
    left=0,
)


def growing(mib_per_minute: float, *, files: float = 0.0) -> Outcome:
    samples = [
        Sample(second, 150 + second / 60 * (mib_per_minute + files), 120 + second / 60 * mib_per_minute, 0, 0)
        for second in range(0, 600, 10)
    ]
    return replace(STEADY, samples=samples)


@settings(max_examples=40)
@given(st.floats(-50, 50), st.floats(-1000, 1000), st.lists(st.integers(0, 1000), min_size=3, max_size=30, unique=True))
def test_points_on_a_line_have_its_slope(steep: float, start: float, xs: list[int]):
    assert slope([(x, start + steep * x) for x in xs]) == pytest.approx(steep, abs=1e-6)


@pytest.mark.parametrize("points", [[], [(0.0, 1.0), (1.0, 2.0)], [(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]])
def test_too_few_points_have_no_slope(points: list[tuple[float, float]]):
    assert slope(points) is None


def test_a_server_that_stays_as_it_is_has_no_problem():
    assert STEADY.problems() == []


def test_memory_that_grows_is_a_problem():
    assert growing(0.9).problems() == []
    assert growing(1.1).problems() == ["memory grows by 1.10 MiB a minute"]


def test_a_database_file_that_grows_is_no_leak():
    assert growing(0.2, files=20.0).problems() == []


def test_what_grows_in_the_warm_up_does_not_count():
    warming = [Sample(second, 100.0 + min(second, 120), 100.0 + min(second, 120), 0, 0) for second in range(0, 600, 10)]

    assert replace(STEADY, samples=warming).problems() == []


def test_a_run_that_is_too_short_says_so():
    assert "too short" in replace(STEADY, samples=STEADY.samples[:5]).problems()[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"drained_after": None, "left": 7}, "7 rows are still queued"),
        ({"errors": ["level='error' event='lane broke'"]}, "1 errors in the log"),
        ({"failures": {"inbox 503": 4}}, "4 requests ended in inbox 503"),
        ({"bad_signatures": 2}, "2 deliveries badly signed"),
        ({"late_seconds": 60.0}, "fell 60 s behind"),
    ],
)
def test_each_thing_that_goes_wrong_is_named(changes: dict[str, Any], said: str):
    [problem] = replace(STEADY, **changes).problems()

    assert said in problem


def test_the_report_says_how_deep_the_queues_were():
    samples = [Sample(5.0, 100, 90, 0, 0), Sample(10.0, 110, 95, 12, 340), Sample(15.0, 111, 95, 0, 3)]

    text = "\n".join(replace(STEADY, samples=samples, drained_after=2.0).lines())

    assert "deepest 12 received and 340 to send, after 10 s" in text
    assert "empty after the load ended: 2.0 s" in text


def test_the_report_says_which_process_holds_what():
    samples = [
        Sample(5.0, 100, 90, 0, 0, {"web": 40, "worker": 50}),
        Sample(10.0, 110, 99, 0, 0, {"web": 41, "worker": 58}),
    ]

    text = "\n".join(replace(STEADY, samples=samples).lines())

    assert "web: 40.0 and 41.0" in text
    assert "worker: 50.0 and 58.0" in text


# The load


@dataclass(frozen=True)
class Author:
    name: str

    @property
    def id(self) -> str:
        return f"https://elsewhere.example/u/{self.name}"

    def activity(self, kind: str, obj: Any, ref: str) -> dict[str, Any]:
        return {"@context": [], "id": f"{self.id}/{kind}/{ref}", "type": kind, "actor": self.id, "object": obj}

    def create(self, ref: str) -> dict[str, Any]:
        return self.activity("Create", {"id": f"{self.id}/notes/{ref}"}, ref)


def drawn(count: int, *, seed: int = 1) -> list[tuple[Author, dict[str, Any]]]:
    mix = Mix([Author("ada"), Author("grace")], lambda n: Author(f"new{n}"), "https://here.example/users/bench", seed)
    mix.posted("https://here.example/posts/1")
    return [mix.next() for _ in range(count)]


def test_every_kind_comes_as_often_as_its_weight():
    kinds = Counter(activity["type"] for _, activity in drawn(5000))

    for kind, weight in MIX.items():
        assert kinds[kind] / 5000 == pytest.approx(weight / sum(MIX.values()), rel=0.25)


def test_no_activity_comes_twice_and_each_is_signed_by_its_actor():
    activities = drawn(2000)

    assert len({activity["id"] for _, activity in activities}) == 2000
    assert all(activity["actor"] == actor.id for actor, activity in activities)


def test_only_what_was_done_is_undone_and_once_only():
    done: dict[str, str] = {}
    for actor, activity in drawn(3000):
        if activity["type"] == "Undo":
            assert done.pop(activity["object"]["id"]) == actor.id
        else:
            done[activity["id"]] = actor.id


def test_nothing_is_liked_before_there_is_a_post():
    mix = Mix([Author("ada")], lambda n: Author(f"new{n}"), "https://here.example/users/bench")

    assert {mix.next()[1]["type"] for _ in range(300)} <= {"Create", "Follow", "Undo"}


async def test_a_pace_begins_as_often_as_it_says(monkeypatch):
    begun, now, sleep = [], 0.0, asyncio.sleep

    async def pass_time(seconds: float) -> None:
        nonlocal now
        now += seconds
        await sleep(0)

    monkeypatch.setattr("bench.traffic.time.monotonic", lambda: now)
    monkeypatch.setattr("bench.traffic.asyncio.sleep", pass_time)

    async def act() -> None:
        begun.append(1)

    await paced(5000, 0.02, act)

    assert len(begun) == 100


async def test_a_slow_server_has_no_more_than_so_many_at_once():
    running = most = 0

    async def act() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await paced(100_000, 0.01, act)

    assert 0 < most <= AT_ONCE


async def test_what_goes_wrong_in_the_load_itself_is_not_lost():
    async def act() -> None:
        raise KeyError("uri")

    with pytest.raises(ExceptionGroup) as raised:
        await paced(1000, 0.02, act)

    assert isinstance(raised.value.exceptions[0], KeyError)


# The command line


def test_the_rates_are_a_share_of_what_the_server_can_do():
    given_rates = ["--inbox-per-second", "1000", "--deliveries-per-second", "800"]

    options = soak.arguments([*given_rates, "--share", "0.5", "--followers", "100"])

    assert options.receive_per_second == pytest.approx(250 / 3)
    assert options.posts_per_second == 2


def test_the_most_it_can_do_may_come_from_results(tmp_path: Path):
    path = tmp_path / "results.json"
    path.write_text(
        '{"scenarios": {"inbox": {"parts": {"notes": {"summary": {"processed_per_s": {"median": 400}}}}},'
        ' "fanout": {"parts": {"individual_x5": {"summary": {"deliveries_per_s": {"median": 800}}}}}}}'
    )

    options: Namespace = soak.arguments(["--results", str(path), "--followers", "100"])

    assert (options.receive_per_second, options.posts_per_second) == pytest.approx((100 / 3, 2))


def test_without_a_rate_nothing_begins(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        soak.arguments(["--minutes", "1", "--results", str(tmp_path / "none.json")])

    assert "run `make bench`" in capsys.readouterr().err
