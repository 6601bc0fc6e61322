"""People and settings in a real browser, without JavaScript: on a phone by day, then at a desk by night."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.pictures import photograph
from tests.scenarios.browsing import PICTURES, log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually

DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with a member."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """Another server, with somebody to follow."""
    server = new_server("brest", "Section de Brest")
    server.add_member("noor")
    return server


async def test_from_a_profile_to_an_archive(lille: Server, brest: Server, browser: Browser) -> None:
    zoe = await log_in(browser, lille, "zoe")
    await introduce(zoe)
    found = await lille.api("GET", "/api/v2/search", member="zoe", q=f"@noor@{brest.netloc}", resolve="true")
    noor = f"/people/{found['accounts'][0]['id']}"
    await follow(zoe, noor)
    await make_a_list(zoe, noor)
    await filter_a_word(zoe)
    for text in ("Le parking est plein.", "Le marché est ouvert."):
        await brest.post_status(text, member="noor")
    await eventually(lambda: reads(zoe, noor, "Le marché est ouvert."))
    assert "parking" not in await zoe.inner_text("main")
    await show(zoe, "settings_person_posts")
    await look_around(zoe)
    await read_in_english(zoe)
    await take_along(zoe)
    await by_night_at_a_desk(browser, zoe, noor)


async def introduce(zoe: Page) -> None:
    await zoe.goto("/me/profile")
    await zoe.fill("#display_name", "Zoé de Fives")
    await zoe.fill("#note", "J’habite Fives. Le jeudi, je suis au local. #lille")
    await zoe.fill("#label-0", "Site")
    await zoe.fill("#value-0", "https://zoe.example/")
    for name, size in (("avatar", (400, 400)), ("banner", (900, 300))):
        picture = {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": photograph(size=size)}
        await zoe.set_input_files(f"#{name}", picture)  # type: ignore[arg-type]
    await zoe.click(".profile-form .presses button")
    assert "said=profile_kept" in zoe.url
    assert await zoe.locator(".own-avatar").evaluate("image => image.complete && image.naturalWidth > 0")
    await show(zoe, "settings_profile")


async def follow(zoe: Page, noor: str) -> None:
    await zoe.goto(noor)
    await show(zoe, "settings_person_before")
    await zoe.click(".person-presses form button")
    assert "said=follow" in zoe.url

    async def is_following() -> bool:
        await zoe.goto(noor)
        return "Ne plus suivre" in await zoe.inner_text(".person-presses")

    await eventually(is_following)
    await zoe.locator("summary").first.click()
    await zoe.fill("#note", "Rencontrée à la foire.")
    await show(zoe, "settings_person")


async def make_a_list(zoe: Page, noor: str) -> None:
    await zoe.goto("/me/lists")
    await zoe.fill("#title", "Bretagne")
    await zoe.click("form.box button")
    await zoe.locator(".people-rows button").first.click()
    assert "said=list_grew" in zoe.url
    await show(zoe, "settings_list")
    await zoe.goto(noor)
    await zoe.locator("summary").first.click()
    assert await zoe.locator("input[name^=list-]").is_checked()


async def filter_a_word(zoe: Page) -> None:
    await zoe.goto("/me/filters/new")
    await zoe.fill("#title", "Voitures")
    await zoe.fill("#word-0", "parking")
    await zoe.check("input[value=hide]")
    await show(zoe, "settings_filter")
    await zoe.press("#title", "Enter")
    assert "said=kept" in zoe.url
    await show(zoe, "settings_filters")


async def reads(zoe: Page, noor: str, text: str) -> bool:
    await zoe.goto(noor)
    return text in await zoe.inner_text("main")


async def look_around(zoe: Page) -> None:
    for name in ("follows", "events", "privacy", "moving", "export", "lists"):
        await zoe.goto(f"/me/{name}")
        await show(zoe, f"settings_{name}")


async def read_in_english(zoe: Page) -> None:
    await zoe.goto("/me/language")
    await zoe.check("input[value=en]")
    await show(zoe, "settings_language")
    await zoe.locator("main form:not([action='/logout']) button").first.click()
    assert await zoe.inner_text("h1") == "Language and colours"
    await zoe.goto("/")
    assert await zoe.get_attribute("html", "lang") == "en"


async def take_along(zoe: Page) -> None:
    await zoe.goto("/me/export")
    async with zoe.expect_download() as downloading:
        await zoe.click("a[href$='archive.zip']")
    archive = await (await downloading.value).path()
    with zipfile.ZipFile(io.BytesIO(Path(archive).read_bytes())) as packed:
        assert json.loads(packed.read("actor.json"))["name"] == "Zoé de Fives"
        assert sum(name.startswith("media_attachments/") for name in packed.namelist()) == 2


async def by_night_at_a_desk(browser: Browser, zoe: Page, noor: str) -> None:
    """The same person in another window: wide, dark, and in the language that they chose."""
    context = await browser.new_context(
        viewport=DESK,  # type: ignore[arg-type]
        java_script_enabled=False,
        locale="fr-FR",
        base_url=zoe.url.removesuffix("/me/export"),
        color_scheme="dark",
        storage_state=await zoe.context.storage_state(),
    )
    page = await context.new_page()
    for name, address in (
        ("person", noor),
        ("profile", "/me/profile"),
        ("privacy", "/me/privacy"),
        ("filter", "/me/filters/new"),
    ):
        await page.goto(address)
        assert await page.get_attribute("html", "lang") == "en"
        assert await page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"settings_desk_{name}.png", full_page=True)
