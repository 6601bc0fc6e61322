"""axe-core for the tests: `python -m tests.accessibility.axe install` fetches it from npm; `package-lock.json` pins it.

It is one file, with a licence of its own (MPL-2.0), and goes nowhere but into the browser of a test.
"""

import sys
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

from tests.peers import npm
from tests.peers.peer_process import PeerError, miss

FOLDER: Final = Path(__file__).parent
SCRIPT: Final = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_COMMAND: Final = "python -m tests.accessibility.axe install"
LEVELS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""The success criteria of WCAG 2.2, levels A and AA, as axe-core marks its rules."""
ABOUT_COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules whose outcome depends on the theme."""


class AxeError(PeerError):
    """axe-core is not there."""


def require_axe() -> None:
    """Skip the test, loudly, where axe-core is not installed; in CI (`CI=true`) that is an error."""
    if missing := npm.missing(FOLDER):
        miss(f"no axe-core to look at pages with: {missing}; run: {INSTALL_COMMAND}", AxeError)


async def violations(page: Page, *, only_colours: bool = False) -> list[str]:
    """Say what is wrong with a page in which axe-core was put: "rule: element"."""
    rules = {"type": "rule", "values": ABOUT_COLOURS} if only_colours else {"type": "tag", "values": LEVELS}
    found: dict[str, Any] = await page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", rules
    )
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{broken['id']}: {node['html'][:160]} ({' '.join(map(str, node['target']))})"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


if __name__ == "__main__":
    sys.exit(npm.command_line(sys.argv[1:], FOLDER, usage=INSTALL_COMMAND))
