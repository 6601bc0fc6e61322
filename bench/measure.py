"""One measurement: a fresh server, fedbench's scenarios against it, the results in a file."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from bench import harness, profile
from bench.installation import BenchServer


def measure(server: BenchServer, options: Namespace, more: Sequence[str], out: Path, spy: str = "") -> int:
    """Run the scenarios on a fresh server, results into `out`; 1 when one could not be run."""
    server.set_up()
    harness.write_hosts(options, server.keys)
    sizes = harness.QUICK if options.quick else ("--repeats", str(options.repeats))
    last = [*sizes, *more, *server.fedbench_options(out)]
    with server.running():
        if not spy:
            return harness.run(options, server.keys, "run", *options.scenarios, *last)
        status = 0
        for scenario in options.scenarios:
            with profile.recorded(spy, server.pid_file, options.profile, scenario):
                status |= harness.run(options, server.keys, "run", scenario, *last)
        return status
