"""The goals of the engine, held against results as fedbench writes them."""

import json
from pathlib import Path

import pytest

from bench import goals, harness, table
from bench.goals import GOALS, Figure, Goal, Verdict

REFERENCE = harness.FEDBENCH / "reference" / "gotosocial.json"


def results(**figures: float) -> goals.Results:
    """Make results like fedbench's: `fanout__individual_x1__p99_s=0.7`."""
    made: dict[str, dict[str, dict[str, dict[str, dict[str, dict[str, float]]]]]] = {}
    for name, value in figures.items():
        scenario, part, figure = name.split("__")
        parts = made.setdefault(scenario, {"parts": {}})["parts"]
        summary = parts.setdefault(part, {"summary": {}})["summary"]
        summary[figure] = {"median": value, "min": value, "max": value, "n": 3}
    return {"meta": {"cores": 2}, "scenarios": made}


def verdict(title: str, measured: goals.Results) -> Verdict:
    [found] = [found for found in goals.verdicts(measured, {}) if found.goal.title == title]
    return found


def test_a_least_that_is_reached_is_met():
    assert verdict("accepted/s", results(inbox__notes__accepted_per_s=1500)).words == "met"


def test_a_least_that_is_not_reached_says_by_how_much():
    assert verdict("accepted/s", results(inbox__notes__accepted_per_s=750)).words == "missed by 50 %"


def test_a_most_that_is_passed_says_by_how_much():
    assert verdict("p99 of the POST, ms", results(inbox__notes__p99_ms=110)).words == "missed by 10 %"


def test_a_most_that_is_passed_by_far_says_how_many_times():
    assert verdict("p99 of the POST, ms", results(inbox__notes__p99_ms=300)).words == "missed: 3.0 times the goal"


def test_a_near_miss_is_not_called_a_hit():
    assert verdict("p99 of the POST, ms", results(inbox__notes__p99_ms=100.01)).words == "missed by 0.1 %"


def test_one_lost_delivery_is_one_too_many():
    assert verdict("kill: deliveries lost", results(faults__kill__lost=1)).words == "missed by 1"


def test_what_was_not_measured_is_neither_met_nor_missed():
    found = verdict("accepted/s", results(inbox__notes__p99_ms=50))

    assert found.is_met is None
    assert found.words == "not measured"


def test_the_effect_of_bad_hosts_is_measured_against_a_run_without_faults():
    measured = results(faults__bad_hosts__healthy_p99_s=1.2, fanout__individual_x1__p99_s=0.8)

    found = verdict("bad hosts: p99 at healthy hosts ÷ p99 without faults", measured)

    assert found.ours == pytest.approx(1.5)
    assert found.is_met


@pytest.mark.parametrize("base", [{}, {"fanout__individual_x1__p99_s": 0.0}])
def test_a_ratio_without_its_base_is_not_measured(base: dict[str, float]):
    measured = results(faults__bad_hosts__healthy_p99_s=1.2, **base)

    assert verdict("bad hosts: p99 at healthy hosts ÷ p99 without faults", measured).is_met is None


def test_every_goal_reads_its_own_figure():
    figures = {figure for goal in GOALS for figure in (goal.figure, goal.over) if figure is not None}
    measured = results(**{f"{f.scenario}__{f.part}__{f.figure}": 1.0 for f in figures})

    assert all(found.ours == 1.0 for found in goals.verdicts(measured, measured))
    assert len({goal.title for goal in GOALS}) == len(GOALS)
    assert {goal.figure.scenario for goal in GOALS} == set(harness.SCENARIOS)


@pytest.mark.skipif(not REFERENCE.is_file(), reason=f"fedbench's reference results are not at {REFERENCE}")
def test_every_goal_names_a_figure_that_fedbench_writes():
    unknown = [goal.title for goal in GOALS if goal.measured(harness.reference()) is None]

    assert unknown == []


@pytest.mark.parametrize(
    "broken", [{}, {"scenarios": {"inbox": {"error": "SutError"}}}, {"scenarios": {"inbox": None}}]
)
def test_results_of_a_scenario_that_failed_are_not_measured(broken: goals.Results):
    assert all(found.is_met is None for found in goals.verdicts(broken, {}))


def test_a_terminal_has_colours_and_a_file_has_none():
    found = list(goals.verdicts(results(inbox__notes__accepted_per_s=1600, inbox__notes__p99_ms=200), {}))

    coloured = "\n".join(table.verdict_lines(found, is_coloured=True))
    plain = "\n".join(table.verdict_lines(found, is_coloured=False))

    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured
    assert "\x1b" not in plain
    assert f"1 goals met, 1 missed, {len(GOALS) - 2} not measured" in plain


def test_the_table_for_a_page_is_markdown():
    goal = Goal("accepted/s", Figure("inbox", "notes", "accepted_per_s"), 1500, is_most=False)

    lines = table.markdown(table.HEADERS, table.rows_of([Verdict(goal, 1600.0, 472.5)]))

    assert lines[0] == "| scenario | figure | ours | GoToSocial | goal | verdict |"
    assert lines[1] == "| --- | --- | --- | --- | --- | --- |"
    assert lines[2] == "| inbox | accepted/s | 1,600 | 472 | ≥ 1,500 | met |"


def test_results_are_read_from_their_file(tmp_path: Path):
    (tmp_path / "results.json").write_text(json.dumps(results(faults__kill__lost=0)))

    assert harness.read_results(tmp_path / "results.json")["meta"] == {"cores": 2}
    assert harness.read_results(tmp_path / "none.json") == {}
