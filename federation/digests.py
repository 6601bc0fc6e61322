"""What a body hashes to, as the Digest header says it.   Source: RFC 3230 §4.3.2; RFC 5843 §2.1."""

import base64
import hashlib
import hmac

from federation.errors import BadSignature


def content_digest(body: bytes) -> str:
    """Say what a body hashes to, as the Digest header does: `SHA-256=<base64>`."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def check_digest(header: str, body: bytes) -> None:
    """Hash the body anew and compare; a Digest may list several hashes, of which only SHA-256 counts.

    Raises:
        BadSignature: no SHA-256 is given, or one is given that the body does not have.
    """
    expected = content_digest(body).partition("=")[2].encode()
    has_sha256 = False
    for entry in header.split(","):
        algorithm, _, value = entry.strip().partition("=")
        if algorithm.lower() != "sha-256":
            continue
        has_sha256 = True
        if not hmac.compare_digest(value.encode(errors="replace"), expected):
            raise BadSignature(
                "The body of the request is not the one that its Digest header describes.", reason="digest"
            )
    if not has_sha256:
        raise BadSignature("The Digest header gives no SHA-256.", reason="digest")
