"""The command toot, logged in by a configuration file; its arguments in, its output back."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scenarios.server import ADMIN, Server

TOOT_SECONDS = 60


class Toot:
    """One person's toot."""

    def __init__(self, folder: Path, server: Server | None = None) -> None:
        (folder / "toot").mkdir()
        if server is not None:
            instance, name = server.netloc, f"{ADMIN}@{server.netloc}"
            app = {"instance": instance, "base_url": server.origin, "client_id": "x", "client_secret": "y"}
            user = {"instance": instance, "username": ADMIN, "access_token": server.token(ADMIN)}
            config = {"apps": {instance: app}, "users": {name: user}, "active_user": name}
            (folder / "toot" / "config.json").write_text(json.dumps(config))
        self.command = [sys.executable, "-m", "toot", "--no-color"]
        self.environment = os.environ | {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "COLUMNS": "100"}

    def __call__(self, *arguments: str, typed: str | None = None) -> str:
        """Run it, with what is typed at its questions; its output.

        Raises:
            AssertionError: it failed; what it said is told.
        """
        done = subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=TOOT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"toot {' '.join(arguments)}: {done.stderr or done.stdout}"
        return done.stdout
