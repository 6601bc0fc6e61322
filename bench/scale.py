"""Measure the same with 1, 2 and 4 web and worker processes, on PostgreSQL.

    python -m bench.scale [--processes 1 2 4] [--quick] [--out folder] [--markdown]

COOPOLE_DATABASE_URL names a PostgreSQL on which databases may be made and dropped; without it, one from a wheel is
started. Options that are not listed here are fedbench's own.
"""

import sys
import tempfile
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import harness, postgres, table
from bench.goals import GOALS, Results
from bench.installation import BenchServer
from bench.measure import measure

SCENARIOS = ("inbox", "read", "fanout")


def arguments(argv: Sequence[str] | None = None) -> tuple[Namespace, list[str]]:
    """Read the command line: (our options, fedbench's)."""
    parser = ArgumentParser(
        prog="python -m bench.scale",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--processes", type=int, nargs="+", default=[1, 2, 4], help="web processes, and as many workers"
    )
    parser.add_argument("--scenarios", nargs="+", choices=harness.SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one run each: to see that it works")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each measurement; the median counts")
    parser.add_argument("--out", type=Path, help="folder for the results: processes-<n>.json")
    parser.add_argument("--markdown", action="store_true", help="write the table for a page")
    parser.set_defaults(profile=None)
    harness.add_options(parser)
    return parser.parse_known_args(argv)


def main() -> int:
    """Measure with each number of processes; 1 when a scenario could not be run, 2 when nothing could."""
    options, more = arguments()
    try:
        harness.check(options, options.scenarios)
        with tempfile.TemporaryDirectory(prefix="coopole-scale-") as name:
            folder = Path(name)
            out = (options.out or folder / "results").absolute()
            out.mkdir(parents=True, exist_ok=True)
            with postgres.server(folder / "postgres") as url:
                statuses = [_measure(folder, url, count, out, options, more) for count in options.processes]
            results = {count: harness.read_results(out / f"processes-{count}.json") for count in options.processes}
    except harness.CannotMeasure as reason:
        print(f"scale: {reason}", file=sys.stderr)
        return 2
    headers, rows = rows_of(results)
    lines = table.markdown(headers, rows) if options.markdown else table.plain(headers, rows)
    print("\n".join(["", *lines]))
    return max(statuses)


def _measure(folder: Path, url: str, count: int, out: Path, options: Namespace, more: Sequence[str]) -> int:
    results = out / f"processes-{count}.json"
    results.unlink(missing_ok=True)
    with postgres.empty_database(url, f"coopole_scale_{count}") as database_url:
        settings = {"database_url": database_url, "web_processes": str(count), "workers": str(count)}
        server = BenchServer(folder / f"processes-{count}", options.server_port, **settings)
        return measure(server, options, more, results)


def rows_of(results: Mapping[int, Results]) -> tuple[list[str], list[list[str]]]:
    """Set side by side what each number of processes reached, and how much more that is than the fewest: (headers, rows).

    Only what was measured has a row.
    """
    headers = ["scenario", "figure", *(f"{count} + {count}" for count in results), "most to least processes"]
    rows = []
    for goal in GOALS:
        values = [goal.measured(found) for found in results.values()]
        if any(value is not None for value in values):
            ratio = values[-1] / values[0] if values[0] and values[-1] is not None else None
            gain = "–" if ratio is None else f"× {ratio:.2f}"
            rows.append([goal.figure.scenario, goal.title, *map(table.number, values), gain])
    return headers, rows


if __name__ == "__main__":
    sys.exit(main())
