"""Reading pages in a real browser: a phone's width, no JavaScript."""

import os
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.scenarios.server import PASSWORD, Server

PHONE = {"width": 360, "height": 740}
PICTURES = os.environ.get("COOPOLE_TEST_PICTURES", "")


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
    if "/me/second_step" in page.url:  # whoever runs the server is led there
        await show(page, "second-step-wanted")
        await page.get_by_role("link", name="Plus tard").click()
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
