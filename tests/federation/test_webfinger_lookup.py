"""A handle stands for whom its own server names, and nobody else's."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import orjson
import pytest

from federation.errors import (
    FederationError,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.http import HttpClient, Limits
from federation.webfinger import look_up
from tests.federation.loopback import AP, Reply, connect, redirect, serve

SPOOF = Path(__file__).parents[3] / "shared" / "corpus" / "_webfinger" / "rebased-webfinger_spoof.json"
HASTY = Limits(connect_seconds=0.5)
XRD = '<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">%s</XRD>'


def jrd(subject, actor_uri, **more):
    return Reply(
        body=orjson.dumps({"subject": subject, "links": [{"rel": "self", "type": AP, "href": actor_uri}]} | more)
    )


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
    async with connect(limits=HASTY) as client:
        yield client


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


@pytest.mark.skipif(not SPOOF.is_file(), reason=f"NO CORPUS of WebFinger answers at {SPOOF.parent}")
async def test_the_spoofed_answer_of_the_corpus_is_not_believed(client, home, other):
    spoof = SPOOF.read_text().replace("whitehouse.gov", other.host)
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
