"""Object integrity proofs: what an actor said, provable wherever it is found, whoever passed it on.

A proof is an Ed25519 signature within the document, over its canonical form. `read` checks all that needs no key, the
caller finds the key that `verification_method` names, and `verify` does the rest: what does not raise is proven.

Source: FEP-8b32; W3C Data Integrity EdDSA Cryptosuites §3.3 (eddsa-jcs-2022); RFC 8785 (canonical JSON)
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.errors import BadSignature
from federation.jsonld import Json, each, instant_of, written_instant
from federation.keys import decode_base58, encode_base58
from federation.signed_request import CLOCK_SKEW_SECONDS

CRYPTOSUITE: Final = "eddsa-jcs-2022"
CONTEXT: Final = "https://w3id.org/security/data-integrity/v1"
MAX_METHOD_CHARS: Final = 2048
MAX_VALUE_CHARS: Final = 90  # 64 bytes take 88 at most, and the "z"
SIGNATURE_BYTES: Final = 64

_FIXED: Final = {"type": "DataIntegrityProof", "cryptosuite": CRYPTOSUITE, "proofPurpose": "assertionMethod"}
_NOT_SECURED: Final = frozenset({"proof", "signature"})  # a Linked Data signature is made after the proof
_NOT_FOR_US: Final = frozenset({"domain", "challenge", "previousProof"})  # proofs for one reader, or resting on others


@dataclass(frozen=True, slots=True)
class Prover:
    """One actor's Ed25519 key, parsed once, and the uri by which others find it."""

    key_uri: str
    private_key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that was read and is not yet verified.

    `verification_method` names the key. `signing_inputs` is what may have been signed: a proof without a context of its
    own is signed with the document's by Fedify, and without any by others.
    """

    verification_method: str
    created_at: datetime
    value: bytes
    signing_inputs: tuple[bytes, ...]


def attach(document: Json, prover: Prover, *, now: datetime) -> Json:
    """Give the document with a proof by this actor, in place of any that it had, and the context that explains it.

    Raises:
        BadSignature: it cannot be written canonically.
    """
    context = list(each(document.get("@context")))
    secured = {name: value for name, value in document.items() if name not in _NOT_SECURED}
    secured["@context"] = context if CONTEXT in context else [*context, CONTEXT]
    options = _FIXED | {
        "created": written_instant(now),
        "verificationMethod": prover.key_uri,
        "@context": secured["@context"],
    }
    value = prover.private_key.sign(_hash(options) + _hash(secured))
    return secured | {"proof": options | {"proofValue": "z" + encode_base58(value)}}


def is_proven(document: Json) -> bool:
    """Whether a document claims to be proven, in any way."""
    return document.get("proof") is not None


def read(document: Json, *, now: datetime) -> Proof:
    """Read the proof of a document and check all of it that needs no key.

    Raises:
        BadSignature: there is none or more than one, it is not of this kind, not of this time, or for another context.
    """
    proofs = list(each(document.get("proof")))
    if len(proofs) != 1 or not isinstance(proofs[0], dict):
        raise BadSignature("The document does not have exactly one proof.")
    [proof] = proofs
    if any(proof.get(name) != value for name, value in _FIXED.items()) or not _NOT_FOR_US.isdisjoint(proof):
        raise BadSignature(f"The proof is not an {CRYPTOSUITE} assertion.")
    method = proof.get("verificationMethod")
    if not isinstance(method, str) or not 0 < len(method) <= MAX_METHOD_CHARS:
        raise BadSignature("The proof names no key.")
    created_at = _check_time(proof, now)
    return Proof(method, created_at, _read_value(proof.get("proofValue")), _signing_inputs(document, proof))


def verify(proof: Proof, key: Ed25519PublicKey) -> None:
    """Prove that the owner of this key said what the document says.

    Raises:
        BadSignature: someone else did, or something else was said.
    """
    for signed in proof.signing_inputs:
        try:
            key.verify(proof.value, signed)
        except InvalidSignature:
            continue
        return
    raise BadSignature("The proof does not fit the document and the key.")


def _check_time(proof: Json, now: datetime) -> datetime:
    created_at = instant_of(proof.get("created"))
    if created_at is None:
        raise BadSignature("The proof does not say when it was made.")
    if created_at > now + timedelta(seconds=CLOCK_SKEW_SECONDS):
        raise BadSignature("The proof was made in the future.")
    if "expires" in proof and ((expires_at := instant_of(proof["expires"])) is None or expires_at < now):
        raise BadSignature("The proof has expired.")
    return created_at


def _read_value(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith("z") or len(value) > MAX_VALUE_CHARS:
        raise BadSignature("The proof has no value in base58btc.")
    try:
        raw = decode_base58(value[1:])
    except ValueError as error:
        raise BadSignature("The proof has no value in base58btc.") from error
    if len(raw) != SIGNATURE_BYTES:
        raise BadSignature("The proof is not an Ed25519 signature.")
    return raw


def _signing_inputs(document: Json, proof: Json) -> tuple[bytes, ...]:
    """Hash the proof without its value, and the document without its proof.   Source: vc-di-eddsa §3.3.4, §3.3.5"""
    context = document.get("@context")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    variants = [options]
    if "@context" not in options:
        variants.insert(0, options | {"@context": context})
    elif options["@context"] != context:
        raise BadSignature("The proof was made for another context.")
    secured = _hash({name: value for name, value in document.items() if name not in _NOT_SECURED})
    return tuple(_hash(variant) + secured for variant in variants)


def _hash(value: Json) -> bytes:
    try:
        return hashlib.sha256(rfc8785.dumps(value)).digest()
    except rfc8785.CanonicalizationError as error:
        raise BadSignature("The document has no canonical form.") from error
