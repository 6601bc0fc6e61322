"""Encrypting what is pushed for one client. Only this file imports http_ece.

Source: RFC 8291 (`aes128gcm`); draft-ietf-webpush-encryption-04 (`aesgcm`), which most clients of Mastodon read.
"""

import base64
import binascii
import os

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET_BYTES = 16


def encode(value: bytes) -> str:
    """Write bytes as push services read them: base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def decode(text: str) -> bytes | None:
    """Read base64url, or plain base64 as some clients write it; None for anything else."""
    if not text.isascii() or len(text) > 1024:
        return None
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def is_public_key(value: bytes) -> bool:
    """Whether these bytes are a point of P-256, uncompressed."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), value)
    except ValueError:
        return False
    return len(value) == 65


def encrypt(text: bytes, public_key: bytes, secret: bytes, *, is_standard: bool) -> tuple[bytes, dict[str, str]]:
    """Encrypt for whoever holds the private key and the secret: (body, headers that say how)."""
    ours = ec.generate_private_key(ec.SECP256R1())
    version = "aes128gcm" if is_standard else "aesgcm"
    salt = os.urandom(16)
    body = http_ece.encrypt(text, salt=salt, private_key=ours, dh=public_key, auth_secret=secret, version=version)
    if is_standard:
        return body, {"Content-Encoding": version}
    point = encode(ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return body, {"Content-Encoding": version, "Encryption": f"salt={encode(salt)}", "Crypto-Key": f"dh={point}"}
