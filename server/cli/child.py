"""One process of the instance, and what happens in it between the fork and its own first line."""

import ctypes
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Any, NoReturn

HANDLED_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_TITLE_MAX_BYTES = 15


class Stage(IntEnum):
    """When a child ends: each stage is gone before the next one is asked to go."""

    WEB = 0
    WORKER = 1
    BROKER = 2


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive.

    `target` is "module:function", imported and called with `arguments` in the forked child; it returns the
    exit code. A listening socket may be an argument: it then outlives each child, and no connection is
    refused while one replaces another. `is_ready` is asked in the supervisor and must answer within a second.
    """

    name: str
    target: str
    arguments: tuple[Any, ...]
    stop_seconds: float
    stage: Stage = Stage.WORKER
    is_ready: Callable[[], bool] | None = None


def live(child: Child, parent_pid: int) -> NoReturn:
    """Become the child: shed everything of the supervisor, call the target, leave with its exit code."""
    with _LastAct() as last_act:
        die_with(parent_pid)
        os.setsid()  # Ctrl-C in a terminal reaches the supervisor alone, which knows the order
        _restore_signals()
        _close_stdin()
        _set_title(f"coopole-{child.name}")
        module_name, _, function_name = child.target.partition(":")
        target = getattr(importlib.import_module(module_name), function_name)
        last_act.exit_code = _exit_code(target(*child.arguments))
    raise AssertionError("the last act does not return")


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies, however the parent dies.

    Processes which a child forks for itself should call this too. Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform == "linux" and _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL)) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent_pid:  # it died before the kernel was told
        os.kill(os.getpid(), signal.SIGKILL)


def flush_output() -> None:
    """Write out what is buffered, so that a fork does not write it twice nor an exit lose it."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader is gone, or the stream is closed
            stream.flush()


class _LastAct:
    """End the process here: nothing may unwind into the frames inherited from the supervisor."""

    def __init__(self) -> None:
        self.exit_code = 1

    def __enter__(self) -> "_LastAct":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, SystemExit):
                self.exit_code = _exit_code(error.code)
            elif error is not None:
                traceback.print_exception(error)
            flush_output()
        finally:
            os._exit(self.exit_code)


def _exit_code(returned: object) -> int:
    """Read what a target returned, or gave to sys.exit, as the interpreter would."""
    if returned is None:
        return 0
    if isinstance(returned, int):
        return returned & 0xFF
    print(returned, file=sys.stderr)
    return 1


def _restore_signals() -> None:
    """Give back the default handlers, and receive what was held back during the fork."""
    signal.set_wakeup_fd(-1)
    for number in HANDLED_SIGNALS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)


def _close_stdin() -> None:
    """Read nothing; /dev/null keeps descriptor 0 from being given to the next file opened."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    if null != 0:
        os.close(null)


def _set_title(title: str) -> None:
    """Show the child's name in ps and top."""
    if sys.platform == "linux":
        _prctl(_PR_SET_NAME, ctypes.c_char_p(title.encode()[:_TITLE_MAX_BYTES]))


def _prctl(option: int, argument: object) -> int:
    """Call prctl(2); 0 is success."""
    unused = ctypes.c_ulong(0)
    value = ctypes.c_ulong(argument) if isinstance(argument, int) else argument
    return int(_libc.prctl(option, value, unused, unused, unused))


_libc = ctypes.CDLL(None, use_errno=True)
