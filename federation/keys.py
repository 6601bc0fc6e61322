"""The keys of an actor, as PEM and as multibase.   Source: FEP-521a (`publicKeyMultibase`); RFC 8017; RFC 8032."""

from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from federation.errors import BadSignature

PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey

MIN_RSA_BITS: Final = 1024  # BookWyrm and Bridgy Fed make such keys; ours have 2048
MAX_RSA_BITS: Final = 8192
MAX_RSA_EXPONENT_BITS: Final = 64  # everyone uses 17; at 2048, one verification costs a hundred
MAX_PEM_CHARS: Final = 4096
MAX_PARSED_KEYS: Final = 2048
MAX_MULTIBASE_CHARS: Final = 64  # an Ed25519 key takes 48

_ED25519_MULTICODEC: Final = b"\xed\x01"
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@lru_cache(maxsize=MAX_PARSED_KEYS)
def load_public_key(pem: str) -> PublicKey:
    """Parse the `publicKeyPem` of an actor, "BEGIN PUBLIC KEY" or "BEGIN RSA PUBLIC KEY"; remember the parsed key.

    Raises:
        BadSignature: it is no key, neither RSA nor Ed25519, too weak, or too costly to use.
    """
    if len(pem) > MAX_PEM_CHARS:
        raise BadSignature("The public key is too long.", reason="key")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSignature("The public key cannot be read.", reason="key") from error
    if isinstance(key, Ed25519PublicKey):
        return key
    if not isinstance(key, RSAPublicKey):
        raise BadSignature("The public key is neither RSA nor Ed25519.", reason="key")
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise BadSignature(f"The RSA key has {key.key_size} bits, not {MIN_RSA_BITS} to {MAX_RSA_BITS}.", reason="key")
    if key.public_numbers().e.bit_length() > MAX_RSA_EXPONENT_BITS:
        raise BadSignature("The RSA key has an exponent that no one needs.", reason="key")
    return key


def is_ed25519(multibase: str) -> bool:
    """Whether a `publicKeyMultibase` looks like an Ed25519 key; others are kept for nothing."""
    return multibase.startswith("z6Mk") and len(multibase) <= MAX_MULTIBASE_CHARS and multibase.isalnum()


def load_public_multibase(multibase: str) -> Ed25519PublicKey:
    """Parse the `publicKeyMultibase` of an actor: "z6Mk…".

    Raises:
        BadSignature: it is not an Ed25519 key in base58btc.
    """
    if not multibase.startswith("z") or len(multibase) > MAX_MULTIBASE_CHARS:
        raise BadSignature("The public key is not an Ed25519 key in base58btc.", reason="key")
    try:
        raw = decode_base58(multibase[1:])
        if not raw.startswith(_ED25519_MULTICODEC):
            raise BadSignature("The public key is not an Ed25519 key.", reason="key")
        return Ed25519PublicKey.from_public_bytes(raw.removeprefix(_ED25519_MULTICODEC))
    except ValueError as error:
        raise BadSignature("The public key cannot be read.", reason="key") from error


def load_private_key(pem: str) -> RSAPrivateKey:
    """Parse the private key of one of our own actors.

    Raises:
        ValueError: it is not an RSA key, in PEM, without a password.
    """
    # We made the key and kept it ourselves: proving it sound again costs 35 ms, parsing it 10 µs.
    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("The private key is not an RSA key.")
    return key


def load_ed25519_private_key(pem: str) -> Ed25519PrivateKey:
    """Parse the Ed25519 private key of one of our own actors.

    Raises:
        ValueError: it is not an Ed25519 key, in PEM, without a password.
    """
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("The private key is not an Ed25519 key.")
    return key


def generate_rsa_key() -> tuple[str, str]:
    """Make an RSA-2048 key for a new actor: (private PKCS#8 PEM, public SPKI PEM). It takes a tenth of a second."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _write_private_key(key), public_pem.decode()


def generate_ed25519_key() -> tuple[str, str]:
    """Make an Ed25519 key for a new actor: (private PKCS#8 PEM, `publicKeyMultibase`)."""
    key = Ed25519PrivateKey.generate()
    public = _ED25519_MULTICODEC + key.public_key().public_bytes_raw()
    return _write_private_key(key), "z" + encode_base58(public)


def _write_private_key(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encode_base58(raw: bytes) -> str:
    """Write bytes in base58btc; every leading zero byte is a "1"."""
    number = int.from_bytes(raw, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def decode_base58(text: str) -> bytes:
    """Read base58btc. The time grows with the square of the length: bound it first.

    Raises:
        ValueError: a character is not of the alphabet.
    """
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    leading_zeros = len(text) - len(text.lstrip("1"))
    return bytes(leading_zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
