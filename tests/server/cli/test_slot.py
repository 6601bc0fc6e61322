"""Restart and back-off, with real processes."""

import os
import signal

from tests.server.cli.conftest import Launch

ALL = [{"name": "broker"}, {"name": "web"}, {"name": "worker-1"}, {"name": "worker-2"}]


def test_killed_child_is_restarted_and_the_log_names_it_and_the_signal(launch: Launch) -> None:
    run = launch(*ALL)
    pids = run.started("broker", "web", "worker-1", "worker-2")

    os.kill(pids["worker-1"], signal.SIGKILL)

    again = run.until("here", by="worker-1")
    assert again["pid"] != pids["worker-1"]
    death = run.logged("died")[0]
    assert (death["name"], death["pid"], death["signal"]) == ("worker-1", pids["worker-1"], "SIGKILL")
    assert death["level"] == "error"
    assert run.stop() == 0


def test_only_the_dead_child_is_restarted(launch: Launch) -> None:
    run = launch(*ALL)
    pids = run.started("broker", "web", "worker-1", "worker-2")

    os.kill(pids["web"], signal.SIGKILL)
    run.until("here", by="web")
    run.stop()

    starts = [name for name, event in run.told() if event == "here"]
    assert sorted(starts) == ["broker", "web", "web", "worker-1", "worker-2"]


def test_child_that_dies_at_once_waits_twice_as_long_each_time_up_to_a_limit(launch: Launch) -> None:
    patience = {"first_delay": 0.01, "longest_delay": 0.05}
    run = launch({"name": "worker-1", "target": "end_with", "arguments": [7]}, patience=patience)

    for _ in range(5):
        run.until("died", name="worker-1", exit_code=7)
    run.stop()

    delays = [death["restart_in_seconds"] for death in run.logged("died")]
    assert delays[:5] == [0.01, 0.02, 0.04, 0.05, 0.05]


def test_child_that_had_settled_is_restarted_without_delay(launch: Launch) -> None:
    run = launch({"name": "worker-1"}, patience={"settled_after": 0.0, "first_delay": 3600})

    for _ in range(3):
        os.kill(run.started("worker-1")["worker-1"], signal.SIGKILL)
        assert run.until("died")["restart_in_seconds"] == 0
    run.started("worker-1")
    run.stop()


def test_a_child_waiting_for_its_restart_does_not_hold_up_the_stop(launch: Launch) -> None:
    run = launch(
        {"name": "web"},
        {"name": "worker-1", "target": "end_with", "arguments": [1]},
        patience={"first_delay": 3600, "longest_delay": 3600},
    )
    run.until("died", name="worker-1")

    assert run.stop() == 0
