"""A member's home in a real browser with scripts: what comes from another server arrives live, and is answered in place."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.scenarios.browsing import PHONE
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import PASSWORD, Server, eventually
from tests.scenarios.talk import count_is, follow

DESK = {"width": 1280, "height": 900}
PICTURES = os.environ.get("COOPOLE_TEST_PICTURES", "")
POLL = {"options": ["Samedi", "Dimanche"], "expires_in": 3600}


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with a section and two members."""
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "max")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """Another server, with a section and a member."""
    server = new_server("brest", "Section de Brest")
    server.add_member("noor")
    return server


def told(said: ConsoleMessage) -> None:
    """Fail where a browser says that a page does what its policy forbids."""
    assert "Content Security Policy" not in said.text, said.text


async def window(browser: Browser, server: Server, name: str, **more: object) -> Page:
    """Open a window with scripts, and log in there; a page asks nobody but its own server."""
    context = await browser.new_context(locale="fr-FR", base_url=server.origin, **more)  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("console", told)
    page.on("request", lambda request: _is_ours(request.url, server))
    await page.goto("/login")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("form[action='/login'] button")
    await page.wait_for_url("**/home")
    return page


def _is_ours(url: str, server: Server) -> None:
    assert url.startswith((server.origin, "blob:")), f"a page asked another server: {url}"


async def show(page: Page, name: str) -> None:
    """Check that nothing makes the page wider than its window, and keep a picture where a folder is named for them."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


async def test_what_comes_arrives_live_and_is_answered_where_it_stands(
    lille: Server, brest: Server, browser: Browser
) -> None:
    desk = await window(browser, lille, "zoe", viewport=DESK, color_scheme="light")
    await expect(desk.locator(".empty .person-name")).to_have_text(["Section de Lille"])
    await show(desk, "home-empty-desk")
    await follow(lille, "zoe", f"@brest@{brest.netloc}")
    await follow(lille, "zoe", f"@noor@{brest.netloc}")
    await follow(brest, "noor", f"@zoe@{lille.netloc}")
    await brest.post_status("Avant, à Brest", member="noor")
    await desk.reload()
    await eventually(lambda: _has(desk, "Avant, à Brest"))
    phone = await window(browser, lille, "zoe", viewport=PHONE, color_scheme="dark", has_touch=True)
    await show(phone, "home-phone-dark")

    # A post of the section over there is announced, and comes when it is asked for; nothing moves before that.
    before = await desk.locator("article.read").first.bounding_box()
    brest.cli("post", "brest", "Réunion publique jeudi à 19 h, salle de la Criée. Venez avec vos voisins ! #Brest")
    for page in (desk, phone):
        await expect(page.locator("[data-news] button")).to_have_text("1 nouvelle publication", timeout=20_000)
    assert await desk.locator("article.read").first.bounding_box() == before
    await show(desk, "home-news-desk")
    await show(phone, "home-news-phone-dark")
    await phone.locator("[data-news] button").click()
    card = phone.locator("article.read").first
    await expect(card).to_contain_text("Réunion publique jeudi")
    await expect(phone.locator("[data-news] button")).to_be_hidden()
    await expect(card).to_be_focused()

    # Its buttons act where they stand, on the phone.
    await card.get_by_role("button", name="Aimer").click()
    await expect(card.get_by_role("button", name="Aimer", pressed=True)).to_be_focused()
    await expect(phone.locator("[data-said]")).to_have_text("Vous aimez cette publication.")
    await card.get_by_role("button", name="Partager").click()
    await expect(card.get_by_role("button", name="Partager", pressed=True)).to_be_visible()
    await card.get_by_text("Plus", exact=True).click()
    await show(phone, "home-more-phone-dark")
    await phone.keyboard.press("Escape")
    await expect(card.locator(".act-more[open]")).to_have_count(0)
    assert phone.url.endswith("/home")
    status = (await brest.api("GET", "/api/v1/timelines/public", member=None))[0]
    await eventually(lambda: count_is(brest, status, "favourites_count", 1))
    await eventually(lambda: count_is(brest, status, "reblogs_count", 1))
    await card.get_by_role("button", name="Aimer").click()
    await expect(card.get_by_role("button", name="Aimer", pressed=False)).to_be_visible()
    await eventually(lambda: count_is(brest, status, "favourites_count", 0))

    # A poll takes one vote, at the desk, by keys alone.
    await brest.post_status("Quel jour pour le tractage ?", member="noor", poll=POLL)
    await expect(desk.locator("[data-news] button")).to_have_text("2 nouvelles publications", timeout=20_000)
    await desk.locator("[data-news] button").click()
    ballot = desk.locator("form.ballot")
    await ballot.get_by_label("Dimanche").check()
    await show(desk, "home-ballot-desk")
    await ballot.get_by_role("button", name="Voter").click()
    await expect(desk.locator(".poll-share").last).to_contain_text("100")
    await show(desk, "home-desk")

    # An answer is told live, counted, and read.
    mine = await lille.post_status(f"@noor@{brest.netloc} Dimanche me va", member="zoe")
    theirs = await eventually(lambda: _found(brest, mine["uri"]))
    await brest.api("POST", f"/api/v1/statuses/{theirs['id']}/favourite", member="noor")
    await lille.api("POST", f"/api/v1/statuses/{mine['id']}/reblog", member="max")
    await expect(phone.locator("[data-unread]")).to_have_text("3 à lire", timeout=20_000)
    await phone.get_by_role("link", name="Notifications").click()
    await expect(phone.locator(".told-what")).to_have_count(3)
    for words in ("noor aime votre publication", "max a partagé votre publication", "noor vous suit maintenant"):
        await expect(phone.locator(".told-what", has_text=words)).to_have_count(1)
    await expect(phone.locator("[data-unread]")).to_be_hidden()
    await show(phone, "notifications-phone-dark")
    await phone.locator(".told-post a").first.click()
    await expect(phone.locator("article.post-alone")).to_contain_text("Dimanche me va")
    await show(phone, "thread-phone-dark")
    await phone.locator(".ancestors, article.post-alone").first.get_by_text("Plus", exact=True).click()

    await _walk_by_keys(desk)
    dark = await window(browser, lille, "zoe", viewport=DESK, color_scheme="dark")
    await show(dark, "home-desk-dark")
    await dark.goto("/notifications")
    await show(dark, "notifications-desk-dark")


async def _walk_by_keys(page: Page) -> None:
    """Move between posts, like one, list the keys, go to places; and none of it while somebody types."""
    await page.goto("/home")
    await page.keyboard.press("j")
    await expect(page.locator("article.read").first).to_be_focused()
    await page.keyboard.press("j")
    second = page.locator("article.read").nth(1)
    await expect(second).to_be_focused()
    await page.keyboard.press("f")
    await expect(second.get_by_role("button", name="Aimer", pressed=True)).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await show(page, "keys-desk")
    await page.get_by_label("Utiliser ces touches").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_hidden()  # they are off on this device
    assert page.url.endswith("/home")
    await page.get_by_role("button", name="Clavier").click()
    await page.get_by_label("Utiliser ces touches").check()
    await page.get_by_role("button", name="Fermer").click()
    await page.keyboard.press("g")
    await page.keyboard.press("n")
    await page.wait_for_url("**/notifications")
    await page.goto("/notifications?only=mentions")
    await page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
    await page.locator("main textarea").focus()
    await page.keyboard.type("gn?")
    assert page.url.endswith("only=mentions")
    assert await page.locator("main textarea").input_value() == "gn?"


async def _has(page: Page, words: str) -> bool:
    await page.reload()
    return words in await page.inner_text("main")


async def _found(server: Server, uri: str) -> dict[str, str] | None:
    return await server.in_home(uri, member="noor")
