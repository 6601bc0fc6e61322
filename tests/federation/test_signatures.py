"""Signatures as our peers make them, as nobody should, and as we make them."""

import base64
import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation import signatures
from federation.digests import check_digest
from federation.errors import BadSignature, MalformedActivity
from federation.keys import (
    decode_base58,
    encode_base58,
    generate_ed25519_key,
    generate_rsa_key,
    load_private_key,
    load_public_key,
    load_public_multibase,
)
from federation.signatures import Signature, SignedRequest, Signer

SHARED = Path(__file__).parents[3] / "shared"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY_ID = "https://remote.example/users/%C3%A9va#main-key"
BASE = ("(request-target)", "host", "date")
COVERED = (*BASE, "digest")
TIMED = ("(request-target)", "host", "digest", "(created)", "(expires)")
RSA_PEM, RSA_PUBLIC_PEM = generate_rsa_key()
RSA_KEY = load_private_key(RSA_PEM)
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()
SIGNER = Signer(KEY_ID, RSA_KEY)

untimed = settings(deadline=None)
url_text = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\?#"))
any_text = st.text(st.characters(exclude_categories=()))


def vectors(name):
    """Published requests, each with what becomes of it; a loud skip where they are absent."""
    path = SHARED / "vectors" / name
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"ABSENT: {path}"))]
    return [pytest.param(v, id=v.get("section") or v["source"]) for v in json.loads(path.read_text())["vectors"]]


def request_of(vector):
    body = vector["body"] if "body" in vector else json.dumps(vector["body_json"])
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    return SignedRequest(vector["method"], vector["target"], headers, body.encode())


def signed(covered=COVERED, *, key=RSA_KEY, method="POST", target="/inbox", body=b"{}", at=NOW, sent=(), **parameters):
    """A request as a peer signs it, by lines of its own; a parameter that is None is left out."""
    parameters = {"keyId": KEY_ID, "algorithm": "rsa-sha256", "headers": " ".join(covered)} | parameters
    headers = {"host": "ours.example", "date": format_datetime(at, usegmt=True)}
    headers |= {"digest": signatures.content_digest(body)} | dict(sent)
    pseudo = {"(request-target)": f"{method.lower()} {target}"} | {f"({k})": v for k, v in parameters.items()}
    message = "\n".join(f"{name}: {(headers | pseudo)[name]}" for name in covered).encode()
    rsa_scheme = (padding.PKCS1v15(), hashes.SHA256()) if key is RSA_KEY else ()
    parameters = {"signature": base64.b64encode(key.sign(message, *rsa_scheme)).decode()} | parameters
    text = ",".join(f"{k}={v}" if isinstance(v, int) else f'{k}="{v}"' for k, v in parameters.items() if v is not None)
    return SignedRequest(method, target, headers | {"signature": text}, body)


def timed(**changes):
    """A request without a date, signed as hs2019 from now on and for a minute."""
    now = int(NOW.timestamp())
    return signed(**{"covered": TIMED, "algorithm": "hs2019", "created": now, "expires": now + 60} | changes)


def with_header(request, name, value):
    headers = {other: text for other, text in request.headers.items() if other != name}
    return replace(request, headers=headers if value is None else headers | {name: value})


def check(request, key=None, *, now=NOW):
    signature = signatures.read_signature(request, now=now)
    signatures.verify(signature, key or RSA_KEY.public_key())
    return signature


@pytest.mark.parametrize("vector", vectors("cavage-real-requests.json"))
def test_requests_of_real_servers_are_judged_as_published(vector):
    request, key = request_of(vector), load_public_key(vector["public_pem"])
    now = parsedate_to_datetime(request.headers["date"])
    if vector["expect"] == "invalid":
        with pytest.raises(BadSignature):
            check(request, key, now=now)
        return
    signature = check(request, key, now=now)
    is_quirk = vector["expect"] == "valid-quirk"
    signed_bytes = signature.signing_string_without_query if is_quirk else signature.signing_string
    assert signed_bytes == vector["signing_string"].encode()


@pytest.mark.parametrize("vector", vectors("cavage-12-appendix-c.json"))
def test_the_signatures_of_the_draft_verify_though_they_cover_too_little_for_us(vector):
    value = vector["headers"]["Signature"].partition('signature="')[2].removesuffix('"')
    text = vector["signing_string"].encode()
    signature = Signature("Test", "rsa-sha256", ("date",), base64.b64decode(value), None, None, text)

    signatures.verify(signature, load_public_key(vector["public_pem"]))
    with pytest.raises(BadSignature, match="does not cover"):
        signatures.read_signature(request_of(vector), now=parsedate_to_datetime(vector["headers"]["Date"]))


@pytest.mark.parametrize("vector", vectors("cavage-12-appendix-c.json")[-1:])
def test_we_sign_the_basic_request_of_the_draft_byte_for_byte(vector):
    document = json.loads((SHARED / "vectors" / "cavage-12-appendix-c.json").read_text())
    now = parsedate_to_datetime(vector["headers"]["Date"])
    url = "https://example.com" + vector["target"]

    ours = Signer("Test", load_private_key(document["private_pem"])).sign("POST", url, None, now=now)

    theirs = signatures.read_signature(replace(request_of(vector), body=b""), now=now)
    assert signatures.read_signature(SignedRequest("POST", vector["target"], ours, b""), now=now) == theirs


def test_the_signing_string_is_the_one_of_section_2_3():
    covered = "(request-target) (created) host date cache-control x-emptyheader x-example"
    headers = {
        "host": "example.org",
        "date": "Tue, 07 Jun 2014 20:51:35 GMT",
        "cache-control": "max-age=60, must-revalidate",
        "x-emptyheader": "",
        "x-example": "Example header with some whitespace.",
        "signature": f'keyId="k",algorithm="hs2019",created=1402170695,headers="{covered}",signature="AAAA"',
    }

    request = SignedRequest("GET", "/foo", headers, b"")
    signature = signatures.read_signature(request, now=datetime(2014, 6, 7, 20, 51, tzinfo=UTC))

    assert signature.signing_string == (
        b"(request-target): get /foo\n(created): 1402170695\nhost: example.org\ndate: Tue, 07 Jun 2014 20:51:35 GMT\n"
        b"cache-control: max-age=60, must-revalidate\nx-emptyheader: \nx-example: Example header with some whitespace."
    )


@untimed
@given(path=url_text, query=url_text, body=st.none() | st.binary())
def test_what_we_sign_we_accept_under_the_url_we_send(path, query, body):
    url = f"https://Ours.example:443/{path}?{query}"

    headers = SIGNER.sign("GET" if body is None else "POST", url, body, now=NOW)

    target = signatures.parse_uri(url).url.removeprefix("https://ours.example")
    request = SignedRequest("GET" if body is None else "POST", target, headers, body or b"")
    assert check(request).key_id == KEY_ID
    assert headers["host"] == "ours.example"
    described = () if body is None else ("digest", "content-type")
    assert tuple(headers) == ("host", "date", *described, "signature")


@untimed
@given(
    path=url_text,
    body=st.binary(),
    order=st.permutations([*COVERED, "x-extra", "content-type"]),
    key=st.sampled_from([RSA_KEY, ED25519_KEY]),
    algorithm=st.sampled_from(["rsa-sha256", "hs2019", None]),
)
def test_any_order_of_headers_verifies_with_the_right_key_alone(path, body, order, key, algorithm):
    sent = {"x-extra": path, "content-type": "text/plain"}
    request = signed(order, key=key, target="/" + path, body=body, sent=sent, algorithm=algorithm)
    stranger = ED25519_KEY if key is RSA_KEY else RSA_KEY

    if key is RSA_KEY or algorithm != "rsa-sha256":
        assert check(request, key.public_key()).headers == tuple(order)
    with pytest.raises(BadSignature):
        check(request, stranger.public_key())


@untimed
@given(data=st.data(), part=st.sampled_from(["method", "target", "host", "date", "digest", "signature", "body"]))
def test_a_change_of_any_byte_refuses(data, part):
    request = signed(target="/inbox?page=2", body=b'{"type": "Like"}')
    value = request.headers["signature"].split('"')[1]
    texts = {"method": "POST", "target": request.target, "body": request.body.decode(), "signature": value}
    old = texts.get(part) or request.headers[part]
    at = data.draw(st.integers(0, len(old) - 1))
    is_new = st.characters(max_codepoint=127).filter(lambda character: character != old[at])
    changed = old[:at] + data.draw(is_new) + old[at + 1 :]
    if part == "body":
        request = replace(request, body=changed.encode())
    elif part in texts and part != "signature":
        request = replace(request, **{part: changed})
    else:
        request = with_header(request, part, request.headers[part].replace(old, changed))

    if changed.lower() == "post":  # the draft signs the method in lower case
        check(request)
        return
    with pytest.raises(BadSignature):
        check(request)


parameter = st.builds(
    "{}={}".format,
    st.sampled_from(["keyId", "algorithm", "headers", "signature", "created", "expires"]) | any_text,
    st.integers() | st.builds('"{}"'.format, any_text | st.sampled_from([" ".join(TIMED), "hs2019", "AAAA"])),
)


@untimed
@given(header=any_text | st.lists(parameter).map(",".join), text=any_text, body=st.binary(max_size=2))
@example(header="", text="\ud800", body=b"")
def test_no_header_raises_anything_but_a_bad_signature(header, text, body):
    headers = {"signature": header, "host": text, "date": text, "digest": text}
    for request in (
        SignedRequest("POST", "/inbox", headers, body),
        with_header(signed(), "date", text),
        with_header(signed(), "digest", text),
    ):
        with pytest.raises(BadSignature):
            check(request)
    with pytest.raises(BadSignature):
        check_digest("SHA-256=" + text, body)


UNREADABLE = [
    ("has no Signature header", ""),
    ("cannot be read", " "),
    ("cannot be read", "Signature keyId"),
    ("cannot be read", "sig1=:AAAA:"),
    ("cannot be read", 'keyId="k'),
    ("cannot be read", "keyId=k"),
    ("cannot be read", 'keyId="a\\"b"'),
    ("cannot be read", 'keyId="k" headers="host"'),
    ("one parameter twice", 'keyId="k",keyId="k"'),
    ("one parameter twice", ", ".join([signed().headers["signature"]] * 2)),
    ("names no key", 'headers="host",unknown="x"'),
    ("too long", f'keyId="{"k" * 8192}"'),
]


REFUSED = [
    *[(why, with_header(signed(), "signature", header)) for why, header in UNREADABLE],
    ("has no Signature header", with_header(signed(), "signature", None)),
    ("names no key", signed(keyId="")),
    ("neither rsa-sha256 nor hs2019", signed(algorithm="hmac-sha256")),
    ("is empty", signed(signature="")),
    ("is empty", signed(signature=None)),
    ("not in base64", signed(signature="AA*A")),
    ("not in base64", signed(signature="ÀAAA")),
    ("not in base64", signed(signature="AA")),
    ("canonical", signed(signature="AB==")),
    ("does not cover", signed(headers=None)),
    ("does not cover", signed(("host", "date", "digest"))),
    ("does not cover", signed(("(request-target)", "date", "digest"))),
    ("neither date nor", signed(("(request-target)", "host", "digest"))),
    ("digest of the body", signed(BASE)),
    ("digest of the body", signed(BASE, method="PUT")),
    ("one header twice", signed((*COVERED, "host"))),
    ("does not have", with_header(signed(), "host", None)),
    ("does not have", timed(headers=" ".join(TIMED) + " (algorithm)")),
    ("does not have", timed(covered=TIMED[:-1], headers=" ".join(TIMED), expires=None)),
    ("not ASCII", signed((*COVERED, "x-name"), sent={"x-name": "Éva"})),
    ("line break", signed((*COVERED, "x-name"), sent={"x-name": "a\nhost: b"})),
    ("may not cover", timed(algorithm="rsa-sha256")),
    ("may not cover", signed((*COVERED, "(expires)"), expires=9999999999)),
    ("whole number", timed(created="1.5")),
    ("whole number", timed(created="٣")),
    ("whole number", timed(expires="1" * 13)),
    ("gives no SHA-256", signed(sent={"digest": "MD5=AAAA, SHA-512=BBBB"})),
    ("not the one", replace(signed(), body=b"[]")),
    ("not the one", signed(sent={"digest": signatures.content_digest(b"{}") + ",sha-256=AAAA"})),
    ("Date header cannot", signed(sent={"date": "yesterday"})),
    ("Date header cannot", signed(sent={"date": "Fri, 01 May 99999999999 12:00:00 GMT"})),
    ("does not fit", signed(method="GET", target="/inbox?page=1", signature="AAAA")),
]


@pytest.mark.parametrize(("why", "request_"), REFUSED)
def test_a_signature_that_leaves_doubt_is_refused(why, request_):
    with pytest.raises(BadSignature, match=why):
        check(request_)


ACCEPTED = [
    timed(),
    timed(created=str(int(NOW.timestamp())), algorithm=None),
    timed(covered=(*TIMED, "date")),
    signed(BASE, method="GET", body=b""),
    signed(BASE, body=b""),
    signed(created=1, unknown="x"),
    signed(headers="(Request-Target) Host Date  Digest"),
    signed(sent={"digest": "MD5=AAAA, sha-256=" + signatures.content_digest(b"{}").removeprefix("SHA-256=")}),
]


@pytest.mark.parametrize("request_", ACCEPTED)
def test_the_other_ways_to_sign_are_accepted(request_):
    check(request_)


def test_a_date_without_a_zone_is_in_utc_wherever_we_are(monkeypatch):
    request = signed(sent={"date": "Fri May  1 12:00:00 2026"})
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/Martinique")
        time.tzset()
        check(request)
    time.tzset()


def test_the_date_we_send_is_in_gmt_whatever_the_zone_of_the_clock():
    now = NOW.astimezone(timezone(timedelta(hours=2)))

    assert SIGNER.sign("GET", "https://remote.example/", None, now=now)["date"] == "Fri, 01 May 2026 12:00:00 GMT"


def test_an_ed25519_key_signs_as_hs2019():
    check(timed(key=ED25519_KEY), ED25519_KEY.public_key())
    with pytest.raises(BadSignature, match="not RSA"):
        check(signed(key=ED25519_KEY), ED25519_KEY.public_key())


def test_a_get_signed_by_its_path_alone_is_accepted():
    check(replace(signed(BASE, method="GET", target="/outbox", body=b""), target="/outbox?page=2"))
    with pytest.raises(BadSignature):
        check(replace(signed(target="/inbox"), target="/inbox?page=2"))


HOUR, DAY, SECONDS = 3600, 86400, int(NOW.timestamp())
WINDOWS = [  # the first and the last second, counted from now, at which a request is accepted
    (signed(), -HOUR, HOUR + 300),
    (signed(expires=SECONDS + DAY), -HOUR, HOUR + 300),
    (signed(expires=SECONDS), -HOUR, HOUR),
    (timed(), -HOUR, HOUR + 60),
    (timed(expires=SECONDS + DAY), -HOUR, 13 * HOUR),
    (timed(covered=(*TIMED, "date"), at=NOW + timedelta(minutes=30)), -HOUR + 1800, HOUR + 60),
]


@pytest.mark.parametrize(("request_", "first", "last"), WINDOWS)
def test_a_signature_serves_for_its_time_and_an_hour_of_skew(request_, first, last):
    check(request_, now=NOW + timedelta(seconds=first))
    check(request_, now=NOW + timedelta(seconds=last))
    with pytest.raises(BadSignature, match="in the future"):
        check(request_, now=NOW + timedelta(seconds=first - 1))
    with pytest.raises(BadSignature, match=r"too long ago|has expired"):
        check(request_, now=NOW + timedelta(seconds=last + 1))


@pytest.mark.parametrize("url", ["", "ftp://remote.example/", "https://", "https://a b/", "https://remote.example:0/"])
def test_what_is_no_web_address_is_not_signed_for(url):
    with pytest.raises(MalformedActivity):
        SIGNER.sign("GET", url, None, now=NOW)


def test_the_import_is_silent():
    result = subprocess.run([sys.executable, "-W", "error", "-c", "import federation.signatures"], capture_output=True)

    assert (result.returncode, result.stderr) == (0, b"")


def pem_of(key, form=serialization.PublicFormat.SubjectPublicKeyInfo):
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def rsa_pem(bits, exponent=65537):
    return pem_of(rsa.RSAPublicNumbers(exponent, 2**bits - 1).public_key())


def test_a_public_key_is_read_in_each_form_and_remembered():
    public_key = load_public_key(RSA_PUBLIC_PEM)

    assert (public_key.key_size, public_key.public_numbers().e) == (2048, 65537)
    assert load_public_key(pem_of(public_key)) is public_key
    assert load_public_key(pem_of(public_key, serialization.PublicFormat.PKCS1)) == public_key == RSA_KEY.public_key()
    assert load_public_key(pem_of(ED25519_KEY.public_key())) == ED25519_KEY.public_key()


WEAK_COSTLY_OR_BROKEN = [
    ("cannot be read", ""),
    ("cannot be read", RSA_PEM),
    ("cannot be read", "\ud800"),
    ("too long", " " * 4097),
    ("neither RSA nor Ed25519", pem_of(ec.generate_private_key(ec.SECP256R1()).public_key())),
    ("1023 bits", rsa_pem(1023)),
    ("8193 bits", rsa_pem(8193)),
    ("exponent", rsa_pem(2048, 2**64 + 1)),
]


@pytest.mark.parametrize(("why", "pem"), WEAK_COSTLY_OR_BROKEN)
def test_a_public_key_that_is_weak_costly_or_broken_is_refused(why, pem):
    with pytest.raises(BadSignature, match=why):
        load_public_key(pem)


@pytest.mark.skipif(not (SHARED / "corpus").exists(), reason=f"ABSENT: {SHARED / 'corpus'}")
def test_the_keys_of_real_actors_are_read_unless_short_or_broken():
    refused = set()
    for path in sorted((SHARED / "corpus").rglob("*.json")):
        for quoted in re.findall(r'"publicKeyPem"\s*:\s*("[^"]*")', path.read_text()):
            try:
                load_public_key(json.loads(quoted))
            except BadSignature as error:
                refused.add((path.parent.name, str(error)))

    assert refused == {("mastodon", "The public key cannot be read.")}


@pytest.mark.parametrize("pem", ["", RSA_PUBLIC_PEM, generate_ed25519_key()[0]])
def test_a_private_key_that_is_not_rsa_signs_nothing(pem):
    with pytest.raises(ValueError, match=r".+"):
        load_private_key(pem)


def test_an_ed25519_key_is_published_as_multibase():
    private_pem, multibase = generate_ed25519_key()

    private_key = serialization.load_pem_private_key(private_pem.encode(), None)
    assert (multibase[:4], len(multibase)) == ("z6Mk", 48)
    assert load_public_multibase(multibase) == private_key.public_key()
    for other in ("m" + multibase[1:], "z" + encode_base58(private_key.public_key().public_bytes_raw())):
        with pytest.raises(BadSignature):
            load_public_multibase(other)


@pytest.mark.parametrize("vector", vectors("eddsa-jcs-2022.json"))
def test_the_multibase_keys_of_the_specification_belong_together(vector):
    private = decode_base58(vector["privateKeyMultibase"][1:])[2:]
    public_key = ed25519.Ed25519PrivateKey.from_private_bytes(private).public_key()

    assert load_public_multibase(vector["publicKeyMultibase"]) == public_key
    assert "z" + encode_base58(b"\xed\x01" + public_key.public_bytes_raw()) == vector["publicKeyMultibase"]


@given(st.binary(max_size=80), any_text)
def test_base58_loses_nothing_and_what_is_no_key_is_refused(raw, text):
    assert decode_base58(encode_base58(raw)) == raw
    for multibase in (text, "z" + text, "z" + encode_base58(raw), "z" + encode_base58(b"\xed\x01" + raw[:31])):
        with pytest.raises(BadSignature):
            load_public_multibase(multibase)
    for pem in (text, RSA_PUBLIC_PEM.replace("MII", base64.b64encode(raw).decode() + text + "=")):
        with pytest.raises(BadSignature):
            load_public_key(pem)
