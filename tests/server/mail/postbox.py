"""A mail server for tests, and a certificate for it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class Postbox:
    """What arrived, and what is to be answered to each recipient; 250 takes the letter.

    `answers` are for some recipients alone, and are given `times` times, or always; "drop" hangs up instead.
    """

    port: int = 0
    answer: str = "250 OK"
    answers: dict[str, str] = field(default_factory=dict)
    times: int | None = None
    connections: int = 0
    goodbyes: int = 0
    envelopes: list[Any] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Answer to a recipient."""
        answer = self._answer_to(address)
        if answer == "drop":
            server.transport.abort()
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    def _answer_to(self, address: str) -> str:
        if address not in self.answers or self.times == 0:
            return self.answer
        self.times = None if self.times is None else self.times - 1
        return self.answers[address]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count who comes; after STARTTLS they say it again."""
        session.host_name = hostname
        self.connections += session.ssl is None
        return responses

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        """Count who leaves as they should."""
        self.goodbyes += 1
        return "221 Bye"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a letter."""
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Let in whoever knows the password."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right/", handled=False)

    def letter(self) -> EmailMessage:
        """The one letter that arrived."""
        [envelope] = self.envelopes
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        return message


@contextmanager
def postbox(*, tls: ssl.SSLContext | None = None, is_encrypted: bool = False, **options: Any) -> Iterator[Postbox]:
    """Run a mail server on this machine: in the open, with STARTTLS, or encrypted from the first byte."""
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    if options.pop("asks_for_login", False):
        options |= {"authenticator": box.authenticate, "auth_required": True}
    context = {"ssl_context": tls} if is_encrypted else {"tls_context": tls, "require_starttls": tls is not None}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **context, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def certificate(folder: Path, name: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate: (context of the server that has it, context of a client that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + pem)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())
