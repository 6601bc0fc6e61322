"""Handles, WebFinger answers and host-meta are read, or refused."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import (
    MalformedActivity,
    UnsupportedActivity,
)
from federation.webfinger import Jrd, parse_handle, read_host_meta, read_jrd
from tests.federation.loopback import AP

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "_webfinger"
AS_PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
XRD = '<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">%s</XRD>'

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"NO CORPUS of WebFinger answers at {CORPUS}")


def self_link(uri, type_=AP):
    return {"rel": "self", "type": type_, "href": uri}


# Handles


@pytest.mark.parametrize(
    ("handle", "parts"),
    [
        ("@ana@example.org", ("ana", "example.org")),
        ("acct:ana@example.org", ("ana", "example.org")),
        ("ACCT:Ana.B-c_1@Example.ORG:443", ("Ana.B-c_1", "example.org")),
        ("ana@example.org:8443", ("ana", "example.org:8443")),
        ("josé@bücher.example", ("josé", "xn--bcher-kva.example")),
        ("ana@127.0.0.1:8000", ("ana", "127.0.0.1:8000")),
        ("ana@[::1]:8000", ("ana", "[::1]:8000")),
    ],
)
def test_a_handle_is_a_user_and_a_host(handle, parts):
    assert parse_handle(handle) == parts


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "@",
        "@@",
        "ana",
        "@ana",
        "ana@",
        "@@example.org",
        "@ana@example.org@evil.example",
        "@@ana@example.org",
        "acct:@ana@example.org",
        "ana@example.org/path",
        "ana@example.org?x",
        "ana@example.org#x",
        "ana@user:pass@example.org",
        "ana@exam ple.org",
        "a na@example.org",
        "ana\n@example.org",
        "ana@example.org\n",
        "ana%40x@example.org",
        "https://example.org/@ana",
        "ana@127.1",
        "ana@example.org:99999",
        "a" * 129 + "@example.org",
        "ana@" + "a" * 3000,
    ],
)
def test_what_is_no_handle_is_malformed(handle):
    with pytest.raises(MalformedActivity):
        parse_handle(handle)


@settings(deadline=None)
@given(st.text() | st.from_regex(r"(acct:|@)?[\w.@-]{1,10}@[\w.:@\[\]/-]{1,20}", fullmatch=True))
def test_any_handle_is_read_or_malformed(handle):
    try:
        user, host = parse_handle(handle)
    except MalformedActivity:
        return
    assert "@" not in user + host
    assert parse_handle(f"acct:{user}@{host}") == (user, host)


# What an answer says


def test_an_answer_names_actor_form_and_aliases():
    document = {
        "subject": "acct:Ana@Example.org",
        "aliases": ["https://example.org/@ana", 5, None],
        "links": [
            "noise",
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": "https://example.org/@ana"},
            self_link("https://example.org/u/ana"),
            {"rel": SUBSCRIBE, "template": "https://example.org/follow?uri={uri}"},
        ],
    }

    assert read_jrd(document) == Jrd(
        subject="acct:Ana@example.org",
        actor_uri="https://example.org/u/ana",
        subscribe_template="https://example.org/follow?uri={uri}",
        aliases=("https://example.org/@ana",),
    )


@pytest.mark.parametrize("type_", [AP, "Application/Activity+Json; charset=utf-8", AS_PROFILE])
def test_the_self_link_may_have_either_activitypub_type(type_):
    assert read_jrd({"links": [self_link("https://a.example/1", type_)]}).actor_uri == "https://a.example/1"


@pytest.mark.parametrize(
    "link",
    [
        {"rel": "self", "href": "https://a.example/1"},
        self_link("https://a.example/1", None),
        self_link("https://a.example/1", "text/html"),
        self_link("https://a.example/1", "application/json"),
        self_link("https://a.example/1", "application/ld+json"),
        self_link("javascript:alert(1)"),
        self_link("acct:ana@a.example"),
        self_link(None),
        self_link(["https://a.example/1"]),
        {"rel": "alternate", "type": AP, "href": "https://a.example/1"},
        {"rel": ["self"], "type": AP, "href": "https://a.example/1"},
    ],
)
def test_any_other_link_is_no_actor(link):
    with pytest.raises(UnsupportedActivity):
        read_jrd({"subject": "acct:ana@a.example", "links": [link]})


@pytest.mark.parametrize(
    "template",
    [None, 5, "", "https://a.example/follow", "javascript:alert('{uri}')", "/follow?uri={uri}", "{uri}"],
)
def test_a_form_that_is_no_web_address_is_passed_over(template):
    links = [self_link("https://a.example/1"), {"rel": SUBSCRIBE, "template": template}]

    assert read_jrd({"links": links}).subscribe_template is None


@pytest.mark.parametrize("subject", [None, 5, "acct:ana", "https://a.example/@ana", "ana@a.example", "acct:@"])
def test_a_subject_that_is_no_handle_is_none(subject):
    assert read_jrd({"subject": subject, "links": [self_link("https://a.example/1")]}).subject is None


def test_only_so_many_aliases_are_kept():
    links = [self_link("https://a.example/1")]

    assert len(read_jrd({"links": links, "aliases": ["x"] * 1000}).aliases) == 32
    assert read_jrd({"links": links, "aliases": "x"}).aliases == ()


@pytest.mark.parametrize("document", [{}, {"links": None}, {"links": {"rel": "self"}}])
def test_an_answer_without_links_is_malformed(document):
    with pytest.raises(MalformedActivity):
        read_jrd(document)


values = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(["self", AP, "https://a.example/{uri}", SUBSCRIBE]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rel", "type", "href", "template", "x"]), inner)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["subject", "aliases", "links", "x"]), values))
def test_any_answer_is_read_or_refused_and_nothing_else(document):
    try:
        found = read_jrd(document)
    except (MalformedActivity, UnsupportedActivity):
        return
    assert found.actor_uri.startswith("https://")
    assert all(isinstance(alias, str) for alias in found.aliases)


@needs_corpus
@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_real_answers_are_read(path):
    document = json.loads(path.read_text().replace("{{", "").replace("}}", "").replace("domain", "domain.example"))

    if "winterdienst" in path.stem:
        with pytest.raises(UnsupportedActivity):
            read_jrd(document)
        return
    found = read_jrd(document)
    assert found.actor_uri in [link.get("href") for link in document["links"] if link["rel"] == "self"]
    assert found.subject == (None if "kaniini" in path.stem else document["subject"])


# host-meta


def test_the_template_is_found_in_host_meta():
    body = XRD % (
        "<Subject>https://a.example</Subject>"
        '<Link rel="lrdd" type="application/xrd+xml" template="https://a.example/xml?q={uri}"/>'
        '<Link rel="other" template="https://a.example/other?q={uri}"/>'
        '<Link rel="lrdd" template="https://a.example/nothing"/>'
        '<Link rel="lrdd" type="application/jrd+json" template="https://a.example/wf?q={uri}&amp;x=1"/>'
    )

    assert read_host_meta(body.encode()) == "https://a.example/wf?q={uri}&x=1"


LINK = '<Link rel="lrdd" template="https://a.example/{uri}"/>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + (XRD % LINK)[21:]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>",
        b"\xff\xfe\x00",
        (XRD % "").encode(),
        (XRD % '<Link rel="lrdd"/>').encode(),
        LINK.encode(),
        LAUGHS.encode(),
        LAUGHS.encode("utf-16"),
        ('<?xml version="1.0" encoding="utf-16"?>' + LAUGHS).encode("utf-16"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b"<x>&undefined;</x>",
        b"<x>\x00</x>",
        b"<a>" * 40_000,
    ],
)
def test_what_is_no_host_meta_is_malformed(body):
    with pytest.raises(MalformedActivity):
        read_host_meta(body)


@settings(deadline=None)
@given(st.binary() | st.text(alphabet="<>!&;\"'=/ ?[]-CDATAOYPElrdInk{uri}").map(lambda text: (XRD % text).encode()))
def test_any_host_meta_is_read_or_malformed(body):
    with contextlib.suppress(MalformedActivity):
        assert "{uri}" in read_host_meta(body)
