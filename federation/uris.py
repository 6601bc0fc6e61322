"""Read web addresses once and strictly, so that what is compared, signed and dialled is one and the same.

Every server reads odd addresses differently: a backslash, a tab, an octal host. What could be read in two ways is
refused here.   Source: RFC 3986; the host rules of url.spec.whatwg.org §3.5.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import idna

from federation.errors import MalformedActivity

MAX_URI_CHARACTERS = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}

_URI = re.compile(r"(https?)://([^/?#]+)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::([1-9][0-9]{0,4}))?")
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SENT_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class HttpUri:
    """A web address in the one form in which it is sent, signed and compared; the fragment is left out.

    `host` is ASCII and lower-case, an IPv6 address without brackets; `port` is the one dialled; `authority` is host
    and port as the Host header has them; `url` is the whole, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    authority: str
    origin: str
    url: str

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address; no host name ends in a number."""
        return ":" in self.host or self.host[-1].isdigit()


@lru_cache(maxsize=8192)
def parse_uri(uri: str) -> HttpUri:
    """Read an http or https address.

    Raises:
        MalformedActivity: it is none, is too long, holds a user name, or could be read in two ways.
    """
    if len(uri) > MAX_URI_CHARACTERS:
        raise MalformedActivity(f"a uri of {len(uri)} characters is longer than {MAX_URI_CHARACTERS}")
    found = None if _AMBIGUOUS.search(uri) else _URI.fullmatch(uri)
    if found is None:
        raise MalformedActivity(f"{uri!r} is not an http or https address")
    scheme, path, query = found[1].lower(), found[3], found[4]
    authority = _AUTHORITY.fullmatch(found[2])
    if authority is None:
        raise MalformedActivity(f"{uri!r} has no plain host and port")
    host = _read_host(authority[1])
    port = int(authority[2] or DEFAULT_PORTS[scheme])
    if port > 65535:
        raise MalformedActivity(f"{uri!r} names port {port}")
    netloc = f"[{host}]" if ":" in host else host
    if port != DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    target = (path or "/") + (f"?{query}" if query else "")
    origin = f"{scheme}://{netloc}"
    return HttpUri(scheme, host, port, netloc, origin, origin + quote(target, safe=_SENT_AS_IT_IS))


def origin_of(uri: str) -> str:
    """Say who answers for a uri: "https://example.org", with the port only where it is not the usual one.

    Raises:
        MalformedActivity: it is not an http or https address.
    """
    return parse_uri(uri).origin


def host_of(uri: str) -> str:
    """Name the domain of a uri as handles and domain policies write it: "example.org" or "example.org:8443".

    Raises:
        MalformedActivity: it is not an http or https address.
    """
    return parse_uri(uri).authority


def same_origin(first: str, second: str) -> bool:
    """Whether one server answers for both; what cannot be read has the origin of nothing."""
    try:
        return parse_uri(first).origin == parse_uri(second).origin
    except MalformedActivity:
        return False


def _read_host(text: str) -> str:
    """Give a host its one spelling; numbers must be canonical addresses, whatever `inet_aton` would make of them."""
    if text.startswith("["):
        return _canonical(text[1:-1])
    host = text.lower() if text.isascii() else _to_ascii(text)
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise MalformedActivity(f"{text!r} is not a host name")
    return _canonical(host) if _NUMBER.fullmatch(labels[-1]) else host


def _canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise MalformedActivity(f"{address!r} is not an IP address in its usual spelling") from error


def _to_ascii(host: str) -> str:
    if len(host) > 253:
        raise MalformedActivity(f"a host name of {len(host)} characters is too long")
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise MalformedActivity(f"{host!r} is not a host name: {error}") from error
