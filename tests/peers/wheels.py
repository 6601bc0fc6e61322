"""Packages for the peers written in Python, in a folder of the peer's own: what they need is none of our business."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

INSTALL_TIMEOUT_S: Final = 300.0
LOCK: Final = "requirements.lock"


class WheelError(Exception):
    """The packages could not be installed, in pip's own words."""


def packages(folder: Path) -> Path:
    """Where the packages of a peer lie."""
    return folder / "site-packages"


def is_installed(folder: Path) -> bool:
    """Whether `site-packages` holds exactly what `requirements.lock` names: its copy there is written last."""
    done = packages(folder) / LOCK
    return done.is_file() and done.read_text() == (folder / LOCK).read_text()


def install(folder: Path) -> bool:
    """Install what the lock file names and nothing else; False if it was already there.

    Raises:
        WheelError: pip failed, or took too long.
    """
    if is_installed(folder):
        return False
    shutil.rmtree(packages(folder), ignore_errors=True)
    lock = folder / LOCK
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--target", str(packages(folder)), "--requirement", str(lock),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise WheelError(f"pip install in {folder} took more than {INSTALL_TIMEOUT_S:g} s") from late
    if done.returncode != 0:
        raise WheelError(f"pip install in {folder} failed:\n{done.stderr[:4000].strip()}")
    shutil.copyfile(lock, packages(folder) / LOCK)
    return True
