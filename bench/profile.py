"""Where the time of the server's processes goes, as py-spy sees it: the functions that cost most, as text."""

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import CannotMeasure

NAME_PREFIX = "coopole-"
NOT_PYTHON = ("coopole-broker",)
WAITING = ("_worker (concurrent/futures/thread.py",)  # a thread of a pool, between two tasks
SAMPLES_PER_SECOND = 100
MOST_FUNCTIONS = 30
START_SECONDS = 30.0


def find_spy() -> str:
    """Find py-spy.

    Raises:
        CannotMeasure: it is not installed.
    """
    beside = Path(sys.executable).with_name("py-spy")
    if found := shutil.which("py-spy") or (str(beside) if beside.is_file() else None):
        return found
    raise CannotMeasure("--profile needs py-spy: pip install py-spy (and root, to look into other processes)")


@contextmanager
def recorded(spy: str, pid_file: Path, folder: Path, scenario: str) -> Iterator[None]:
    """Record the web and worker processes meanwhile; write `<scenario>-<process>.txt` for each.

    A process that a scenario restarts is recorded until it dies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    watchers: list[tuple[Path, subprocess.Popen[bytes]]] = []
    for pid, name in processes(pid_file).items():
        raw = folder / f"{scenario}-{name.removeprefix(NAME_PREFIX).rstrip('-')}-{pid}.stacks"
        command = [spy, "record", "--pid", str(pid), "--format", "raw", "--function", "--output", str(raw)]
        command += ["--rate", str(SAMPLES_PER_SECOND), "--duration", "unlimited"]
        watchers.append((raw, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    try:
        yield
    finally:
        for _, watcher in watchers:
            watcher.send_signal(signal.SIGINT)
        for raw, watcher in watchers:
            watcher.wait(START_SECONDS)
            if raw.is_file():
                raw.with_suffix(".txt").write_text("\n".join(report(raw.read_text())) + "\n")


def processes(pid_file: Path) -> dict[int, str]:
    """Wait for the server's Python processes: {pid: "coopole-web"}; names end after 15 bytes."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = _children(pid_file)
        if any("worker" in name for name in found.values()):
            return found
        time.sleep(0.2)
    return {}


def _children(pid_file: Path) -> dict[int, str]:
    try:
        parent = int(pid_file.read_text())
        pids = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        names = {int(pid): Path(f"/proc/{pid}/comm").read_text().strip() for pid in pids}
    except (OSError, ValueError):
        return {}
    return {pid: name for pid, name in names.items() if name.startswith(NAME_PREFIX) and name not in NOT_PYTHON}


def costs(stacks: str) -> tuple[int, Counter[str], Counter[str]]:
    """Count samples in stacks, one a line ("outer;inner 12"): (all, in the function itself, in it or below)."""
    total, own, below = 0, Counter[str](), Counter[str]()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        if not stack or not count.isdigit():
            continue
        frames = stack.split(";")
        if frames[-1].startswith(WAITING):
            continue
        total += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            below[frame] += int(count)
    return total, own, below


def report(stacks: str) -> list[str]:
    """Write the functions that cost most, by themselves and with what they call."""
    total, own, below = costs(stacks)
    lines = [f"{total} samples, {SAMPLES_PER_SECOND} a second; idle threads are not counted"]
    for title, counter in (("in the function itself", own), ("in the function and what it calls", below)):
        lines += ["", title]
        lines += [f"{100 * count / total:6.1f} %  {frame}" for frame, count in counter.most_common(MOST_FUNCTIONS)]
    return lines
