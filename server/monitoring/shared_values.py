"""The numbers behind the metrics: of one process alone, or kept in files from which several add up.

prometheus_client decides between the two when it is imported; here each process decides when it begins, since web and
workers are forked after import. Files are named after the process's place (web, worker-1), not its pid: whoever takes
the place of a dead process counts on from where it was, and there are never more files than places.

The files have their full size from the start: a number can be written on a full disk, too.
"""

import os
import re
import struct
from pathlib import Path
from typing import Any

import prometheus_client
from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

FILE_BYTES = 2 * 1024 * 1024
KINDS = ("counter", "histogram")
_ROOM_BESIDE_KEY_BYTES = 64
_HEAD = struct.Struct("i")  # how many bytes of the file are used
_FIRST_AT = 8
_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9.-]")


class SharedValue:
    """One number of this process, kept in the process's file once there is one. For one thread."""

    _multiprocess = False

    def __init__(
        self,
        kind: str,
        metric: str,
        sample: str,
        label_names: list[str],
        label_values: list[str],
        help_text: str,
        **_: Any,
    ) -> None:
        self.kind = kind
        self.key = mmap_key(metric, sample, label_names, label_values, help_text)
        self._value = 0.0
        self._file: Any = None
        _VALUES.append(self)
        self.attach(_FILES.get(kind))

    def attach(self, file: MmapedDict | None) -> None:
        """Keep the number in this file from now on, counting on from what it says; a full one takes no more."""
        self._file = None
        if file is not None and has_room(file, self.key):
            self._file = file
            self._value = file.read_value(self.key)[0]  # type: ignore[no-untyped-call]

    def inc(self, amount: float) -> None:
        """Add to the number."""
        self._value += amount
        if self._file is not None:
            self._file.write_value(self.key, self._value, 0.0)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Replace the number."""
        self._value = value
        self.inc(0.0)

    def get(self) -> float:
        """Give the number as this process knows it."""
        return self._value

    def set_exemplar(self, exemplar: object) -> None:
        """Keep no example."""

    def get_exemplar(self) -> None:
        """Give no example."""


_VALUES: list[SharedValue] = []
_FILES: dict[str, MmapedDict] = {}

values.ValueClass = SharedValue
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


def has_room(file: MmapedDict, key: str) -> bool:
    """Whether a number is in a file already, or can be put into it without making the file larger."""
    return key in file._positions or file._used + len(key.encode()) + _ROOM_BESIDE_KEY_BYTES <= FILE_BYTES


def share(folder: Path, place: str) -> None:
    """Keep the numbers of this process in files of its place in `folder`, beside those of others.

    Raises:
        OSError: the folder cannot be written, or the disk is full; the numbers are then this process's alone.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.glob("*.db"):
        if not is_readable(path):
            path.unlink(missing_ok=True)
    name = _NO_FILE_NAME.sub("-", place)
    files = {kind: _opened(folder / f"{kind}_{name}.db") for kind in KINDS}
    unshare()
    _FILES.update(files)
    for value in _VALUES:
        value.attach(_FILES.get(value.kind))


def unshare() -> None:
    """Leave the files as they are, and count for this process alone."""
    for value in _VALUES:
        value.attach(None)
    for file in _FILES.values():
        file.close()  # type: ignore[no-untyped-call]
    _FILES.clear()


def is_readable(path: Path) -> bool:
    """Whether a file holds numbers, all of it: one that a power cut left half written does not."""
    try:
        with path.open("rb") as file:
            if not (head := file.read(_HEAD.size)):
                return True  # another process is just making it
        [used] = _HEAD.unpack(head)
        if used == 0:
            return True
        if not _FIRST_AT <= used <= path.stat().st_size:
            return False
        MultiProcessCollector.merge([str(path)])  # type: ignore[no-untyped-call]
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, struct.error):
        return False
    return True


def summed(folder: Path) -> list[prometheus_client.Metric]:
    """Add up the numbers of all places, living and dead."""
    files = sorted(str(path) for path in folder.glob("*.db") if path.stat().st_size)
    return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def _opened(path: Path) -> MmapedDict:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, FILE_BYTES)
    finally:
        os.close(descriptor)
    return MmapedDict(str(path))  # type: ignore[no-untyped-call]
