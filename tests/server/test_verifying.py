"""Pages that a profile names and that link back to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.actor import Actor
from server.mastodon.entities.account import account
from server.members import verifying
from server.members.profiles import ProfileChanges, document_of, edit
from server.members.verifying import links_in, verify
from tests.world import ORIGIN

PAGE = "https://zoe.example/"


@pytest.fixture
async def zoe(member, ctx):
    await edit(member, ProfileChanges(fields=[("Site", PAGE), ("Ville", "Lille")]), ctx)
    return member


def serve(world, html, status=None):
    world.documents[PAGE], world.content_types[PAGE] = html.encode(), "text/html"
    if status is not None:
        world.statuses[PAGE] = status


@pytest.mark.parametrize(
    "html",
    [
        f'<p><a href="{ORIGIN}/@zoe" rel="me">moi</a>',
        f'<head><link rel="nofollow ME" href="{ORIGIN}/@zoe/"></head>',
        "<a\nrel=me href='{uri}'>moi</a>",
    ],
)
async def test_a_page_that_links_back_is_marked(zoe, ctx, world, html):
    serve(world, html.format(uri=zoe.uri))

    assert await verify(zoe, ctx) == 1

    actor = await Actor.get(id=zoe.id)
    assert [field.get("verified_at") for field in actor.profile_fields] == [
        ctx.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        None,
    ]
    shown = account(actor, ctx.names)["fields"]
    assert [field["verified_at"] is not None for field in shown] == [True, False]
    document = await document_of(actor, ctx)
    assert all(item.keys() == {"type", "name", "value"} for item in document["attachment"])


@pytest.mark.parametrize(
    ("html", "status"),
    [
        ("", None),
        (f'<a href="{ORIGIN}/@zoe">moi</a>', None),
        (f'<a href="{ORIGIN}/@ali" rel="me">lui</a>', None),
        (f'<a href="{ORIGIN}/@zoe" rel="me">moi</a>', 404),
        (f'<a href="{ORIGIN}/@zoe" rel="me">moi</a>', 0),
        (f'&lt;a href="{ORIGIN}/@zoe" rel="me">moi', None),
    ],
)
async def test_a_page_that_does_not_loses_its_mark(zoe, ctx, world, html, status):
    serve(world, f'<a href="{ORIGIN}/@zoe" rel="me">moi</a>')
    assert await verify(zoe, ctx) == 1
    serve(world, html, status)

    assert await verify(zoe, ctx) == 0

    assert all("verified_at" not in field for field in (await Actor.get(id=zoe.id)).profile_fields)


async def test_a_mark_stays_with_its_page(zoe, ctx, world):
    serve(world, f'<a href="{ORIGIN}/@zoe" rel="me">moi</a>')
    await verify(zoe, ctx)

    await edit(zoe, ProfileChanges(fields=[("Page", PAGE)]), ctx)
    assert "verified_at" in (await Actor.get(id=zoe.id)).profile_fields[0]
    await edit(zoe, ProfileChanges(fields=[("Page", f"{PAGE}autre")]), ctx)

    assert "verified_at" not in (await Actor.get(id=zoe.id)).profile_fields[0]


async def test_pages_without_encryption_are_not_asked(member, ctx, world):
    await edit(member, ProfileChanges(fields=[("Site", "http://zoe.example/")]), ctx)
    world.fetched.clear()

    assert await verify(member, ctx) == 0
    assert world.fetched == []


@given(
    st.text()
    | st.lists(st.sampled_from(["<a ", "<link ", "rel=me", "href=x", ">", "<![", "<!--", '"', "'"])).map(" ".join)
)
def test_any_page_is_read(html):
    assert "" not in links_in(html)


def test_a_page_that_is_meant_to_be_slow_is_not():
    for piece in ("<a ", "<a x", '<a rel="', "<", "<a <!--"):
        assert links_in(piece * (verifying.MAX_PAGE_BYTES // len(piece))) == set()
