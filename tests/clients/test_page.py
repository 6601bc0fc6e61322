"""A client that is nothing but a page of another origin: it logs in and publishes in Chromium, all of it cross-origin."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy

import pytest
from playwright.async_api import Browser, expect

from tests.clients.story import FOLDER, bundle, require_libraries
from tests.scenarios.server import ADMIN, PASSWORD, Server

ELSEWHERE = "127.0.0.77"


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin where the page is served: another host and port than the server's."""
    require_libraries()
    folder: Path = tmp_path_factory.mktemp("page")
    bundle("page.mjs", folder / "page.js")
    copy(FOLDER / "page.html", folder / "index.html")
    with ThreadingHTTPServer((ELSEWHERE, 0), partial(Quiet, directory=str(folder))) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        yield f"http://{ELSEWHERE}:{files.server_port}"
        files.shutdown()


async def test_a_page_of_another_origin_logs_in_and_publishes(server: Server, browser: Browser, page_origin: str):
    page = await browser.new_page(locale="fr-FR")
    failed: list[str] = []
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    await page.goto(f"{page_origin}/")
    await page.fill("#server", server.origin)
    await page.click("#login button")

    await page.wait_for_url(f"{server.origin}/login?**")
    await page.fill("#name", ADMIN)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.wait_for_url(f"{server.origin}/oauth/authorize?**")
    await page.locator("main form button").first.click()

    await page.wait_for_url(f"{page_origin}/?code=**")
    await expect(page.locator("#me")).to_have_text(ADMIN)
    await page.fill("#text", "Depuis une autre origine")
    await page.click("#write button")
    await expect(page.locator("#home li").first).to_have_text("Depuis une autre origine")
    assert await page.text_content("#problem") == ""
    assert failed == []


async def test_whoever_says_no_comes_back_without_a_code(server: Server, browser: Browser, page_origin: str):
    page = await browser.new_page(locale="fr-FR")
    await page.goto(f"{page_origin}/")
    await page.fill("#server", server.origin)
    await page.click("#login button")
    await page.fill("#name", ADMIN)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.locator("main form button").nth(1).click()

    await page.wait_for_url(f"{page_origin}/?error=access_denied**")
    await expect(page.locator("#login")).to_be_visible()
