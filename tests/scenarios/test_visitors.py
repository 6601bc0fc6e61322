"""Visitors in a real browser: they find a section near them, hear of it by e-mail, search, follow from their own server."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.scenarios import letters
from tests.scenarios.browsing import PHONE, PICTURES, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import PASSWORD, Server, eventually

CALLING = "tests.scenarios.calling"
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with a section that says where it is, and what it does."""
    server = new_server("lille", "Section de Lille")
    server.cli("section", "edit", "lille", "--place", "Lille", "--coordinates", "50.6311, 3.0468")
    server.cli("post", "lille", "Le tramway reviendra à Fives : compte rendu de la réunion publique. #tramway")
    server.run(CALLING, "lille", "Tractage au marché", "Lille")
    return server


@pytest.fixture(scope="module")
def marseille(new_server: NewServer) -> Server:
    """Another server, with a section, and somebody who visits the first."""
    server = new_server("marseille", "Section de Marseille")
    server.add_member("noor")
    return server


async def picture(page: Page, name: str) -> None:
    """Keep a picture of a wide page, where COOPOLE_TEST_PICTURES names a folder."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
async def visitor(browser: Browser, lille: Server) -> Page:
    """The phone of somebody without an account here."""
    context = await browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="fr-FR", base_url=lille.origin
    )  # fmt: skip
    return await context.new_page()


async def test_from_a_postal_code_to_following_twice(lille: Server, marseille: Server, visitor: Page) -> None:
    lille.cli("follow", "lille", f"@marseille@{marseille.netloc}")

    async def are_shown(selector: str) -> bool:
        await visitor.goto("/directory?near=13001")
        return await visitor.locator(selector).count() == 2

    await eventually(lambda: are_shown(".section-card"))
    marseille.run(CALLING, "marseille", "Réunion au port", "Marseille")
    await eventually(lambda: are_shown(".section-distance"))
    await expect(visitor.locator(".section-card .person-name")).to_have_text(
        ["Section de Marseille", "Section de Lille"]
    )
    await visitor.fill("#near", "59100")
    await visitor.click(".directory-form button")
    await expect(visitor.locator(".section-card .person-name")).to_have_text(
        ["Section de Lille", "Section de Marseille"]
    )
    await show(visitor, "visitor-directory")
    await visitor.click(".section-card .person-name")

    await visitor.fill("#by-mail input[type=email]", "camille@post.example")
    await visitor.click("#by-mail button")
    assert visitor.url == f"{lille.origin}/contact/sent"
    [letter] = await eventually(lambda: letters.to_address(lille, "camille@post.example"))
    link = re.search(rf"{re.escape(lille.origin)}/contact/\S+", letter.text)
    assert link is not None
    await visitor.goto(link[0])
    await visitor.get_by_role("button", name="Confirmer").click()
    assert await visitor.get_by_role("status").inner_text() == "C’est enregistré."

    await visitor.goto("/")
    await visitor.click(".masthead-nav a[href='/search']")
    await show(visitor, "visitor-search-empty")
    await visitor.fill("#q", "TRAMWAY reunion")
    await visitor.click(".search-form button")
    await show(visitor, "visitor-search")
    await visitor.click(".found-title")
    await show(visitor, "visitor-post")

    await visitor.get_by_role("link", name="Répondre depuis votre serveur").click()
    await visitor.fill("#address", f"noor@{marseille.netloc}")
    await visitor.click("main form button")
    assert visitor.url.startswith(marseille.origin)
    await visitor.goto("/follow?of=lille")
    assert marseille.netloc in await visitor.inner_text("#address-hint")
    await show(visitor, "visitor-follow")
    await visitor.get_by_role("button", name=f"Continuer sur {marseille.netloc}").click()
    assert visitor.url.startswith(f"{marseille.origin}/search?q=")
    await visitor.click(".box .button")
    await visitor.fill("#name", "noor")
    await visitor.fill("#password", PASSWORD)
    await visitor.click("main button")
    await expect(visitor.locator(".found .person-name")).to_have_text(["Section de Lille"])
    await show(visitor, "visitor-at-home")

    response = await visitor.goto(f"{lille.origin}/nulle-part")
    assert response is not None
    assert response.status == 404
    await show(visitor, "visitor-error")
    await visitor.fill("#q", "marché")
    await visitor.click(".error-page .search-form button")
    await expect(visitor.locator(".event-title")).to_have_text(["Tractage au marché"])


async def test_the_same_on_a_wide_screen_in_the_dark_and_on_paper(lille: Server, browser: Browser) -> None:
    context = await browser.new_context(
        viewport=DESKTOP, java_script_enabled=False, locale="fr-FR", base_url=lille.origin, color_scheme="dark"
    )
    page = await context.new_page()
    for address, name in (("/", "home"), ("/directory?near=59000", "directory"), ("/search?q=march", "search")):
        await page.goto(address)
        width = (await page.locator("html").bounding_box() or {})["width"]
        assert width <= DESKTOP["width"], name
        await picture(page, f"visitor-{name}-dark")
    await expect(page.locator(".event-title")).to_have_text(["Tractage au marché"])
    await page.click(".event-title a")
    await expect(page.locator(".leaflet-code")).to_be_hidden()
    await picture(page, "visitor-event-dark")

    await page.emulate_media(media="print", color_scheme="light")
    await page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dots an inch
    await expect(page.locator(".leaflet-code svg")).to_be_visible()
    for hidden in (".masthead-nav", ".answer", ".side", ".colophon", ".post-foot"):
        await expect(page.locator(hidden)).to_be_hidden()
    await picture(page, "visitor-leaflet")
