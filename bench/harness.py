"""fedbench, the load and fault harness: where it is, what it needs from this machine, and how it is run."""

import importlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.goals import Results

REPOSITORY = Path(__file__).parents[1]
FEDBENCH = Path(os.environ.get("COOPOLE_FEDBENCH", REPOSITORY.parent / "shared" / "bench"))
RESULTS = REPOSITORY / "bench-data" / "results.json"
SCENARIOS = ("idle", "inbox", "read", "fanout", "faults")
QUICK = (
    *("--repeats", "1", "--notes", "200", "--authors", "5", "--followers", "60", "--hosts", "20"),
    *("--wrk-seconds", "1", "--fault-followers", "60", "--idle-seconds", "2", "--fault-min", "5"),
    *("--fault-hold", "30", "--recovery", "120", "--kill-wait", "60"),
)
LEAST_UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
NEEDED = ("uvloop", "orjson", "cryptography", "httptools")


class CannotMeasure(Exception):
    """Something is missing on this machine; the text says what, and what to do."""


def add_options(parser: ArgumentParser) -> None:
    """Take the options that say where server and fleet live."""
    parser.add_argument("--server-port", type=int, default=8081, help="port of the server under test (default 8081)")
    parser.add_argument("--fleet-port", type=int, default=80, help="port of the fleet's hosts (default 80: needs root)")
    parser.add_argument("--fleet-network", default="127.77", help="first half of the fleet's loopback addresses")
    parser.add_argument("--fleet-domain", default="bench.test", help="domain of the fleet's host names")


def check(options: Namespace, scenarios: Sequence[str] = ()) -> None:
    """See that a measurement can be made here, before a server is started for it.

    Raises:
        CannotMeasure: it cannot, and why.
    """
    if not sys.platform.startswith("linux"):
        raise CannotMeasure("fedbench reads /proc and needs a loopback address for each of its hosts: Linux only")
    if not (FEDBENCH / "fedbench" / "__main__.py").is_file():
        raise CannotMeasure(f"fedbench is not at {FEDBENCH}: set COOPOLE_FEDBENCH to its folder")
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise CannotMeasure(f"fedbench needs {', '.join(missing)}: pip install {' '.join(missing)}")
    if "read" in scenarios and shutil.which("wrk") is None:
        raise CannotMeasure("the read scenario needs wrk: apt-get install wrk, or name other scenarios")
    _check_ports(options)
    if not hosts_are_written(options) and not os.access("/etc/hosts", os.W_OK):
        raise CannotMeasure("the fleet's host names are not in /etc/hosts and only root can write them: run it as root")


def _check_ports(options: Namespace) -> None:
    fleet, least = options.fleet_port, int(LEAST_UNPRIVILEGED.read_text())
    if fleet < least and os.geteuid() != 0:
        raise CannotMeasure(
            f"the fleet listens on port {fleet}, which needs root: run it as root, or give it another with "
            "--fleet-port 8800 (every address of the fleet then carries it)"
        )
    for address, port, option in (
        (f"{options.fleet_network}.1.1", fleet, "--fleet-port"),
        ("127.0.0.1", options.server_port, "--server-port"),
    ):
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as error:
            why = f"nothing can listen on {address}:{port}: {error.strerror}"
            raise CannotMeasure(f"{why}. Choose another with {option}.") from error


def world(options: Namespace) -> Any:
    """Make fedbench's World: names and addresses of the fleet."""
    return module("world").World(
        domain=options.fleet_domain, port=options.fleet_port, network=options.fleet_network, scheme="http"
    )


def module(name: str) -> Any:
    """Import one of fedbench's modules: the one place that knows it is not installed, but lies in a folder."""
    if str(FEDBENCH) not in sys.path:
        sys.path.insert(0, str(FEDBENCH))
    return importlib.import_module(f"fedbench.{name}")


def hosts_are_written(options: Namespace) -> bool:
    """Whether this machine resolves every name of the fleet from /etc/hosts."""
    written = set(Path("/etc/hosts").read_text().splitlines())
    return set(world(options).etc_hosts().splitlines()) <= written


def write_hosts(options: Namespace, keys: Path) -> None:
    """Put the fleet's names into /etc/hosts, unless they are there."""
    if not hosts_are_written(options):
        run(options, keys, "hosts", "--write")


def run(options: Namespace, keys: Path, *arguments: str) -> int:
    """Run a command of fedbench with the fleet's place and keys; its exit status."""
    place = {
        "--port": str(options.fleet_port),
        "--network": options.fleet_network,
        "--domain": options.fleet_domain,
        "--keydir": str(keys),
    }
    command = [sys.executable, "-m", "fedbench", *arguments, *(part for pair in place.items() for part in pair)]
    return subprocess.run(command, cwd=FEDBENCH, check=False).returncode


def reference() -> Results:
    """Read what fedbench keeps of GoToSocial; a file that measured one part longer counts for that part."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((FEDBENCH / "reference").glob("gotosocial*.json"), key=lambda path: (len(path.name), path.name)):
        for name, scenario in read_results(path).get("scenarios", {}).items():
            merged.setdefault(name, {"parts": {}})["parts"].update(scenario.get("parts", {}))
    return {"scenarios": merged}


def read_results(path: Path) -> Results:
    """Read a results file of fedbench; nothing where there is none."""
    return dict(json.loads(path.read_text())) if path.is_file() else {}
