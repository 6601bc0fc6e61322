"""A fresh server to measure: its folder, its settings, and the scripts that start and stop it."""

import http.client
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from bench.harness import REPOSITORY, CannotMeasure

ACCOUNT = "bench"
PASSWORD = "measured, not guessed"  # noqa: S105 - a throw-away server
START_SECONDS = 60.0
PASSED_ON = ("COOPOLE_WORKERS", "COOPOLE_WEB_PROCESSES", "COOPOLE_DATABASE_URL", "COOPOLE_REDIS_URL")
SERIOUS = re.compile(r"level='(error|critical)'|^(ERROR|CRITICAL) |^Traceback ", re.MULTILINE)


class BenchServer:
    """A fresh installation, started and stopped by scripts, as fedbench wants it."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.origin = f"http://127.0.0.1:{port}"
        self.token_file = folder / "token"
        self.keys = folder / "keys"
        self.environment = {
            "COOPOLE_DATA": str(self.data),
            "COOPOLE_ORIGIN": self.origin,
            "COOPOLE_LISTEN_PORT": str(port),
            "COOPOLE_ALLOW_PRIVATE_ADDRESSES": "yes",
            "COOPOLE_LOG_LEVEL": "warning",
        }
        self.environment |= {name: value for name in PASSED_ON if (value := os.environ.get(name))}
        self.environment |= {f"COOPOLE_{name.upper()}": value for name, value in settings.items()}

    @property
    def pid_file(self) -> Path:
        """Where the supervisor says its pid."""
        return self.data / "coopole.pid"

    @property
    def token(self) -> str:
        """The token of the account that is measured."""
        return self.token_file.read_text().strip()

    def set_up(self) -> None:
        """Make the section, the account that is measured and its token, and the scripts.

        Raises:
            CannotMeasure: a command failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(exist_ok=True)
        self._command(
            "init", "--domain", self.origin, "--section", "Bench", "--handle", "bench_section",
            "--admin", ACCOUNT, "--password", PASSWORD,
        )  # fmt: skip
        said = self._command("token", "create", ACCOUNT, "--scopes", "read write follow")
        self.token_file.write_text(said.splitlines()[-1])
        self._write_scripts()

    def _command(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "server.cli", *arguments]
        environment = os.environ | self.environment
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise CannotMeasure(f"coopole {arguments[0]} failed: {(done.stderr or done.stdout)[-2000:]}")
        return done.stdout.strip()

    @property
    def scripts(self) -> Mapping[str, str]:
        """The scripts, named by the options of fedbench that take them."""
        start, stop = str(self.folder / "start.sh"), str(self.folder / "stop.sh")
        return {"--start-cmd": start, "--stop-cmd": stop, "--restart-cmd": start}

    def _write_scripts(self) -> None:
        exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in self.environment.items())
        serve = f"{shlex.quote(sys.executable)} -m server.cli serve"
        pid = shlex.quote(str(self.pid_file))
        scripts = {
            "start.sh": f"{exports}\ncd {shlex.quote(str(REPOSITORY))}\n"
            f"setsid {serve} >>{shlex.quote(str(self.log))} 2>&1 </dev/null &\n",
            "stop.sh": f'p=$(cat {pid}) || exit 0\nkill -TERM "$p"\n'
            'i=0; while kill -0 "$p" 2>/dev/null && [ $i -lt 900 ]; do sleep 0.1; i=$((i+1)); done\n',
        }
        for name, text in scripts.items():
            path = self.folder / name
            path.write_text(f"#!/bin/sh\n{text}")
            path.chmod(0o700)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the server, and stop it at the end; what it logged of errors is shown then.

        Raises:
            CannotMeasure: it does not answer.
        """
        subprocess.run([self.scripts["--start-cmd"]], check=True)
        try:
            self._wait_until_it_answers()
            yield
        finally:
            subprocess.run([self.scripts["--stop-cmd"]], check=False)
            if errors := self.errors():
                print(f"{len(errors)} errors in the server's log, the last of them:", file=sys.stderr)
                print("\n".join(errors[-5:]), file=sys.stderr)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException), self._connection() as connection:
                connection.request("GET", "/nodeinfo/2.0")
                if connection.getresponse().status == 200 and self.pid_file.exists():
                    return
            time.sleep(0.1)
        said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        raise CannotMeasure(f"the server does not answer at {self.origin}: {said}")

    def _connection(self) -> closing[http.client.HTTPConnection]:
        return closing(http.client.HTTPConnection(self.origin.removeprefix("http://"), timeout=2))

    def fedbench_options(self, out: Path) -> list[str]:
        """Name this server and the file of results in the options of `fedbench run`."""
        options = {
            "--base": self.origin,
            "--token": f"@{self.token_file}",
            "--account": ACCOUNT,
            "--pid": str(self.pid_file),
            "--out": str(out),
        }
        return [part for option in (options | dict(self.scripts)).items() for part in option]

    def errors(self) -> list[str]:
        """Give the lines of the log that say something failed."""
        return serious(self.log.read_text(errors="replace")) if self.log.exists() else []


def serious(log: str) -> list[str]:
    """Give the lines of a log at level error or above; of a traceback its last line, which says what happened."""
    lines, found = log.splitlines(), []
    for number, line in enumerate(lines):
        if SERIOUS.search(line):
            is_traceback = line.startswith("Traceback ")
            rest = (later for later in lines[number + 1 :] if not later.startswith(" "))
            found.append(next(rest, line) if is_traceback else line)
    return found
