"""Columns that cannot be read without the key, which lives outside the database.

AES-256-GCM with a random 96-bit nonce; what is stored is nonce + ciphertext + tag. A blind index
(`fingerprint`, HMAC-SHA-256) lets an e-mail address be looked up without being readable.
Source: NIST SP 800-38D.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tortoise import fields

NONCE_BYTES = 12
_keys: dict[str, bytes] = {}


class WrongKey(Exception):
    """The database was written with another key than the one given."""


def use_key(key: bytes) -> None:
    """Set the key (32 bytes) of this process, before the first row is read.

    Raises:
        ValueError: the key is not 32 bytes long.
    """
    if len(key) != 32:
        raise ValueError("the secret key must be 32 bytes long")
    _keys["seal"] = hmac.digest(key, b"coopole columns", "sha256")
    _keys["fingerprint"] = hmac.digest(key, b"coopole fingerprints", "sha256")
    _keys["link"] = hmac.digest(key, b"coopole links", "sha256")


def seal(text: str) -> bytes:
    """Encrypt one value."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_keys["seal"]).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes) -> str:
    """Decrypt one value.

    Raises:
        WrongKey: it was encrypted with another key, or was tampered with.
    """
    try:
        return AESGCM(_keys["seal"]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
    except (InvalidTag, ValueError) as error:
        raise WrongKey("the secret key does not fit this database") from error


def fingerprint(text: str) -> str:
    """Give the keyed hash under which a secret value can be looked up: 64 hex digits."""
    return hmac.new(_keys["fingerprint"], text.strip().casefold().encode(), hashlib.sha256).hexdigest()


def link_token(about: str) -> str:
    """Give the secret of the private link about something: 43 letters that nobody has to keep, and nobody can guess."""
    digest = hmac.digest(_keys["link"], about.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class SealedTextField(fields.BinaryField):  # type: ignore[type-arg]
    """Text that is bytes nobody can read in the database, and a plain `str` in Python."""

    def to_db_value(self, value: Any, instance: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else seal(value)

    def to_python_value(self, value: Any) -> Any:
        """Decrypt on the way out: only the database hands over bytes."""
        return unseal(value) if isinstance(value, bytes) else value


class SealedJsonField(SealedTextField):
    """What JSON can say, as bytes that nobody can read in the database, and a plain `dict` in Python."""

    def to_db_value(self, value: Any, instance: Any) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else seal(json.dumps(value, ensure_ascii=False))

    def to_python_value(self, value: Any) -> Any:
        """Decrypt on the way out."""
        return json.loads(unseal(value)) if isinstance(value, bytes) else value
