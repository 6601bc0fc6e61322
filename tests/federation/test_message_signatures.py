"""RFC 9421 signatures: as the RFC makes them, as our peers do, as nobody should, and as we make them."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from hypothesis import example, given
from hypothesis import strategies as st

from federation import message_signatures, signatures
from federation.errors import BadSignature
from federation.keys import generate_rsa_key, load_private_key, load_public_key
from federation.message_signatures import check_content_digest, read_claims, signature_base
from federation.signatures import Signature, SignedRequest, Signer
from models.host import SignatureScheme

PATH = Path(__file__).parents[3] / "shared" / "vectors" / "rfc9421-appendix-b.json"
VECTORS = json.loads(PATH.read_text()) if PATH.exists() else {"vectors": [], "messages": {}, "keys": {}}
needs_vectors = pytest.mark.skipif(not PATH.exists(), reason=f"ABSENT: {PATH}")

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ORIGIN = "https://ours.example"
KEY_ID = "https://remote.example/users/eva#main-key"
RSA_KEY = load_private_key(generate_rsa_key()[0])
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()
SIGNER = Signer(KEY_ID, RSA_KEY)
COVERED = ('"@method"', '"@target-uri"', '"content-digest"')

url_text = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\?#"))
any_text = st.text(st.characters(exclude_categories=()))


def vector_request(vector):
    """The request of a vector, with its signature on it."""
    text = vector.get("message_text") or VECTORS["messages"][vector["message"]]
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    headers |= {"signature-input": vector["signature_input"], "signature": vector["signature"]}
    method, target, _ = first.split(" ", 2)
    return SignedRequest(method, target, headers, body.encode(), f"https://{headers.get('host', '')}")


def vectors(*algorithms):
    return [pytest.param(v, id=v["section"]) for v in VECTORS["vectors"] if v["alg"] in algorithms]


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


class TestTheVectorsOfTheRfc:
    @pytest.mark.parametrize("vector", [v for v in vectors(*{v["alg"] for v in VECTORS["vectors"]}) if v.id != "B.2.4"])
    def test_every_request_has_its_signature_base(self, vector):
        request = vector_request(vector)
        [claim] = read_claims(request.headers)
        assert signature_base(claim, request).decode() == vector["signature_base"]

    @pytest.mark.parametrize("vector", vectors("ed25519"))
    def test_an_ed25519_signature_verifies_though_it_covers_too_little_for_us(self, vector):
        request, key = vector_request(vector), load_public_key(VECTORS["keys"][vector["keyid"]]["public_pem"])
        [claim] = read_claims(request.headers)
        signature = Signature("", None, (), claim.value, None, None, signature_base(claim, request))

        signatures.verify(signature, key)
        with pytest.raises(BadSignature):
            check(request, key, now=datetime.fromtimestamp(1618884473, UTC))

    @pytest.mark.parametrize("vector", vectors("rsa-pss-sha512"))
    def test_an_rsa_key_means_pkcs1_here_and_so_a_pss_signature_does_not_fit(self, vector):
        request, key = vector_request(vector), load_public_key(VECTORS["keys"][vector["keyid"]]["public_pem"])
        [claim] = read_claims(request.headers)
        with pytest.raises(BadSignature, match="does not fit"):
            signatures.verify(Signature("", None, (), claim.value, None, None, signature_base(claim, request)), key)

    @needs_vectors
    def test_an_elliptic_curve_key_of_another_kind_cannot_be_loaded(self):
        with pytest.raises(BadSignature, match="neither RSA nor Ed25519"):
            load_public_key(VECTORS["keys"]["test-key-ecc-p256"]["public_pem"])

    @pytest.mark.parametrize("vector", vectors("rsa-pss-sha512", "ecdsa-p256-sha256", "hmac-sha256"))
    def test_an_algorithm_that_actors_have_no_keys_for_is_refused_by_name(self, vector):
        with pytest.raises(BadSignature, match=r"neither rsa-v1_5-sha256 nor ed25519"):
            check(signed(alg=vector["alg"]))

    @pytest.mark.parametrize("vector", [v for v in vectors("ecdsa-p256-sha256") if v.id == "B.2.4"])
    def test_a_response_is_no_request(self, vector):
        request = vector_request(vector | {"message": "test-request"})
        [claim] = read_claims(request.headers)
        with pytest.raises(BadSignature, match='"@status"'):
            signature_base(claim, request)


class TestTheComponents:
    """Examples of RFC 9421 §2, with the values that it gives for them."""

    QUERY = "var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something"
    FIELDS = {
        "example-dict": "a=1,    b=2;x=1;y=2,   c=(a   b   c), d",
        "x-ows-header": "Leading and trailing whitespace.",
        "cache-control": "max-age=60,   must-revalidate",
        "x-empty-header": "",
        "accept": "",
        "x-binary": "value, with, lots",
    }

    def value(self, identifier, *, target="/path?param=value", method="POST"):
        request = SignedRequest(method, target, self.FIELDS, b"", "https://www.example.com")
        headers = {"signature-input": f"sig1=({identifier});created=1", "signature": "sig1=:AAAA:"}
        [claim] = read_claims(headers)
        line = signature_base(claim, request).decode().split("\n")[0]
        assert line.startswith(f"{identifier}: ")
        return line.removeprefix(f"{identifier}: ")

    @pytest.mark.parametrize(
        ("identifier", "value"),
        [
            ('"@method"', "POST"),
            ('"@target-uri"', "https://www.example.com/path?param=value"),
            ('"@authority"', "www.example.com"),
            ('"@scheme"', "https"),
            ('"@request-target"', "/path?param=value"),
            ('"@path"', "/path"),
            ('"@query"', "?param=value"),
            ('"@query-param";name="param"', "value"),
            ('"x-ows-header"', "Leading and trailing whitespace."),
            ('"x-empty-header"', ""),
            ('"cache-control"', "max-age=60,   must-revalidate"),
            ('"cache-control";sf', "max-age=60, must-revalidate"),
            ('"example-dict"', "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
            ('"example-dict";key="a"', "1"),
            ('"example-dict";key="b"', "2;x=1;y=2"),
            ('"example-dict";key="c"', "(a b c)"),
            ('"example-dict";key="d"', "?1"),
            ('"x-binary";bs', ":dmFsdWUsIHdpdGgsIGxvdHM=:"),
        ],
    )
    def test_a_component_has_the_value_of_the_rfc(self, identifier, value):
        assert self.value(identifier) == value

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("var", "this%20is%20a%20big%0Amultiline%20value"),
            ("bar", "with%20plus%20whitespace"),
            ("fa%C3%A7ade%22%3A%20", "something"),
        ],
    )
    def test_a_query_parameter_is_spelt_in_one_way(self, name, value):
        assert self.value(f'"@query-param";name="{name}"', target=f"/parameters?{self.QUERY}") == value

    @pytest.mark.parametrize(("target", "query"), [("/path", "?"), ("/path?", "?"), ("/path?a?b", "?a?b")])
    def test_a_query_begins_with_its_mark_even_where_there_is_none(self, target, query):
        assert self.value('"@query"', target=target) == query

    @pytest.mark.parametrize(
        "identifier",
        [
            '"@status"', '"@unknown"', '"@"', '"@signature-params"', '"@method";req', '"x-ows-header";req',
            '"@query-param"', '"@query-param";name=?1', '"@query-param";name="other"', '"x-ows-header";tr',
            '"x-ows-header";sf',
            '"accept";sf', '"x-absent"', '"X-OWS-Header"', '""', "token", "7", ":AAAA:", '"example-dict";key="e"',
            '"example-dict";key=?1', '"x-ows-header";key="a"', '"x-empty-header";key="a"', '"example-dict";sf;bs',
            '"example-dict";sf=?0', '"x-binary";bs=?0', '"cache-control";unknown',
        ],
    )  # fmt: skip
    def test_what_is_no_component_of_a_request_is_refused(self, identifier):
        with pytest.raises(BadSignature):
            self.value(identifier)

    def test_a_query_parameter_that_is_there_twice_is_refused(self):
        with pytest.raises(BadSignature, match="twice"):
            self.value('"@query-param";name="a"', target="/?a=1&a=2")

    def test_a_query_too_long_to_be_taken_apart_is_refused(self):
        with pytest.raises(BadSignature, match="too long"):
            self.value('"@query-param";name="a"', target=f"/?a=1&{'b=2&' * 3000}")


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


def both(first, second):
    """A request with two signatures."""
    names = ("signature-input", "signature")
    joined = {name: f"{first.headers[name]}, {second.headers[name]}" for name in names}
    return replace(second, headers=second.headers | joined)


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


identifier = st.builds(
    '"{}"{}'.format,
    st.sampled_from(["@method", "@query-param", "x", "content-digest", "@path"]),
    st.lists(
        st.sampled_from([';name="a"', ';name="%ff"', ";sf", ";bs", ';key="a"', ";req", ";tr", ";x=1.5", ";x=@1"])
    ).map("".join),
)


@given(covered=st.lists(identifier), field=any_text, query=any_text)
def test_no_component_raises_anything_but_a_bad_signature(covered, field, query):
    headers = {"signature-input": f"sig1=({' '.join(covered)})", "signature": "sig1=:AAAA:", "x": field}
    request = SignedRequest("GET", f"/?{query}", headers, b"", ORIGIN)
    try:
        bases = [signature_base(claim, request) for claim in read_claims(headers)]
    except BadSignature:
        return
    assert all(base.isascii() for base in bases)
    assert len(covered) <= message_signatures.MAX_COMPONENTS
