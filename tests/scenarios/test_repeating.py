"""What repeats, from its announcement to the page of all its dates, in a real browser: a phone's width, no JavaScript."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.pictures import photograph
from tests.scenarios.browsing import log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server
from tests.scenarios.test_organising import press


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section."""
    return new_server("lille", "Section de Lille")


async def test_a_series_with_a_picture_is_announced_and_called_off_from_one_on(
    lille: Server, browser: Browser, tmp_path: Path
) -> None:
    poster = tmp_path / "affiche.jpg"
    poster.write_bytes(photograph(size=(1200, 700)))
    first = datetime.now(UTC).date() + timedelta(days=20)
    ines = await log_in(browser, lille, ADMIN)
    await ines.goto(f"/@lille/desk/events/new?kind=meeting&on={first}&at=19:00")
    await ines.fill("#title", "Réunion du mardi")
    await ines.fill("#place", "Local")
    await ines.select_option("#repeat", "week")
    await ines.fill("#repeat_times", "12")
    await ines.set_input_files("#picture1", poster)
    await ines.fill("#said1", "Une affiche rouge et bleue")
    await show(ines, "series-form")
    await press(ines, "Voir le résultat")
    assert await ines.locator("#dates input").count() == 12
    await ines.check(f"[name='skip-{first + timedelta(weeks=1)}']")
    await show(ines, "series-preview")
    await press(ines, "Annoncer la série")
    assert "said=series_announced" in ines.url
    event = ines.url.partition("?")[0]

    await ines.get_by_role("link", name="La page que tout le monde voit").click()
    assert await ines.locator(".event-cover img").evaluate("image => image.naturalWidth") > 0
    await show(ines, "series-event")
    await ines.goto(event)
    await ines.get_by_role("link", name="Toutes les dates").click()
    assert await ines.locator(".door > li").count() == 12
    await ines.locator(".door > li", has_text="pas encore annoncé").first.get_by_role("button").click()
    assert "said=date_left_out" in ines.url
    await show(ines, "series")
    await ines.goto(f"{event}/status?to=cancelled")
    await ines.check("[name=scope][value=following]")
    await show(ines, "series-cancel")
    await press(ines, "Annuler les événements choisis")
    assert "said=series_cancelled" in ines.url
    await ines.get_by_role("link", name="Toutes les dates").click()
    assert await ines.locator(".door > li", has_text="Annulé").count() == 2
