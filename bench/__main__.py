"""Start a fresh server, run fedbench's scenarios against it, and hold the figures against the goals.

    python -m bench [idle inbox read fanout faults] [--repeats 3] [--quick] [--out results.json] [--markdown]
    python -m bench --show results.json

fedbench is looked for in COOPOLE_FEDBENCH, else in ../shared/bench. It needs root (its fleet listens on port 80 of
127.77.x.y, and its host names go into /etc/hosts) and, for `read`, the program wrk. Options that are not listed here
are fedbench's own. COOPOLE_DATABASE_URL, COOPOLE_REDIS_URL, COOPOLE_WORKERS and COOPOLE_WEB_PROCESSES are passed on.
"""

import sys
import tempfile
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from bench import goals, harness, profile, table
from bench.installation import BenchServer
from bench.measure import measure


def arguments(argv: Sequence[str] | None = None) -> tuple[Namespace, list[str]]:
    """Read the command line: (our options, fedbench's)."""
    parser = ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="idle inbox read fanout faults; all if none")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one run each: to see that it works")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each measurement; the median counts")
    parser.add_argument("--out", type=Path, help="where to keep the results (JSON)")
    parser.add_argument("--show", type=Path, help="measure nothing: judge these results")
    parser.add_argument("--markdown", action="store_true", help="write the table for a page")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="write where the time goes; needs py-spy")
    harness.add_options(parser)
    options, more = parser.parse_known_args(argv)
    if unknown := set(options.scenarios) - set(harness.SCENARIOS):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}")
    options.scenarios = options.scenarios or list(harness.SCENARIOS)
    return options, more


def main() -> int:
    """Measure and judge; 1 when a scenario could not be run, 2 when nothing could."""
    options, more = arguments()
    if options.show is not None:
        print_verdicts(harness.read_results(options.show), options)
        return 0
    try:
        harness.check(options, options.scenarios)
        spy = profile.find_spy() if options.profile else ""
        with tempfile.TemporaryDirectory(prefix="coopole-bench-") as name:
            out = (options.out or Path(name) / "results.json").absolute()
            status = measure(BenchServer(Path(name), options.server_port), options, more, out, spy)
            print_verdicts(harness.read_results(out), options)
    except harness.CannotMeasure as reason:
        print(f"bench: {reason}", file=sys.stderr)
        return 2
    return status


def print_verdicts(results: goals.Results, options: Namespace) -> None:
    """Print the table of goals."""
    found = list(goals.verdicts(results, harness.reference()))
    if options.markdown:
        lines = [*table.markdown(table.HEADERS, table.rows_of(found)), "", f"{table.summary(found)}."]
    else:
        lines = table.verdict_lines(found, is_coloured=table.is_terminal())
    print("\n".join(["", *lines]))


if __name__ == "__main__":
    sys.exit(main())
