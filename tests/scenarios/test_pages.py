"""Members and a section's desk in a real browser: a phone's width, no JavaScript, from logging in to deleting everything."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, PASSWORD, Server

PHONE = {"width": 360, "height": 740}
PICTURES = os.environ.get("COOPOLE_TEST_PICTURES", "")


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section, and a member who does not belong to it yet."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    return server


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        await chromium.close()


async def log_in(browser: Browser, server: Server, name: str) -> Page:
    """Open a window of somebody's own, and log in there."""
    context = await browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="fr-FR", base_url=server.origin, color_scheme="light"
    )
    page = await context.new_page()
    await page.goto("/me")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await show(page, "login")
    await page.click("main button")
    assert page.url == f"{server.origin}/me"
    return page


async def show(page: Page, name: str) -> None:
    """Check that nothing stands out of a phone, and keep a picture where COOPOLE_TEST_PICTURES names a folder."""
    width = (await page.locator("html").bounding_box() or {})["width"]
    assert width <= PHONE["width"], f"{name} is {width} px wide"
    for image in await page.locator("main *").all():
        box = await image.bounding_box()
        assert box is None or box["x"] + box["width"] <= PHONE["width"] + 1, (
            name,
            await image.evaluate("e => e.outerHTML"),
        )
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def test_from_joining_to_deleting_everything(lille: Server, browser: Browser) -> None:
    ines, zoe = await log_in(browser, lille, ADMIN), await log_in(browser, lille, "zoe")
    await ines.goto("/@lille/desk/page")
    await ines.fill("#charter", "Nous décidons ensemble.\n\nChacun parle à son tour.")
    await ines.fill("#first_colour", "#c8102e")
    await show(ines, "page")
    await ines.click("main form:last-of-type > button")
    assert "said=kept" in ines.url

    await zoe.goto("/@lille/join")
    await zoe.fill("#message", "Bonjour, j’habite Fives.")
    for box in await zoe.locator("input[type=checkbox]").all():
        await box.check()
    await show(zoe, "join")
    await zoe.click("main form.box button")
    assert zoe.url.endswith("/me?said=asked")
    await show(zoe, "asked")

    await ines.goto("/@lille/desk/requests")
    assert "Bonjour, j’habite Fives." in await ines.inner_text("blockquote")
    await show(ines, "requests")
    await ines.get_by_role("button", name="Accepter").click()
    assert "said=approved" in ines.url

    await ines.goto("/@lille/desk/roles")
    await ines.fill("#person", "zoe")
    await ines.select_option("#role", "manager")
    await show(ines, "roles")
    await ines.get_by_role("button", name="Proposer").click()
    await zoe.goto("/me")
    await show(zoe, "offered")
    await zoe.get_by_role("button", name="Accepter").click()
    await zoe.goto("/@lille/desk/members")
    await show(zoe, "members")

    await ines.goto("/@lille/desk/acts")
    await show(ines, "acts")
    await ines.goto("/@lille/desk/invitations")
    await ines.get_by_role("button", name="Créer un lien").click()
    await show(ines, "link")

    await zoe.goto("/me/consents")
    await zoe.fill("input[type=tel]", "01 23 45 67 89")
    await show(zoe, "consents")
    await zoe.goto("/me/sessions")
    await show(zoe, "sessions")
    await zoe.goto("/me/data")
    await zoe.locator("summary").first.click()
    await show(zoe, "data")

    await zoe.goto("/me/delete")
    await show(zoe, "delete")
    await zoe.fill("#password", PASSWORD)
    await zoe.check("input[name=sure]")
    await zoe.click("main form.box button")
    assert zoe.url == f"{lille.origin}/"
    response = await zoe.goto("/@zoe")
    assert response is not None
    assert response.status == 410
