"""Members and a section's desk in a real browser: a phone's width, no JavaScript, from logging in to deleting everything."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.scenarios.belonging import actor_uri
from tests.scenarios.browsing import log_in, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, PASSWORD, Server, eventually


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server with one section, and a member who does not belong to it yet."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """Another server, with a member."""
    server = new_server("brest", "Section de Brest")
    server.add_member("noor")
    return server


async def test_from_joining_to_deleting_everything(lille: Server, browser: Browser) -> None:
    ines, zoe = await log_in(browser, lille, ADMIN), await log_in(browser, lille, "zoe")
    await ines.goto("/@lille/desk/page")
    await ines.fill("#charter", "Nous décidons ensemble.\n\nChacun parle à son tour.")
    await ines.fill("#first_colour", "#c8102e")
    await show(ines, "page")
    await ines.click("main form:last-of-type > button")
    assert "said=kept" in ines.url

    await zoe.goto("/@lille/join")
    await zoe.fill("#message", "Bonjour, j’habite Fives.")
    for box in await zoe.locator("input[type=checkbox]").all():
        await box.check()
    await show(zoe, "join")
    await zoe.click("main form.box button")
    assert zoe.url.endswith("/me?said=asked")
    await show(zoe, "asked")

    await ines.goto("/@lille/desk/requests")
    assert "Bonjour, j’habite Fives." in await ines.inner_text("blockquote")
    await show(ines, "requests")
    await ines.get_by_role("button", name="Accepter").click()
    assert "said=approved" in ines.url

    await ines.goto("/@lille/desk/roles")
    await ines.fill("#person", "zoe")
    await ines.select_option("#role", "manager")
    await show(ines, "roles")
    await ines.get_by_role("button", name="Proposer").click()
    await zoe.goto("/me")
    await show(zoe, "offered")
    await zoe.get_by_role("button", name="Accepter").click()
    await zoe.goto("/@lille/desk/members")
    await show(zoe, "members")

    await ines.goto("/@lille/desk/acts")
    await show(ines, "acts")
    await ines.goto("/@lille/desk/invitations")
    await ines.get_by_role("button", name="Créer un lien").click()
    await show(ines, "link")

    await zoe.goto("/me/consents")
    await zoe.fill("input[type=tel]", "01 23 45 67 89")
    await show(zoe, "consents")
    await zoe.goto("/me/sessions")
    await show(zoe, "sessions")
    await zoe.goto("/me/data")
    await zoe.locator("summary").first.click()
    await show(zoe, "data")

    await zoe.goto("/me/delete")
    await show(zoe, "delete")
    await zoe.fill("#password", PASSWORD)
    await zoe.check("input[name=sure]")
    await zoe.click("main form.box button")
    assert zoe.url == f"{lille.origin}/"
    response = await zoe.goto("/@zoe")
    assert response is not None
    assert response.status == 410


async def test_somebody_from_another_server_joins_from_there(lille: Server, brest: Server, browser: Browser) -> None:
    noor = await log_in(browser, brest, "noor")
    await noor.goto(f"{lille.origin}/@lille/join")
    await noor.fill("#address", f"noor@{brest.netloc}")
    await show(noor, "join_from_elsewhere")
    await noor.click("main form button")

    assert noor.url.startswith(f"{brest.origin}/me/join?of=")
    assert await noor.input_value("#of") == await actor_uri(lille, "lille")
    await show(noor, "join_at_home")
    await noor.click("main form.box button")
    assert await noor.inner_text("h1") == "Rejoindre Section de Lille"
    await noor.fill("#message", "Bonjour de Brest.")
    await noor.click("main form.box button")
    assert noor.url == f"{brest.origin}/me?said=asked"

    async def is_asked() -> bool:
        return "Bonjour de Brest." in await asyncio.to_thread(lille.cli, "section", "requests", "lille")

    await eventually(is_asked)
