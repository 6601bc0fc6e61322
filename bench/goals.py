"""What the engine aims at: one row for each goal, and what measured figures say of it.

Each figure is named as in fedbench's results: scenario, part, figure; its value there is the median of the runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of fedbench's results: `results["scenarios"][scenario]["parts"][part]["summary"][figure]`."""

    scenario: str
    part: str
    figure: str

    def of(self, results: Results) -> float | None:
        """Read the median; None where it was not measured."""
        node: Any = results.get("scenarios", {})
        for key in (self.scenario, "parts", self.part, "summary", self.figure, "median"):
            node = node.get(key) if isinstance(node, Mapping) else None
        return float(node) if isinstance(node, int | float) else None


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to reach. `goal` is the least that will do, or the most where `is_most`; `over` makes it a ratio."""

    title: str
    figure: Figure
    goal: float
    is_most: bool = True
    over: Figure | None = None

    def measured(self, results: Results) -> float | None:
        """Read the figure, or the ratio of the two figures; None where one is missing."""
        value = self.figure.of(results)
        if self.over is None or value is None:
            return value
        base = self.over.of(results)
        return value / base if base else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal beside what was measured here and at the reference server."""

    goal: Goal
    ours: float | None
    reference: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None where nothing was measured."""
        if self.ours is None:
            return None
        return self.ours <= self.goal.goal if self.goal.is_most else self.ours >= self.goal.goal

    @property
    def words(self) -> str:
        """Say it: "met", "missed by 12 %", "missed: 3.4 times the goal", "not measured"."""
        if self.ours is None:
            return "not measured"
        if self.is_met:
            return "met"
        if self.goal.goal == 0:
            return f"missed by {self.ours:g}"
        share = abs(self.ours - self.goal.goal) / self.goal.goal
        if share >= 1:
            return f"missed: {1 + share:.1f} times the goal"
        return f"missed by {max(0.1, share * 100):.{0 if share >= 0.095 else 1}f} %"


def _least(title: str, scenario: str, part: str, figure: str, goal: float) -> Goal:
    return Goal(title, Figure(scenario, part, figure), goal, is_most=False)


def _most(title: str, scenario: str, part: str, figure: str, goal: float) -> Goal:
    return Goal(title, Figure(scenario, part, figure), goal)


GOALS: Sequence[Goal] = (
    _most("cold start to the first answer, s", "idle", "rest", "cold_start_s", 2.0),
    _most("memory of all processes, PSS MiB", "idle", "rest", "pss_mib", 170),
    _least("accepted/s", "inbox", "notes", "accepted_per_s", 1500),
    _most("p99 of the POST, ms", "inbox", "notes", "p99_ms", 100),
    _least("processed/s, until visible in home", "inbox", "notes", "processed_per_s", 1000),
    _most("CPU s per 1,000 until quiet", "inbox", "notes", "sut_cpu_s_per_1000", 1.8),
    _most("notes never seen", "inbox", "notes", "not_seen", 0),
    _least("own inboxes: deliveries/s", "fanout", "individual_x5", "deliveries_per_s", 1000),
    _most("own inboxes: CPU s per 1,000", "fanout", "individual_x5", "sut_cpu_s_per_1000", 1.3),
    _most("own inboxes: p99 after one post, s", "fanout", "individual_x1", "p99_s", 1.0),
    _most("own inboxes: deliveries lost", "fanout", "individual_x5", "lost", 0),
    _most("own inboxes: bad signatures", "fanout", "individual_x5", "bad_signatures", 0),
    _most("shared inboxes: last arrival, s", "fanout", "shared_x1", "last_s", 0.15),
    _most("shared inboxes: deliveries lost", "fanout", "shared_x5", "lost", 0),
    _least("new followers/s until the last Accept", "fanout", "follow_individual", "new_followers_per_s", 300),
    _most("documents fetched to meet one actor", "fanout", "follow_individual", "fleet_gets_per_follower", 2),
    _least("actor as activity+json, req/s", "read", "actor_json", "req_per_s", 7000),
    _least("post as activity+json, req/s", "read", "status_json", "req_per_s", 7000),
    _least("WebFinger, req/s", "read", "webfinger", "req_per_s", 11000),
    _least("NodeInfo, req/s", "read", "nodeinfo", "req_per_s", 11000),
    _least("instance, req/s", "read", "instance", "req_per_s", 11000),
    _least("home timeline, req/s", "read", "home_timeline", "req_per_s", 3600),
    _least("verify_credentials, req/s", "read", "verify_credentials", "req_per_s", 9000),
    _least("profile page (HTML), req/s", "read", "profile_html", "req_per_s", 2000),
    _least("post page (HTML), req/s", "read", "status_html", "req_per_s", 3000),
    _most("kill: deliveries lost", "faults", "kill", "lost", 0),
    # No more than were in flight: a worker sends to 50 hosts, four inboxes at once each (workers/delivery.py).
    _most("kill: deliveries sent twice", "faults", "kill", "duplicates", 200),
    _most("bad hosts: deliveries lost in the end", "faults", "bad_hosts", "lost_total", 0),
    Goal(
        "bad hosts: p99 at healthy hosts ÷ p99 without faults",
        Figure("faults", "bad_hosts", "healthy_p99_s"),
        1.5,
        over=Figure("fanout", "individual_x1", "p99_s"),
    ),
)


def verdicts(results: Results, reference: Results) -> Iterator[Verdict]:
    """Hold the results, and the reference server's beside them, against every goal."""
    for goal in GOALS:
        yield Verdict(goal, goal.measured(results), goal.measured(reference))
