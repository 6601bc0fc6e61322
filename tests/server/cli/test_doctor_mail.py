"""The doctor looks at the way by which letters leave."""

from pathlib import Path

from server.cli.doctor import Verdict, check_mail
from server.config import Settings, read_settings
from tests.server.mail.postbox import postbox


def settings_of(folder: Path, smtp_url: str) -> Settings:
    return read_settings({"COOPOLE_DATA": str(folder), "COOPOLE_SMTP_URL": smtp_url})


async def test_without_a_mail_server_letters_reach_nobody(tmp_path: Path) -> None:
    finding = await check_mail(settings_of(tmp_path, ""))
    assert (finding.verdict, str(tmp_path / "mail") in finding.what) == (Verdict.DOUBTFUL, True)


async def test_a_mail_server_that_lets_us_in_is_good_and_gets_no_letter(tmp_path: Path) -> None:
    with postbox() as box:
        finding = await check_mail(settings_of(tmp_path, f"smtp://localhost:{box.port}"))
    assert finding.verdict is Verdict.GOOD
    assert box.envelopes == []


async def test_a_mail_server_that_is_away_is_bad(tmp_path: Path) -> None:
    with postbox() as box:
        pass
    finding = await check_mail(settings_of(tmp_path, f"smtp://zoe:secret@localhost:{box.port}"))
    assert finding.verdict is Verdict.BAD
    assert "secret" not in finding.what + finding.advice
