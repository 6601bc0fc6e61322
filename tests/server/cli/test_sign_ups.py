"""Who may make an account, those who wish for one, and helping who lost everything, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.member import Member
from models.role import SectionAct
from models.second_step import CodeApp
from models.sign_up import SignUp
from tests.server.cli.installation import Installation, install

PASSWORD = "correct horse battery staple"
INIT = ("init", "--domain", "http://localhost:8000", "--section", "Lille", "--handle", "lille", "--admin", "ines")


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section."""
    made = install(database_url, tmp_path, monkeypatch)
    made.say(*INIT, "--password", PASSWORD)
    return made


def somebody_waits(coopole: Installation) -> str:
    """Have somebody wait for an answer; their number."""

    async def wish(ctx: Context) -> int:
        row = await SignUp.create(
            username="rosa", email="rosa@post.example", email_fingerprint="f", password_hash="", reason="De [Fives]",
            confirmed_at=ctx.now(),
        )  # fmt: skip
        return row.id

    return str(coopole.look(wish))


def test_mode_is_closed_until_it_is_set(coopole: Installation) -> None:
    assert coopole.say("sign-up", "mode").strip() == "Nobody may make an account here."
    assert coopole.say("sign-up", "mode", "open").strip() == "Everybody may make an account here."
    assert coopole.say("sign-up", "mode").strip() == "Everybody may make an account here."


def test_who_waits_is_listed_and_let_in(coopole: Installation) -> None:
    number = somebody_waits(coopole)
    listed = coopole.say("sign-up", "list")
    assert number in listed
    assert "De [Fives]" in listed
    assert "post.example" not in listed

    assert coopole.say("sign-up", "accept", number).strip() == "http://localhost:8000/@rosa is in."

    async def look(ctx: Context) -> bool:
        return await Member.exists(actor__local_name="rosa") and not await SignUp.exists()

    assert coopole.look(look)


def test_who_is_refused_is_forgotten(coopole: Installation) -> None:
    number = somebody_waits(coopole)

    assert coopole.say("sign-up", "refuse", number).strip() == "They have been told."

    async def look(ctx: Context) -> bool:
        return await SignUp.exists() or await Member.exists(actor__local_name="rosa")

    assert not coopole.look(look)


def test_who_lost_everything_is_helped_and_the_journal_says_so(coopole: Installation) -> None:
    async def turn_on(ctx: Context) -> None:
        await CodeApp.create(member=await Member.get(), secret="A" * 32, confirmed_at=ctx.now())

    async def look(ctx: Context) -> list[str]:
        return [act.about for act in await SectionAct.filter(act="take off second step")]

    coopole.look(turn_on)
    said = coopole.say("member", "take-off-second-step", "ines").strip()

    assert said == "ines logs in without a second step now."
    assert coopole.look(look) == ["second step @ines"]
