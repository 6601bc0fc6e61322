"""The data folder: who may read it, who may serve it, and every way to refuse a start in one sentence."""

import os
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.cli.datadir import DataDirectory, StartRefused

IS_ROOT = os.geteuid() == 0
NOBODY = 65534


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Lose the rights of root, if the tests have them."""
    if not IS_ROOT:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- prepare


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_new_folder_and_its_rooms_are_closed_to_others(tmp_path: Path, umask: int) -> None:
    data = DataDirectory(tmp_path / "above" / "data")
    former = os.umask(umask)
    try:
        data.prepare()
    finally:
        os.umask(former)

    assert [mode(path) for path in (data.path, data.valkey, data.media)] == [0o700] * 3


def test_preparing_twice_changes_nothing(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.prepare()
    secret = data.secret_key()

    data.prepare()

    assert data.secret_key() == secret


def test_path_is_absolute_and_knows_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")

    assert DataDirectory("data").database == tmp_path / "data" / "coopole.db"
    assert DataDirectory("~/data").path == Path("/home/someone/data")


@pytest.mark.parametrize("name", ["", "lost+found", "coopole.db", "secret.key", "coopole.lock"])
def test_open_folder_that_is_empty_or_ours_is_closed_to_others(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if name:
        (folder / name).touch()
    folder.chmod(0o755)

    DataDirectory(folder).prepare()

    assert mode(folder) == 0o700


def test_open_folder_with_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    tmp_path.chmod(0o755)

    with pytest.raises(StartRefused, match=r"holds other files and is open to other users: .*chmod 700"):
        DataDirectory(tmp_path).prepare()

    assert mode(tmp_path) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_closed_folder_with_other_files_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "coopole.env").touch()
    tmp_path.chmod(0o700)

    DataDirectory(tmp_path).prepare()


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder away")
def test_folder_of_another_user_that_everybody_can_write_to_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o777)

    with pytest.raises(StartRefused, match="belongs to another user"):
        DataDirectory(folder).prepare()


@pytest.mark.parametrize("below", ["", "data", "deeper/data"])
def test_file_in_the_way_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StartRefused, match="cannot be a folder: it, or one above it, is a file") as refused:
        DataDirectory(tmp_path / "file" / below).prepare()

    assert one_sentence(refused.value)


def test_file_in_place_of_a_room_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "media").touch()

    with pytest.raises(StartRefused, match=re.escape(str(tmp_path / "media"))):
        DataDirectory(tmp_path).prepare()


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o500)

    with as_somebody_else(), pytest.raises(StartRefused, match="cannot be written: Permission") as refused:
        DataDirectory(folder).prepare()

    assert one_sentence(refused.value)


def one_sentence(error: StartRefused) -> bool:
    return error.message == str(error) and error.message.endswith(".") and "\n" not in error.message


# --- the secret key


def test_secret_is_made_once_with_32_bytes_and_for_its_owner_alone(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    former = os.umask(0)
    try:
        secret = data.secret_key()
    finally:
        os.umask(former)

    assert len(secret) == 32
    assert mode(data.secret_file) == 0o600
    assert DataDirectory(tmp_path).secret_key() == secret
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_two_folders_have_two_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert DataDirectory(tmp_path / "a").secret_key() != DataDirectory(tmp_path / "b").secret_key()


def test_all_who_ask_first_at_the_same_time_get_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: DataDirectory(tmp_path).secret_key(), range(32)))

    assert len(set(answers)) == 1


@pytest.mark.parametrize("open_mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_secret_that_others_can_reach_is_refused(tmp_path: Path, open_mode: int) -> None:
    data = DataDirectory(tmp_path)
    data.secret_key()
    data.secret_file.chmod(open_mode)

    with pytest.raises(StartRefused, match="open to other users: run chmod 600") as refused:
        data.secret_key()

    assert one_sentence(refused.value)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_damaged_secret_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    data = DataDirectory(tmp_path)
    data.secret_file.write_bytes(content)
    data.secret_file.chmod(0o600)

    with pytest.raises(StartRefused, match="is damaged"):
        data.secret_key()

    assert data.secret_file.read_bytes() == content


def test_secret_that_is_a_link_is_refused(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    (tmp_path / "elsewhere").write_bytes(b"x" * 32)
    data.secret_file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StartRefused, match="cannot be opened"):
        data.secret_key()


def test_secret_in_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o500)

    with as_somebody_else(), pytest.raises(StartRefused) as refused:
        DataDirectory(folder).secret_key()

    assert one_sentence(refused.value)
