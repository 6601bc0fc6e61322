"""What is no backup, or holds what none of ours does, is refused before anything of it is written."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.backups.archive import MANIFEST, BackupRefused, Manifest, add_file, extract, read_manifest
from server.backups.restoring import opened

GOOD = Manifest(
    format=1,
    version="0.1.0",
    origin="https://lille.example",
    made_at="2026-11-28T20:00:00+00:00",
    database="sqlite",
    migrations=["0001_initial"],
)


def archive(*names: str, manifest: bytes = msgspec.json.encode(GOOD)) -> ZipFile:
    file = BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr(MANIFEST, manifest)
        for name in names:
            made.writestr(name, b"x")
    return ZipFile(file)


def test_what_a_backup_holds_is_taken() -> None:
    key = "3f" * 16
    names = ("database/coopole.db", "database/post.copy", "coopole.env", "secret.key", f"media/3f/3f/{key}.jpg")
    assert read_manifest(archive(*names)) == GOOD


@pytest.mark.parametrize(
    "name",
    [
        "../secret.key",
        "/etc/passwd",
        "media/../../x",
        "media/3f/3f/page.html",
        "media/00/3f/" + "3f" * 16 + ".jpg",
        "database/../x.copy",
        "database/Post.copy",
        "more.txt",
        "coopole.env/x",
        "C:\\x",
    ],
)
def test_what_no_backup_of_ours_holds_is_refused(name: str) -> None:
    with pytest.raises(BackupRefused, match="which no backup of ours does"):
        read_manifest(archive(name))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2, "version": "9.0"}, "made by version 9.0, which this version cannot read"),
        ({"database": "oracle"}, "cannot read"),
        ({"tables": [["post; DROP TABLE actor", ["id"]]]}, "no backup of a Coopole server"),
        ({"tables": [["post", ['id"']]]}, "no backup of a Coopole server"),
        ({"migrations": 3}, "no backup of a Coopole server"),
    ],
)
def test_what_it_says_of_itself_is_read_with_care(change: dict[str, object], said: str) -> None:
    with pytest.raises(BackupRefused, match=said):
        read_manifest(archive(manifest=msgspec.json.encode(msgspec.to_builtins(GOOD) | change)))


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    with pytest.raises(BackupRefused):
        read_manifest(archive(manifest=content))


@given(content=st.binary(max_size=400), is_zip=st.booleans())
def test_no_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, content: bytes, is_zip: bool) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    path.write_bytes(b"PK\x03\x04" + content + b"PK\x05\x06" + content[:18] if is_zip else content)
    with pytest.raises(BackupRefused), opened(path):
        pass


def test_a_byte_that_changed_is_found(tmp_path: Path) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "out" / "a.jpg"
    source.write_bytes(b"a picture " * 1000)
    name = "media/3f/3f/" + "3f" * 16 + ".jpg"
    file = BytesIO()
    with ZipFile(file, "w") as made:
        assert add_file(made, name, source)
        assert not add_file(made, name, tmp_path / "gone.jpg")
    content = bytearray(file.getvalue())
    content[200] ^= 1
    with pytest.raises(BackupRefused, match="damaged"):
        extract(ZipFile(BytesIO(bytes(content))), name, target)
    extract(ZipFile(file), name, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mode & 0o077 == 0
