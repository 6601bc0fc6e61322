"""The lock on a data folder: one `serve` at a time, whatever became of the last one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cli.datadir import DataDirectory, StartRefused, read_pid
from tests.server.cli.supervised import PATIENT_SECONDS

LOCK_AND_LEAVE_A_CHILD = """
import os, sys
from server.cli.datadir import DataDirectory
with DataDirectory(sys.argv[1]).lock():
    if os.fork() == 0:
        if sys.argv[2:] == ["executed"]:
            os.execv("/bin/sh", ["sh", "-c", "echo locked; cat"])
        print("locked", flush=True)
        sys.stdin.read()  # as cat does: until the test closes its end
    os._exit(0)
"""

HOLD = """
import sys
from server.cli.datadir import DataDirectory
with DataDirectory(sys.argv[1]).lock():
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def locked_by(program: str, path: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that locks `path` until its input ends."""
    command = [sys.executable, "-c", program, str(path), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield holder


def test_second_lock_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with locked_by(HOLD, tmp_path) as holder, pytest.raises(StartRefused) as refused, data.lock():
        pytest.fail("two processes hold the lock")

    assert refused.value.message == f"{tmp_path} is already being served by process {holder.pid}."


def test_lock_is_free_after_its_holder_is_killed_and_not_yet_reaped(tmp_path: Path) -> None:
    with locked_by(HOLD, tmp_path) as holder:
        holder.kill()
        with DataDirectory(tmp_path).lock(PATIENT_SECONDS):
            assert read_pid(DataDirectory(tmp_path).lock_file.read_bytes()) == os.getpid()


def test_lock_can_be_taken_again_after_it_is_given_back(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.lock():
        pass

    with data.lock():
        assert data.lock_file.read_text() == f"{os.getpid()}\n"
        assert data.lock_file.stat().st_mode & 0o777 == 0o600


def test_refused_attempt_leaves_the_holder_named(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    with data.lock():
        with pytest.raises(StartRefused), data.lock():
            pytest.fail("the lock was taken twice")

        assert data.lock_file.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", [b"", b"1\n", b"garbage", b"-1\n", b"\xff" * 100, b"9" * 50])
def test_lock_file_that_nobody_holds_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    data = DataDirectory(tmp_path)
    data.lock_file.write_bytes(content)

    with data.lock(0):
        assert data.lock_file.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("kind", ["forked", "executed"])
def test_children_of_a_dead_holder_keep_the_lock_until_they_end(tmp_path: Path, kind: str) -> None:
    data = DataDirectory(tmp_path)
    with locked_by(LOCK_AND_LEAVE_A_CHILD, tmp_path, kind) as holder:
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # dead, and still a zombie

        left = rf"used by what .*process {holder.pid}\) left behind\.$"
        with pytest.raises(StartRefused, match=left), data.lock(0):
            pytest.fail("the child has lost the lock")
        assert holder.stdin is not None
        holder.stdin.close()
        with data.lock(PATIENT_SECONDS):
            pass


def test_lock_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="cannot be opened"), DataDirectory(tmp_path / "none").lock():
        pytest.fail("locked nothing")


def test_lock_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    (tmp_path / "elsewhere").write_text("precious")
    data.lock_file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StartRefused, match="cannot be opened"), data.lock():
        pytest.fail("followed the link")

    assert (tmp_path / "elsewhere").read_text() == "precious"


@given(st.binary(max_size=80))
def test_reading_a_pid_never_fails_nor_returns_what_kill_takes_for_a_group(content: bytes) -> None:
    pid = read_pid(content)

    assert pid is None or 0 < pid < 2**31


@given(st.integers(min_value=1, max_value=2**31 - 1))
def test_pid_is_read_from_the_first_line(pid: int) -> None:
    assert read_pid(f"{pid}\nanything\n".encode()) == pid
