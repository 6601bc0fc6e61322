"""The source code of what is running, offered to everybody it serves.   Source: AGPL-3.0 §13."""

import gzip
import io
import tarfile
from functools import cache
from pathlib import Path

from server.config import VERSION

FLOORS = ("models", "federation", "server", "workers", "web")
ROOT = Path(__file__).parents[2]
ENDINGS = frozenset({".css", ".html", ".md", ".mo", ".png", ".po", ".py", ".svg", ".toml", ".txt", ".woff2", ".xml"})
PAPERS = ("LICENSE", "README.md", "pyproject.toml")
NAME = f"coopole-{VERSION}"


@cache
def archive() -> bytes:
    """Pack the code as it lies here, changed or not, into a .tar.gz; made once a process."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sources():
            entry = tarfile.TarInfo(f"{NAME}/{path.relative_to(ROOT).as_posix()}")
            body = path.read_bytes()
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def sources() -> list[Path]:
    """List the files of the five floors, and the papers that lie beside them."""
    found = [path for floor in FLOORS for path in (ROOT / floor).rglob("*") if _is_source(path)]
    return sorted(found) + [path for name in PAPERS if (path := ROOT / name).is_file()]


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix in ENDINGS and not path.is_symlink()
