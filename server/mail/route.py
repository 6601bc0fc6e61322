"""How e-mail leaves this server: the setting COOPOLE_SMTP_URL, read."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Route:
    """A mail server to hand letters to. `is_encrypted`: from the first byte (smtps), else after STARTTLS."""

    host: str
    port: int
    username: str
    password: str
    is_encrypted: bool

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, where nobody can listen on the way."""
        return self.host in HERE


def read_route(url: str) -> Route:
    """Read smtp://user:password@host:587 or smtps://user:password@host:465.

    Raises:
        ValueError: it is neither.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its own words repeat what may be the password
        raise ValueError("it is no address") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise ValueError("it names no mail server")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("something follows the port")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("a user and a password go together")
    return Route(
        parts.hostname,
        port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtps",
    )
