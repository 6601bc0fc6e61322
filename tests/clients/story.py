"""Libraries in JavaScript, run by Node as child processes, and told what to do in lines of JSON.

`python -m tests.clients.story install` fetches them from npm; `javascript/package-lock.json` pins them.
"""

import json
import selectors
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, Final, Self

from tests.peers import npm
from tests.peers.peer_process import PeerError, miss

FOLDER: Final = Path(__file__).parent / "javascript"
INSTALL_COMMAND: Final = "python -m tests.clients.story install"
STEP_SECONDS: Final = 60.0


class StoryError(PeerError):
    """A library could not do what it was asked, and says why in its own words."""


class Story:
    """One application: a process that does one step after the other.

    Raises:
        StoryError: a step failed, or nothing was answered in time.
    """

    def __init__(self, script: str, origin: str) -> None:
        self._command = [str(npm.find_node()), str(FOLDER / script), origin]
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr
        )
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._stderr):
            if pipe is not None:
                pipe.close()

    def do(self, step: str, **told: Any) -> Any:
        """Have a step done; what it answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": step} | told).encode() + b"\n")
        self._process.stdin.flush()
        said = json.loads(self._line() or b"{}")
        if "answer" not in said:
            self._stderr.seek(0)
            raise StoryError(f"{step}: {said.get('error') or self._stderr.read().decode(errors='replace')[-2000:]}")
        return said["answer"]

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return self._process.stdout.readline() if selector.select(STEP_SECONDS) else b""


def bundle(script: str, into: Path) -> None:
    """Make one file for browsers of a script and the libraries that it imports.

    Raises:
        StoryError: esbuild refused.
    """
    command = [str(npm.find_node()), "node_modules/esbuild-wasm/bin/esbuild", script, "--bundle", "--format=esm"]
    done = subprocess.run([*command, f"--outfile={into}"], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StoryError(done.stderr)


def require_libraries(folder: Path = FOLDER) -> None:
    """Skip the test, loudly, where the libraries are not installed; in CI (`CI=true`) that is an error."""
    if missing := npm.missing(folder):
        miss(f"no clients in JavaScript to try: {missing}; run: {INSTALL_COMMAND}", StoryError)


if __name__ == "__main__":
    sys.exit(npm.command_line(sys.argv[1:], FOLDER, usage=INSTALL_COMMAND))
