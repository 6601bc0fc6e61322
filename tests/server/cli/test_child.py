"""What a forked child finds, and how it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.cli.conftest import Launch
from tests.server.cli.supervised import PATIENT_SECONDS


@pytest.mark.parametrize(
    ("target", "given_code", "exit_code"),
    [
        ("end_with", None, 0),
        ("end_with", 3, 3),
        ("end_with", "why", 1),
        ("exit_with", 4, 4),
        ("exit_with", None, 0),
    ],
)
def test_child_exits_with_what_its_target_returns(
    launch: Launch, target: str, given_code: object, exit_code: int
) -> None:
    child = {"name": "worker-1", "target": target, "arguments": [given_code]}
    run = launch(child, patience={"first_delay": 3600, "longest_delay": 3600})

    assert run.until("died")["exit_code"] == exit_code
    run.stop()


def test_child_that_raises_prints_what_it_had_buffered_and_why(launch: Launch, tmp_path: Path) -> None:
    with (tmp_path / "output").open("w+") as output:
        run = launch(
            {"name": "worker-1", "target": "fail"},
            patience={"first_delay": 3600, "longest_delay": 3600},
            popen={"stdout": output, "stderr": output},
        )
        assert run.until("died")["exit_code"] == 1
        run.stop()
    printed = (tmp_path / "output").read_text()

    assert printed.count("printed before") == 1
    assert printed.count("ZeroDivisionError: the reason") == 1


def test_child_whose_parent_died_before_it_could_ask_ends_itself() -> None:
    program = "import os; from server.cli.child import die_with; die_with(os.getpid())"

    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=PATIENT_SECONDS)

    assert ended.returncode == -signal.SIGKILL


def test_modules_are_imported_once_by_the_supervisor(launch: Launch) -> None:
    run = launch({"name": "web", "target": "describe"})

    found = run.until("here")

    assert found["imported_by"] == found["parent"] == run.process.pid
    run.stop()


def test_child_has_default_signals_its_own_session_a_name_and_nothing_to_read(launch: Launch) -> None:
    run = launch({"name": "worker-1", "target": "describe"}, popen={"stdin": subprocess.PIPE})

    found = run.until("here")

    assert found["terminates"]
    assert found["hangs_up"]
    assert found["blocked"] == []
    assert found["wakeup"] == -1
    assert found["session"] == found["pid"]
    assert found["stdin"] == "/dev/null"
    assert found["title"] == "coopole-worker-"  # the kernel keeps 15 bytes
    run.stop()


def test_processes_a_child_left_behind_end_with_it(launch: Launch) -> None:
    run = launch({"name": "worker-1", "target": "serve_with_a_lodger"})
    run.started("worker-1", "lodger")

    assert run.stop() == 0  # which includes that the lodger let go of the pipe
