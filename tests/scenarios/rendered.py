"""Pages of the application in a real browser without a server between: whatever Chromium asks for, the application answers.

So a test can show a page of whatever rows it has made, with the very headers that it is served with.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx2 import AsyncClient
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route

from tests.scenarios.browsing import PHONE
from tests.world import ORIGIN

PATIENCE_MS = 30_000
STREAMS = re.compile(r"/live\?|/api/v1/streaming")
"""What does not end, which the application cannot be asked for in one go."""
NOT_PASSED_ON = frozenset({"content-length", "content-encoding", "transfer-encoding"})


@dataclass
class Window:
    """A browser of somebody; `strayed` are addresses elsewhere that its pages asked for, `said` what went wrong there."""

    context: BrowserContext
    client: AsyncClient
    kept: Mapping[str, Any] = field(default_factory=dict)
    strayed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    async def answer(self, route: Route) -> None:
        """Give what the application answers; what was kept under an address (an httpx answer) is not asked for again."""
        request = route.request
        if STREAMS.search(request.url):
            await route.abort()
            return
        answer = self.kept.get(request.url.removeprefix(ORIGIN))
        if answer is None:
            answer = await self.client.request(request.method, request.url, content=request.post_data_buffer)
        headers = {name: value for name, value in answer.headers.items() if name not in NOT_PASSED_ON | {"set-cookie"}}
        await route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    async def refuse(self, route: Route) -> None:
        """Let nothing out."""
        self.strayed.append(route.request.url)
        await route.abort()

    def hear(self, message: ConsoleMessage) -> None:
        """Remember what the browser complains of."""
        if message.type == "error":
            self.said.append(f"{message.text} ({message.location.get('url', '')})")

    async def close_dialog(self, dialog: Dialog) -> None:
        """Remember a dialogue, which no page of ours opens."""
        self.said.append(f"dialogue: {dialog.message}")
        await dialog.dismiss()

    async def page(self) -> Page:
        """Open a page that is listened to."""
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self.hear)
        page.on("dialog", self.close_dialog)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        return page


@asynccontextmanager
async def window(
    browser: Browser, client: AsyncClient, *, kept: Mapping[str, Any] | None = None, script: str = "", **options: Any
) -> AsyncIterator[Window]:
    """Open the browser of whoever `client` is; `script` is run in every page before anything else."""
    context = await browser.new_context(
        **({"viewport": PHONE, "locale": "fr-FR", "base_url": ORIGIN, "color_scheme": "light"} | options)
    )
    made = Window(context, client, kept or {})
    if script:
        await context.add_init_script(script)
    await context.route("**/*", made.refuse)
    await context.route(f"{ORIGIN}/**", made.answer)
    try:
        yield made
    finally:
        await context.close()
