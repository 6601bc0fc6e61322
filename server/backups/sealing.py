"""A file that opens with a passphrase alone. Format: age (age-encryption.org/v1), so that other programs open it, too.

What is sealed is large, and a passphrase seals only what fits into memory. So the file is sealed to a key of its own, and
that key by the passphrase; both lie in one archive: `age --decrypt key.age > key`, then `age --decrypt -i key sealed.age`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from os import fdopen, pipe
from typing import BinaryIO, cast
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import pyrage

KEY, SEALED = "key.age", "sealed.age"
LEAST_CHARACTERS = 12
_MAX_KEY_BYTES = 4096


class NotOpened(Exception):
    """The passphrase is not that of this file, or the file is damaged."""


def is_sealed(archive: ZipFile) -> bool:
    """Whether this archive opens with a passphrase."""
    return {KEY, SEALED} <= set(archive.namelist())


@contextmanager
def seal(file: BinaryIO, passphrase: str) -> Iterator[BinaryIO]:
    """Give what is to be written to; it lies sealed in `file` afterwards."""
    identity = pyrage.x25519.Identity.generate()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(KEY, pyrage.passphrase.encrypt(str(identity).encode(), passphrase))
        with archive.open(SEALED, "w", force_zip64=True) as inner:
            yield from _encrypting(cast("BinaryIO", inner), identity)


def _encrypting(inner: BinaryIO, identity: pyrage.x25519.Identity) -> Iterator[BinaryIO]:
    """Encrypt in a thread what comes through a pipe, since the package reads rather than being written to."""
    failures: list[Exception] = []

    def encrypt(source: BinaryIO) -> None:
        with source:
            try:
                pyrage.encrypt_io(source, inner, [identity.to_public()])
            except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
                failures.append(error)

    read_end, write_end = pipe()
    thread = threading.Thread(target=encrypt, args=(fdopen(read_end, "rb"),), name="sealing")
    thread.start()
    try:
        with fdopen(write_end, "wb") as out:
            yield out
    except BrokenPipeError:
        if not failures:
            raise
    finally:
        thread.join()
    if failures:
        raise failures[0]


def unseal(archive: ZipFile, passphrase: str, target: BinaryIO) -> None:
    """Write what was sealed to `target`.

    Raises:
        NotOpened: see there.
    """
    try:
        if archive.getinfo(KEY).file_size > _MAX_KEY_BYTES:
            raise NotOpened
        key = pyrage.passphrase.decrypt(archive.read(KEY), passphrase)
        identity = pyrage.x25519.Identity.from_str(key.decode("ascii"))
        with archive.open(SEALED) as source:
            pyrage.decrypt_io(source, target, [identity])
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError, BadZipFile) as error:
        raise NotOpened from error
    except OSError as error:
        if error.errno is None:  # the package says so of a part that does not decrypt
            raise NotOpened from error
        raise
