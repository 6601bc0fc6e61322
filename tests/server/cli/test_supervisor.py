"""Start, stop and sudden death: each test hears a supervisor and all its children through one pipe."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cli.supervisor import plain_log, worker_count
from tests.server.cli.conftest import Launch
from tests.server.cli.supervised import PATIENT_SECONDS, Gate

ALL = [{"name": "broker"}, {"name": "web"}, {"name": "worker-1"}, {"name": "worker-2"}]


# --- stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_web_ends_before_workers_are_told_and_workers_before_the_broker(
    launch: Launch, gate: Gate, number: signal.Signals
) -> None:
    web = {"name": "web", "arguments": [str(gate.path)]}
    run = launch({"name": "broker"}, web, {"name": "worker-1"}, {"name": "worker-2"})
    run.started("broker", "web", "worker-1", "worker-2")

    run.signal(number)
    run.until("told", by="web")
    gate.open()
    run.until_silence()

    said = [each for each in run.told() if each[1] != "here"]
    assert said[:2] == [("web", "told"), ("web", "done")]
    assert {name for name, _ in said[2:6]} == {"worker-1", "worker-2"}
    assert said[6:] == [("broker", "told"), ("broker", "done")]
    assert run.process.wait(PATIENT_SECONDS) == 0


def test_child_that_outstays_its_grace_is_killed(launch: Launch) -> None:
    stubborn = {"name": "worker-1", "target": "be_stubborn", "stop_seconds": 0.05}
    run = launch(stubborn, {"name": "broker"})
    run.started("worker-1", "broker")

    assert run.stop() == 0

    assert [each["name"] for each in run.logged("killed")] == ["worker-1"]
    assert run.logged("ended")[0]["signal"] == "SIGKILL"
    assert ("broker", "done") in run.told()


def test_while_web_ends_a_dead_broker_is_restarted_but_no_worker(launch: Launch, gate: Gate) -> None:
    web = {"name": "web", "arguments": [str(gate.path)]}
    run = launch({"name": "broker"}, web, {"name": "worker-1"}, patience={"settled_after": 0.0})
    pids = run.started("broker", "web", "worker-1")
    run.signal(signal.SIGTERM)
    run.until("told", by="web")

    os.kill(pids["worker-1"], signal.SIGKILL)
    assert run.until("ended", name="worker-1")["signal"] == "SIGKILL"
    os.kill(pids["broker"], signal.SIGKILL)
    run.started("broker")
    gate.open()
    run.until_silence()

    assert [each["name"] for each in run.logged("died")] == ["broker"]


def test_second_interrupt_ends_the_waiting(launch: Launch) -> None:
    run = launch({"name": "web", "target": "be_stubborn"}, {"name": "worker-1", "target": "be_stubborn"})
    run.started("web", "worker-1")

    run.signal(signal.SIGINT)
    run.until("stopping")
    run.signal(signal.SIGINT)

    run.until_silence()
    assert run.process.wait(PATIENT_SECONDS) == 0


def test_ctrl_c_reaches_children_only_through_the_supervisor(launch: Launch, gate: Gate) -> None:
    web = {"name": "web", "arguments": [str(gate.path)]}
    run = launch(web, {"name": "worker-1"}, popen={"start_new_session": True})
    run.started("web", "worker-1")

    os.killpg(run.process.pid, signal.SIGINT)
    run.until("told", by="web")
    gate.open()
    run.until_silence()

    assert run.logged("died") == []
    assert ("worker-1", "done") in run.told()


def test_closing_the_terminal_stops_the_instance(launch: Launch) -> None:
    ours, theirs = pty.openpty()
    run = launch({"name": "web"}, popen={"preexec_fn": lambda: os.login_tty(theirs)})
    os.close(theirs)
    run.started("web")

    os.close(ours)

    run.until_silence()
    assert run.process.wait(PATIENT_SECONDS) == 0
    assert ("web", "done") in run.told()


# --- the supervisor is killed


def test_killed_supervisor_leaves_no_child(launch: Launch) -> None:
    stubborn = {"name": "worker-2", "target": "be_stubborn"}
    run = launch({"name": "broker"}, {"name": "web"}, {"name": "worker-1"}, stubborn)
    run.started("broker", "web", "worker-1", "worker-2")

    run.signal(signal.SIGKILL)

    run.until_silence()
    assert ("web", "told") not in run.told()


def test_next_start_works_at_once_after_the_supervisor_was_killed(launch: Launch, tmp_path: Path) -> None:
    first = launch(*ALL, data=str(tmp_path))
    first.started("broker", "web", "worker-1", "worker-2")
    first.signal(signal.SIGKILL)  # not waited for: children may still be dying, the supervisor is a zombie

    second = launch(*ALL, data=str(tmp_path))

    second.started("broker", "web", "worker-1", "worker-2")
    first.until_silence()
    assert (tmp_path / "coopole.pid").read_text() == f"{second.process.pid}\n"
    assert second.stop() == 0


def test_second_start_is_refused_and_names_the_first(launch: Launch, tmp_path: Path) -> None:
    first = launch({"name": "web"}, data=str(tmp_path))
    first.started("web")

    second = launch({"name": "web"}, data=str(tmp_path), popen={"stderr": subprocess.PIPE, "text": True})
    _, errors = second.process.communicate(timeout=PATIENT_SECONDS)

    assert second.process.returncode != 0
    assert f"is already being served by process {first.process.pid}." in errors
    assert first.stop() == 0


# --- starting


def test_children_start_after_the_one_before_them_is_ready(launch: Launch, tmp_path: Path) -> None:
    sign = tmp_path / "ready"
    run = launch({"name": "broker", "ready_when": str(sign)}, {"name": "web"})
    run.started("broker")

    sign.touch()

    run.started("web")
    run.stop()


def test_child_that_never_becomes_ready_ends_the_start_with_status_1(launch: Launch, tmp_path: Path) -> None:
    broker = {"name": "broker", "ready_when": str(tmp_path / "never")}
    run = launch(broker, {"name": "web"}, patience={"ready_within": 0.2})

    assert run.until("not ready")["name"] == "broker"
    run.until_silence()

    assert run.process.wait(PATIENT_SECONDS) == 1
    assert [each["name"] for each in run.logged("started")] == ["broker"]


def test_stop_while_waiting_for_readiness_is_heard(launch: Launch, tmp_path: Path) -> None:
    run = launch({"name": "broker", "ready_when": str(tmp_path / "never")}, patience={"ready_within": 3600})
    run.started("broker")

    assert run.stop() == 0


# --- the pid file, the log, the number of workers


def test_pid_file_names_the_supervisor_and_goes_at_a_clean_stop(launch: Launch, tmp_path: Path) -> None:
    pid_file = tmp_path / "coopole.pid"
    pid_file.write_text("1\n")  # what a power cut left, though this process lives
    run = launch({"name": "web"}, data=str(tmp_path))
    run.started("web")

    assert pid_file.read_text() == f"{run.process.pid}\n"
    run.stop()
    assert not pid_file.exists()


def test_plain_log_writes_time_level_event_and_fields_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    plain_log().error("died", name="web", exit_code=1)

    line = capsys.readouterr().err
    assert line.count("\n") == 1
    time, _, rest = line.partition(" ")
    assert time.endswith("Z")
    assert rest.split() == ["[error", "]", "died", "name=web", "exit_code=1"]


@given(st.integers(min_value=1, max_value=1024))
def test_workers_leave_one_core_free_and_are_never_none_nor_many(cores: int) -> None:
    assert worker_count(cores) == {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7}.get(cores, 8)
