"""Start a fresh server, run fedbench's scenarios against it, and print the figures beside the reference ones.

    python -m bench [idle inbox read fanout faults] [--repeats 3] [--quick] [--out results.json]

fedbench is looked for in COOPOLE_FEDBENCH, else in ../shared/bench. It needs root (its fleet listens on port 80 of
127.77.x.y, and its host names go into /etc/hosts) and, for `read`, the program wrk.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
FEDBENCH = Path(os.environ.get("COOPOLE_FEDBENCH", REPOSITORY.parent / "shared" / "bench"))
QUICK = [
    "--repeats",
    "1",
    "--notes",
    "400",
    "--authors",
    "10",
    "--followers",
    "200",
    "--hosts",
    "20",
    "--wrk-seconds",
    "3",
]
ACCOUNT = "bench"
PASSWORD = "measured, not guessed"  # noqa: S105 - a throw-away server
PORT = 8081


class BenchServer:
    """A fresh installation that fedbench starts, kills and stops by shell commands."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.origin = f"http://127.0.0.1:{PORT}"
        self._environment = {
            "COOPOLE_DATA": str(self.data),
            "COOPOLE_ORIGIN": self.origin,
            "COOPOLE_LISTEN_PORT": str(PORT),
            "COOPOLE_ALLOW_PRIVATE_ADDRESSES": "yes",
            "COOPOLE_LOG_LEVEL": "warning",
        }
        for name in ("COOPOLE_WORKERS", "COOPOLE_DATABASE_URL", "COOPOLE_REDIS_URL"):
            if value := os.environ.get(name):
                self._environment[name] = value

    def set_up(self) -> str:
        """Make the section, the account that is measured, and its token."""
        self._run(
            "init", "--domain", self.origin, "--section", "Bench", "--handle", "bench_section",
            "--admin", ACCOUNT, "--password", PASSWORD,
        )  # fmt: skip
        return self._run("token", "create", ACCOUNT, "--scopes", "read write follow").splitlines()[-1]

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "server.cli", *arguments]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=os.environ | self._environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commands(self, folder: Path) -> dict[str, str]:
        """Write the scripts that fedbench starts and stops the server with: {option: command}."""
        exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in self._environment.items())
        start, stop = folder / "start.sh", folder / "stop.sh"
        serve = f"{shlex.quote(sys.executable)} -m server.cli serve"
        start.write_text(
            f"#!/bin/sh\n{exports}\ncd {shlex.quote(str(REPOSITORY))}\n"
            f"setsid {serve} >>{shlex.quote(str(self.log))} 2>&1 </dev/null &\n"
        )
        pid = shlex.quote(str(self.data / "coopole.pid"))
        stop.write_text(
            f'#!/bin/sh\np=$(cat {pid}) || exit 0\nkill -TERM "$p"\n'
            'i=0; while kill -0 "$p" 2>/dev/null && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done\n'
        )
        start.chmod(0o700)
        stop.chmod(0o700)
        return {"--start-cmd": str(start), "--stop-cmd": str(stop), "--restart-cmd": str(start)}


def main() -> int:
    """Run the scenarios; fedbench's exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["idle", "inbox", "read", "fanout"])
    parser.add_argument("--quick", action="store_true", help="small sizes, one run each")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, help="where to keep the results (JSON)")
    options, more = parser.parse_known_args()
    if not FEDBENCH.is_dir():
        parser.error(f"fedbench is not at {FEDBENCH}: set COOPOLE_FEDBENCH")
    if "read" in options.scenarios and shutil.which("wrk") is None:
        parser.error("the read scenario needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="coopole-bench-") as name:
        folder = Path(name)
        server = BenchServer(folder)
        token = server.set_up()
        out = (options.out or folder / "results.json").absolute()
        sizes = QUICK if options.quick else ["--repeats", str(options.repeats)]
        status = _measure(server, folder, token, out, [*options.scenarios, *sizes, *more])
        reference = FEDBENCH / "reference" / "gotosocial.json"
        _fedbench("compare", str(out), *([str(reference)] if reference.is_file() else []))
    return status


def _measure(server: BenchServer, folder: Path, token: str, out: Path, arguments: list[str]) -> int:
    (folder / "token").write_text(token)
    commands = server.commands(folder)
    _fedbench("hosts", "--write", "--keydir", str(folder))
    subprocess.run([commands["--start-cmd"]], check=True)
    try:
        options = {"--base": server.origin, "--token": f"@{folder}/token", "--account": ACCOUNT}
        options |= {"--pid": str(server.data / "coopole.pid"), "--out": str(out), "--keydir": str(folder)} | commands
        return _fedbench("run", *arguments, *(part for option in options.items() for part in option))
    finally:
        subprocess.run([commands["--stop-cmd"]], check=False)
        if (errors := server.log.read_text()) and "error" in errors:
            print(errors[-4000:], file=sys.stderr)


def _fedbench(*arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "fedbench", *arguments], cwd=FEDBENCH, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
