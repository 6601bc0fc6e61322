"""The key by which push services know this server, and what it says to them.   Source: RFC 8292 (VAPID)"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from models.push import PushKey
from server.push.encryption import encode

VALID_FOR = timedelta(hours=12)
ROW = "vapid"


async def key() -> ec.EllipticCurvePrivateKey:
    """Give this server's key, made at the first use."""
    if (row := await PushKey.get_or_none(name=ROW)) is None:
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        row, _ = await PushKey.get_or_create({"private_key_pem": pem}, name=ROW)
        await row.refresh_from_db()
    found = load_pem_private_key(row.private_key_pem.encode(), None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


def public_text(of: ec.EllipticCurvePrivateKey) -> str:
    """Write the public half as clients are told it."""
    return encode(of.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def headers(
    endpoint: str, origin: str, signing: ec.EllipticCurvePrivateKey, now: datetime, *, is_standard: bool
) -> dict[str, str]:
    """Write the headers that prove to a push service who sends; the draft's has its key in `Crypto-Key`."""
    token, public = _token(endpoint, origin, signing, now), public_text(signing)
    if is_standard:
        return {"Authorization": f"vapid t={token}, k={public}"}
    return {"Authorization": f"WebPush {token}", "Crypto-Key": f"p256ecdsa={public}"}


def _token(endpoint: str, origin: str, signing: ec.EllipticCurvePrivateKey, now: datetime) -> str:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + VALID_FOR).timestamp()),
        "sub": origin,
    }
    said = f"{encode(orjson.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{encode(orjson.dumps(claims))}"
    first, second = decode_dss_signature(signing.sign(said.encode(), ec.ECDSA(SHA256())))
    return f"{said}.{encode(first.to_bytes(32, 'big') + second.to_bytes(32, 'big'))}"
