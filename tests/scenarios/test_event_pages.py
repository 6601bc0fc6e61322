"""Events in a real browser, on a phone and without JavaScript: found near a town, answered, answered otherwise."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.scenarios import rows
from tests.scenarios.browsing import PHONE, log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server

CALLING = "tests.scenarios.calling"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with a section that calls to two markets, one of them far away, and a member."""
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "max")
    server.run(CALLING, "lille", "Tractage au marché", "Lille")
    server.run(CALLING, "lille", "Tractage au port", "Marseille")
    return server


@pytest.fixture
async def visitor(browser: Browser, lille: Server) -> AsyncIterator[Page]:
    """The phone of somebody without an account."""
    context = await browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="fr-FR", base_url=lille.origin
    )  # fmt: skip
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    assert all(url.startswith(lille.origin) for url in asked), "a page asked another server for something"


async def test_an_event_is_found_near_a_town_and_answered_and_answered_otherwise(
    lille: Server, browser: Browser, visitor: Page
) -> None:
    await visitor.goto("/")
    await expect(visitor.locator(".next-event")).to_have_count(2)
    await show(visitor, "event-home")
    await visitor.click(".masthead-nav a[href='/agenda']")
    await expect(visitor.locator(".event-card")).to_have_count(2)
    await visitor.fill("#near", "roubaix")
    await visitor.click(".agenda-filters button")
    await expect(visitor.locator(".agenda .event-title")).to_have_text(["Tractage au marché"])
    await show(visitor, "event-near")
    await visitor.get_by_role("link", name="Mois", exact=True).click()
    await show(visitor, "event-month")
    await visitor.get_by_role("link", name="Liste", exact=True).click()
    await visitor.click(".event-title a")
    assert "Accessible en fauteuil roulant" in await visitor.inner_text(".event-facts")
    await show(visitor, "event-page")
    number = visitor.url.rpartition("/")[2]

    zoe = await log_in(browser, lille, "zoe")
    await zoe.goto(f"/@lille/{number}")
    await zoe.get_by_role("link", name="Répondre dans mon espace").click()
    await zoe.fill("#guests", "2")
    await zoe.get_by_label("Tenir la table").check()
    await show(zoe, "event-answering")
    await zoe.get_by_role("button", name="Je participe").click()
    assert "said=answered" in zoe.url
    assert await zoe.inner_text(".answer-said") == "Vous participez, avec 2 autres personnes."
    assert await zoe.get_by_label("Tenir la table").is_checked()
    await show(zoe, "event-answered")
    await visitor.reload()
    assert "17 places restantes" in await visitor.inner_text(".event-facts")
    assert "il manque encore 1 personne" in await visitor.inner_text(".event-shifts li:first-child")

    await zoe.get_by_role("button", name="Je ne peux pas").click()
    assert await zoe.inner_text(".answer-said") == "Vous ne venez pas."
    await visitor.reload()
    assert "20 places restantes" in await visitor.inner_text(".event-facts")
    [(state, guests)] = await rows.query(lille, "SELECT state, guests FROM participation")
    assert (state, guests) == ("declined", 2)


async def test_whoever_has_no_account_comes_with_an_address(lille: Server, visitor: Page) -> None:
    await visitor.goto("/agenda?near=59000")
    await visitor.click(".event-title a")
    await visitor.click(".event-go a")
    await visitor.fill("#email", "lou@post.example")
    await visitor.fill("#name", "Lou")
    await visitor.locator(".come > button").click()
    assert visitor.url == f"{lille.origin}/answers/sent"
    await show(visitor, "event-sent")
    assert await rows.query(lille, "SELECT state FROM participation WHERE actor_id IS NULL") == [("unconfirmed",)]


async def test_a_keyboard_is_enough_for_the_month(visitor: Page) -> None:
    await visitor.goto("/agenda?month=2026-12")
    names: list[str] = []
    for _ in range(40):
        await visitor.keyboard.press("Tab")
        names.append(await visitor.locator(":focus").inner_text() if await visitor.locator(":focus").count() else "")
    assert {"Mois précédent", "Mois suivant", "Liste"} <= {re.sub(r"\s+", " ", name) for name in names}


async def tab_to(page: Page, wanted: str) -> None:
    """Press the Tab key until something of this id or these words has the focus, and can be seen to have it."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() and wanted in (
            await focused.get_attribute("id"),
            (await focused.inner_text()).strip(),
        ):
            outline = await focused.evaluate("e => getComputedStyle(e).outlineWidth + getComputedStyle(e).outlineStyle")
            assert outline == "3pxsolid", f"{wanted}: {outline}"
            return
    raise AssertionError(f"no key leads to {wanted}")


async def test_a_keyboard_is_enough_to_answer(lille: Server, browser: Browser) -> None:
    page = await log_in(browser, lille, "max")
    await page.goto("/agenda")
    await page.keyboard.press("Tab")
    assert await page.inner_text(":focus") == "Aller au contenu"
    for wanted, pressed in (("Tractage au marché", "Enter"), ("Répondre dans mon espace", "Enter")):
        await tab_to(page, wanted)
        await page.keyboard.press(pressed)
        await page.wait_for_load_state()
    await tab_to(page, "guests")
    await page.keyboard.press("1")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await tab_to(page, "Je participe")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**said=answered")
    assert await page.inner_text(".answer-said") == "Vous participez, avec une autre personne."
    assert await page.get_by_label("Tenir la table").is_checked()
    await tab_to(page, "Je ne peux pas")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert await page.inner_text(".answer-said") == "Vous ne venez pas."
