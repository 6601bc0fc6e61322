"""Integrity proofs: those of the specifications, ours, and those that prove nothing."""

import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from federation import proofs
from federation.errors import BadSignature
from federation.jsonld import dump, load
from federation.keys import decode_base58, encode_base58, load_public_multibase
from federation.proofs import Prover
from tests.federation import hostile

FOLDER = Path(__file__).parents[3] / "shared" / "vectors"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
PROVER = Prover("https://ours.example/actors/1#ed25519-key", KEY)
CONTEXT = "https://www.w3.org/ns/activitystreams"
DOCUMENT = {
    "@context": [CONTEXT],
    "id": "https://ours.example/activities/1",
    "type": "Create",
    "actor": "https://ours.example/actors/1",
    "object": {"type": "Note", "content": "Mardi à 18 h 30 — «\u202fvenez\u202f»", "focalPoint": [0.5, -1.0, 1e21]},
}
PROVEN = proofs.attach(DOCUMENT, PROVER, now=NOW)


def vectors(name: str, kind: str = "vectors") -> list[Any]:
    """Published examples; a loud skip where they are absent."""
    path = FOLDER / name
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"ABSENT: {path}"))]
    return [
        pytest.param(vector, id=f"{kind}{number}") for number, vector in enumerate(json.loads(path.read_text())[kind])
    ]


def check(document: dict[str, Any], *, now: datetime = NOW) -> proofs.Proof:
    """Read and verify, as what came over the wire."""
    proof = proofs.read(load(dump(document)), now=now)
    proofs.verify(proof, KEY.public_key())
    return proof


def changed(**members: Any) -> dict[str, Any]:
    """The proven document with another proof; a member that is None is left out."""
    proof = {name: value for name, value in (PROVEN["proof"] | members).items() if value is not None}
    return PROVEN | {"proof": proof}


def signed(options: dict[str, Any], signed_options: dict[str, Any] | None = None) -> dict[str, Any]:
    """The document with a proof made by lines of its own, perhaps over other options than those it shows."""
    hashed = proofs._hash(options if signed_options is None else signed_options) + proofs._hash(DOCUMENT)
    return DOCUMENT | {"proof": options | {"proofValue": "z" + encode_base58(KEY.sign(hashed))}}


OPTIONS = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
    "verificationMethod": PROVER.key_uri,
    "created": "2026-05-01T12:00:00Z",
}


@pytest.mark.parametrize("vector", vectors("eddsa-jcs-2022.json"))
def test_the_proofs_of_the_specifications_verify(vector: Any) -> None:
    proof = proofs.read(vector["signed_document"], now=NOW)

    assert proof.signing_inputs[0].hex() == vector["proof_config_hash_hex"] + vector["document_hash_hex"]
    assert proof.verification_method == vector["signed_document"]["proof"]["verificationMethod"]
    proofs.verify(proof, load_public_multibase(vector["publicKeyMultibase"]))
    with pytest.raises(BadSignature):
        proofs.verify(proof, KEY.public_key())


@pytest.mark.parametrize("vector", vectors("eddsa-jcs-2022.json")[1:])
def test_we_prove_the_activity_of_the_fep_byte_for_byte(vector: Any) -> None:
    theirs = vector["signed_document"]
    key = Ed25519PrivateKey.from_private_bytes(decode_base58(vector["privateKeyMultibase"][1:])[2:])
    unproven = {name: value for name, value in theirs.items() if name != "proof"}

    ours = proofs.attach(
        unproven, Prover(theirs["proof"]["verificationMethod"], key), now=datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    )

    assert ours == theirs


@pytest.mark.parametrize("vector", vectors("rfc8785-jcs.json", "documents"))
def test_the_canonical_form_is_that_of_the_rfc(vector: Any) -> None:
    assert rfc8785.dumps(orjson.loads(vector["input_json_text"])).hex() == vector["canonical_hex"]


@pytest.mark.parametrize("vector", vectors("rfc8785-jcs.json", "numbers_appendix_b"))
def test_numbers_are_written_as_the_rfc_does(vector: Any) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(vector["ieee754_hex"]))
    assert rfc8785.dumps(number).decode() == vector["json"]
    assert rfc8785.dumps(float(vector["json"])).decode() == vector["json"]


def test_a_proof_brings_the_context_that_explains_it_once() -> None:
    assert PROVEN["@context"] == [CONTEXT, proofs.CONTEXT]
    assert PROVEN["proof"]["@context"] == PROVEN["@context"]
    again = proofs.attach(PROVEN, PROVER, now=NOW + timedelta(minutes=1))
    assert again["@context"] == PROVEN["@context"]
    assert check(again).created_at == NOW + timedelta(minutes=1)
    assert proofs.attach({"id": "a", "@context": CONTEXT}, PROVER, now=NOW)["@context"] == PROVEN["@context"]


def test_the_document_itself_is_not_touched() -> None:
    assert "proof" not in DOCUMENT
    assert DOCUMENT["@context"] == [CONTEXT]


def test_whether_a_document_is_proven_can_be_asked_first() -> None:
    assert proofs.is_proven(PROVEN)
    assert not proofs.is_proven(DOCUMENT)


scalars = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
numbers = st.integers(-(2**53) + 1, 2**53 - 1)
trees = st.recursive(
    scalars | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), trees, max_size=6))
def test_what_is_proven_verifies_after_any_journey_as_json(document: dict[str, Any]) -> None:
    proven = proofs.attach(document, PROVER, now=NOW)
    shuffled = dict(reversed(proven.items()))
    travelled = json.loads(json.dumps(shuffled, indent=1))

    assert check(travelled).verification_method == PROVER.key_uri


@given(st.dictionaries(st.text(), trees, max_size=6), trees)
def test_a_change_of_any_value_refuses(document: dict[str, Any], other: Any) -> None:
    proven = proofs.attach(document, PROVER, now=NOW)
    for name, value in proven.items():
        if name not in ("proof", "signature") and rfc8785.dumps(value) != rfc8785.dumps(other):
            with pytest.raises(BadSignature):
                check(proven | {name: other})
    with pytest.raises(BadSignature):
        check(proven | {"added": 1})


@given(
    hostile.damaged(PROVEN)
    | hostile.objects
    | st.builds(lambda proof: PROVEN | {"proof": proof}, hostile.damaged(PROVEN["proof"]))
)
def test_any_document_is_proven_or_refused(document: dict[str, Any]) -> None:
    try:
        proof = proofs.read(document, now=NOW)
    except BadSignature:
        return
    assert isinstance(proof.verification_method, str)
    assert len(proof.value) == 64
    assert all(len(text) == 64 for text in proof.signing_inputs)


@pytest.mark.parametrize(
    ("why", "document"),
    [
        ("exactly one", DOCUMENT),
        ("exactly one", PROVEN | {"proof": []}),
        ("exactly one", PROVEN | {"proof": PROVEN["proof"]["proofValue"]}),
        ("exactly one", PROVEN | {"proof": [PROVEN["proof"], PROVEN["proof"]]}),
        ("eddsa-jcs-2022 assertion", changed(type="Ed25519Signature2020")),
        ("eddsa-jcs-2022 assertion", changed(cryptosuite="eddsa-rdfc-2022")),
        ("eddsa-jcs-2022 assertion", changed(cryptosuite=None)),
        ("eddsa-jcs-2022 assertion", changed(proofPurpose="authentication")),
        ("eddsa-jcs-2022 assertion", changed(proofPurpose=["assertionMethod"])),
        ("eddsa-jcs-2022 assertion", signed(OPTIONS | {"domain": "https://other.example"})),
        ("eddsa-jcs-2022 assertion", signed(OPTIONS | {"challenge": "x"})),
        ("eddsa-jcs-2022 assertion", signed(OPTIONS | {"previousProof": "urn:uuid:1"})),
        ("names no key", changed(verificationMethod=None)),
        ("names no key", changed(verificationMethod="")),
        ("names no key", changed(verificationMethod={"id": PROVER.key_uri})),
        ("names no key", changed(verificationMethod="x" * 2049)),
        ("when it was made", changed(created=None)),
        ("when it was made", changed(created="yesterday")),
        ("in the future", proofs.attach(DOCUMENT, PROVER, now=NOW + timedelta(hours=1, seconds=1))),
        ("has expired", signed(OPTIONS | {"expires": "2026-05-01T11:59:59Z"})),
        ("has expired", signed(OPTIONS | {"expires": "soon"})),
        ("base58btc", changed(proofValue=None)),
        ("base58btc", changed(proofValue="u" + PROVEN["proof"]["proofValue"][1:])),
        ("base58btc", changed(proofValue="z0OIl")),
        ("base58btc", changed(proofValue="z" * 91)),
        ("not an Ed25519 signature", changed(proofValue="z" + encode_base58(b"\1" * 63))),
        ("another context", changed(**{"@context": [CONTEXT]})),
        ("another context", PROVEN | {"@context": [CONTEXT]}),
        ("another context", PROVEN | {"@context": [*PROVEN["@context"], "https://evil.example/context"]}),
        ("canonical form", PROVEN | {"big": 2**53}),
        ("does not fit", changed(created="2026-05-01T12:00:01Z")),
        ("does not fit", changed(verificationMethod="https://other.example/actors/1#ed25519-key")),
        ("does not fit", changed(expires="2027-01-01T00:00:00Z")),
        ("does not fit", changed(proofValue="z" + encode_base58(b"\1" * 64))),
        ("does not fit", PROVEN | {"actor": "https://other.example/actors/1"}),
        ("does not fit", PROVEN | {"object": PROVEN["object"] | {"content": "Mercredi"}}),
        ("does not fit", PROVEN | {"added": None}),
        ("does not fit", {name: value for name, value in PROVEN.items() if name != "object"}),
        ("does not fit", signed(OPTIONS | {"@context": DOCUMENT["@context"]}, OPTIONS)),
        ("does not fit", signed(OPTIONS, OPTIONS | {"@context": "https://other.example/context"})),
    ],
)  # fmt: skip
def test_a_proof_that_leaves_doubt_is_refused(why: str, document: dict[str, Any]) -> None:
    with pytest.raises(BadSignature, match=why):
        check(document)


@pytest.mark.parametrize(
    "document",
    [
        PROVEN | {"proof": [PROVEN["proof"]]},
        PROVEN | {"signature": {"type": "RsaSignature2017", "signatureValue": "x"}},
        signed(OPTIONS | {"@context": DOCUMENT["@context"]}),
        signed(OPTIONS, OPTIONS | {"@context": DOCUMENT["@context"]}),
        signed(OPTIONS),
        signed(OPTIONS | {"id": "urn:uuid:1", "nonce": "x"}),
        signed(OPTIONS | {"expires": "2026-05-01T12:00:00Z"}),
        signed(OPTIONS | {"created": "2026-05-01T12:00:00.483620610Z"}),
        signed(OPTIONS | {"created": "2020-01-01T00:00:00+02:00"}),
    ],
)
def test_the_other_ways_to_prove_are_accepted(document: dict[str, Any]) -> None:
    check(document)
