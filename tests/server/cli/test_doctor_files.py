"""`coopole doctor` on the place where pictures lie, and on films."""

from pathlib import Path

import pytest

from server.cli.doctor import Verdict, check_files
from server.config import Settings, read_settings
from tests.films import FFMPEG


def settings_of(tmp_path: Path, **more: str) -> Settings:
    return read_settings({"COOPOLE_DATA": str(tmp_path)} | {f"COOPOLE_{name}": value for name, value in more.items()})


async def test_a_folder_is_good_and_ffmpeg_is_a_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = await check_files(settings_of(tmp_path))
    assert (finding.verdict, finding.what) == (Verdict.GOOD, f"they lie in {tmp_path / 'media'}; no films are taken")
    assert "ffmpeg" in finding.advice
    assert (await check_files(settings_of(tmp_path, MAX_FILM_BYTES="0"))).advice == ""

    (tmp_path / "ffmpeg").symlink_to(FFMPEG)
    finding = await check_files(settings_of(tmp_path))
    assert (finding.what.rpartition("; ")[2], finding.advice) == ("films are taken", "")


async def test_a_bucket_that_is_away_is_bad_and_keeps_its_secret(tmp_path: Path) -> None:
    finding = await check_files(settings_of(tmp_path, MEDIA_STORE_URL="http://key:geheim@127.0.0.1:9/b"))

    assert finding.verdict is Verdict.BAD
    assert "geheim" not in finding.what
