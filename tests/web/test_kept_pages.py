"""Finished pages are kept, and never shown once they are no longer true."""

import sqlite3

import pytest

from models.actor import Actor
from models.section import Section
from models.state import database_state
from server.posts.actions import Draft, delete, edit
from tests import databases
from tests.web.conftest import browser
from tests.web.pages import read, text, texts
from tests.web.test_queries import needs_sqlite, statements


@pytest.fixture
async def post(section, say):
    return await say(section, "Bonjour")


@needs_sqlite
@pytest.mark.parametrize("address", ["/", "/@lille", "/@lille.atom", "/@lille.rss", "/feed.atom", "/about"])
async def test_page_that_nothing_has_changed_asks_for_no_rows(visitor, post, address):
    first = await visitor.get(address)
    with statements() as seen:
        again = await visitor.get(address)

    assert (again.status_code, again.content) == (200, first.content)
    assert {k: v for k, v in again.headers.items() if k != "x-request-id"} == {
        k: v for k, v in first.headers.items() if k != "x-request-id"
    }
    assert seen == []


async def test_new_post_is_on_the_page_at_once(visitor, section, post, say):
    await visitor.get("/")
    await say(section, "Deuxième")

    assert texts(read(await visitor.get("/")), ".post .prose") == ["Deuxième", "Bonjour"]


async def test_what_was_edited_reads_as_it_is_now(visitor, section, post, ctx):
    await visitor.get(f"/@lille/{post.id}")
    await edit(section, post, Draft("Bonsoir"), ctx)

    assert text(read(await visitor.get(f"/@lille/{post.id}")), ".post-alone .prose") == "Bonsoir"


async def test_what_was_deleted_is_gone_at_once(visitor, section, post, ctx):
    await visitor.get(f"/@lille/{post.id}")
    await delete(section, post, ctx)

    assert (await visitor.get(f"/@lille/{post.id}")).status_code == 410
    assert "Bonjour" not in (await visitor.get("/")).text


async def test_new_name_stands_at_the_head_of_every_page(visitor, section, post):
    for address in ("/", f"/@lille/{post.id}", "/about"):
        await visitor.get(address)
    await Actor.filter(id=section.id).update(display_name="Section de Roubaix")
    await Section.filter(actor_id=section.id).update(place="Roubaix")

    for address in ("/", f"/@lille/{post.id}", "/about"):
        page = read(await visitor.get(address))
        assert text(page, ".masthead-name") == "Section de Roubaix"
        assert text(page, ".masthead-place") == "Roubaix"


@needs_sqlite
async def test_what_another_process_writes_is_seen_at_once(visitor, post, db):
    await visitor.get("/")
    with sqlite3.connect(db.removeprefix("sqlite:///")) as other:
        other.execute("UPDATE actor SET display_name = 'Section de Roubaix' WHERE username = 'lille'")

    assert text(read(await visitor.get("/")), "h1") == "Section de Roubaix"


async def test_languages_are_kept_apart(app, visitor, post):
    await visitor.get("/")
    async with browser(app, language="en") as reader:
        assert read(await reader.get("/")).html["lang"] == "en"
    assert read(await visitor.get("/")).html["lang"] == "fr"


async def test_kept_page_still_answers_to_its_tag(visitor, post):
    tag = (await visitor.get("/")).headers["etag"]

    for _ in range(2):
        again = await visitor.get("/", headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["etag"], again.content) == (304, tag, b"")


async def test_first_reader_with_an_old_tag_gets_the_page(visitor, post):
    response = await visitor.get("/", headers={"If-None-Match": '"old"'})

    assert response.status_code == 200


async def test_state_is_the_same_until_something_is_written(section):
    for _ in range(20):  # PostgreSQL tells of what other databases of the same server write, too
        before = await database_state()
        if await database_state() == before:
            break
    else:
        pytest.fail("the state is never the same")

    await Actor.filter(id=section.id).update(display_name="Autre")

    assert await database_state() != before


@pytest.mark.skipif(databases.KIND != "postgres", reason="snapshots are PostgreSQL's")
async def test_state_on_postgresql_is_a_snapshot(section):
    assert ":" in (await database_state())[0]
