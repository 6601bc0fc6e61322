"""A sealed backup opens with its passphrase, in ours and in any program that knows age."""

from io import BytesIO
from zipfile import ZipFile

import pyrage
import pytest

from server.backups.sealing import KEY, SEALED, NotOpened, is_sealed, seal, unseal

PASSPHRASE = "quatre mots bien choisis"


@pytest.fixture(scope="module")
def sealed() -> bytes:
    """Three megabytes, sealed."""
    file = BytesIO()
    with seal(file, PASSPHRASE) as inner:
        for number in range(3):
            inner.write(bytes([number]) * 2**20)
    return file.getvalue()


def test_it_opens_with_its_passphrase(sealed: bytes) -> None:
    target = BytesIO()
    with ZipFile(BytesIO(sealed)) as archive:
        assert is_sealed(archive)
        unseal(archive, PASSPHRASE, target)
    assert target.getvalue() == bytes(2**20) + b"\1" * 2**20 + b"\2" * 2**20


def test_it_opens_with_no_other(sealed: bytes) -> None:
    with ZipFile(BytesIO(sealed)) as archive, pytest.raises(NotOpened):
        unseal(archive, PASSPHRASE + " ", BytesIO())


def test_what_was_changed_does_not_open(sealed: bytes) -> None:
    file, out = BytesIO(sealed), BytesIO()
    with ZipFile(file) as archive, ZipFile(out, "w") as other:
        other.writestr(KEY, archive.read(KEY))
        content = bytearray(archive.read(SEALED))
        content[len(content) // 2] ^= 1
        other.writestr(SEALED, bytes(content))
    with ZipFile(out) as archive, pytest.raises(NotOpened):
        unseal(archive, PASSPHRASE, BytesIO())


def test_it_is_age_and_nothing_of_ours(sealed: bytes) -> None:
    with ZipFile(BytesIO(sealed)) as archive:
        assert archive.read(SEALED).startswith(b"age-encryption.org/v1\n")
        key = pyrage.passphrase.decrypt(archive.read(KEY), PASSPHRASE).decode()
    assert key.startswith("AGE-SECRET-KEY-1")


def test_what_failed_meanwhile_is_said() -> None:
    class Full(BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"), seal(Full(), PASSPHRASE) as inner:
        inner.write(bytes(2**22))
