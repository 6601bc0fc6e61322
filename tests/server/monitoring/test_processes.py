"""What processes cost, as the kernel tells it."""

import os
from pathlib import Path

from server.monitoring import processes


def test_a_process_that_signed_in_is_found_under_its_name(tmp_path: Path) -> None:
    processes.sign_in(tmp_path, "worker-1")
    [cost] = processes.living(tmp_path)
    assert cost.name == "worker-1"
    assert cost.resident_bytes > 1_000_000
    assert cost.cpu_seconds > 0


def test_one_that_ended_is_not(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        processes.sign_in(tmp_path, "worker-1")
        os._exit(0)
    os.waitpid(pid, 0)
    assert list(processes.living(tmp_path)) == []


def test_a_stranger_with_its_pid_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "worker-1.pid").write_text(f"{os.getpid()} 1\n")
    assert list(processes.living(tmp_path)) == []


def test_what_was_left_half_written_is_passed_over(tmp_path: Path) -> None:
    for name, left in (("a", ""), ("b", "x y"), ("c", "-1 2"), ("d", "1")):
        (tmp_path / f"{name}.pid").write_text(left)
    processes.sign_in(tmp_path, "web")
    assert [cost.name for cost in processes.living(tmp_path)] == ["web"]


def test_the_successor_in_a_place_stands_for_it(tmp_path: Path) -> None:
    (tmp_path / "web.pid").write_text("999999999 1\n")
    processes.sign_in(tmp_path, "web")
    assert [cost.name for cost in processes.living(tmp_path)] == ["web"]
    assert [path.name for path in tmp_path.iterdir()] == ["web.pid"]


def test_a_process_alone_tells_of_itself() -> None:
    assert [cost.name for cost in processes.own("web")] == ["web"]
