"""`python -m docs`: write the parts of the pages that are made from code; `--check` only tells which are stale.

A made part stands between two lines, `<!-- begin made: name -->` and `<!-- end made: name -->`.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from docs import client_api, tables

ROOT = Path(__file__).parents[1]
PAGES = ("docs/client-api.md", "docs/commands.md", "docs/deploy.md")
MADE: dict[str, Callable[[], str]] = {
    "client_api": client_api.client_api_table,
    "commands": tables.commands_page,
    "metrics": tables.metrics_table,
    "settings": tables.settings_table,
}

_PART = re.compile(r"(<!-- begin made: (\w+) -->\n).*?(<!-- end made: \2 -->)", re.DOTALL)


def remade(page: str) -> str:
    """Give a page with every made part made anew.

    Raises:
        KeyError: a marker names a part that nobody makes.
    """
    return _PART.sub(lambda found: f"{found[1]}\n{MADE[found[2]]()}\n\n{found[3]}", page)


def stale_pages(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Give each page that no longer says what the code does, with what it should be."""
    for name in PAGES:
        path = root / name
        if (fresh := remade(written := path.read_text())) != written:
            yield path, fresh


def main(arguments: list[str]) -> int:
    """Write the stale pages, or with --check say which they are; the exit status is 1 if --check found any."""
    is_check = arguments == ["--check"]
    if arguments and not is_check:
        print("usage: python -m docs [--check]", file=sys.stderr)
        return 2
    stale = list(stale_pages())
    for path, fresh in stale:
        print(f"{path.relative_to(ROOT)} {'is stale: run make docs' if is_check else 'is written'}")
        if not is_check:
            path.write_text(fresh)
    return 1 if is_check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
