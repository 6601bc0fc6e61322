"""Web addresses are read once and strictly."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation.errors import MalformedActivity
from federation.uris import host_of, origin_of, parse_uri, same_origin


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://example.org/users/ana", "https://example.org"),
        ("HTTPS://Example.ORG/users/ana", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        ("https://example.org:8443/", "https://example.org:8443"),
        ("http://example.org:443/", "http://example.org:443"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://example。org/", "https://example.org"),
        ("https://[2001:DB8::1]:8080/x", "https://[2001:db8::1]:8080"),
        ("https://my_host.example?q=1", "https://my_host.example"),
        ("https://localhost#key", "https://localhost"),
    ],
)
def test_an_origin_has_one_spelling(uri, origin):
    assert origin_of(uri) == origin


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "example.org/users/ana",
        "ftp://example.org/",
        "javascript://example.org/%0aalert(1)",
        "https:example.org",
        "https:///users/ana",
        "https://@example.org/",
        "https://user:secret@example.org/",
        "https://example.org\\@evil.example/",
        "https://example.org\t.evil.example/",
        "https://exam ple.org/",
        "https://example.org/\n",
        " https://example.org/",
        "https://example.org:/",
        "https://example.org:0/",
        "https://example.org:080/",
        "https://example.org:65536/",
        "https://example.org:٤٤٣/",
        "https://example.org:80:80/",
        "https://example.org./",
        "https://.example.org/",
        "https://a..b/",
        "https://-a.example/",
        "https://exa%6dple.org/",
        "https://exa*mple.org/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[fe80::1%25eth0]/",
        "https://[::g]/",
        "https://::1/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
        f"https://{'é' * 260}/",
        "https://xn--é.example/",
        "https://example.org/\ud800",
        "https://example.org/" + "a" * 2048,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(uri):
    with pytest.raises(MalformedActivity):
        origin_of(uri)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.01",
        "127.0.0.256",
        "1.2.3.4.5",
        "a.example.0x",
        "１２７.1",
        "①②⑦.0.0.01",
    ],
)
def test_a_number_that_only_inet_aton_takes_for_an_address_is_refused(host):
    with pytest.raises(MalformedActivity):
        parse_uri(f"https://{host}/")


@pytest.mark.parametrize("host", ["127.0.0.1", "１２７。0.0.1"])
def test_an_address_is_known_as_one_however_its_digits_are_written(host):
    uri = parse_uri(f"https://{host}/")

    assert (uri.host, uri.is_address) == ("127.0.0.1", True)
    assert parse_uri("https://[::1]/").is_address
    assert not parse_uri("https://node1.example/").is_address


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org?a=b", "https://example.org/?a=b"),
        ("https://example.org/a?#b", "https://example.org/a"),
        ("https://example.org/a/../b//c;d?e=/?f+%C3%A9", "https://example.org/a/../b//c;d?e=/?f+%C3%A9"),
        ("https://example.org/café?q=é{1}", "https://example.org/caf%C3%A9?q=%C3%A9%7B1%7D"),
        ("http://example.org:80/@ana/1#main-key", "http://example.org/@ana/1"),
    ],
)
def test_the_url_is_what_goes_over_the_wire(uri, url):
    assert parse_uri(uri).url == url


def test_a_host_is_named_with_its_port_where_that_is_unusual():
    assert host_of("https://Example.org/x") == "example.org"
    assert host_of("https://example.org:8443/x") == "example.org:8443"


def test_origins_are_compared_after_reading():
    assert same_origin("https://example.org/a", "https://EXAMPLE.org:443/b")
    assert not same_origin("https://example.org/a", "http://example.org/a")
    assert not same_origin("https://example.org/a", "https://example.org:444/a")
    assert not same_origin("https://example.org/a", "https://sub.example.org/a")


def test_what_cannot_be_read_has_the_origin_of_nothing():
    assert not same_origin("nonsense", "nonsense")
    assert not same_origin("https://example.org/a", "nonsense")


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", "https://", "http://[", "https://a.example"]))
@example("ı", "https://")
def test_any_text_is_read_or_refused_and_nothing_else(text, start):
    try:
        uri = parse_uri(start + text)
    except MalformedActivity:
        return
    assert parse_uri(uri.url) == uri, "reading is stable"
    assert uri.url.isascii()
    seen_by_others = urlsplit(uri.url)
    assert (seen_by_others.scheme, seen_by_others.hostname) == (uri.scheme, uri.host)
    assert (seen_by_others.username, seen_by_others.fragment) == (None, "")


@settings(deadline=None)
@given(st.from_regex(r"https://[a-z0-9.:\[\]x@-]{1,30}/", fullmatch=True))
def test_the_host_read_is_the_one_that_other_readers_see(uri):
    try:
        found = parse_uri(uri)
    except MalformedActivity:
        return
    assert urlsplit(uri).hostname == found.host or found.is_address
