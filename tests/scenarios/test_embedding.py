"""A calendar is brought to the desk in a real browser, and its events then stand in a page of another site."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server
from tests.scenarios.test_pages import log_in, show

TITLE = "Réunion & débat « ouvert »"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium, which lets a page of another site ask a server on this machine."""
    async with async_playwright() as playwright:
        options = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section."""
    return new_server("lille", "Section de Lille")


def calendar() -> bytes:
    starts = f"{datetime.now(UTC) + timedelta(days=3):%Y%m%d}T180000Z"
    lines = (
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        f"DTSTART:{starts}",
        f"SUMMARY:{TITLE}",
        "LOCATION:Halles",
        "END:VEVENT",
    )
    return "\r\n".join((*lines, "END:VCALENDAR")).encode()


async def elsewhere(browser: Browser, body: str) -> Page:
    """A page of another site, in French."""
    page = await browser.new_page(locale="en-GB")
    page_html = f'<!doctype html><html lang="fr"><body>{body}</body></html>'
    await page.route("http://blog.test/**", lambda route: route.fulfill(body=page_html, content_type="text/html"))
    await page.goto("http://blog.test/")
    return page


async def test_brought_at_the_desk_shown_on_another_site(lille: Server, browser: Browser) -> None:
    ines = await log_in(browser, lille, ADMIN)
    await ines.goto("/@lille/desk/import")
    await show(ines, "import")
    await ines.set_input_files("#file", {"name": "a.ics", "mimeType": "text/calendar", "buffer": calendar()})
    await ines.click("main form button")
    await show(ines, "import-preview")
    await ines.check("input[type=checkbox]")
    await ines.click("main form button")
    assert "said=imported" in ines.url
    await ines.goto("/me/calendar")
    await ines.get_by_role("button", name="Créer mon adresse").click()
    await show(ines, "calendar")

    script = f'<script src="{lille.origin}/embed/agenda.js" defer></script>'
    page = await elsewhere(browser, f'{script}<coopole-agenda section="lille">Sans script</coopole-agenda>')
    link = page.locator("coopole-agenda a")
    assert await link.inner_text() == TITLE
    assert (await link.get_attribute("href") or "").startswith(f"{lille.origin}/@lille/")
    assert "Halles" in await page.locator("coopole-agenda p").inner_text()

    framed = await elsewhere(browser, f'<iframe src="{lille.origin}/@lille/agenda/embed"></iframe>')
    assert await framed.frame_locator("iframe").locator(".row-name a").inner_text() == TITLE

    shut = await elsewhere(browser, f'<iframe src="{lille.origin}/@lille"></iframe>')
    assert await shut.frame_locator("iframe").locator("main").count() == 0


async def test_what_stands_inside_stays_where_the_agenda_cannot_be_had(lille: Server, browser: Browser) -> None:
    script = f'<script src="{lille.origin}/embed/agenda.js" defer></script>'
    body = '<coopole-agenda id="a" section="nobody">Voir la page</coopole-agenda><coopole-agenda id="b" section="../x">'
    page = await elsewhere(browser, script + body)
    await page.wait_for_load_state("networkidle")
    assert await page.inner_text("#a") == "Voir la page"
    assert await page.evaluate("document.querySelector('#b').shadowRoot") is None
