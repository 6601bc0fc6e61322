"""The page of the server, and its source code."""

import io
import tarfile

from server.admin import rules, terms
from tests.web.pages import read, text, texts
from web.about.source import FLOORS, ROOT


async def test_page_says_who_publishes_and_what_runs(visitor, section):
    page = read(await visitor.get("/about"))

    assert "Section de Lille" in texts(page, "#legal dd")
    assert {"Coopole", "ActivityPub", "AGPL-3.0-or-later"} <= set(texts(page, "#software dd"))
    assert page.select_one("#software a")["href"] == "/about/source.tar.gz"


async def test_page_shows_the_rules_where_there_are_some(visitor, section):
    assert not read(await visitor.get("/about")).select("#rules")
    await rules.add("Du respect <b>", "Toujours")
    page = read(await visitor.get("/about"))
    assert texts(page, "#rules li") == ["Du respect <b> Toujours"]


async def test_page_is_there_before_the_set_up(visitor, ctx):
    assert text(read(await visitor.get("/about")), "h1") == "À propos de ce serveur"


async def test_instance_actor_sends_people_to_the_page(visitor, section):
    response = await visitor.get("/actor")

    assert (response.status_code, response.headers["location"]) == (302, "/about")


async def test_source_code_of_what_runs_is_offered_whole(visitor, section):
    response = await visitor.get("/about/source.tar.gz")

    assert response.headers["content-type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(response.content)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            assert path.relative_to(ROOT).as_posix() in names
    assert "web/shared/templates/layout.html" in names
    assert not [name for name in names if name.endswith((".db", ".env", ".key", ".pyc", ".sock"))]


async def test_terms_of_use_are_read_there(visitor, section, ctx):
    assert "Conditions d’utilisation" not in read(await visitor.get("/about")).get_text()
    await terms.publish("Soyez <gentils>.\n\nhttps://lille.test/", ctx.now().date())

    page = read(await visitor.get("/about"))
    assert "Soyez <gentils>." in text(page, "#terms .prose")
    assert page.select_one('#terms a[href="https://lille.test/"]')
