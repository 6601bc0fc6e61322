"""Simulate very many followers and servers, print the report and write it to docs/simulation.md.

python -m bench.simulate [--followers 10000000] [--servers 20000] [--sections 3000] [--seed 2026] [--out page.md]
"""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from bench.simulation.network import Network
from bench.simulation.report import Plan, page
from bench.simulation.servers import Audience

PAGE = Path(__file__).parents[1] / "docs" / "simulation.md"


def arguments(argv: Sequence[str] | None = None) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(
        prog="python -m bench.simulate", description=__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--followers", type=int, default=Audience().followers)
    parser.add_argument("--servers", type=int, default=Audience().servers)
    parser.add_argument("--sections", type=int, default=Network().sections)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--out", type=Path, default=PAGE, help="where to write the page (default docs/simulation.md)")
    options = parser.parse_args(argv)
    if not 1 <= options.servers <= options.followers or options.sections < 10:
        parser.error("there must be a follower for each server, and ten sections")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate; 0."""
    options = arguments(argv)
    plan = Plan(
        audience=Audience(followers=options.followers, servers=options.servers),
        network=Network(sections=options.sections),
        seed=options.seed,
    )
    text = page(plan)
    options.out.write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
