"""HTTP signatures: who sent us this request, and the proof of who sends ours.

`read_signature` checks all that needs no key, the caller finds the key that `key_id` names, `verify` does the rest.
Nothing here answers yes or no: what does not raise is proven. Two checks are the caller's, who alone can make them:
that the signed `host` is ours, and that the key is one of the actor who acts.

Two schemes are in use: the draft, which everybody reads, is here; RFC 9421 is in `message_signatures`. httpsig writes
the signing string and the outgoing header of the draft. It does not read the incoming one: of two parameters with one
name it keeps the last where the draft refuses both, it skips what it cannot read, and it takes longer than the RSA
verification that follows. `hs2019`, `(created)` and `(expires)` are ours too, for it knows none of them.

Source: draft-cavage-http-signatures-12; RFC 9421 Appendix A (telling the two apart)
"""

import base64
import re
import warnings
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from federation import message_signatures
from federation.digests import check_digest, content_digest
from federation.errors import BadSignature
from federation.keys import PublicKey
from federation.signed_request import (
    CLOCK_SKEW_SECONDS,
    Signature,
    SignedRequest,
    check_window,
    read_base64,
)
from federation.uris import HttpUri, parse_uri
from models.host import SignatureScheme

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # httpsig imports pkg_resources, which announces its own end
    from httpsig.utils import build_signature_template, generate_message

__all__ = ["Signature", "SignedRequest", "Signer", "read_signature", "verify"]

MAX_SIGNATURE_CHARS: Final = 8192  # of the whole Signature header

# hs2019, or no algorithm, means "what the key says". With an RSA key everyone means PKCS#1 v1.5 and SHA-256 by it, as
# Mastodon and GoToSocial do, and not the PSS and SHA-512 of the draft.
ALGORITHMS: Final = frozenset({"rsa-sha256", "hs2019", None})

_KEY_KINDS: Final[Mapping[str | None, type[PublicKey]]] = {
    "rsa-sha256": RSAPublicKey,
    "rsa-v1_5-sha256": RSAPublicKey,
    "ed25519": Ed25519PublicKey,
}
_GET_HEADERS: tuple[str, ...] = ("(request-target)", "host", "date")
_POST_HEADERS: tuple[str, ...] = (*_GET_HEADERS, "digest", "content-type")
_PADDING: Final = PKCS1v15()
_SHA256: Final = SHA256()
_PARAMETER: Final = re.compile(r'[ \t]*([A-Za-z]+)[ \t]*=[ \t]*(?:"([^"\\]*)"|([0-9]+))[ \t]*(?:,|\Z)')


def read_signature(request: SignedRequest, *, now: datetime) -> Signature:
    """Read the signature of a request and check all of it that needs no key.

    Raises:
        BadSignature: there is none, it covers too little, it is stale, or the body is not the one signed.
    """
    header = request.headers.get("signature")
    if not header:
        raise BadSignature("The request has no Signature header.", reason="missing")
    if "signature-input" in request.headers:
        return message_signatures.read(request, now=now)
    return _read_cavage(header, request, now)


def verify(signature: Signature, key: PublicKey) -> None:
    """Prove that the owner of this key signed the request.

    Raises:
        BadSignature: someone else did, or something else was signed.
    """
    kind = _KEY_KINDS.get(signature.algorithm)
    if kind is not None and not isinstance(key, kind):
        name = "RSA" if kind is RSAPublicKey else "Ed25519"
        raise BadSignature(f"The signature claims to be {signature.algorithm}, but its key is not {name}.")
    for signing_string in filter(None, (signature.signing_string, signature.signing_string_without_query)):
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature.value, signing_string)
            else:
                key.verify(signature.value, signing_string, _PADDING, _SHA256)
        except InvalidSignature:
            continue
        return
    raise BadSignature("The signature does not fit the request and the key.", reason="unfit")


def signed_at(signature: Signature, request: SignedRequest) -> datetime:
    """Tell when a request was signed, by what its signature covers: the Date header of the draft, or else `created`."""
    is_dated = "date" in signature.headers
    return datetime.fromtimestamp(_read_date(request.headers["date"]) if is_dated else signature.created or 0, UTC)


class Signer:
    """One actor's RSA key, parsed once, and the headers that prove its requests."""

    def __init__(self, key_id: str, private_key: RSAPrivateKey) -> None:
        self.key_id = key_id
        self._private_key = private_key
        self._around = {names: _header_around(key_id, names) for names in (_GET_HEADERS, _POST_HEADERS)}
        self._more: Mapping[str, str] = {}

    def bearing(self, headers: Mapping[str, str]) -> "Signer":
        """Give a signer whose requests bear these headers too, and prove them; names are lower-case."""
        signer = copy(self)
        signer._more = headers
        return signer

    def sign(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        now: datetime,
        content_type: str = "application/activity+json",
        scheme: SignatureScheme = SignatureScheme.CAVAGE,
    ) -> dict[str, str]:
        """Make the headers to send: host, date, the signature's own; with a body, even an empty one, its digest and type.

        Names are lower-case. Path and query are signed as `parse_uri` spells them: send them so.

        Raises:
            MalformedActivity: `url` is not a web address.
        """
        uri = parse_uri(url)
        headers = {"host": uri.authority, "date": format_datetime(now.astimezone(UTC), usegmt=True)}
        if scheme is SignatureScheme.CAVAGE:
            return self._sign_draft(method, uri, body, headers, content_type)
        described = {} if body is None else {"content-type": content_type}
        proof = message_signatures.sign(
            method, uri, body, key_id=self.key_id, now=now, sign_bytes=self._sign, more=self._more
        )
        return headers | described | proof

    def _sign_draft(
        self, method: str, uri: HttpUri, body: bytes | None, headers: dict[str, str], content_type: str
    ) -> dict[str, str]:
        covered = _GET_HEADERS
        if body is not None:
            covered = _POST_HEADERS
            headers |= {"digest": content_digest(body), "content-type": content_type}
        covered, headers = (*covered, *self._more), headers | dict(self._more)
        message: bytes = generate_message(covered, headers, method=method, path=uri.url.removeprefix(uri.origin))
        if covered not in self._around:
            self._around[covered] = _header_around(self.key_id, covered)
        before, after = self._around[covered]
        headers["signature"] = before + base64.b64encode(self._sign(message)).decode() + after
        return headers

    def _sign(self, message: bytes) -> bytes:
        return self._private_key.sign(message, _PADDING, _SHA256)


def _header_around(key_id: str, covered: tuple[str, ...]) -> tuple[str, str]:
    """Write a Signature header but for its signature: (what stands before, what stands after)."""
    template: str = build_signature_template(key_id, "rsa-sha256", covered, sign_header="signature")
    before, _, after = template.rpartition("%s")  # not by formatting: a key_id may hold a percent sign
    return before, after


def _read_cavage(header: str, request: SignedRequest, now: datetime) -> Signature:
    """Read a Signature header of draft-cavage-http-signatures."""
    parameters = _read_parameters(header)
    key_id, algorithm = parameters.get("keyId"), parameters.get("algorithm")
    covered = tuple(parameters.get("headers", "").lower().split())
    if not key_id:
        raise BadSignature("The signature names no key.")
    if algorithm not in ALGORITHMS:
        raise BadSignature("The signature is neither rsa-sha256 nor hs2019.")
    _check_coverage(covered, algorithm, has_body=bool(request.body))
    path, _, query = request.target.partition("?")
    is_query_free = not query or request.method != "GET"
    signature = Signature(
        key_id,
        algorithm,
        covered,
        read_base64(parameters.get("signature", "")),
        _read_seconds(parameters.get("created")),
        _read_seconds(parameters.get("expires")),
        _signing_string(request, request.target, covered, parameters),
        None if is_query_free else _signing_string(request, path, covered, parameters),
    )
    _check_window(signature, request.headers, now.timestamp())
    if "digest" in covered:
        check_digest(request.headers["digest"], request.body)
    return signature


def _read_parameters(header: str) -> dict[str, str]:
    """Split a Signature header into its parameters, in one pass; unknown ones are harmless.   Source: draft §2.2"""
    if len(header) > MAX_SIGNATURE_CHARS:
        raise BadSignature("The Signature header is too long.")
    parameters: dict[str, str] = {}
    position = 0
    while position < len(header):
        match = _PARAMETER.match(header, position)
        if match is None:
            raise BadSignature("The Signature header cannot be read.")
        name, quoted, number = match.groups()
        if name in parameters:
            raise BadSignature("The Signature header gives one parameter twice.")
        parameters[name] = number if quoted is None else quoted
        position = match.end()
    return parameters


def _check_coverage(covered: tuple[str, ...], algorithm: str | None, *, has_body: bool) -> None:
    """Refuse a signature that leaves open what was asked, of whom or when, or covers what it may not.

    Source: draft §2.3 for `(created)` and `(expires)`; for the rest, what Mastodon asks of its peers.
    """
    if len(set(covered)) != len(covered):
        raise BadSignature("The signature covers one header twice.")
    if "(request-target)" not in covered or "host" not in covered:
        raise BadSignature("The signature does not cover (request-target) and host.")
    if "date" not in covered and "(created)" not in covered:
        raise BadSignature("The signature covers neither date nor (created).")
    if has_body and "digest" not in covered:
        raise BadSignature("The signature does not cover the digest of the body.")
    if algorithm == "rsa-sha256" and ("(created)" in covered or "(expires)" in covered):
        raise BadSignature("An rsa-sha256 signature may not cover (created) or (expires).")


def _signing_string(
    request: SignedRequest, target: str, covered: tuple[str, ...], parameters: Mapping[str, str]
) -> bytes:
    """Write what was signed, a line for each header covered.   Source: draft §2.3"""
    values = {name: request.headers[name] for name in covered if name in request.headers}
    values |= {f"({name})": parameters[name] for name in ("created", "expires") if name in parameters}
    if not values.keys() | {"(request-target)"} >= set(covered):
        raise BadSignature("The signature covers a header that the request does not have.")
    try:
        text: bytes = generate_message(covered, values, method=request.method, path=target)
    except UnicodeEncodeError as error:
        raise BadSignature("The signature covers something that is not ASCII.") from error
    if text.count(b"\n") != len(covered) - 1:
        raise BadSignature("The signature covers a line break.")
    return text


def _check_window(signature: Signature, headers: Mapping[str, str], now: float) -> None:
    """Refuse what was signed too long ago, in the future, or only until a moment gone by."""
    signed_at: list[float] = []
    if "date" in signature.headers:
        signed_at.append(_read_date(headers["date"]))
    if "(created)" in signature.headers and signature.created is not None:
        signed_at.append(signature.created)
    signed_until = signature.expires if "(expires)" in signature.headers else None
    for start in signed_at:
        check_window(start, signed_until, now)
    if signature.expires is not None and now > signature.expires + CLOCK_SKEW_SECONDS:
        raise BadSignature("The signature has expired.", reason="clock")


@lru_cache(maxsize=256)  # many requests of one second bear the same
def _read_date(text: str) -> float:
    """Read a Date header as Unix seconds; one that names no zone is in UTC.   Source: RFC 9110 §5.6.7"""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadSignature("The Date header cannot be read.") from error


def _read_seconds(text: str | None) -> int | None:
    """Read `created` or `expires`: Unix seconds, also between quotes, as Fedify sends them."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadSignature("A time in the Signature header is not a whole number of seconds.")
    return int(text)
