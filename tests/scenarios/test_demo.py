"""`python -m demo` as a visitor runs it: it verifies itself, and it leaves nothing running."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from demo.cast import PLACES
from tests.scenarios.server import REPOSITORY, free_port

CHECK_SECONDS = 300
PATIENCE_SECONDS = 120


def run_demo(*arguments: str, temporary: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"TMPDIR": str(temporary), "COLUMNS": "200"}
    command = [sys.executable, "-m", "demo", "--port", str(free_port(PLACES[0].address)), *arguments]
    return subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def test_the_demonstration_verifies_and_times_itself(tmp_path: Path) -> None:
    demo = run_demo("--check", "--most-seconds", "30", temporary=tmp_path)

    said, _ = demo.communicate(timeout=CHECK_SECONDS)

    assert demo.returncode == 0, said
    verified = re.findall(r"✓ │ (.*?) +│ (\d+\.\d\d)", said)
    assert len(verified) == 10, said
    assert verified[0][0] == "a post of the section of Lille is on the page of the section of Brest"
    assert not list(tmp_path.glob("coopole-demo-*"))


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    demo = run_demo(temporary=tmp_path)
    port = int(demo.args[demo.args.index("--port") + 1])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(listens(place.address, port) for place in PLACES):
        assert demo.poll() is None, demo.stdout.read() if demo.stdout else ""
        assert time.monotonic() < deadline
        time.sleep(0.05)

    demo.send_signal(signal.SIGINT)

    said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 0, said
    assert not any(listens(place.address, port) for place in PLACES)
    assert not list(tmp_path.glob("coopole-demo-*"))
