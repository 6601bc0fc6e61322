"""HTTP message signatures: what an RFC 9421 signature covers, read and written.

Of the algorithms, those that actors of the fediverse have keys for: rsa-v1_5-sha256 and ed25519, named or told by the
key. http-sf reads and writes the structured fields; what it is asked to read is bounded here.

Source: RFC 9421 (signatures); RFC 9530 (Content-Digest); RFC 9651 (structured fields)
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

import http_sf

from federation.errors import BadSignature
from federation.signed_request import Signature, SignedRequest, check_window
from federation.uris import HttpUri

ALGORITHMS: Final = frozenset({"rsa-v1_5-sha256", "ed25519", None})
MAX_FIELD_CHARS: Final = 8192  # of Signature-Input, of Signature, of any field read as a structured one
MAX_SIGNATURES: Final = 4
MAX_COMPONENTS: Final = 32

_DIGESTS: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_DICTIONARIES: Final = frozenset({"accept-signature", "content-digest", "signature", "signature-input"})
_LABEL: Final = "sig1"


@dataclass(frozen=True, slots=True)
class Component:
    """One thing a signature covers. `identifier` is how the signature base writes it: `"@query-param";name="Pet"`."""

    name: str
    parameters: Mapping[str, Any]
    identifier: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One member of Signature-Input with its signature. `written` is the value of `@signature-params`."""

    components: tuple[Component, ...]
    parameters: Mapping[str, Any]
    written: str
    value: bytes


def read(request: SignedRequest, *, now: datetime) -> Signature:
    """Read the first signature of a request that could be an actor's, and check all of it that needs no key.

    A request may bear others, such as a proxy's: they say nothing to us.

    Raises:
        BadSignature: none covers enough, is recent, fits the body, and is of an algorithm and a key we know.
    """
    refusals: list[BadSignature] = []
    for claim in read_claims(request.headers):
        try:
            return _check(claim, request, now.timestamp())
        except BadSignature as refused:
            refusals.append(refused)
    raise refusals[0]


def read_claims(headers: Mapping[str, str]) -> list[Claim]:
    """Read the signatures of a request, at least one.   Source: RFC 9421 §4

    Raises:
        BadSignature: there is none, there are too many, or they cannot be read.
    """
    inputs = _parse(headers.get("signature-input", ""), "dictionary")
    values = _parse(headers.get("signature", ""), "dictionary")
    if max(len(inputs), len(values)) > MAX_SIGNATURES:
        raise BadSignature(f"The request has more than {MAX_SIGNATURES} signatures.")
    claims = [
        _claim(items, parameters, values[label][0], headers["signature"])
        for label, (items, parameters) in inputs.items()
        if label in values and isinstance(items, list) and isinstance(values[label][0], bytes)
    ]
    if not claims:
        raise BadSignature("The request has no signature that says what it covers.")
    return claims


def _claim(items: list[Any], parameters: Mapping[str, Any], value: bytes, field: str) -> Claim:
    if len(items) > MAX_COMPONENTS:
        raise BadSignature(f"The signature covers more than {MAX_COMPONENTS} components.")
    if base64.b64encode(value).decode() not in field:
        raise BadSignature("The signature is not in canonical base64.")
    components = tuple(Component(name, given, http_sf.ser((name, given))) for name, given in items)
    written = f"({' '.join(part.identifier for part in components)}){http_sf.ser([([], dict(parameters))])[2:]}"
    return Claim(components, parameters, written, value)


def signature_base(claim: Claim, request: SignedRequest) -> bytes:
    """Write what was signed, a line for each component.   Source: RFC 9421 §2.5

    Raises:
        BadSignature: it covers something twice, or something that the request does not have or cannot be signed.
    """
    lines = [f"{part.identifier}: {_value(part, request)}" for part in claim.components]
    if len({(part.name, frozenset(part.parameters.items())) for part in claim.components}) != len(lines):
        raise BadSignature("The signature covers one component twice.")
    lines.append(f'"@signature-params": {claim.written}')
    try:
        text = "\n".join(lines).encode("ascii")
    except UnicodeEncodeError as error:
        raise BadSignature("The signature covers something that is not ASCII.") from error
    if text.count(b"\n") != len(lines) - 1 or b"\r" in text:
        raise BadSignature("The signature covers a line break.")
    return text


def check_content_digest(field: str, body: bytes) -> None:
    """Hash the body anew and compare; of several digests all that we can compute must agree.   Source: RFC 9530 §2

    Raises:
        BadSignature: one differs, or none is SHA-256 or SHA-512.
    """
    given = {name: value for name, (value, _) in _parse(field, "dictionary").items() if name in _DIGESTS}
    if not given:
        raise BadSignature("The Content-Digest header gives no SHA-256 and no SHA-512.", reason="digest")
    for name, value in given.items():
        if not isinstance(value, bytes) or not hmac.compare_digest(value, _DIGESTS[name](body).digest()):
            raise BadSignature(
                "The body of the request is not the one that its Content-Digest header describes.", reason="digest"
            )


def sign(
    method: str,
    uri: HttpUri,
    body: bytes | None,
    *,
    key_id: str,
    now: datetime,
    sign_bytes: Callable[[bytes], bytes],
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Make the headers that prove a request: signature-input, signature, with a body content-digest; and `more`.

    What is covered is what Mastodon asks of its peers: the method, the whole address, the body; and `more`, whose names
    are lower-case. `sign_bytes` is RSA with PKCS#1 v1.5 and SHA-256.
    """
    headers = dict(more or {})
    covered = {"@method": method, "@target-uri": uri.url}
    if body is not None:
        headers["content-digest"] = covered["content-digest"] = http_sf.ser({"sha-256": hashlib.sha256(body).digest()})
    covered |= more or {}
    names: list[http_sf.ItemType] = [*covered]
    parameters: dict[str, Any] = {"created": int(now.timestamp()), "keyid": key_id, "alg": "rsa-v1_5-sha256"}
    written = http_sf.ser([(names, parameters)])
    base = [f'"{name}": {value}' for name, value in covered.items()] + [f'"@signature-params": {written}']
    value = base64.b64encode(sign_bytes("\n".join(base).encode())).decode()
    return headers | {"signature-input": f"{_LABEL}={written}", "signature": f"{_LABEL}=:{value}:"}


def _check(claim: Claim, request: SignedRequest, now: float) -> Signature:
    """Check one signature as far as that can be done without its key."""
    given = claim.parameters
    key_id, algorithm, created, expires = (given.get(name) for name in ("keyid", "alg", "created", "expires"))
    if not isinstance(key_id, str) or not key_id.startswith(("https://", "http://")):
        raise BadSignature("The signature names no key that could be fetched.")
    if not isinstance(algorithm, str | None) or algorithm not in ALGORITHMS:
        raise BadSignature("The signature is neither rsa-v1_5-sha256 nor ed25519.")
    if type(created) is not int or type(expires) not in (int, type(None)):
        raise BadSignature("The signature does not say when it was created, or not when it expires.")
    check_window(created, expires, now)
    plain = {part.name for part in claim.components if not part.parameters}
    _check_coverage(plain, request)
    if "content-digest" in plain:
        check_content_digest(request.headers.get("content-digest", ""), request.body)
    covered = tuple(part.identifier for part in claim.components)
    return Signature(key_id, algorithm, covered, claim.value, created, expires, signature_base(claim, request))


def _check_coverage(plain: set[str], request: SignedRequest) -> None:
    """Refuse a signature that leaves open what was asked, of whom, or with which body."""
    has_query = "?" in request.target
    names_path = "@request-target" in plain or ("@path" in plain and ("@query" in plain or not has_query))
    names_host = not plain.isdisjoint({"@authority", "host"})
    if "@method" not in plain or not ("@target-uri" in plain or (names_host and names_path)):
        raise BadSignature("The signature does not cover @method and @target-uri.")
    if request.body and "content-digest" not in plain:
        raise BadSignature("The signature does not cover the content-digest of the body.")


def _value(component: Component, request: SignedRequest) -> str:
    """Give what a component stands for in this request."""
    if not isinstance(component.name, str):
        raise BadSignature("The signature covers something without a name.")
    if component.name.startswith("@"):
        return _derived_value(component, request)
    if (field := request.headers.get(component.name)) is None:
        raise BadSignature("The signature covers a header that the request does not have.")
    return _field_value(component, field)


def _derived_value(component: Component, request: SignedRequest) -> str:
    """Source: RFC 9421 §2.2; a response's components, and a request's seen from a response, are refused."""
    path, _, query = request.target.partition("?")
    if component.name == "@query-param" and component.parameters.keys() == {"name"}:
        return _query_parameter(query, component.parameters["name"])
    scheme, _, authority = request.origin.partition("://")
    values = {
        "@method": request.method,
        "@target-uri": request.origin + request.target,
        "@authority": authority,
        "@scheme": scheme,
        "@request-target": request.target,
        "@path": path or "/",
        "@query": f"?{query}",
    }
    if component.parameters or component.name not in values:
        raise BadSignature(f"The signature covers {component.identifier}, which means nothing here.")
    return values[component.name]


def _query_parameter(query: str, name: Any) -> str:
    """Give one parameter of the query, in the one spelling that is signed.   Source: RFC 9421 §2.2.8"""
    if not isinstance(name, str):
        raise BadSignature("The signature covers a query parameter without a name.")
    wanted = unquote(name, errors="surrogateescape")
    found = [value for key, value in _query_pairs(query) if key == wanted]
    if len(found) != 1:
        raise BadSignature("The signature covers a query parameter that is not there, or is there twice.")
    return quote(found[0], safe="*").replace("~", "%7E")


@lru_cache(maxsize=16)
def _query_pairs(query: str) -> list[tuple[str, str]]:
    if len(query) > MAX_FIELD_CHARS:
        raise BadSignature("The query is too long to be signed in parts.")
    return parse_qsl(query, keep_blank_values=True)


def _field_value(component: Component, field: str) -> str:
    """Give a header as it is, or as its parameters ask for it.   Source: RFC 9421 §2.1

    With `bs`, a header that was sent in several lines does not fit, for the lines are joined before we see them.
    """
    asked = dict(component.parameters)
    if not asked:
        return field
    if asked == {"bs": True}:
        return http_sf.ser([field.encode("latin-1", "replace")])
    key, strictly = asked.pop("key", None), asked.pop("sf", True)
    if asked or strictly is not True or not isinstance(key, str | None):
        raise BadSignature(f"The signature covers {component.identifier}, which means nothing here.")
    if key is None:
        kind = "dictionary" if component.name in _DICTIONARIES else None
        if not (parsed := _parse(field, kind, component.name)):
            raise BadSignature("The signature covers a header that is empty.")
        return http_sf.ser(parsed)
    members = _parse(field, "dictionary")
    if key not in members:
        raise BadSignature("The signature covers a member that its header does not have.")
    return http_sf.ser([members[key]])


@lru_cache(maxsize=64)
def _parse(field: str, kind: str | None, name: str | None = None) -> Any:
    """Parse a structured field; by its name where `kind` is not known. Remembered: a signature may ask often for one."""
    if len(field) > MAX_FIELD_CHARS:
        raise BadSignature("A header of the signature is too long.")
    try:
        return http_sf.parse(field.encode("ascii"), name, kind, _refuse_duplicate)
    except (ValueError, KeyError, OverflowError) as error:
        raise BadSignature("A header of the signature cannot be read.") from error


def _refuse_duplicate(key: str, _context: str) -> None:
    raise ValueError(f"{key} is given twice")
