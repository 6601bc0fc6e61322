"""An event from its announcement to its report, in a real browser: a phone's width, no JavaScript, one who organises."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.scenarios.browsing import log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server

EVENTS = "/@lille/desk/events"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section."""
    return new_server("lille", "Section de Lille")


async def press(page: Page, name: str) -> None:
    """Press the last button that is called so: the first may be the one that the Enter key presses."""
    await page.get_by_role("button", name=name, exact=True).last.click()


async def test_an_event_is_announced_changed_put_off_held_and_told_of(lille: Server, browser: Browser) -> None:
    ines = await log_in(browser, lille, ADMIN)
    await ines.goto("/@lille/desk")
    await ines.get_by_role("link", name="Événements").click()
    await show(ines, "events-none")
    await ines.get_by_role("link", name="Annoncer un événement").click()
    await ines.check("input[value=leafleting]")
    await ines.fill("#on", "2027-03-06")
    await ines.fill("#at", "10:00")
    await show(ines, "event-kinds")
    await press(ines, "Continuer")

    await ines.fill("#place", "Marché de Wazemmes")
    await ines.fill("#locality", "Lille")
    await press(ines, "Ajouter un créneau")
    await ines.fill("#shift-2-name", "Ranger la table")
    await ines.fill("#shift-2-to", "11:00")
    await ines.press("#title", "Enter")  # shows it, and neither adds nor takes out anything
    await show(ines, "event-wrong")
    await expect(ines.locator("#shift-2-error")).to_have_count(1)
    assert await ines.input_value("#place") == "Marché de Wazemmes"
    await ines.fill("#shift-2-to", "12:30")
    await press(ines, "Voir le résultat")
    await show(ines, "event-preview")
    assert "Marché de Wazemmes" in await ines.inner_text(".event-shown")
    await press(ines, "Annoncer")
    assert "said=announced" in ines.url
    await show(ines, "event")
    event = ines.url.partition("?")[0]

    await at_the_door(ines, event)
    await ines.goto(event)
    await ines.get_by_role("link", name="Le reporter").click()
    assert "2 personnes" in await ines.inner_text("main")
    await show(ines, "event-postpone")
    await press(ines, "Reporter l’événement")
    assert "said=event_postponed" in ines.url
    await ines.get_by_role("link", name="Modifier l’événement").click()
    await ines.fill("#starts_on", "2026-03-07")
    await ines.check("[name=takes_place]")
    await press(ines, "Voir le résultat")
    assert "déjà passé" in await ines.inner_text("main")
    await press(ines, "Enregistrer les modifications")
    assert "said=event_changed" in ines.url

    await ines.get_by_role("link", name="Faire un compte rendu").click()
    await ines.fill("#text", "Beaucoup de monde malgré la pluie.")
    await ines.check("[name=tells_came]")
    await show(ines, "event-report")
    await press(ines, "Publier")
    await ines.get_by_role("link", name="Votre compte rendu").click()
    assert "2 personnes sont venues." in await ines.inner_text("article")


async def at_the_door(page: Page, event: str) -> None:
    """Write two people down, take one of them out, write down another, and look at the list."""
    await page.goto(f"{event}/door")
    for name in ("Awa", "Bruno"):
        await page.fill("#name", name)
        await press(page, "Noter")
    await page.locator("li", has_text="Bruno").get_by_role("button", name="Retirer").click()
    assert "Bruno" not in await page.inner_text("main")
    await page.fill("#name", "Chloé")
    await press(page, "Noter")
    await show(page, "event-door")
    assert "2 présentes" in await page.inner_text(".door-total")
    await page.goto(f"{event}/people")
    await show(page, "event-people")
    assert "Awa" in await page.inner_text("main")
