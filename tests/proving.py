"""Actors of other servers who also hold an Ed25519 key, and what they prove or sign with it."""

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation import message_signatures, proofs
from federation.keys import generate_ed25519_key, load_ed25519_private_key
from federation.proofs import Prover
from federation.signatures import SignedRequest
from federation.uris import parse_uri
from tests.world import ORIGIN

INBOX = f"{ORIGIN}/inbox"


@lru_cache(maxsize=4)
def ed25519_pair(number: int) -> tuple[Ed25519PrivateKey, str]:
    """An Ed25519 key made once a run: (private key, multibase of the public one)."""
    private_pem, multibase = generate_ed25519_key()
    return load_ed25519_private_key(private_pem), multibase


def pem_of(number: int = 0) -> str:
    """The public key as PEM."""
    public = ed25519_pair(number)[0].public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_uri(actor_uri: str) -> str:
    """The name of that key."""
    return f"{actor_uri}#ed25519-key"


def multikey(actor_uri: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """The key as an actor publishes it."""
    published = {"id": key_uri(actor_uri), "type": "Multikey", "controller": actor_uri}
    return published | {"publicKeyMultibase": ed25519_pair(number)[1]} | more


def proven(document: Mapping[str, Any], now: datetime, *, number: int = 0, method: str | None = None) -> dict[str, Any]:
    """The document with a proof by its actor, or with another key or another name for it."""
    prover = Prover(method or key_uri(str(document["actor"])), ed25519_pair(number)[0])
    return proofs.attach(dict(document), prover, now=now)


def signed_with_ed25519(actor_uri: str, body: bytes, now: datetime, *, url: str = INBOX) -> SignedRequest:
    """A POST signed by RFC 9421 with that key, which `alg` does not name."""
    uri = parse_uri(url)
    headers = message_signatures.sign("POST", uri, body, key_id=key_uri(actor_uri), now=now, sign_bytes=bytes)
    unnamed = headers["signature-input"].replace(';alg="rsa-v1_5-sha256"', "")
    target = uri.url.removeprefix(uri.origin)
    request = SignedRequest("POST", target, headers | {"host": uri.authority, "signature-input": unnamed}, body, ORIGIN)
    [claim] = message_signatures.read_claims(request.headers)
    value = ed25519_pair(0)[0].sign(message_signatures.signature_base(claim, request))
    signature = f"sig1=:{base64.b64encode(value).decode()}:"
    return SignedRequest("POST", target, {**request.headers, "signature": signature}, body)
