"""Documents are believed only from their home, and a piece of work fetches only so much."""

import asyncio

import pytest

from federation.dereference import (
    ACCEPT,
    Dereferencer,
    WorkLimits,
)
from federation.errors import MalformedActivity, NotAuthorised, ObjectGone, RejectedByPolicy, RemoteUnavailable
from tests.federation.loopback import AP, PlainSigner, Reply, ap, connect, redirect, serve


@pytest.fixture
async def home():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def stranger():
    async with serve("127.0.0.2") as loopback:
        yield loopback


@pytest.fixture
async def client():
    async with connect() as client:
        yield client


@pytest.fixture
def fetch(client):
    return Dereferencer(client, PlainSigner())


def page(link):
    return Reply(body=b"<html>", headers=[("Content-Type", "text/html; charset=utf-8"), ("Link", link)])


# What is believed


async def test_a_document_at_its_own_id_is_believed(fetch, home):
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana", "type": "Person"})

    document = await fetch.document(f"{home.origin}/u/ana")

    assert document == {"id": f"{home.origin}/u/ana", "type": "Person"}
    (request,) = home.received
    assert request.headers["accept"] == ACCEPT
    assert request.headers["signature"] == f"GET {home.origin}/u/ana"


async def test_a_fetch_without_a_signer_is_not_signed(client, home):
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana"})

    await Dereferencer(client, None).document(f"{home.origin}/u/ana")

    assert "signature" not in home.received[0].headers


async def test_a_fragment_gives_the_document_around_it(fetch, home):
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana", "publicKey": {"id": f"{home.origin}/u/ana#main-key"}})

    document = await fetch.document(f"{home.origin}/u/ana#main-key")

    assert document["id"] == f"{home.origin}/u/ana"
    assert home.targets == ["/u/ana"]


async def test_a_key_served_by_itself_is_believed(fetch, home):
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana#main-key", "type": "Key"})

    assert (await fetch.document(f"{home.origin}/u/ana#main-key"))["type"] == "Key"


async def test_a_redirect_on_the_same_server_is_followed(fetch, home):
    home.replies["/@ana"] = redirect("/u/ana")
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana"})

    assert (await fetch.document(f"{home.origin}/@ana"))["id"] == f"{home.origin}/u/ana"
    assert home.targets == ["/@ana", "/u/ana"]


async def test_a_document_may_keep_the_name_that_redirects_to_it(fetch, home):
    home.replies["/u/ana"] = redirect("/u/ana/")
    home.replies["/u/ana/"] = ap({"id": f"{home.origin}/u/ana"})

    assert (await fetch.document(f"{home.origin}/u/ana"))["id"] == f"{home.origin}/u/ana"
    assert len(home.received) == 2


async def test_a_document_of_another_name_is_fetched_again_under_that_name(fetch, home):
    home.replies["/@ana/1"] = ap({"id": f"{home.origin}/posts/1", "content": "as the page has it"})
    home.replies["/posts/1"] = ap({"id": f"{home.origin}/posts/1", "content": "as it is"})

    assert (await fetch.document(f"{home.origin}/@ana/1"))["content"] == "as it is"
    assert (await fetch.document(f"{home.origin}/posts/1"))["content"] == "as it is"
    assert home.targets == ["/@ana/1", "/posts/1"]


async def test_what_is_known_under_its_own_name_is_not_fetched_again(fetch, home):
    home.replies["/posts/1"] = ap({"id": f"{home.origin}/posts/1", "content": "as it is"})
    home.replies["/@ana/1"] = ap({"id": f"{home.origin}/posts/1", "content": "as the page has it"})
    await fetch.document(f"{home.origin}/posts/1")

    assert (await fetch.document(f"{home.origin}/@ana/1"))["content"] == "as it is"
    assert home.targets == ["/posts/1", "/@ana/1"]


async def test_a_document_that_changes_its_name_each_time_is_refused(fetch, home):
    home.replies["/1"] = ap({"id": f"{home.origin}/2"})
    home.replies["/2"] = ap({"id": f"{home.origin}/3"})
    home.replies["/3"] = ap({"id": f"{home.origin}/3"})

    with pytest.raises(NotAuthorised, match="another name"):
        await fetch.document(f"{home.origin}/1")
    assert home.targets == ["/1", "/2"]


async def test_a_document_of_another_server_is_refused(fetch, home, stranger):
    stranger.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana", "type": "Person"})

    with pytest.raises(NotAuthorised):
        await fetch.document(f"{stranger.origin}/u/ana")
    assert not home.received


async def test_an_open_redirect_does_not_lend_its_name(fetch, home, stranger):
    home.replies["/out?to=stranger"] = redirect(f"{stranger.origin}/forged")
    stranger.replies["/forged"] = ap({"id": f"{home.origin}/out?to=stranger", "type": "Person"})

    with pytest.raises(NotAuthorised):
        await fetch.document(f"{home.origin}/out?to=stranger")


async def test_a_name_that_redirects_to_a_stranger_the_second_time_is_refused(fetch, home, stranger):
    home.replies["/1"] = ap({"id": f"{home.origin}/2"})
    home.replies["/2"] = redirect(f"{stranger.origin}/2")
    stranger.replies["/2"] = ap({"id": f"{home.origin}/2"})

    with pytest.raises(NotAuthorised):
        await fetch.document(f"{home.origin}/1")


async def test_another_port_is_another_server(fetch, home):
    async with serve() as neighbour:
        home.replies["/1"] = ap({"id": f"{neighbour.origin}/1"})

        with pytest.raises(NotAuthorised):
            await fetch.document(f"{home.origin}/1")


async def test_a_tombstone_is_gone_for_ever(fetch, home):
    home.replies["/1"] = ap({"id": f"{home.origin}/1", "type": ["Object", "Tombstone"]})

    with pytest.raises(ObjectGone) as caught:
        await fetch.document(f"{home.origin}/1")
    assert caught.value.is_permanent


async def test_a_tombstone_of_another_server_buries_nothing(fetch, home, stranger):
    stranger.replies["/1"] = ap({"id": f"{home.origin}/1", "type": "Tombstone"})

    with pytest.raises(NotAuthorised):
        await fetch.document(f"{stranger.origin}/1")


@pytest.mark.parametrize("name", [None, 5, "", "urn:uuid:1", ["https://a.example/1"], {"id": "x"}])
async def test_a_document_without_a_name_is_malformed(fetch, home, name):
    home.replies["/1"] = ap({"id": name})

    with pytest.raises(MalformedActivity):
        await fetch.document(f"{home.origin}/1")


@pytest.mark.parametrize("uri", ["", "acct:ana@a.example", "https://a.example\\@b.example/"])
async def test_a_name_that_cannot_be_read_is_malformed(fetch, uri):
    with pytest.raises(MalformedActivity):
        await fetch.document(uri)


# What counts as a document


@pytest.mark.parametrize(
    "type_",
    [
        AP,
        "Application/Activity+JSON; charset=utf-8",
        "application/ld+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    ],
)
async def test_an_activitypub_media_type_is_read(fetch, home, type_):
    home.replies["/1"] = ap({"id": f"{home.origin}/1"}, type_=type_)

    assert await fetch.document(f"{home.origin}/1")


@pytest.mark.parametrize("type_", ["application/json", "text/html", "text/plain", "image/png", "", f"{AP}, text/html"])
async def test_any_other_media_type_is_refused(fetch, home, type_):
    home.replies["/1"] = ap({"id": f"{home.origin}/1"}, type_=type_)

    with pytest.raises(MalformedActivity):
        await fetch.document(f"{home.origin}/1")


async def test_a_page_may_name_its_document(fetch, home):
    home.replies["/@ana"] = page(f'<{home.origin}/oembed>; rel="alternate", </u/ana>; rel=alternate; type="{AP}"')
    home.replies["/u/ana"] = ap({"id": f"{home.origin}/u/ana"})

    assert (await fetch.document(f"{home.origin}/@ana"))["id"] == f"{home.origin}/u/ana"


async def test_a_page_may_not_name_a_document_of_another_server(fetch, home, stranger):
    home.replies["/@ana"] = page(f'<{stranger.origin}/u/ana>; rel="alternate"; type="{AP}"')

    with pytest.raises(MalformedActivity):
        await fetch.document(f"{home.origin}/@ana")
    assert not stranger.received


async def test_a_page_may_not_name_a_page(fetch, home):
    home.replies["/1"] = page(f'</2>; rel="alternate"; type="{AP}"')
    home.replies["/2"] = page(f'</3>; rel="alternate"; type="{AP}"')
    home.replies["/3"] = ap({"id": f"{home.origin}/3"})

    with pytest.raises(MalformedActivity):
        await fetch.document(f"{home.origin}/1")
    assert home.targets == ["/1", "/2"]


async def test_a_document_that_is_not_json_is_malformed(fetch, home):
    home.replies["/1"] = Reply(body=b"oops", headers=[("Content-Type", AP)])

    with pytest.raises(MalformedActivity):
        await fetch.document(f"{home.origin}/1")


# The bounds of a piece of work


async def test_a_document_asked_for_by_many_is_fetched_once(fetch, home):
    home.replies["/1"] = ap({"id": f"{home.origin}/1"})
    uris = [f"{home.origin}/1", f"{home.origin}/1#key", f"{home.origin.upper()}/1"]

    documents = await asyncio.gather(*(fetch.document(uri) for uri in uris * 3))

    assert all(document is documents[0] for document in documents)
    assert home.targets == ["/1"]


async def test_a_failure_is_remembered(fetch, home):
    home.replies["/1"] = Reply(503)

    results = await asyncio.gather(*(fetch.document(f"{home.origin}/1") for _ in range(5)), return_exceptions=True)

    assert all(isinstance(result, RemoteUnavailable) for result in results)
    assert home.targets == ["/1"]


async def test_when_the_first_to_ask_is_cancelled_the_next_one_fetches(fetch, home):
    arrived, released = asyncio.Event(), ap({"id": f"{home.origin}/1"})

    def hold_the_first(_):
        first = not arrived.is_set()
        arrived.set()
        return Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n") if first else released

    home.replies["/1"] = hold_the_first
    impatient = asyncio.create_task(fetch.document(f"{home.origin}/1"))
    patient = asyncio.create_task(fetch.document(f"{home.origin}/1"))
    await arrived.wait()
    impatient.cancel()

    assert (await patient)["id"] == f"{home.origin}/1"
    assert impatient.cancelled()


async def test_a_piece_of_work_fetches_no_more_than_its_limit(client, home):
    fetch = Dereferencer(client, None, limits=WorkLimits(max_documents=2))
    for number in range(3):
        home.replies[f"/{number}"] = ap({"id": f"{home.origin}/{number}"})

    await fetch.document(f"{home.origin}/0")
    await fetch.document(f"{home.origin}/1")
    with pytest.raises(RejectedByPolicy, match="2 documents"):
        await fetch.document(f"{home.origin}/2")
    assert await fetch.document(f"{home.origin}/0"), "what is known stays known"


async def test_fetching_again_under_another_name_counts(client, home):
    fetch = Dereferencer(client, None, limits=WorkLimits(max_documents=1))
    home.replies["/@ana/1"] = ap({"id": f"{home.origin}/posts/1"})

    with pytest.raises(RejectedByPolicy):
        await fetch.document(f"{home.origin}/@ana/1")


async def test_references_are_followed_only_so_deep(client):
    fetch = Dereferencer(client, None, limits=WorkLimits(max_depth=2))

    deepest = fetch.deeper().deeper()
    with pytest.raises(RejectedByPolicy, match="2 deep"):
        deepest.deeper()
    assert fetch.deeper(), "the shallow one stays as it was"


async def test_what_was_fetched_deeper_is_known_above_and_counts(client, home):
    fetch = Dereferencer(client, None, limits=WorkLimits(max_documents=1))
    home.replies["/1"] = ap({"id": f"{home.origin}/1"})

    below = await fetch.deeper().document(f"{home.origin}/1")

    assert await fetch.document(f"{home.origin}/1") is below
    with pytest.raises(RejectedByPolicy):
        await fetch.document(f"{home.origin}/2")
