"""Writing in a real browser: with scripts and without, by the keyboard alone, on a phone, light and dark."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.pictures import photograph
from tests.scenarios.browsing import PHONE, log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import PASSWORD, Server

TEXT = "Réunion publique samedi, salle des fêtes de Fives. Venez avec vos voisins !"


# Paste a picture into the form, as from a screenshot.
PASTE = """bytes => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(bytes)], "capture.jpg", { type: "image/jpeg" }));
  const pasted = new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true });
  document.querySelector("#text").dispatchEvent(pasted);
}"""


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section and two members."""
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "max")
    return server


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photograph."""
    path = tmp_path / "fives.jpg"
    path.write_bytes(photograph(size=(800, 600)))
    return path


def told(said: ConsoleMessage) -> None:
    """Fail where a browser says that a page does what its policy forbids, or that a script of ours fails."""
    is_refusal = "the server responded with a status of 4" in said.text
    assert said.type != "error" or is_refusal, said.text


async def window(browser: Browser, server: Server, name: str, *, scheme: str = "light") -> Page:
    """Open a window with scripts, and log in."""
    context = await browser.new_context(
        viewport=PHONE, locale="fr-FR", base_url=server.origin, color_scheme=scheme, timezone_id="America/Martinique"
    )  # type: ignore[call-overload]
    page: Page = await context.new_page()
    page.on("console", told)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto("/login")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("form[action='/login'] button")
    await page.wait_for_url("**/home")
    return page


async def test_a_text_is_composed_with_scripts(lille: Server, browser: Browser, picture: Path) -> None:
    page = await window(browser, lille, "zoe")
    await page.goto("/write?next=/me")
    await expect(page.locator("[data-counter]")).to_have_text("5 000 caractères restants".replace(" ", "\u202f", 1))
    await show(page, "compose-empty")

    await page.locator("#text").press_sequentially("Avec @ma", delay=20)
    await expect(page.locator("#suggestions li")).to_have_count(1)
    await show(page, "compose-suggesting")
    await page.keyboard.press("Enter")
    assert await page.input_value("#text") == "Avec @max "
    await page.check("[name=visibility][value=direct]")
    await expect(page.locator("[data-seen-by]")).to_contain_text("(@max)")

    await page.fill("#text", f"{TEXT} https://lille.example/{'x' * 200}")
    await expect(page.locator("[data-counter]")).to_have_text(f"4\u202f{1000 - len(TEXT) - 24:03} caractères restants")
    await page.wait_for_timeout(500)
    await page.goto("/me")
    await page.goto("/write?next=/me")
    await expect(page.locator("[data-recovered]")).to_be_visible()
    await show(page, "compose-recovered")
    await page.get_by_role("button", name="Le reprendre").click()
    assert (await page.input_value("#text")).startswith(TEXT)

    await page.check("[name=visibility][value=public]")
    await page.locator("#pictures > summary").click()
    await page.set_input_files("#picture1", picture)
    picker = page.locator("[data-slot='1'] .focus-picker")
    await picker.wait_for()
    box = await picker.bounding_box() or {"width": 0, "height": 0}
    await picker.click(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    assert [float(part) for part in (await page.input_value("#focus1")).split(",")] == pytest.approx(
        [0.5, 0.5], abs=0.03
    )
    await picker.press("ArrowLeft")
    assert float((await page.input_value("#focus1")).split(",")[0]) == pytest.approx(0.4, abs=0.03)
    await page.evaluate(PASTE, list(photograph()))
    await page.locator("[data-slot='2'] .focus-picker canvas").wait_for()
    await show(page, "compose-picture")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#pictures-error")).to_be_visible()
    await show(page, "compose-undescribed")
    await page.fill("#said1", "La salle des fêtes")
    await page.get_by_role("button", name="Publier ainsi").click()
    await page.wait_for_url("**/me?said=posted&post=*")
    await show(page, "compose-published")

    post = page.url.rpartition("=")[2]
    await page.goto(f"/write?reply_to={post}&next=/me")
    assert await page.input_value("#text") == ""
    await expect(page.locator("[data-recovered]")).to_be_hidden()
    await page.fill("#text", "Et dimanche aussi.")
    await show(page, "compose-reply")
    await page.get_by_role("button", name="Publier", exact=True).click()
    await page.wait_for_url("**/me?said=posted&post=*")

    await page.goto("/write")
    await expect(page.locator("[data-recovered]")).to_be_hidden()
    await page.fill("#text", "Un secret")
    await page.wait_for_timeout(500)
    await page.goto("/me")
    await page.click(".places-out button")
    await page.wait_for_url("**/login*")
    assert await page.evaluate("Object.keys(localStorage).length") == 0


async def test_a_text_is_composed_without_scripts(lille: Server, browser: Browser, picture: Path) -> None:
    page = await log_in(browser, lille, "max")
    await page.goto("/write?next=/me")
    await show(page, "write-without-scripts")
    await page.fill("#text", TEXT)
    await page.locator("#pictures > summary").click()
    await page.set_input_files("#picture1", picture)
    await page.fill("#said1", "La salle des fêtes")
    await page.select_option("#focus1", "0,1")
    await page.get_by_role("button", name="Publier").click()
    assert "said=posted" in page.url
    await page.get_by_role("link", name="Annuler cette publication").click()
    await show(page, "write-undo")
    await page.get_by_role("button", name="Supprimer et écrire à nouveau").click()
    await show(page, "write-again")
    await page.get_by_role("button", name="Garder en brouillon").click()
    await show(page, "drafts")

    await page.goto("/write?next=/me")
    await page.fill("#text", "On y va ?")
    await page.locator("#poll > summary").click()
    await page.fill("#option1", "Oui")
    await page.get_by_role("button", name="Publier").click()
    await expect(page.locator("#poll-error")).to_be_visible()
    await page.fill("#option2", "Non")
    await page.locator("#later > summary").click()
    await show(page, "write-refused")
    await page.get_by_role("button", name="Publier").click()
    post = page.url.rpartition("=")[2]
    await page.goto(f"/posts/{post}/edit")
    await show(page, "write-edit")
    await page.goto("/write")
    await page.fill("#text", "Plus tard")
    await page.locator("#later > summary").click()
    await page.fill("#date", "2096-11-28")
    await page.fill("#time", "09:30")
    await page.get_by_role("button", name="Publier").click()
    await show(page, "scheduled")


async def test_a_text_is_published_by_the_keyboard_alone_in_the_dark(lille: Server, browser: Browser) -> None:
    page = await window(browser, lille, "zoe", scheme="dark")
    await page.goto("/write?next=/me")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # to the content
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "text":
            break
    await page.keyboard.type("Au clavier")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await show(page, "compose-dark")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.value") == "publish":
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/me?said=posted&post=*")
    await page.click(".said a")
    assert "Au clavier" in await page.inner_text("blockquote")
