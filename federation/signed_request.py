"""A request and its signature, whichever scheme made it, and the checks that both schemes share.

Source: draft-cavage-http-signatures-12; RFC 9421
"""

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from federation.errors import BadSignature

# The window is Mastodon's (app/lib/signed_request.rb): a signature without `expires` serves for five minutes, one with
# it for twelve hours at most, and a clock may be an hour wrong either way. PeerTube allows half an hour in all.
CLOCK_SKEW_SECONDS: Final = 60 * 60
DEFAULT_LIFETIME_SECONDS: Final = 5 * 60
MAX_LIFETIME_SECONDS: Final = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it arrived, free of any framework.

    `target` is the path and query exactly as on the request line. Header names are lower-case, values are stripped,
    repeated headers are joined by ", ". `origin` is ours, and not what the request says: an RFC 9421 signature made
    for another server does not fit, and without an origin none does.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    origin: str = ""

    def to(self, origin: str) -> "SignedRequest":
        """Give the same request as one that was made to this origin."""
        return SignedRequest(self.method, self.target, self.headers, self.body, origin)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was read and is not yet verified.

    `headers` names what it covers, in order; `created` and `expires` are Unix seconds. `signing_string_without_query`
    is set for a GET with a query: Misskey, and Mastodon before 4.3, sign its path alone.
    """

    key_id: str
    algorithm: str | None
    headers: tuple[str, ...]
    value: bytes
    created: int | None
    expires: int | None
    signing_string: bytes
    signing_string_without_query: bytes | None = None


def check_window(start: float, expires: float | None, now: float) -> None:
    """Refuse what was signed too long ago or in the future. All are Unix seconds; `expires` is what was signed.

    Raises:
        BadSignature: it serves no more, or not yet.
    """
    lifetime: float = DEFAULT_LIFETIME_SECONDS
    if expires is not None:
        lifetime = min(expires - start, MAX_LIFETIME_SECONDS)
    if start > now + CLOCK_SKEW_SECONDS:
        raise BadSignature("The request was signed in the future.", reason="clock")
    if now > start + lifetime + CLOCK_SKEW_SECONDS:
        raise BadSignature("The request was signed too long ago.", reason="clock")


def read_base64(text: str) -> bytes:
    """Read a signature in the one way its bytes can be written, so that no part of it can change unnoticed.

    Raises:
        BadSignature: it is empty, or not in canonical base64.
    """
    try:
        value = binascii.a2b_base64(text)
    except ValueError as error:
        raise BadSignature("The signature is not in base64.") from error
    if not value or binascii.b2a_base64(value, newline=False).decode() != text:
        raise BadSignature("The signature is empty, or not in canonical base64.")
    return value
