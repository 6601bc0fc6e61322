"""RFC 9421 signatures: as our peers make them, as nobody should, and as we make them."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import example, given
from hypothesis import strategies as st

from federation import signatures
from federation.errors import BadSignature
from federation.message_signatures import check_content_digest, read_claims
from federation.signatures import SignedRequest
from models.host import SignatureScheme
from tests.federation.rfc9421 import (
    COVERED,
    ED25519_KEY,
    KEY_ID,
    NOW,
    ORIGIN,
    RSA_KEY,
    SECONDS,
    SIGNER,
    both,
    check,
    digest_of,
    signed,
    with_header,
)

url_text = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\?#"))
any_text = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "request_",
    [
        signed(),
        signed((*COVERED, '"host"', '"@authority"')),
        signed(('"@path"', '"@authority"', '"@method"', '"content-digest"')),
        signed(('"@request-target"', '"host"', '"@method"', '"content-digest"'), target="/inbox?a=1"),
        signed(('"@path"', '"@query"', '"host"', '"@method"', '"content-digest"'), target="/inbox?a=1"),
        signed(alg=None),
        signed(nonce="b3k2pp5k7z", tag="fediverse"),
        signed(expires=SECONDS + 60),
        signed(COVERED[:2], method="GET", body=b"", target="/posts/1?page=true"),
        signed(COVERED[:2], body=b""),
        signed(body=b""),
        signed((*COVERED, '"@scheme"', '"date"'), sent={"date": "yesterday"}),
        signed(sent={"content-digest": digest_of(b"{}") + ", unixsum=:AAAA:"}),
    ],
)
def test_the_ways_to_sign_are_accepted(request_):
    assert check(request_).key_id == KEY_ID


def test_an_ed25519_key_signs_with_and_without_naming_its_algorithm():
    for algorithm in ("ed25519", None):
        check(signed(key=ED25519_KEY, alg=algorithm), ED25519_KEY.public_key())
    with pytest.raises(BadSignature, match="not RSA"):
        check(signed(key=ED25519_KEY), ED25519_KEY.public_key())
    with pytest.raises(BadSignature, match="not Ed25519"):
        check(signed(alg="ed25519"))


def test_the_signature_says_what_it_covers():
    signature = check(signed(expires=SECONDS + 9))

    assert signature.headers == COVERED
    assert (signature.algorithm, signature.created, signature.expires) == ("rsa-v1_5-sha256", SECONDS, SECONDS + 9)


def test_a_sha_512_of_the_body_counts_too():
    value = base64.b64encode(hashlib.sha512(b"{}").digest()).decode()
    check(signed(sent={"content-digest": f"sha-512=:{value}:"}))


def test_a_signature_made_for_another_server_does_not_fit():
    for covered in (COVERED, ('"@path"', '"@authority"', '"@method"', '"content-digest"')):
        with pytest.raises(BadSignature, match="does not fit"):
            check(replace(signed(covered), origin="https://other.example"))
    with pytest.raises(BadSignature, match="does not fit"):
        check(replace(signed(), origin=""))


@pytest.mark.parametrize(
    "other",
    [
        signed(label="proxy", keyid="proxy-1"),
        signed(label="proxy", alg="ecdsa-p256-sha256"),
        signed(label="proxy", created=None),
        signed(('"@status"',), label="proxy"),
        signed(('"date"',), label="proxy", sent={"date": "x"}),
    ],
)
def test_of_several_signatures_the_one_we_can_use_is_read(other):
    assert check(both(other, signed())).key_id == KEY_ID
    assert check(both(signed(), other)).key_id == KEY_ID


def test_more_signatures_than_anybody_needs_are_refused():
    request = signed()
    for number in range(4):
        request = both(signed(label=f"more{number}"), request)
    with pytest.raises(BadSignature, match="more than 4"):
        check(request)


REFUSED = [
    ("no signature that says", with_header(signed(), "signature-input", "")),
    ("no signature that says", with_header(signed(), "signature-input", "sig2=();created=1")),
    ("no signature that says", with_header(signed(), "signature-input", "sig1")),
    ("no signature that says", with_header(signed(), "signature-input", 'sig1="@method"')),
    ("no signature that says", with_header(signed(), "signature", "sig1=(:AAAA:)")),
    ("no signature that says", with_header(signed(), "signature", 'sig1="AAAA"')),
    ("no Signature header", with_header(signed(), "signature", None)),
    ("cannot be read", with_header(signed(), "signature", 'keyId="k",headers="date"')),
    ("cannot be read", with_header(signed(), "signature", "sig1=:A*:")),
    ("cannot be read", with_header(signed(), "signature", "sig1=:AAAA:, sig1=:BBBB:")),
    ("cannot be read", with_header(signed(), "signature-input", "sig1=(")),
    ("cannot be read", with_header(signed(), "signature-input", "sig1=();a;a")),
    ("cannot be read", with_header(signed(), "signature-input", "é")),
    ("too long", with_header(signed(), "signature-input", f"sig1=({' ' * 8192})")),
    ("canonical", with_header(signed(), "signature", "sig1=:AB==:")),
    ("more than 32", signed([f'"h{number}"' for number in range(33)])),
    ("names no key", signed(keyid=None)),
    ("names no key", signed(keyid="test-key")),
    ("names no key", signed(keyid=7)),
    ("neither rsa", signed(alg="hs2019")),
    ("neither rsa", signed(alg=1)),
    ("when it was created", signed(created=None)),
    ("when it was created", signed(created="yesterday")),
    ("when it was created", signed(expires="never")),
    ("does not cover @method", signed(COVERED[1:])),
    ("does not cover @method", signed(('"@method"', '"content-digest"'))),
    ("does not cover @method", signed(('"@method"', '"@path"', '"content-digest"'))),
    ("does not cover @method", signed(('"@method"', '"@authority"', '"content-digest"'))),
    (
        "does not cover @method",
        signed(('"@method"', '"@authority"', '"@path"', '"content-digest"'), target="/inbox?a=1"),
    ),
    ("does not cover the content-digest", signed(COVERED[:2])),
    (
        "does not cover the content-digest",
        signed(
            (*COVERED[:2], '"content-digest";key="sha-256"'),
            values={'"content-digest";key="sha-256"': digest_of(b"{}").removeprefix("sha-256=")},
        ),
    ),
    ("not the one", replace(signed(), body=b"[]")),
    ("not the one", signed(sent={"content-digest": "sha-256=1"})),
    ("not the one", signed(sent={"content-digest": digest_of(b"{}") + ", sha-512=:AAAA:"})),
    ("no SHA-256", signed(sent={"content-digest": "md5=:AAAA:"})),
    ("no SHA-256", with_header(signed(), "content-digest", None)),
    ("does not have", signed((*COVERED, '"x-absent"'))),
    ("twice", signed((*COVERED, '"@method"'))),
    ("not ASCII", signed((*COVERED, '"x-name"'), sent={"x-name": "Éva"})),
    ("line break", signed((*COVERED, '"x-name"'), sent={"x-name": 'a\n"@method": b'})),
    ("line break", signed((*COVERED, '"x-name"'), sent={"x-name": "a\rb"})),
    ("does not fit", with_header(signed(), "signature", "sig1=:AAAA:")),
    ("does not fit", replace(signed(), method="PUT")),
    ("does not fit", replace(signed(), target="/inbox?a=1")),
]


@pytest.mark.parametrize(("why", "request_"), REFUSED)
def test_a_signature_that_leaves_doubt_is_refused(why, request_):
    with pytest.raises(BadSignature, match=why):
        check(request_)


REAL_REFUSALS = [  # those of Mastodon's own specification, and PeerTube's altered body, in the newer scheme
    replace(signed(COVERED[:2], method="GET", body=b"", target="/activitypub/success?foo=42"), target="/x?foo=43"),
    replace(signed(COVERED[:2], method="GET", body=b"", target="/activitypub/success"), target="/alternative-path"),
    signed(COVERED[:2], body=b"Hello world"),
    replace(signed(body=b'{"type": "Create"}'), body=b'{"type": "Delete"}'),
]


@pytest.mark.parametrize("request_", REAL_REFUSALS)
def test_the_four_requests_that_must_be_refused_are(request_):
    with pytest.raises(BadSignature):
        check(request_)


HOUR, DAY = 3600, 86400
WINDOWS = [  # the first and the last second, counted from now, at which a request is accepted
    (signed(), -HOUR, HOUR + 300),
    (signed(expires=SECONDS + 60), -HOUR, HOUR + 60),
    (signed(expires=SECONDS + DAY), -HOUR, 13 * HOUR),
]


@pytest.mark.parametrize(("request_", "first", "last"), WINDOWS)
def test_a_signature_serves_for_its_time_and_an_hour_of_skew(request_, first, last):
    check(request_, now=NOW + timedelta(seconds=first))
    check(request_, now=NOW + timedelta(seconds=last))
    with pytest.raises(BadSignature, match="in the future"):
        check(request_, now=NOW + timedelta(seconds=first - 1))
    with pytest.raises(BadSignature, match="too long ago"):
        check(request_, now=NOW + timedelta(seconds=last + 1))


def test_we_sign_as_mastodon_asks_its_peers_to():
    headers = SIGNER.sign("POST", f"{ORIGIN}/inbox", b"{}", now=NOW, scheme=SignatureScheme.RFC9421)

    covered = '("@method" "@target-uri" "content-digest")'
    parameters = f'created={SECONDS};keyid="{KEY_ID}";alg="rsa-v1_5-sha256"'
    assert headers["signature-input"] == f"sig1={covered};{parameters}"
    assert headers["content-digest"] == digest_of(b"{}")
    assert headers["content-type"] == "application/activity+json"
    assert "digest" not in headers
    [claim] = read_claims(headers)
    RSA_KEY.public_key().verify(
        claim.value,
        f'"@method": POST\n"@target-uri": {ORIGIN}/inbox\n"content-digest": {digest_of(b"{}")}\n'
        f'"@signature-params": {covered};{parameters}'.encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


@given(path=url_text, query=url_text, body=st.none() | st.binary())
def test_what_we_sign_we_accept_under_the_url_we_send(path, query, body):
    method, url = "GET" if body is None else "POST", f"https://Ours.example:443/{path}?{query}"

    headers = SIGNER.sign(method, url, body, now=NOW, scheme=SignatureScheme.RFC9421)

    target = signatures.parse_uri(url).url.removeprefix(ORIGIN)
    assert check(SignedRequest(method, target, headers, body or b"", ORIGIN)).key_id == KEY_ID
    described = () if body is None else ("content-type", "content-digest")
    assert tuple(headers) == ("host", "date", *described, "signature-input", "signature")


@given(
    data=st.data(), part=st.sampled_from(["method", "target", "content-digest", "signature-input", "body", "signature"])
)
def test_a_change_of_any_byte_refuses(data, part):
    request = signed(target="/inbox?page=2", body=b'{"type": "Like"}')
    texts = {"method": "POST", "target": request.target, "body": request.body.decode()}
    old = texts.get(part) or request.headers[part]
    at = data.draw(st.integers(0, len(old) - 1))
    is_new = st.characters(max_codepoint=127).filter(lambda character: character != old[at])
    changed = old[:at] + data.draw(is_new) + old[at + 1 :]
    if part == "body":
        request = replace(request, body=changed.encode())
    elif part in texts:
        request = replace(request, **{part: changed})
    else:
        request = with_header(request, part, changed)

    with pytest.raises(BadSignature):
        check(request)


member = st.builds(
    "{}={}{}".format,
    st.sampled_from(["sig1", "sig2", "a"]),
    st.sampled_from(["()", '("@method")', '("@path";req "x";sf)', ":AAAA:", "1", '"x"', "@9999999999999", '(%"a")'])
    | any_text,
    st.lists(st.sampled_from([";created=1", ';keyid="https://a.example/"', ";alg", ";x=@1", ";x=:AA==:"])).map("".join),
)


@given(
    signature_input=any_text | st.lists(member).map(", ".join),
    signature=any_text | st.lists(member).map(", ".join),
    text=any_text,
)
@example(signature_input='sig1=("@query-param";name="%ff")', signature="sig1=:AAAA:", text="\ud800")
def test_no_header_raises_anything_but_a_bad_signature(signature_input, signature, text):
    headers = {"signature-input": signature_input, "signature": signature, "content-digest": text, "x": text}
    for request in (
        SignedRequest("POST", "/inbox?" + text, headers, b"{}", ORIGIN),
        with_header(signed(), "signature-input", signature_input),
        with_header(signed(), "signature", signature),
        with_header(signed(), "content-digest", text),
    ):
        with pytest.raises(BadSignature):
            check(request)
    with pytest.raises(BadSignature):
        check_content_digest(text, b"")
