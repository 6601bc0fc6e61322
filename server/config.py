"""Settings of one process, read from the environment once. What an administrator edits lives in a table."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from federation.errors import MalformedActivity
from federation.naming import Names
from federation.uris import parse_uri
from server.mail.route import read_route
from server.media.route import read_bucket_route

VERSION = "0.1.0"
DEFAULT_DATA = Path("data")
ENV_FILE = "coopole.env"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
LEAST_TOKEN_CHARS = 16

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.:-]+)")


class ConfigurationError(Exception):
    """A setting that cannot be used; its text says which and what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process must know before it opens the database.

    Each field is the environment variable COOPOLE_<NAME>; a file `coopole.env` in the data directory gives the
    defaults, in lines NAME=value.
    """

    data: Path
    """Folder of the database file, the secret key and the uploaded files."""
    origin: str
    """Scheme, host and port under which other servers and people know this server, such as https://lille.example."""
    handle_domain: str
    """Domain of the handles: lille.example in @name@lille.example on https://social.lille.example; empty: the origin's."""
    database_url: str
    """sqlite:///path or postgres://user:password@host:port/name."""
    redis_url: str
    """redis://host:port/0 or unix:///path; empty: `coopole serve` runs a Valkey of its own."""
    secret_key: bytes
    """32 bytes that seal private columns; COOPOLE_SECRET_KEY in hex, else the file secret.key in the data directory."""
    listen_host: str
    """Address the web server listens on."""
    listen_port: int
    """Port the web server listens on."""
    web_processes: int
    """Web processes that `coopole serve` runs, all on one port; more than one helps with PostgreSQL."""
    workers: int
    """Worker processes that `coopole serve` runs; 0: as many as helps."""
    allow_private_addresses: bool
    """Fetch from and deliver to loopback and private addresses, over http too: for tests and demonstrations only."""
    max_body_bytes: int
    """Largest inbox request taken."""
    max_picture_bytes: int
    """Largest picture taken from a member; a reverse proxy must let four of them through at once."""
    api_requests: int
    """Requests that an app may make with one token in five minutes, and without one a fifth of that from one address;
    uploads and registrations are fewer. 0: any number of anything."""
    max_film_bytes: int
    """Largest film or sound taken from a member, where the program ffmpeg is installed; 0: none are taken."""
    max_copied_film_bytes: int
    """Largest film or sound of another server that is copied when somebody plays it; larger ones are played there."""
    media_store_url: str
    """Bucket of an S3 service for pictures and films: https://key:secret@host/bucket/folder?region=name, signs in key and
    secret as %xx. Empty: they are kept in the folder media of the data directory."""
    keep_copies_days: int
    """Days for which copies of pictures of other servers are kept before they are fetched anew."""
    max_copies_bytes: int
    """How much all copies of pictures of other servers may take; the oldest go first."""
    inbox_max_waiting: int
    """Activities accepted and not yet performed, at most; one host may have a fifth of them, and 2,000 in any case."""
    signed_fetch: bool
    """Give documents to other servers only if they sign for them and are not blocked; pages stay open to everybody."""
    trusted_proxies: str
    """Addresses, comma separated, of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    smtp_url: str
    """Mail server that e-mail leaves by: smtps://user:password@host:465, or smtp://user:password@host:587, encrypted by
    STARTTLS unless the host is localhost; signs in user and password as %xx. Empty: letters are put into the folder mail
    of the data directory, and reach nobody."""
    mail_from: str
    """E-mail address that letters come from; empty: coopole@ and the host of the origin."""
    keep_posts_days: int
    """Days for which posts of other servers are kept that nobody here has to do with; 0: for ever."""
    ai_crawlers: bool
    """Let machines that train models read: robots.txt then asks none of them to stay away."""
    log_level: str
    """debug, info, warning or error."""
    log_format: str
    """text, or json: one object a line."""
    log_requests: bool
    """Log a line for each request: method, route, status, time; never who asked, nor the path or query itself."""
    metrics_token: str
    """Lets whoever bears it read /metrics from elsewhere, at least 16 characters; empty: only this machine itself may."""

    @property
    def names(self) -> Names:
        """The uris of this server."""
        return Names(self.origin, self.handle_domain)

    @property
    def is_secure(self) -> bool:
        """Whether people reach this server by https."""
        return self.origin.startswith("https://")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment and the data directory's `coopole.env`.

    Raises:
        ConfigurationError: a value makes no sense.
    """
    environment = os.environ if environment is None else environment
    data = Path(environment.get("COOPOLE_DATA", DEFAULT_DATA)).absolute()
    values = {**read_env_file(data / ENV_FILE), **environment}

    def value(name: str, default: str) -> str:
        return values.get(f"COOPOLE_{name}", default).strip()

    port = _number("LISTEN_PORT", value("LISTEN_PORT", "8000"), 1, 65535)
    origin = checked_origin(value("ORIGIN", f"http://localhost:{port}"))
    local = urlsplit(origin).hostname in ("localhost", "127.0.0.1")
    return Settings(
        data=data,
        origin=origin,
        handle_domain=_handle_domain(value("HANDLE_DOMAIN", ""), origin),
        database_url=value("DATABASE_URL", f"sqlite:///{data}/coopole.db"),
        redis_url=_redis_url(value("REDIS_URL", "")),
        secret_key=_secret_key(value("SECRET_KEY", ""), data),
        listen_host=value("LISTEN_HOST", "127.0.0.1"),
        listen_port=port,
        web_processes=_number("WEB_PROCESSES", value("WEB_PROCESSES", "1"), 1, 64),
        workers=_number("WORKERS", value("WORKERS", "0"), 0, 64),
        allow_private_addresses=_flag(
            "ALLOW_PRIVATE_ADDRESSES", value("ALLOW_PRIVATE_ADDRESSES", "yes" if local else "no")
        ),
        max_body_bytes=_number("MAX_BODY_BYTES", value("MAX_BODY_BYTES", str(1024 * 1024)), 1024, 2**30),
        max_picture_bytes=_number("MAX_PICTURE_BYTES", value("MAX_PICTURE_BYTES", str(16 * 2**20)), 1024, 2**28),
        api_requests=_number("API_REQUESTS", value("API_REQUESTS", "0" if local else "1500"), 0, 1_000_000),
        max_film_bytes=_number("MAX_FILM_BYTES", value("MAX_FILM_BYTES", str(100 * 2**20)), 0, 2**32),
        max_copied_film_bytes=_number(
            "MAX_COPIED_FILM_BYTES", value("MAX_COPIED_FILM_BYTES", str(40 * 2**20)), 1024, 2**32
        ),
        media_store_url=_media_store_url(value("MEDIA_STORE_URL", "")),
        keep_copies_days=_number("KEEP_COPIES_DAYS", value("KEEP_COPIES_DAYS", "30"), 1, 36500),
        max_copies_bytes=_number("MAX_COPIES_BYTES", value("MAX_COPIES_BYTES", str(2 * 2**30)), 0, 2**50),
        inbox_max_waiting=_number("INBOX_MAX_WAITING", value("INBOX_MAX_WAITING", "100000"), 100, 10_000_000),
        signed_fetch=_flag("SIGNED_FETCH", value("SIGNED_FETCH", "no")),
        trusted_proxies=value("TRUSTED_PROXIES", "127.0.0.1,::1"),
        smtp_url=_smtp_url(value("SMTP_URL", "")),
        mail_from=_mail_from(value("MAIL_FROM", ""), origin),
        keep_posts_days=_number("KEEP_POSTS_DAYS", value("KEEP_POSTS_DAYS", "180"), 0, 36500),
        ai_crawlers=_flag("AI_CRAWLERS", value("AI_CRAWLERS", "no")),
        log_level=_choice("LOG_LEVEL", value("LOG_LEVEL", "info"), LOG_LEVELS),
        log_format=_choice("LOG_FORMAT", value("LOG_FORMAT", "text"), LOG_FORMATS),
        log_requests=_flag("LOG_REQUESTS", value("LOG_REQUESTS", "no")),
        metrics_token=_metrics_token(value("METRICS_TOKEN", "")),
    )


def read_env_file(path: Path) -> dict[str, str]:
    """Read lines NAME=value; empty lines and those beginning with # are passed over. No file, no values.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def checked_origin(origin: str) -> str:
    """Check and tidy an origin: lower case, ASCII, no slash at the end, no default port.

    Raises:
        ConfigurationError: it is not scheme://host[:port].
    """
    try:
        uri = parse_uri(origin.strip())
    except MalformedActivity as error:
        raise ConfigurationError(f"COOPOLE_ORIGIN must look like https://section.example: {error}") from error
    if uri.url != f"{uri.origin}/" or "#" in origin:
        raise ConfigurationError(f"COOPOLE_ORIGIN must look like https://section.example, not {origin!r}")
    return uri.origin


def _handle_domain(text: str, origin: str) -> str:
    """Check and tidy the domain of the handles; '' where it is the origin's own."""
    if not text:
        return ""
    try:
        uri = parse_uri(f"https://{text}")
    except MalformedActivity as error:
        raise ConfigurationError(f"COOPOLE_HANDLE_DOMAIN must look like section.example: {error}") from error
    if uri.url != f"{uri.origin}/" or "#" in text:
        raise ConfigurationError(f"COOPOLE_HANDLE_DOMAIN must look like section.example, not {text!r}")
    return "" if uri.authority == origin.partition("://")[2] else uri.authority


def _redis_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.port != 0 and (
            parts.scheme == "unix" or parts.path.strip("/").isdigit() or parts.path in ("", "/")
        )
    except ValueError:
        is_good = False
    if text and not (is_good and parts.scheme in ("redis", "rediss", "unix")):
        raise ConfigurationError(f"COOPOLE_REDIS_URL must look like redis://host:6379/0 or unix:///path, not {text!r}")
    return text


def _smtp_url(text: str) -> str:
    try:
        if text:
            read_route(text)
    except ValueError as error:  # never with the value: it holds a password
        raise ConfigurationError(
            f"COOPOLE_SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465: {error}"
        ) from None
    return text


def _media_store_url(text: str) -> str:
    try:
        if text:
            read_bucket_route(text)
    except ValueError as error:  # never with the value: it holds a secret
        raise ConfigurationError(
            f"COOPOLE_MEDIA_STORE_URL must look like https://key:secret@host/bucket?region=name: {error}"
        ) from None
    return text


def _mail_from(text: str, origin: str) -> str:
    address = text or f"coopole@{urlsplit(origin).hostname}"
    if not _ADDRESS.fullmatch(address):
        raise ConfigurationError(f"COOPOLE_MAIL_FROM must look like section@section.example, not {text!r}")
    return address


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise ConfigurationError(f"COOPOLE_{name} must be one of {', '.join(choices)}, not {text!r}")
    return text.lower()


def _metrics_token(text: str) -> str:
    if text and (len(text) < LEAST_TOKEN_CHARS or not text.isascii() or not text.isprintable() or " " in text):
        raise ConfigurationError(
            f"COOPOLE_METRICS_TOKEN must be at least {LEAST_TOKEN_CHARS} letters, digits and signs, without a space"
        )
    return text


def _secret_key(hexadecimal: str, data: Path) -> bytes:
    if not hexadecimal:
        return _secret_in(data / "secret.key")
    try:
        key = bytes.fromhex(hexadecimal)
    except ValueError as error:
        raise ConfigurationError("COOPOLE_SECRET_KEY must be 64 hexadecimal digits") from error
    if len(key) != 32:
        raise ConfigurationError("COOPOLE_SECRET_KEY must be 64 hexadecimal digits")
    return key


def _secret_in(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"COOPOLE_{name} must be a number from {least} to {most}, not {text!r}")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text.lower() in ("1", "yes", "true", "on"):
        return True
    if text.lower() in ("", "0", "no", "false", "off"):
        return False
    raise ConfigurationError(f"COOPOLE_{name} must be yes or no, not {text!r}")
