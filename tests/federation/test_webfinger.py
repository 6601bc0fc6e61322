"""A handle stands for whom its own server names, and nobody else's."""

import contextlib
import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
    UnsupportedActivity,
)
from federation.http import HttpClient, Limits
from federation.webfinger import Jrd, look_up, parse_handle, read_host_meta, read_jrd
from tests.federation.loopback import AP, Reply, redirect, serve

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "_webfinger"
AS_PROFILE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
HASTY = Limits(connect_seconds=0.5)
XRD = '<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">%s</XRD>'

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"NO CORPUS of WebFinger answers at {CORPUS}")


def load(name):
    return json.loads((CORPUS / name).read_text())


def self_link(uri, type_=AP):
    return {"rel": "self", "type": type_, "href": uri}


def jrd(subject, actor_uri, **more):
    return Reply(body=orjson.dumps({"subject": subject, "links": [self_link(actor_uri)]} | more))


def place(handle):
    return f"/.well-known/webfinger?resource=acct:{handle}"


def host_meta(template):
    return Reply(body=(XRD % f"<Link rel='lrdd' template={quoteattr(template)}/>").encode())


@pytest.fixture
async def home():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def other():
    async with serve("127.0.0.2") as loopback:
        yield loopback


@pytest.fixture
async def client():
    client = HttpClient(user_agent="Test/1.0", allow_private_addresses=True, allow_http=True, limits=HASTY)
    yield client
    await client.close()


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


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>",
        b"\xff\xfe\x00",
        (XRD % "").encode(),
        (XRD % '<Link rel="lrdd"/>').encode(),
        b'<Link rel="lrdd" template="https://a.example/{uri}"/>',
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


# Looking up


async def test_a_handle_is_looked_up_on_its_server(client, home):
    home.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{home.host}", f"{home.origin}/u/ana")

    found = await look_up(f"@ana@{home.host}", client, "http")

    assert (found.subject, found.actor_uri) == (f"acct:ana@{home.host}", f"{home.origin}/u/ana")
    assert "application/jrd+json" in home.received[0].headers["accept"]


async def test_the_name_is_quoted(client, home):
    home.replies[place(f"a%26b@{home.host}")] = jrd(None, f"{home.origin}/u/1")

    assert (await look_up(f"a&b@{home.host}", client, "http")).subject == f"acct:a&b@{home.host}"


async def test_the_server_has_the_last_word_on_its_own_names(client, home):
    home.replies[place(f"ANA@{home.host}")] = jrd(f"acct:ana@{home.host}", f"{home.origin}/u/ana")

    assert (await look_up(f"ANA@{home.host}", client, "http")).subject == f"acct:ana@{home.host}"


async def test_plain_http_only_with_a_client_that_allows_it(home):
    client = HttpClient(user_agent="Test/1.0", allow_private_addresses=True)

    with pytest.raises(RejectedByPolicy):
        await look_up(f"ana@{home.host}", client, "http")
    assert home.connections == 0


async def test_https_is_asked_unless_said_otherwise(client, home):
    home.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{home.host}", f"{home.origin}/u/ana")

    with pytest.raises(RemoteUnavailable):
        await look_up(f"ana@{home.host}", client)
    assert not home.received


async def test_a_redirect_to_the_server_of_the_actors_is_followed(client, home, other):
    home.replies[place(f"ana@{home.host}")] = redirect(f"{other.origin}{place(f'ana@{home.host}')}")
    other.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{home.host}", f"{other.origin}/u/ana")

    found = await look_up(f"ana@{home.host}", client, "http")

    assert (found.subject, found.actor_uri) == (f"acct:ana@{home.host}", f"{other.origin}/u/ana")


async def test_another_domain_that_agrees_is_believed(client, home, other):
    home.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{other.host}", f"{home.origin}/u/ana")
    other.replies[place(f"ana@{other.host}")] = jrd(f"acct:ana@{other.host}", f"{home.origin}/u/ana")

    found = await look_up(f"ana@{home.host}", client, "http")

    assert (found.subject, found.actor_uri) == (f"acct:ana@{other.host}", f"{home.origin}/u/ana")


@pytest.mark.parametrize(
    "answer",
    [
        Reply(404),
        Reply(410),
        Reply(body=b"<html>"),
        Reply(body=b'{"subject": "x", "links": []}'),
        jrd(None, "https://somebody.example/u/else"),
    ],
)
async def test_another_domain_that_does_not_agree_is_not_believed(client, home, other, answer):
    home.replies[place(f"trump@{home.host}")] = jrd(f"acct:trump@{other.host}", f"{home.origin}/u/alex")
    other.replies[place(f"trump@{other.host}")] = answer

    with pytest.raises(NotAuthorised):
        await look_up(f"trump@{home.host}", client, "http")


async def test_another_domain_that_points_back_is_not_believed(client, home, other):
    home.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{other.host}", f"{home.origin}/u/ana")
    other.replies[place(f"ana@{other.host}")] = jrd(f"acct:ana@{home.host}", f"{home.origin}/u/ana")

    with pytest.raises(NotAuthorised):
        await look_up(f"ana@{home.host}", client, "http")
    assert len(home.received) == 1


async def test_another_domain_that_is_silent_may_be_asked_later(client, home, other):
    home.replies[place(f"ana@{home.host}")] = jrd(f"acct:ana@{other.host}", f"{home.origin}/u/ana")
    other.replies[place(f"ana@{other.host}")] = Reply(503)

    with pytest.raises(RemoteUnavailable):
        await look_up(f"ana@{home.host}", client, "http")


@needs_corpus
async def test_the_spoofed_answer_of_the_corpus_is_not_believed(client, home, other):
    spoof = json.dumps(load("rebased-webfinger_spoof.json")).replace("whitehouse.gov", other.host)
    home.replies[place(f"alex@{home.host}")] = Reply(body=spoof.encode())

    with pytest.raises(NotAuthorised):
        await look_up(f"alex@{home.host}", client, "http")
    assert place(f"trump@{other.host}") in other.targets


async def test_a_server_with_host_meta_is_asked_where_it_says(client, home, other):
    home.replies["/.well-known/host-meta"] = host_meta(f"{other.origin}/wf?x=1&resource={{uri}}")
    other.replies[f"/wf?x=1&resource=acct:ana@{home.host}"] = jrd(f"acct:ana@{home.host}", f"{other.origin}/u/ana")

    assert (await look_up(f"ana@{home.host}", client, "http")).actor_uri == f"{other.origin}/u/ana"
    assert home.targets == [place(f"ana@{home.host}"), "/.well-known/host-meta"]


@pytest.mark.parametrize("answer", [Reply(404), Reply(403), Reply(body=b"<html>"), Reply(body=(XRD % "").encode())])
async def test_an_unknown_name_is_gone_whatever_host_meta_says(client, home, answer):
    home.replies["/.well-known/host-meta"] = answer

    with pytest.raises(ObjectGone):
        await look_up(f"ana@{home.host}", client, "http")


async def test_the_same_place_is_not_asked_twice(client, home):
    home.replies["/.well-known/host-meta"] = host_meta(f"{home.origin}/.well-known/webfinger?resource={{uri}}")

    with pytest.raises(ObjectGone):
        await look_up(f"ana@{home.host}", client, "http")
    assert len(home.received) == 2


async def test_host_meta_leads_nowhere_that_we_do_not_visit(client, home):
    home.replies["/.well-known/host-meta"] = host_meta("http://169.254.169.254/?{uri}")

    with pytest.raises(RejectedByPolicy):
        await look_up(f"ana@{home.host}", client, "http")


@pytest.mark.parametrize("at", ["webfinger", "host-meta"])
async def test_an_answer_of_great_size_is_refused(client, home, at):
    target = place(f"ana@{home.host}") if at == "webfinger" else "/.well-known/host-meta"
    home.replies[target] = Reply(body=b" " * 200_000)

    with pytest.raises(RejectedByPolicy, match="larger"):
        await look_up(f"ana@{home.host}", client, "http")


async def test_what_is_no_handle_is_not_looked_up(client):
    with pytest.raises(FederationError):
        await look_up("nonsense", client, "http")
