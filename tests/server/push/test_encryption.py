"""What is pushed is read by whoever holds the key, and by nobody else."""

import base64
import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from server.push.encryption import decode, encode, encrypt, is_public_key


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@pytest.mark.parametrize("text", [b"Bonjour", "é".encode() * 1000])
def test_the_client_reads_both_encryptions_and_nobody_else_does(text: bytes):
    key, secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    body, how = encrypt(text, point(key), secret, is_standard=True)
    assert http_ece.decrypt(body, private_key=key, auth_secret=secret) == text
    assert how == {"Content-Encoding": "aes128gcm"}
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(body, private_key=key, auth_secret=os.urandom(16))

    body, how = encrypt(text, point(key), secret, is_standard=False)
    salt, theirs = decode(how["Encryption"].removeprefix("salt=")), decode(how["Crypto-Key"].removeprefix("dh="))
    read = http_ece.decrypt(body, salt=salt, private_key=key, dh=theirs, auth_secret=secret, version="aesgcm")
    assert (read, how["Content-Encoding"]) == (text, "aesgcm")


@given(st.binary(max_size=100))
def test_base64_is_read_however_it_is_written(value: bytes):
    assert decode(encode(value)) == value
    assert decode(base64.b64encode(value).decode()) == value


@given(st.text())
def test_other_text_is_read_as_bytes_or_as_nothing(text: str):
    assert isinstance(decode(text), bytes | None)


@given(st.binary(max_size=80))
def test_other_bytes_are_no_key(value: bytes):
    assert not is_public_key(value)


def test_a_point_is_a_key_but_not_compressed_or_off_the_curve():
    key = ec.generate_private_key(ec.SECP256R1())

    assert is_public_key(point(key))
    assert not is_public_key(key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    assert not is_public_key(point(key)[:-1] + bytes([point(key)[-1] ^ 1]))
