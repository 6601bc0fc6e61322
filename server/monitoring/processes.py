"""What the processes of one data directory cost: memory and CPU time, read from the kernel.   Source: proc(5)"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_STATE_AT, _USER_TICKS_AT, _SYSTEM_TICKS_AT, _STARTED_AT, _PAGES_AT = 0, 11, 12, 19, 21


@dataclass(frozen=True, slots=True)
class Cost:
    """One living process: its place (web, worker-1), the memory it holds, the CPU time it took."""

    name: str
    resident_bytes: int
    cpu_seconds: float


def sign_in(folder: Path, name: str) -> None:
    """Have this process found under its name, in the place of whoever had it before.

    Raises:
        OSError: the folder cannot be written.
    """
    pid = os.getpid()
    with suppress(FileNotFoundError):  # there is no /proc: nothing will be found under the name either
        path = folder / f"{name.replace('/', '-')}.pid"
        draft = path.with_suffix(f".{pid}")
        draft.write_text(f"{pid} {_fields(pid)[_STARTED_AT]}\n")
        draft.replace(path)


def living(folder: Path) -> Iterator[Cost]:
    """Give the processes that signed in and still run; a pid that another process has by now does not count."""
    for path in sorted(folder.glob("*.pid")):
        with suppress(OSError, ValueError, IndexError):
            pid, started = path.read_text().split()
            fields = _fields(int(pid))
            if fields[_STARTED_AT] == started and fields[_STATE_AT] not in "ZX":
                yield _cost(path.stem, fields)


def own(name: str) -> Iterator[Cost]:
    """Give this process alone."""
    with suppress(OSError):
        yield _cost(name, _fields(os.getpid()))


def _fields(pid: int) -> list[str]:
    """Read /proc/<pid>/stat from its third field on: the second, a name in brackets, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cost(name: str, fields: list[str]) -> Cost:
    ticks = int(fields[_USER_TICKS_AT]) + int(fields[_SYSTEM_TICKS_AT])
    return Cost(name, int(fields[_PAGES_AT]) * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK"))
