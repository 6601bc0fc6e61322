"""The feeds: valid, cautious, and not sent twice."""

from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

from models.actor import Actor
from models.post import Visibility
from tests import factories

ATOM = "{http://www.w3.org/2005/Atom}"


async def feed(visitor, address):
    response = await visitor.get(address)
    assert response.status_code == 200, response.text
    return ElementTree.fromstring(response.content), response


async def test_atom_feed_has_all_that_the_format_demands(visitor, section, say):
    first, second = await say(section, "Premier"), await say(section, "Deuxième #bus")

    root, response = await feed(visitor, "/@lille.atom")

    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(ATOM + name)) == 1
    assert {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")} == {
        "self": "https://lille.test/@lille.atom",
        "alternate": section.url,
    }
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [second.uri, first.uri]
    assert entries[0].findtext(f"{ATOM}title") == "Deuxième #bus"
    assert entries[0].find(f"{ATOM}category").get("term") == "bus"
    content = entries[0].find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert content.text == second.content_html
    assert entries[0].findtext(f"{ATOM}updated").startswith(f"{second.published_at:%Y-%m-%dT%H:%M:%S}")


async def test_main_feed_is_that_of_the_main_section(visitor, section, say):
    await say(section, "Bonjour")

    root, _ = await feed(visitor, "/feed.atom")

    assert root.findtext(f"{ATOM}id") == section.uri
    assert root.find(f"{ATOM}link[@rel='self']").get("href") == "https://lille.test/feed.atom"


async def test_rss_feed_says_the_same(visitor, section, say):
    post = await say(section, "Bonjour")

    root, response = await feed(visitor, "/@lille.rss")

    channel = root.find("channel")
    assert response.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert root.get("version") == "2.0"
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    assert channel.findtext("item/link") == post.url
    assert channel.find("item/guid").get("isPermaLink") == "false"
    assert parsedate_to_datetime(channel.findtext("item/pubDate")) == post.published_at


async def test_warning_comes_first_in_a_feed(visitor, section):
    await factories.post(section, "Des images dures", content_warning="Incendie & fumée")

    entry = (await feed(visitor, "/@lille.atom"))[0].find(f"{ATOM}entry")

    assert entry.findtext(f"{ATOM}title") == "Incendie & fumée"
    assert entry.findtext(f"{ATOM}content").startswith("<p><strong>Incendie &amp; fumée</strong></p>")


async def test_what_xml_forbids_does_not_break_a_feed(visitor, section):
    await factories.post(section, "cloche \x07 fin \ufffe", title="]]> & \x1b <b>")

    root, _ = await feed(visitor, "/@lille.atom")

    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "]]> &  <b>"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
@pytest.mark.parametrize("address", ["/@lille.atom", "/@lille.rss", "/feed.atom"])
async def test_feed_holds_nothing_but_what_everybody_may_read(visitor, section, say, visibility, address):
    await say(section, "Secret", visibility)

    assert "Secret" not in (await visitor.get(address)).text


async def test_empty_feed_is_a_feed(visitor, section):
    root, _ = await feed(visitor, "/@lille.atom")

    assert root.findall(f"{ATOM}entry") == []
    assert root.findtext(f"{ATOM}updated")


@pytest.mark.parametrize("address", ["/@lille.atom", "/@lille.rss"])
async def test_reader_who_has_it_already_is_not_sent_it_again(visitor, section, say, address):
    await say(section, "Bonjour")
    first = await visitor.get(address)

    by_tag = await visitor.get(address, headers={"If-None-Match": first.headers["etag"]})
    by_date = await visitor.get(address, headers={"If-Modified-Since": first.headers["last-modified"]})

    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert (by_date.status_code, by_date.content) == (304, b"")


async def test_reader_who_lacks_the_newest_post_is_sent_it(visitor, section, say, world):
    await say(section, "Premier")
    first = await visitor.get("/@lille.atom")
    world.pass_time(minutes=5)
    await say(section, "Deuxième")

    for name, value in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")):
        again = await visitor.get("/@lille.atom", headers={name: first.headers[value]})
        assert "Deuxième" in again.text


@pytest.mark.parametrize("since", ["yesterday", "", "Sat, 99 Foo 2026 00:00:00 GMT", "Sat, 05 Dec 2026 13:00:00 -0000"])
async def test_date_that_cannot_be_read_is_passed_over(visitor, section, since):
    response = await visitor.get("/@lille.atom", headers={"If-Modified-Since": since})

    assert response.status_code == 200


@pytest.mark.parametrize("address", ["/@nobody.atom", "/@nobody.rss"])
async def test_feed_of_nobody_is_not_found(visitor, section, address):
    assert (await visitor.get(address)).status_code == 404


async def test_there_is_no_main_feed_before_the_set_up(visitor, ctx):
    assert (await visitor.get("/feed.atom")).status_code == 404


async def test_closed_account_has_no_feed(visitor, section, member, ctx):
    await Actor.filter(id=member.id).update(gone_at=ctx.now())

    assert (await visitor.get("/@zoe.atom")).status_code == 410


@pytest.mark.parametrize("address", ["/@lille.atom", "/@lille.rss", "/feed.atom", "/@lille"])
async def test_a_query_that_is_no_text_changes_nothing(visitor, section, main_section, address):
    response = await visitor.get(f"{address}?x=%FF")
    scope_query = await raw_query(visitor, address, b"x=\xff")
    assert (response.status_code, scope_query) == (200, 200)


async def raw_query(visitor, address, query):
    """Ask with a query of bytes that no client would send; the status."""
    app, statuses = visitor._transport.app, []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        statuses.append(message.get("status"))

    headers = [(b"host", b"lille.test"), (b"accept", b"text/html")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": address, "raw_path": address.encode(), "query_string": query, "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return statuses[0]
