"""What the tests of the process management share: supervisors to start, and a gate to hold up a child."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.cli.supervised import Gate, Run

Launch = Callable[..., Run]


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start a supervisor over children, each described by the arguments of `supervised._child`."""
    runs: list[Run] = []

    def start(*children: dict[str, Any], popen: dict[str, Any] | None = None, **spec: Any) -> Run:
        runs.append(Run({"children": children, **spec}, **(popen or {})))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """Give children something to wait for."""
    made = Gate(tmp_path / "gate")
    yield made
    made.close()
