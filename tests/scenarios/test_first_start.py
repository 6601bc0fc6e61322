"""A newcomer starts a server with nothing there, follows the link that it prints, and finishes the set-up in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.scenarios.browsing import PHONE, show
from tests.scenarios.server import PASSWORD, Server


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has set up, with an empty folder."""
    folder = tmp_path / "data"
    server = Server(folder, "lille", "", host="127.0.0.2")
    yield server.start()
    server.stop()


@pytest.mark.parametrize("has_scripts", [False, True])
async def test_a_newcomer_opens_a_server(fresh: Server, browser: Browser, has_scripts: bool) -> None:
    match = re.search(rf"{fresh.origin}(/setup/[\w-]+)", fresh.log_text())
    assert match is not None, fresh.log_text()
    context = await browser.new_context(
        viewport=PHONE, java_script_enabled=has_scripts, locale="fr-FR", base_url=fresh.origin
    )
    page = await context.new_page()
    await page.goto(match[1])
    await page.fill("#section_name", "Section de Lille")
    await page.fill("#handle", "lille")
    await page.fill("#place", "Lille")
    await page.fill("#username", "ines")
    await page.fill("#password", PASSWORD)
    await page.fill("#password_again", "something else")
    await page.click("main form button")
    assert await page.input_value("#section_name") == "Section de Lille", "what was typed is kept"
    assert await page.locator(".field-wrong").count() == 1
    await show(page, "setup-refused")
    await page.fill("#password", PASSWORD)
    await page.fill("#password_again", PASSWORD)
    await page.click("main form button")
    assert page.url == f"{fresh.origin}/setup/done"
    await show(page, "setup-done")

    await page.get_by_role("link", name="Me connecter ici").click()
    await page.fill("#name", "ines")
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.goto("/@lille/desk")
    await page.goto("/")
    assert await page.inner_text("h1") == "Section de Lille"
    again = await page.goto(match[1])
    assert again is not None
    assert again.status in (404, 410)
