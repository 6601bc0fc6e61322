"""Everybody can use every page: axe-core finds nothing wrong by WCAG 2.2 A and AA, in either theme, on a phone."""

import asyncio
from collections.abc import Iterable

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from federation.context import Context
from server.sections.setup import new_setup_token
from tests.accessibility.axe import SCRIPT, require_axe, violations
from tests.scenarios.rendered import Window, window
from tests.server.api import app
from tests.web.conftest import browser as reader
from tests.web.town import build
from tests.web.walk import ROLES, pages, people, unseen, walk
from tests.world import World

__all__ = ["app"]

AT_ONCE = 2
"""Pages that a window shows at the same time."""
REFUSED = {
    "/login": {}, "/sign_up": {"username": "a b"}, "/@lille/contact": {"email": "rosa"},
    "/follow": {"of": "lille", "address": "?"}, "/login/forgotten": {"name": ""},
}  # fmt: skip
"""Forms of visitors that will not do: they are shown again, and say so."""


@pytest.fixture(autouse=True)
def _axe() -> None:
    require_axe()


async def look(seen: Window, addresses: Iterable[str]) -> list[str]:
    """Look at pages, some at once; what is wrong with them, and where."""
    waiting, found = list(addresses), []

    async def through(page: Page) -> None:
        while waiting:
            address = waiting.pop()
            await page.emulate_media(color_scheme="light")
            await page.goto(address, wait_until="load")
            found.extend(f"{address}: {wrong}" for wrong in await violations(page))
            await page.emulate_media(color_scheme="dark")
            found.extend(f"{address} in dark: {wrong}" for wrong in await violations(page, only_colours=True))

    await asyncio.gather(*[through(await seen.page()) for _ in range(AT_ONCE)])
    return found


async def test_every_page_in_both_themes(app: Starlette, ctx: Context, world: World, browser: Browser) -> None:
    town = await build(ctx, world)
    script = SCRIPT.read_text()
    async with people(app, town, ctx) as clients:
        seen = await walk(app, town, clients)
        assert unseen(seen) == set()
        shown = pages(seen)
        wrong = []
        for who in ROLES:
            own = {one.address: one.answer for one in shown if one.who == who}
            if who == ROLES[0]:
                own |= await refused(clients[who]) | {"/nowhere": await clients[who].get("/nowhere")}
            async with window(browser, clients[who], kept=own, script=script) as opened:
                wrong += [f"{who}: {sentence}" for sentence in await look(opened, own)]
                assert opened.strayed == []
    assert wrong == []


async def refused(client: AsyncClient) -> dict[str, object]:
    """Send what will not do; the pages that say so, under addresses of their own."""
    answers = {f"{path}#refused": await client.post(path, data=typed) for path, typed in REFUSED.items()}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 422} == {}
    return {path.replace("#", "?"): answer for path, answer in answers.items()}


async def test_the_page_that_opens_once(app: Starlette, ctx: Context, browser: Browser) -> None:
    address = f"/setup/{await new_setup_token()}"
    async with reader(app) as client, window(browser, client, script=SCRIPT.read_text()) as opened:
        assert await look(opened, [address, "/"]) == []
