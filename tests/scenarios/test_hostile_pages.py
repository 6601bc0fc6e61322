"""A real browser shows every page of a town in which each text is a script, and nothing of it runs."""

import asyncio
from collections.abc import Mapping
from typing import Any

from httpx2 import Response
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from tests.scenarios.rendered import Window, window
from tests.server.activitypub.poster import Poster, build_app
from tests.server.api import app
from tests.web.conftest import browser as reader
from tests.web.payloads import Hostile
from tests.web.test_hostile_words import announced_corpus
from tests.web.town import build
from tests.web.walk import ROLES, pages, people, walk
from tests.world import World
from web.shared.headers import page_headers

__all__ = ["app"]

AT_ONCE = 2
WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => { window.__xss = name; };
document.addEventListener("securitypolicyviolation", event => {
  (window.__refused ??= []).push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
STIR = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  for (const element of document.querySelectorAll("main *")) {
    for (const name of ["mouseover", "focus", "pointerenter", "animationstart", "toggle", "error", "load"])
      element.dispatchEvent(new Event(name));
  }
  return [window.__xss ?? null, window.__refused ?? []];
}"""
"""Unfold everything and touch each element; then tell whether anything ran, and what the policy stopped."""


async def show(opened: Window, addresses: Mapping[str, Any]) -> list[str]:
    """Show pages, some at once, and stir them; what ran, or would have without the policy."""
    waiting, found = list(addresses), []

    async def through(page: Page) -> None:
        while waiting:
            address = waiting.pop()
            await page.goto(address, wait_until="load")
            ran, refused = await page.evaluate(STIR)
            if ran is not None or refused:
                found.append(f"{address}: {ran} {refused}")

    await asyncio.gather(*[through(await opened.page()) for _ in range(AT_ONCE)])
    return found


async def test_what_runs_or_would_is_noticed(app: Starlette, browser: Browser) -> None:
    """The eyes of the other tests are good: a script in a page is seen to run, or to be stopped by the policy."""
    hostile = '<main><img src=x onerror="window.__xss=1"><p onmouseover="window.__xss=2">x</p></main>'
    html = {"content-type": "text/html"}
    policy = page_headers(is_secure=True)
    own = {
        "/bare": Response(200, headers=html, text=hostile),
        "/held": Response(200, headers=html | policy, text=hostile),
    }
    async with reader(app) as client, window(browser, client, kept=own, script=WATCH) as opened:
        held, bare = sorted(await show(opened, own), reverse=True)
        assert bare.startswith("/bare: ")
        assert "None" not in bare
        assert held.startswith("/held: None ['script-src-attr")
        assert any("Content Security Policy" in said for said in complaints(opened))


async def test_nothing_that_was_written_into_a_field_runs(
    app: Starlette, ctx: Context, world: World, browser: Browser
) -> None:
    town = await build(ctx, world, Hostile(11))
    async with people(app, town, ctx) as clients:
        shown = pages(await walk(app, town, clients))
        for who in ROLES:
            own = {one.address: one.answer for one in shown if one.who == who}
            async with window(browser, clients[who], kept=own, script=WATCH) as opened:
                assert await show(opened, own) == []
                assert (opened.strayed, complaints(opened)) == ([], [])


async def test_nothing_that_other_programs_write_runs(
    app: Starlette, section: Actor, member: Actor, ctx: Context, world: World, browser: Browser
) -> None:
    await announced_corpus(section, member, ctx, world, Poster(build_app(ctx, app.state.settings.data), world))
    async with reader(app) as client, window(browser, client, script=WATCH) as opened:
        page, shown = await opened.page(), 0
        await page.goto("/")
        while True:
            assert await page.evaluate(STIR) == [None, []]
            shown += await page.locator("article.post").count()
            later = page.locator(".paging-next")
            if not await later.count():
                break
            await later.click()
        assert shown > 30
        assert (opened.strayed, complaints(opened)) == ([], [])


def complaints(opened: Window) -> list[str]:
    """Say what the browser complained of; that a picture is not there is no wonder, since no other server is."""
    return [said for said in opened.said if "Failed to load resource" not in said]
