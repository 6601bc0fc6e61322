"""The folder in which one instance keeps everything, and the lock that lets one `serve` use it."""

import fcntl
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SECRET_BYTES = 32
_PID_MAX = 2**31 - 1
_LOCK_RETRY_SECONDS = 0.05
_MAY_BE_DYING_SECONDS = 1.0  # a process just killed looks alive for a moment


class StartRefused(Exception):
    """Why the instance cannot start, in one sentence for the administrator; the exit status is 1."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DataDirectory:
    """Where everything of one instance lies; all paths are absolute."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().absolute()
        self.database = self.path / "coopole.db"
        self.secret_file = self.path / "secret.key"
        self.valkey = self.path / "valkey"
        self.media = self.path / "media"
        self.metrics = self.path / "metrics"
        self.lock_file = self.path / "coopole.lock"
        self.pid_file = self.path / "coopole.pid"
        self.setup_token = self.path / "setup.token"

    def prepare(self) -> None:
        """Create the folder and its rooms, open to their owner alone.

        Raises:
            StartRefused: it is no folder, cannot be written, or is open to others and holds what is not ours.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._close_to_others()
            for room in (self.valkey, self.media):
                room.mkdir(mode=0o700, exist_ok=True)
            tempfile.TemporaryFile(dir=self.path).close()  # only the file system itself knows
        except (FileExistsError, NotADirectoryError) as error:
            where = error.filename or self.path
            raise StartRefused(f"{where} cannot be a folder: it, or one above it, is a file.") from error
        except OSError as error:
            raise StartRefused(f"The data folder {self.path} cannot be written: {error.strerror}.") from error

    @contextmanager
    def lock(self, wait_seconds: float = 10.0) -> Iterator[None]:
        """Be the only `serve` on this folder.

        Forked children inherit the lock, so it is free only when the last of them has ended: whoever takes it
        over from a killed supervisor waits, up to `wait_seconds`, for children that are still dying.

        Raises:
            StartRefused: another process holds it.
        """
        descriptor = self._open(self.lock_file, os.O_RDWR | os.O_CREAT)
        try:
            self._take(descriptor, time.monotonic() + wait_seconds)
            os.set_inheritable(descriptor, True)  # the broker, which is executed, keeps it too
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
            os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)  # LOCK_UN would take it from children that could not be ended

    def forget_numbers(self) -> None:
        """Drop what the processes of an earlier run counted, before those of this one begin; under the lock."""
        shutil.rmtree(self.metrics, ignore_errors=True)

    def secret_key(self) -> bytes:
        """Return the 32 random bytes that sign this instance's cookies and tokens, made on first use.

        Raises:
            StartRefused: the file is damaged or others can read it.
        """
        try:
            if not self.secret_file.exists():
                self._create_secret()
        except OSError as error:
            raise StartRefused(f"{self.secret_file} cannot be made: {error.strerror}.") from error
        descriptor = self._open(self.secret_file, os.O_RDONLY)
        with open(descriptor, "rb") as file:
            mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
            secret = file.read(_SECRET_BYTES + 1)
        if mode & 0o077:
            raise StartRefused(f"{self.secret_file} is open to other users: run chmod 600 on it.")
        if len(secret) != _SECRET_BYTES:
            raise StartRefused(f"{self.secret_file} is damaged: restore it from a backup.")
        return secret

    def _close_to_others(self) -> None:
        """Set mode 0700 on a folder that is empty or ours; refuse to change, or to trust, any other."""
        found = self.path.stat()
        if not stat.S_IMODE(found.st_mode) & 0o077:
            return
        ours = {file.name for file in (self.database, self.secret_file, self.lock_file)}
        names = {entry.name for entry in os.scandir(self.path)} - {"lost+found"}
        if names and not names & ours:
            advice = "choose an empty folder, or run chmod 700 on it"
            raise StartRefused(f"{self.path} holds other files and is open to other users: {advice}.")
        if found.st_uid == os.geteuid():
            self.path.chmod(0o700)
        elif found.st_mode & stat.S_IWOTH:
            raise StartRefused(f"{self.path} belongs to another user and everybody can write to it.")

    def _create_secret(self) -> None:
        """Write a new secret so that no other process ever sees half of it, nor replaces it."""
        descriptor, draft = tempfile.mkstemp(prefix=".secret-", dir=self.path)  # mode 0600
        try:
            with open(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_SECRET_BYTES))
                file.flush()
                os.fsync(descriptor)
            with suppress(FileExistsError):  # another process was faster: its secret stands
                os.link(draft, self.secret_file)
        finally:
            os.unlink(draft)
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _open(self, path: Path, flags: int) -> int:
        """Open a private file, never through a symbolic link; return its descriptor."""
        try:
            return os.open(path, flags | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StartRefused(f"{path} cannot be opened: {error.strerror}.") from error

    def _take(self, descriptor: int, give_up_at: float) -> None:
        """Take the lock; refuse soon when its holder lives on, late when only its children do."""
        refuse_at = min(give_up_at, time.monotonic() + _MAY_BE_DYING_SECONDS)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = read_pid(os.pread(descriptor, 64, 0))
                if holder is not None and _is_alive(holder) and time.monotonic() >= refuse_at:
                    raise StartRefused(f"{self.path} is already being served by process {holder}.") from None
                if time.monotonic() >= give_up_at:
                    earlier = f"an earlier run (process {holder or 'unknown'})"
                    raise StartRefused(f"{self.path} is still used by what {earlier} left behind.") from None
                time.sleep(_LOCK_RETRY_SECONDS)
            except OSError as error:
                raise StartRefused(f"{self.lock_file} cannot be locked: {error.strerror}.") from error
            else:
                return


def read_pid(content: bytes) -> int | None:
    """Read the process number on the first line of a lock or pid file; None if there is none."""
    line = content.partition(b"\n")[0].strip()
    if not line.isdigit() or len(line) > 10:
        return None
    pid = int(line)
    return pid if 0 < pid <= _PID_MAX else None


def _is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended but is not yet reaped (a zombie) does not."""
    with suppress(OSError):  # no /proc here, or no such process
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        if fields and fields[0] in (b"Z", b"X"):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs as another user
    return True
