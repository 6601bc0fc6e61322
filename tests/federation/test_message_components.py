"""What an RFC 9421 signature may cover, and how the RFC writes it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import signatures
from federation.errors import BadSignature
from federation.keys import load_public_key
from federation.message_signatures import MAX_COMPONENTS, read_claims, signature_base
from federation.signatures import Signature, SignedRequest
from tests.federation.rfc9421 import ORIGIN, check, signed

PATH = Path(__file__).parents[3] / "shared" / "vectors" / "rfc9421-appendix-b.json"
VECTORS = json.loads(PATH.read_text()) if PATH.exists() else {"vectors": [], "messages": {}, "keys": {}}
needs_vectors = pytest.mark.skipif(not PATH.exists(), reason=f"ABSENT: {PATH}")

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
    assert len(covered) <= MAX_COMPONENTS
