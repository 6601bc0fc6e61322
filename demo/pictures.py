"""`make screenshots`: starts a server with made-up content, and takes pictures of its main pages into docs/screenshots/.

On a telephone and at a desk, in light and in dark. A page that is not there is passed over, and said so.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from PIL import Image
from playwright.async_api import Browser, BrowserContext, async_playwright

from demo.cast import LILLE, PASSWORD
from demo.installation import DemoFailed, Installation, free_port
from demo.show import console

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
PORT = 8000
MOST_BYTES = 150_000
QUALITIES = (82, 70, 55, 40)

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What somebody looks with. `scale` is how many points of the picture a point of the page takes."""

    name: str
    width: int
    height: int
    scale: float
    is_phone: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A page to take pictures of: `{event}` and `{post}` stand for rows that the village told."""

    name: str
    address: str
    is_own: bool = False


PHONE = Shape("phone", 390, 844, 2, True)
DESK = Shape("desktop", 1280, 860, 1, False)
SUBJECTS = (
    Subject("section", "/"),
    Subject("agenda", "/agenda"),
    Subject("event", "/@lille/{event}"),
    Subject("post", "/@lille/{post}"),
    Subject("join", "/@lille/join"),
    Subject("search", "/search?q=march%C3%A9"),
    Subject("design", "/design"),
    Subject("home", "/home", True),
    Subject("write", "/write", True),
    Subject("notifications", "/notifications", True),
    Subject("desk", "/@lille/desk", True),
    Subject("announce", "/@lille/desk/events/new?kind=leafleting", True),
    Subject("profile", "/me/profile", True),
    Subject("mine", "/me", True),
)


def main(into: Annotated[Path, typer.Option(help="The folder to write into.")] = FOLDER) -> None:
    """Take all pictures."""
    into.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(take_all(into))
    except DemoFailed as failure:
        console.print(f"[bold red]screenshots:[/] {failure}")
        sys.exit(1)


async def take_all(into: Path) -> None:
    """Start the server, take the pictures, stop it.

    Raises:
        DemoFailed: the server did not start, or a picture is too large.
    """
    async with village() as (server, rows), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            for shape in (PHONE, DESK):
                for theme in ("light", "dark"):
                    await take_with(browser, server, rows, shape, theme, into)
        finally:
            await browser.close()


@asynccontextmanager
async def village() -> AsyncIterator[tuple[Installation, dict[str, str]]]:
    """Run a server with something on every page; the rows to look at, by their names."""
    with tempfile.TemporaryDirectory(prefix="coopole-pictures-") as folder:
        server = Installation(LILLE, Path(folder), free_port([LILLE.address], PORT))
        await server.set_up()
        told = await server.command(module="demo.village")
        await server.start()
        try:
            yield server, dict(pair.split("=") for pair in told.split())
        finally:
            await server.stop()


async def take_with(
    browser: Browser, server: Installation, rows: dict[str, str], shape: Shape, theme: Theme, into: Path
) -> None:
    """Take a picture of each page with one device in one theme."""
    context = await browser.new_context(
        viewport={"width": shape.width, "height": shape.height}, device_scale_factor=shape.scale, color_scheme=theme,
        is_mobile=shape.is_phone, has_touch=shape.is_phone, locale="fr-FR", base_url=server.origin, reduced_motion="reduce",
        timezone_id="Europe/Paris",
    )  # fmt: skip
    for subject in sorted(SUBJECTS, key=lambda one: one.is_own):
        if subject.is_own and not await context.cookies():
            await log_in(context)
        page = await context.new_page()
        answer = await page.goto(subject.address.format_map(rows), wait_until="load")
        if answer is None or answer.status != 200:
            console.print(f"{subject.name}: {subject.address} is not there, and was passed over")
        else:
            path = into / f"{subject.name}-{shape.name}-{theme}.webp"
            path.write_bytes(packed(await page.screenshot()))
            console.print(f"{path.name} {path.stat().st_size:,} bytes")
        await page.close()
    await context.close()


async def log_in(context: BrowserContext) -> None:
    """Log in as whoever runs the server.

    Raises:
        DemoFailed: it was refused.
    """
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("#name", LILLE.people[0].username)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_load_state()
    if page.url.endswith("/login"):
        raise DemoFailed("nobody could log in")
    await page.close()


def packed(picture: bytes) -> bytes:
    """Pack a picture so that it is small enough.

    Raises:
        DemoFailed: it is not.
    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise DemoFailed(f"a picture takes more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    typer.run(main)
