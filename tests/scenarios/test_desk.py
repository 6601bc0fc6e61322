"""A section speaks and answers for what it said, in a real browser: two who look after it, one who reports it."""

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.scenarios.browsing import log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server

TEXT = "Réunion publique samedi à 14 h, salle des fêtes de Fives.\n\nVenez avec vos voisins ! #Fives"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section, a moderator of it, and a member who does not belong to it."""
    server = new_server("lille", "Section de Lille")
    server.add_members("max", "zoe")
    server.cli("section", "give-role", "lille", "max", "moderator")
    return server


async def report(server: Server, *status_ids: str, comment: str) -> None:
    """Report the section as Zoé's client does."""
    headers = {"Authorization": f"Bearer {server.token('zoe')}"}
    async with aiohttp.ClientSession(server.origin, headers=headers) as session:
        async with session.get("/api/v1/accounts/lookup", params={"acct": "lille"}) as found:
            account = (await found.json())["id"]
        sent = {"account_id": account, "status_ids": status_ids, "comment": comment}
        async with session.post("/api/v1/reports", json=sent) as answer:
            assert answer.status == 200, await answer.text()


async def test_what_the_section_said_is_changed_reported_and_taken_down(lille: Server, browser: Browser) -> None:
    ines, max_ = await log_in(browser, lille, ADMIN), await log_in(browser, lille, "max")
    await ines.goto("/@lille/desk")
    await show(ines, "desk")
    await ines.get_by_role("link", name="Écrire au nom de la section").click()
    await show(ines, "write")
    await ines.fill("#text", TEXT)
    await ines.check("input[value=unlisted]")
    await ines.get_by_role("button", name="Publier").click()
    assert ines.url.endswith("/@lille/desk/posts?said=published")
    assert "Venez avec vos voisins" in await ines.inner_text(".rows")
    await show(ines, "posts")

    await ines.get_by_role("link", name="Modifier").click()
    await ines.fill("#text", TEXT.replace("samedi", "dimanche"))
    await ines.fill("#warning", "Une réunion")
    await show(ines, "edit")
    await ines.get_by_role("button", name="Modifier").click()
    assert "said=changed" in ines.url
    await ines.locator(".rows summary").click()
    assert "dimanche" in await ines.inner_text(".rows .prose")

    [id_] = [
        part for part in (await ines.locator(".rows a").first.get_attribute("href") or "").split("/") if part.isdigit()
    ]
    await report(lille, id_, comment="La salle est fermée ce jour-là.")
    await max_.goto("/@lille/desk")
    await max_.get_by_role("link", name="1 signalement attend").click()
    await show(max_, "reports")
    await max_.get_by_role("link", name="Lire et décider").click()
    assert "La salle est fermée" in await max_.inner_text("blockquote")
    assert "zoe" not in await max_.content()
    await max_.fill("#note", "Vérifié avec la mairie.")
    await max_.check("input[type=checkbox]")
    await show(max_, "report")
    await max_.get_by_role("button", name="Clore : traité").click()
    assert max_.url.endswith("/@lille/desk/reports?said=report_closed")

    await ines.goto("/@lille/desk/posts")
    await expect(ines.locator(".rows .empty")).to_have_count(1)
    await show(ines, "posts-empty")
    await ines.goto("/@lille/desk/acts")
    assert "max a traité un signalement" in (await ines.inner_text(".rows")).replace("Max", "max")
    await show(ines, "acts-reports")
    response = await max_.goto("/@lille/desk/write")
    assert response is not None
    assert response.status == 403
