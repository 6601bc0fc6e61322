"""Handing letters over: to a mail server, encrypted unless it is on this machine, or into a folder."""

import asyncio
import mailbox
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from federation.context import Context
from models.mail import Letter
from server.config import read_settings
from server.mail import actions as mail
from server.mail.route import Route, read_route
from server.mail.sending import FolderMailer, Mailer, MailFailed, MailRefused, SmtpMailer, mailer_of
from tests.server.mail.postbox import certificate, postbox

SENDER = "section@lille.test"


@pytest.fixture
async def letter(ctx: Context) -> Letter:
    """A letter that waits."""
    return await mail.post(
        "trial", "zoe@post.example", ctx, language="fr", sender_name="Section d’Été", host="lille.test"
    )


def mailer(port: int, *, tls: ssl.SSLContext | None = None, scheme: str = "smtp", login: str = "") -> SmtpMailer:
    return SmtpMailer(read_route(f"{scheme}://{login}localhost:{port}"), SENDER, "lille.test", tls)


def far(sender: SmtpMailer) -> SmtpMailer:
    """The same, as if the mail server were on another machine: STARTTLS is asked for."""

    class Elsewhere(Route):
        is_here = False  # type: ignore[assignment]

    route = sender.route
    return replace(sender, route=Elsewhere(route.host, route.port, route.username, route.password, route.is_encrypted))


async def hand(letter: Letter, mailer: Mailer) -> None:
    """Hand over one letter alone."""
    async with mailer.opened() as sender:
        await sender.send(letter)


async def test_a_letter_arrives_with_all_its_headers(letter: Letter, ctx: Context) -> None:
    with postbox() as box:
        await hand(letter, mailer(box.port))

    [envelope] = box.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["zoe@post.example"])
    arrived = box.letter()
    assert (arrived["From"], arrived["To"]) == ("Section d’Été <section@lille.test>", "zoe@post.example")
    assert arrived["Message-ID"] == f"<{letter.id}@lille.test>"
    assert arrived["Date"].datetime == ctx.now()
    assert "message d’essai" in arrived["Subject"]
    body = arrived.get_body(("plain",))
    assert body is not None
    assert "lille.test peut écrire par courriel" in body.get_content()


async def test_a_second_copy_bears_the_same_number(letter: Letter) -> None:
    with postbox() as box:
        for _ in range(2):
            await hand(letter, mailer(box.port))
    assert len({envelope.content for envelope in box.envelopes}) <= 2
    assert all(f"<{letter.id}@lille.test>".encode() in envelope.content for envelope in box.envelopes)


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_another_machine_is_spoken_to_encrypted_and_logged_in_to(
    letter: Letter, tmp_path: Path, is_encrypted: bool
) -> None:
    server, client = certificate(tmp_path)
    with postbox(tls=server, is_encrypted=is_encrypted, asks_for_login=True, auth_require_tls=not is_encrypted) as box:
        scheme = "smtps" if is_encrypted else "smtp"
        sender = far(mailer(box.port, tls=client, scheme=scheme, login="zoe:right%2F@"))
        await sender.try_out()
        await hand(letter, sender)
    assert box.letter()["To"] == "zoe@post.example"
    assert box.logins == [("zoe", "right/")] * 2


async def test_another_machine_that_does_not_encrypt_gets_nothing(letter: Letter) -> None:
    with postbox() as box:
        sender = far(mailer(box.port))
        with pytest.raises(MailFailed):
            await hand(letter, sender)
        with pytest.raises(MailFailed):
            await sender.try_out()
    assert box.envelopes == []


@pytest.mark.parametrize("is_encrypted", [False, True])
async def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    letter: Letter, tmp_path: Path, is_encrypted: bool
) -> None:
    server, _ = certificate(tmp_path)
    with postbox(tls=server, is_encrypted=is_encrypted) as box, pytest.raises(MailFailed):
        await hand(letter, far(mailer(box.port, scheme="smtps" if is_encrypted else "smtp")))
    assert box.envelopes == []


async def test_a_certificate_of_another_name_gets_nothing(letter: Letter, tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "other.test")
    with postbox(tls=server, is_encrypted=True) as box, pytest.raises(MailFailed):
        await hand(letter, mailer(box.port, tls=client, scheme="smtps"))
    assert box.envelopes == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 <zoe@post.example>: no such user", MailRefused),
        ("553 5.1.3 bad address zoe@post.example", MailRefused),
        ("450 4.2.1 zoe@post.example is greylisted", MailFailed),
        ("530 5.7.0 zoe@post.example: log in first", MailFailed),
    ],
)
async def test_an_answer_is_final_or_not_and_is_not_repeated(
    letter: Letter, answer: str, kind: type[Exception]
) -> None:
    with postbox() as box:
        box.answer = answer
        with pytest.raises(kind) as told:
            await hand(letter, mailer(box.port))
    assert str(told.value) == f"the mail server answered {answer[:3]}"


async def test_a_wrong_password_is_for_us_to_mend(letter: Letter, tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with postbox(tls=server, asks_for_login=True) as box:
        sender = far(mailer(box.port, tls=client, login="zoe:wrong@"))
        with pytest.raises(MailFailed, match="535") as told:
            await hand(letter, sender)
        with pytest.raises(MailFailed, match="535"):
            await sender.try_out()
    assert "wrong" not in str(told.value)


async def test_a_mail_server_that_is_away_is_tried_again(letter: Letter) -> None:
    with postbox() as box:
        pass
    with pytest.raises(MailFailed, match="did not answer"):
        await hand(letter, mailer(box.port))
    with pytest.raises(MailFailed, match="localhost"):
        await mailer(box.port).try_out()


async def test_a_mail_server_that_says_nothing_is_not_waited_for(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.mail.sending.PATIENCE_SECONDS", 0.05)
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    async with silent:
        with pytest.raises(MailFailed):
            await hand(letter, mailer(silent.sockets[0].getsockname()[1]))


async def test_without_a_mail_server_letters_lie_in_a_folder_of_their_owner(letter: Letter, tmp_path: Path) -> None:
    sender = mailer_of(read_settings({"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": "https://lille.test"}))
    assert isinstance(sender, FolderMailer)
    await sender.try_out()

    await hand(letter, sender)

    [message] = mailbox.Maildir(tmp_path / "mail", create=False)
    assert (message["To"], message["From"].rpartition(" ")[2]) == ("zoe@post.example", "<coopole@lille.test>")
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


async def test_a_folder_that_cannot_be_written_is_tried_again(letter: Letter, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(MailFailed):
        await hand(letter, FolderMailer(tmp_path / "mail", SENDER, "lille.test"))


def test_the_setting_chooses(tmp_path: Path) -> None:
    values = {
        "COOPOLE_DATA": str(tmp_path),
        "COOPOLE_ORIGIN": "https://lille.test:8443",
        "COOPOLE_SMTP_URL": "smtps://post.example",
        "COOPOLE_MAIL_FROM": SENDER,
    }
    assert mailer_of(read_settings(values)) == SmtpMailer(read_route("smtps://post.example"), SENDER, "lille.test")


async def several(ctx: Context) -> list[Letter]:
    """Three letters that wait."""
    return [
        await mail.post("trial", f"{name}@post.example", ctx, language="fr", sender_name="Lille", host="lille.test")
        for name in ("zoe", "ali", "noor")
    ]


async def test_several_letters_go_over_one_connection(ctx: Context) -> None:
    letters = await several(ctx)
    with postbox() as box:
        async with mailer(box.port).opened() as sender:
            for letter in letters:
                await sender.send(letter)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [[letter.recipient] for letter in letters]
    assert (box.connections, box.goodbyes) == (1, 1)


async def test_a_login_is_asked_for_once_for_several_letters(ctx: Context, tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with postbox(tls=server, asks_for_login=True) as box:
        async with far(mailer(box.port, tls=client, login="zoe:right%2F@")).opened() as sender:
            for letter in await several(ctx):
                await sender.send(letter)
    assert len(box.envelopes) == 3
    assert box.logins == [("zoe", "right/")]


@pytest.mark.parametrize(("answer", "kind"), [("550 no such user", MailRefused), ("450 greylisted", MailFailed)])
async def test_one_that_is_not_taken_leaves_the_connection_to_the_others(
    ctx: Context, answer: str, kind: type[Exception]
) -> None:
    first, second, third = await several(ctx)
    with postbox() as box:
        box.answers[second.recipient] = answer
        async with mailer(box.port).opened() as sender:
            await sender.send(first)
            with pytest.raises(kind):
                await sender.send(second)
            await sender.send(third)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [[first.recipient], [third.recipient]]
    assert box.connections == 1


@pytest.mark.parametrize("answer", ["421 too many letters", "drop"])
async def test_a_connection_that_was_closed_is_made_anew(ctx: Context, answer: str) -> None:
    letters = await several(ctx)
    with postbox() as box:
        box.answers[letters[1].recipient], box.times = answer, 1
        async with mailer(box.port).opened() as sender:
            for letter in letters:
                await sender.send(letter)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [[letter.recipient] for letter in letters]
    assert box.connections == 2


async def test_one_whose_connection_is_closed_again_waits_and_the_others_go(ctx: Context) -> None:
    first, second, third = await several(ctx)
    with postbox() as box:
        box.answers[second.recipient] = "drop"
        async with mailer(box.port).opened() as sender:
            await sender.send(first)
            with pytest.raises(MailFailed, match="did not answer"):
                await sender.send(second)
            await sender.send(third)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [[first.recipient], [third.recipient]]
    assert box.connections == 3


async def test_without_a_letter_no_connection_is_made() -> None:
    with postbox() as box:
        async with mailer(box.port).opened():
            pass
    assert box.connections == 0
