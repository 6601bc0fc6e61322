"""Bringing pictures: what is kept of one, and every reason why one is refused."""

import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from federation.context import Context
from models.actor import Actor
from models.media import Media, small_url
from server.config import ConfigurationError, Settings, read_settings
from server.errors import Invalid, TooLarge, TooMany, Unavailable
from server.media import actions, making
from server.media.names import is_name
from server.media.store import MediaStore
from tests.pictures import MAKER_NAME, bomb, moving, photograph
from tests.server.media.conftest import Bring, folder_of


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_picture_lies_under_a_name_that_nobody_guesses(
    member: Actor, bring: Bring, store: MediaStore, ctx: Context
) -> None:
    media, other = await bring(member), await bring(member)

    assert is_name(media.name)
    assert media.name != other.name
    path = folder_of(store).path_of(media.name)
    assert path.relative_to(store.folder).as_posix() == f"{media.name[:2]}/{media.name[2:4]}/{media.name}"
    assert folder_of(store).path_of(small_url(media.url).rpartition("/")[2]).is_file()
    assert (media.owner_id, media.post_id, media.media_type) == (member.id, None, "image/jpeg")
    assert (media.width, media.height, media.size_bytes) == (20, 10, path.stat().st_size)
    assert media.expires_at == ctx.now() + timedelta(days=1)
    for folder in (path.parent, store.folder / "incoming"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_no_file_says_where_it_was_taken(member: Actor, bring: Bring, store: MediaStore) -> None:
    await bring(member, data=photograph())

    assert len(files(store.folder)) == 2
    for path in files(store.folder):
        content = path.read_bytes()
        assert b"Exif" not in content
        assert MAKER_NAME.encode() not in content


async def test_nothing_is_left_where_pictures_are_made(member: Actor, bring: Bring, store: MediaStore) -> None:
    await bring(member)
    with pytest.raises(Invalid):
        await bring(member, data=b"no picture")

    assert files(store.folder / "incoming") == []
    assert list((store.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "kind", "sentence"),
    [
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4", "with an app"),
        (b"ID3", "audio/mpeg", "with an app"),
        (b"<svg/>", "image/svg+xml", "no picture"),
        (photograph()[:-100], "image/jpeg", "damaged"),
        (bomb(60_000, 60_000), "image/png", "pixels"),
        (bomb(7681, 4320), "image/png", "pixels"),
        (b"MZ" + bytes(1000), "application/octet-stream", "no picture"),
    ],
)
async def test_what_will_not_do_is_refused_in_a_sentence(
    member: Actor, bring: Bring, store: MediaStore, data: bytes, kind: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        await bring(member, data=data, kind=kind)

    assert not await Media.exists()
    assert files(store.folder) == []


async def test_a_picture_is_what_it_holds_and_not_what_it_says_it_is(member: Actor, bring: Bring) -> None:
    media = await bring(member, data=moving(), kind="application/octet-stream")

    assert (media.media_type, media.name.rpartition(".")[2]) == ("image/gif", "gif")


async def test_a_file_that_is_too_large_is_refused(member: Actor, bring: Bring, store: MediaStore) -> None:
    store.max_bytes = 500
    with pytest.raises(TooLarge):
        await bring(member)
    assert not await Media.exists()


@pytest.mark.parametrize(("text", "most"), [("", 16 * 2**20), ("1048576", 2**20)])
def test_how_large_a_picture_may_be_is_a_setting(text: str, most: int) -> None:
    assert read_settings({"COOPOLE_MAX_PICTURE_BYTES": text} if text else {}).max_picture_bytes == most


@pytest.mark.parametrize("text", ["0", "-1", "a lot", "999999999999"])
def test_a_size_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_settings({"COOPOLE_MAX_PICTURE_BYTES": text})


async def test_only_so_many_wait_for_a_post(member: Actor, other_member: Actor, bring: Bring) -> None:
    waiting = await bring(member)
    rows = [
        Media(url=f"https://x.test/{number}", owner_id=member.id, media_type="image/png", size_bytes=1, width=1, height=1,
              blurhash="x", expires_at=waiting.expires_at)
        for number in range(actions.MAX_WAITING - 1)
    ]  # fmt: skip
    await Media.bulk_create(rows)

    with pytest.raises(TooMany):
        await bring(member)
    assert await bring(other_member)


async def test_a_full_disk_takes_no_pictures(
    member: Actor, bring: Bring, store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.media.storage.shutil.disk_usage", lambda path: SimpleNamespace(free=1000))

    with pytest.raises(Unavailable):
        await bring(member)
    assert not await Media.exists()


async def test_a_folder_that_cannot_be_written_takes_none(member: Actor, bring: Bring, store: MediaStore) -> None:
    store.folder.write_text("no folder")

    with pytest.raises(Unavailable):
        await bring(member)


async def test_a_picture_that_takes_too_long_is_given_up(
    member: Actor, bring: Bring, store: MediaStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr("server.media.making.PROGRAM", slow)
    monkeypatch.setattr("server.media.making.MAX_SECONDS", 0.0)

    with pytest.raises(Invalid, match="too long"):
        await bring(member)


async def test_a_program_that_dies_takes_nothing_with_it(
    member: Actor, bring: Bring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr("server.media.making.PROGRAM", dying)

    with pytest.raises(Invalid):
        await bring(member)


async def test_the_program_is_told_none_of_our_secrets(
    member: Actor, bring: Bring, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asking, told = tmp_path / "asking.py", tmp_path / "told"
    asking.write_text(f"import os\nopen({str(told)!r}, 'w').write(' '.join(os.environ))\nraise SystemExit(1)\n")
    monkeypatch.setattr("server.media.making.PROGRAM", asking)
    monkeypatch.setenv("COOPOLE_SECRET_KEY", "ab" * 32)

    with pytest.raises(Invalid):
        await bring(member)
    assert "COOPOLE" not in told.read_text()
    assert "PATH" in told.read_text()


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "incoming", "../coopole.db", "a" * 32, f"{'a' * 32}.svg", f"{'A' * 32}.jpg", f"{'a' * 31}.jpg",
        f"{'a' * 32}.jpg/..", f"{'a' * 32}.jpg\n", f"{'a' * 32}-large.jpg", f"../{'a' * 32}.jpg",
    ],
)  # fmt: skip
def test_only_our_own_names_lead_to_a_file(name: str) -> None:
    assert not is_name(name)


async def test_what_a_dead_process_left_half_made_goes(store: MediaStore) -> None:
    old, new = store.folder / "incoming" / "old", store.folder / "incoming" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "whole").write_bytes(b"x")
    os.utime(old, (0, 0))

    await store.tidy()

    assert [folder.name for folder in (store.folder / "incoming").iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("  Deux   tours \r\n\r\n de Lille ", "Deux tours\n\nde Lille"), ("x" * 1500, "x" * 1500)],
)
def test_a_description_is_tidied(typed: str, kept: str) -> None:
    assert actions.describe(Media(), typed).description == kept


def test_a_description_may_be_so_long() -> None:
    with pytest.raises(Invalid):
        actions.describe(Media(), "x" * 1501)


def test_what_is_not_said_stays() -> None:
    media = actions.describe(Media(description="Deux tours", focal_x=0.5, focal_y=-0.5))

    assert (media.description, media.focal_x, media.focal_y) == ("Deux tours", 0.5, -0.5)


def test_settings_say_where_the_files_are(settings: Settings, tmp_path: Path) -> None:
    assert MediaStore(settings).folder == tmp_path / "media"
    assert MediaStore(replace(settings, max_picture_bytes=5)).max_bytes == 5
    assert making.MAX_PIXELS == 33_177_600
