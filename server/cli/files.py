"""Files that hold what is known about people: made anew, and readable by their owner alone."""

import os
from pathlib import Path

from server.errors import Conflict


def write_private(path: Path, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        Conflict: it is, or the folder is not.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise Conflict(f"{path} cannot be written: {error.strerror}") from error
