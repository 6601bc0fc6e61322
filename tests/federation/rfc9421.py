"""Requests signed as RFC 9421 says, by lines of their own, for the tests of what reads them."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding

from federation import signatures
from federation.keys import generate_rsa_key, load_private_key
from federation.signatures import SignedRequest, Signer

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ORIGIN = "https://ours.example"
KEY_ID = "https://remote.example/users/eva#main-key"
RSA_KEY = load_private_key(generate_rsa_key()[0])
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()
SIGNER = Signer(KEY_ID, RSA_KEY)
COVERED = ('"@method"', '"@target-uri"', '"content-digest"')


def digest_of(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def written(covered, parameters):
    """The value of a Signature-Input member, by lines of its own; a parameter that is None is left out."""
    given = {"created": SECONDS, "keyid": KEY_ID, "alg": "rsa-v1_5-sha256"} | parameters
    text = "".join(f";{k}={v}" if isinstance(v, int) else f';{k}="{v}"' for k, v in given.items() if v is not None)
    return f"({' '.join(covered)}){text}"


def signed(
    covered=COVERED, *, key=RSA_KEY, method="POST", target="/inbox", body=b"{}", sent=(), label="sig1", **parameters
):
    """A request as a peer signs it. `sent` are more headers; a covered component's value may be given as `values`."""
    values = parameters.pop("values", {})
    headers = {"host": "ours.example", "content-digest": digest_of(body)} | dict(sent)
    path, _, query = target.partition("?")
    known = {
        '"@method"': method,
        '"@target-uri"': ORIGIN + target,
        '"@authority"': "ours.example",
        '"@scheme"': "https",
        '"@request-target"': target,
        '"@path"': path,
        '"@query"': f"?{query}",
        **{f'"{name}"': value for name, value in headers.items()},
        **values,
    }
    params = written(covered, parameters)
    base = "\n".join([*(f"{name}: {known.get(name, '')}" for name in covered), f'"@signature-params": {params}'])
    rsa_scheme = (padding.PKCS1v15(), hashes.SHA256()) if key is RSA_KEY else ()
    value = base64.b64encode(key.sign(base.encode(), *rsa_scheme)).decode()
    headers |= {"signature-input": f"{label}={params}", "signature": f"{label}=:{value}:"}
    return SignedRequest(method, target, headers, body, ORIGIN)


def with_header(request, name, value):
    headers = {other: text for other, text in request.headers.items() if other != name}
    return replace(request, headers=headers if value is None else headers | {name: value})


def check(request, key=None, *, now=NOW):
    signature = signatures.read_signature(request, now=now)
    signatures.verify(signature, key or RSA_KEY.public_key())
    return signature


def both(first, second):
    """A request with two signatures."""
    names = ("signature-input", "signature")
    joined = {name: f"{first.headers[name]}, {second.headers[name]}" for name in names}
    return replace(second, headers=second.headers | joined)
