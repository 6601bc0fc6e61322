"""Handing letters to a mail server, or putting them into a folder where there is none. The one file that knows aiosmtplib.

What a mail server says is not logged: it often repeats the address.
"""

import asyncio
import mailbox
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any, Protocol

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from models.mail import Letter
from server.config import Settings
from server.mail.route import Route, read_route
from server.mail.writing import POLICY

PATIENCE_SECONDS = 30.0
FOLDER = "mail"


class MailFailed(Exception):
    """The letter could not be sent now; its text names no address."""


class MailRefused(Exception):
    """The letter will never be taken; its text names no address."""


class Sender(Protocol):
    """What takes one letter after the other."""

    async def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            MailFailed: it may go later.
            MailRefused: it never will.
        """


class Mailer(Protocol):
    """Whatever letters leave by."""

    def opened(self) -> AbstractAsyncContextManager[Sender]:
        """Have some letters sent together; nothing is opened before the first."""

    async def try_out(self) -> None:
        """See whether letters could be sent, without sending one.

        Raises:
            MailFailed: they could not.
        """


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """A mail server. One on this machine is spoken to as it comes; any other must encrypt, with a good certificate."""

    route: Route
    sender: str
    host: str
    tls: ssl.SSLContext | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Connection"]:
        """Speak to it once for all that is sent meanwhile."""
        client = self._client()
        try:
            yield Connection(self, client)
        finally:
            if client.is_connected:
                with suppress(SMTPException, OSError):
                    await client.quit()
            client.close()

    async def try_out(self) -> None:
        """Log in and leave again."""
        try:
            async with self._client() as client:
                await client.noop()
        except SMTPResponseException as answered:
            raise MailFailed(f"{self.route.host} answered {answered.code}") from answered
        except (SMTPException, OSError, ValueError) as error:
            raise MailFailed(f"{self.route.host}: {type(error).__name__}") from error

    def _client(self) -> SMTP:
        login: dict[str, Any] = {}
        if self.route.username:
            login = {"username": self.route.username, "password": self.route.password}
        return aiosmtplib.SMTP(
            hostname=self.route.host,
            port=self.route.port,
            local_hostname=self.host,
            use_tls=self.route.is_encrypted,
            start_tls=not self.route.is_here if not self.route.is_encrypted else False,
            tls_context=self.tls or ssl.create_default_context(),
            timeout=PATIENCE_SECONDS,
            **login,
        )


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection to a mail server, made for the first letter, and made anew for the next one when it was lost."""

    mailer: SmtpMailer
    client: SMTP

    async def send(self, letter: Letter) -> None:
        """Hand a letter over; once more if it finds that the connection was closed after the letter before it."""
        was_connected = self.client.is_connected
        try:
            try:
                await self._hand_over(letter)
            except (SMTPException, OSError) as error:
                if self.client.is_connected or not was_connected or isinstance(error, TimeoutError):
                    raise
                await self._hand_over(letter)
        except SMTPRecipientsRefused as refused:
            raise _judged(refused.recipients[0].code) from refused
        except SMTPResponseException as answered:
            raise _judged(answered.code) from answered
        except (SMTPException, OSError, ValueError) as error:
            raise MailFailed(f"the mail server did not answer ({type(error).__name__})") from error

    async def _hand_over(self, letter: Letter) -> None:
        if not self.client.is_connected:
            await self.client.connect()
        message = finished(letter, self.mailer.sender, self.mailer.host)
        await self.client.sendmail(self.mailer.sender, [letter.recipient], message.as_bytes())


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """A folder of letters (maildir), for servers that have no mail server: to be read, or sent on, by somebody else."""

    folder: Path
    sender: str
    host: str

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["FolderMailer"]:
        """There is nothing to open."""
        yield self

    async def send(self, letter: Letter) -> None:
        """Put a letter into the folder."""
        try:
            await asyncio.to_thread(self._add, finished(letter, self.sender, self.host))
        except OSError as error:
            raise MailFailed(f"{self.folder}: {error.strerror}") from error

    def _add(self, message: EmailMessage) -> None:
        box = mailbox.Maildir(self.folder, create=True)
        self.folder.chmod(0o700)
        box.add(message.as_bytes())

    async def try_out(self) -> None:
        """There is nothing to try."""


def mailer_of(settings: Settings) -> SmtpMailer | FolderMailer:
    """Choose the way by which this server's letters leave."""
    host = settings.origin.partition("://")[2].partition(":")[0]
    if settings.smtp_url:
        return SmtpMailer(read_route(settings.smtp_url), settings.mail_from, host)
    return FolderMailer(settings.data / FOLDER, settings.mail_from, host)


def finished(letter: Letter, sender: str, host: str) -> EmailMessage:
    """Give a letter with who sends it, when, and a number by which a second copy is known."""
    message = message_from_string(letter.message, _class=EmailMessage, policy=POLICY)
    message["From"] = formataddr((letter.sender_name, sender))
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{host}>"
    return message


def _judged(code: int) -> MailFailed | MailRefused:
    """Tell whether an answer is final (5xx); one about ourselves, our password or our rights, is for us to mend."""
    said = f"the mail server answered {code}"
    return (
        MailRefused(said)
        if 500 <= code < 600 and code not in (500, 502, 503, 504, 530, 534, 535, 538)
        else MailFailed(said)
    )
