"""What is known about somebody, and the end of it, from the command line; and e-mail tried out."""

import mailbox
from pathlib import Path

import orjson
import pytest

from federation.context import Context
from models.actor import Actor
from models.consent import Contact, Purpose
from models.member import Member
from server.consents import actions as consents
from server.errors import Conflict, Invalid, Unavailable
from server.sections import membership
from tests import factories
from tests.server.cli.installation import Installation, install
from tests.server.mail.postbox import postbox


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section and a member of it, who agreed to its news."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        section = await factories.section(ctx, "lille", "Section de Lille")
        zoe = await factories.member(ctx, "zoe", "Zoé")
        await membership.add(section, zoe)
        for purpose in (Purpose.NEWS, Purpose.MEMBERSHIP):
            await consents.give(section, zoe, purpose, language="fr", by="form")
        await factories.contact(section, "rosa@post.example")

    coopole.look(fill)
    return coopole


def test_what_is_known_is_said_or_written(coopole: Installation, tmp_path: Path) -> None:
    assert orjson.loads(coopole.say("privacy", "known", "zoe"))["memberships"][0]["group.name"] == "Section de Lille"
    assert "memberships,1,group.name,Section de Lille" in coopole.say("privacy", "known", "zoe", "--format", "csv")
    path = tmp_path / "zoe.json"
    coopole.say("privacy", "known", "zoe", "--output", str(path))
    assert orjson.loads(path.read_bytes())["profile"][0]["username"] == "zoe"
    assert path.stat().st_mode & 0o777 == 0o600
    assert isinstance(coopole.run("privacy", "known", "zoe", "--output", str(path)).exception, Conflict)


def test_a_consent_is_withdrawn(coopole: Installation) -> None:
    assert coopole.say("privacy", "withdraw", "zoe", "lille", "news").strip() == "Withdrawn."
    assert coopole.say("privacy", "withdraw", "zoe", "lille", "news").strip() == "There was no such consent."
    assert isinstance(coopole.run("privacy", "withdraw", "zoe", "lille", "membership").exception, Conflict)


def test_erasing_has_to_be_meant(coopole: Installation) -> None:
    async def look(ctx: Context) -> tuple[bool, bool, bool]:
        gone = await Actor.exists(local_name="zoe", gone_at__not_isnull=True)
        return gone, await Member.exists(), await Contact.exists()

    for words in (("erase", "zoe"), ("erase-address", "rosa@post.example")):
        assert coopole.run("privacy", *words).exit_code == 1
    assert coopole.look(look) == (False, True, True)
    coopole.say("privacy", "erase", "zoe", "--yes")
    assert coopole.say("privacy", "erase-address", "rosa@post.example", "--yes").strip() == "Erased: 1."
    assert coopole.look(look) == (True, False, False)


def test_a_letter_on_trial_lies_in_the_folder(coopole: Installation, tmp_path: Path) -> None:
    assert (
        coopole.say("mail", "try", "zoe@post.example", "--language", "en").strip() == f"It lies in {tmp_path / 'mail'}."
    )
    [message] = mailbox.Maildir(tmp_path / "mail", create=False)
    assert message["To"] == "zoe@post.example"
    assert isinstance(coopole.run("mail", "try", "zoe").exception, Invalid)


def test_a_letter_on_trial_goes_to_the_mail_server(coopole: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with postbox() as box:
        monkeypatch.setenv("COOPOLE_SMTP_URL", f"smtp://localhost:{box.port}")
        assert coopole.say("mail", "try", "zoe@post.example").strip() == "The mail server took it."
        assert box.letter()["From"] == '"localhost:8000" <coopole@localhost>'
        box.answer = "550 no such user"
        refused = coopole.run("mail", "try", "zoe@post.example").exception
    assert isinstance(refused, Unavailable)
    assert "550" in refused.message
