"""Passkeys in a real browser, whose authenticator Chromium plays: added, used alone, used as the second step."""

import pyotp
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.scenarios.browsing import PHONE, show
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import PASSWORD, Server

KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server under a name, as passkeys want it, with two members; accounts are asked for."""
    server = new_server("lille", "Section de Lille", host="localhost")
    server.add_members("zoe", "max")
    server.cli("sign-up", "mode", "approval")
    return server


async def window(browser: Browser, server: Server) -> Page:
    """Open a window with scripts, and a passkey holder in it; nothing in it may be against the policy of its page."""
    context = await browser.new_context(viewport=PHONE, locale="fr-FR", base_url=server.origin, color_scheme="dark")
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.on("console", told)
    return page


def told(said: ConsoleMessage) -> None:
    """Fail where a browser says that a page does what its policy forbids."""
    assert "Content Security Policy" not in said.text, said.text


async def type_password(page: Page, name: str = "zoe") -> None:
    await page.goto("/login")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("form[action='/login'] button")


async def test_passkey_is_added_and_logs_in_alone_and_as_the_second_step(lille: Server, browser: Browser) -> None:
    page = await window(browser, lille)
    await type_password(page)
    await page.goto("/me/passkeys")
    await show(page, "passkeys-empty")
    form = page.locator("form[data-passkey=make]")
    await form.locator("[name=name]").fill("Mon téléphone")
    await form.locator("[name=password]").fill(PASSWORD)
    await form.locator("button").click()
    await page.wait_for_url("**/me/passkeys?said=passkey_added")
    await expect(page.locator(".row-name")).to_have_text("Mon téléphone")
    await show(page, "passkeys")

    await page.click(".places-out button")
    await show(page, "login-passkey")
    await page.click("form[action='/login/passkey'] button")
    await page.wait_for_url("**/home")

    await page.goto("/me/second_step")
    await show(page, "second-step-off")
    await page.fill("#password", PASSWORD)
    await page.click("main .box button")
    secret = (await page.inner_text(".copy")).replace(" ", "")
    await show(page, "code-app")
    await page.fill("#code", pyotp.TOTP(secret).now())
    await page.click("main form[action='/me/second_step/app'] button")
    await expect(page.locator(".paper-codes li")).to_have_count(10)
    paper = await page.locator(".paper-codes code").first.inner_text()
    await show(page, "recovery-codes")
    await page.goto("/me/second_step")
    await show(page, "second-step-on")

    await page.click(".places-out button")
    await type_password(page)
    await page.wait_for_url("**/login/second_step?next=*")
    await show(page, "second-step-login")
    await page.click("form[action='/login/second_step/passkey'] button")
    await page.wait_for_url("**/home")

    await page.goto("/me")
    await page.click(".places-out button")
    await type_password(page)
    await page.fill("#code", paper)
    await page.click("form[action='/login/second_step'] button")
    await page.wait_for_url("**/home")


async def test_without_scripts_the_page_says_so_and_password_and_code_do(lille: Server, browser: Browser) -> None:
    context = await browser.new_context(
        viewport=PHONE, java_script_enabled=False, locale="fr-FR", base_url=lille.origin, color_scheme="light"
    )
    page = await context.new_page()
    await page.goto("/login")
    await expect(page.locator("form[data-passkey]")).to_be_hidden()
    assert "JavaScript" in await page.inner_text("[data-without-passkeys]")
    await show(page, "login-plain")
    await type_password(page, "max")
    await page.goto("/me/second_step")
    await page.fill("#password", PASSWORD)
    await page.click("main .box button")
    secret = (await page.inner_text(".copy")).replace(" ", "")
    await page.fill("#code", pyotp.TOTP(secret).now())
    await page.click("main form[action='/me/second_step/app'] button")
    paper = await page.locator(".paper-codes code").first.inner_text()
    await page.goto("/me/passkeys")
    await expect(page.locator("form[data-passkey]")).to_be_hidden()
    await show(page, "passkeys-plain")
    await page.click(".places-out button")

    await type_password(page, "max")
    await page.fill("#code", paper)
    await page.click("form[action='/login/second_step'] button")
    assert page.url == f"{lille.origin}/home"


async def test_account_is_asked_for_and_an_application_allowed_on_a_phone(lille: Server, browser: Browser) -> None:
    page = await window(browser, lille)
    await page.goto("/sign_up")
    await show(page, "sign-up")
    await page.fill("#username", "admin")
    await page.fill("#email", "rosa@post.example")
    await page.fill("#password", PASSWORD)
    await page.fill("#reason", "J’habite à Fives.")
    await page.check("#agreement")
    await page.click("main form button")
    await show(page, "sign-up-refused")
    await page.fill("#username", "rosa")
    await page.fill("#password", PASSWORD)
    await page.click("main form button")
    await page.wait_for_url("**/sign_up/sent")
    await show(page, "sign-up-sent")
    await page.goto("/login/forgotten")
    await show(page, "forgotten")

    await type_password(page, "ines")
    await page.goto("/@lille/desk/sign_ups")
    await show(page, "desk-sign-ups")
    made = await page.request.post(
        "/api/v1/apps",
        data={"client_name": "Tusky", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write push"},
    )
    program = await made.json()
    await page.goto(
        f"/oauth/authorize?client_id={program['client_id']}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&response_type=code&scope=read+write+push"
    )
    await show(page, "oauth-ask")
    await page.click("button[value=allow]")
    await show(page, "oauth-code")
    sent = {"grant_type": "authorization_code", "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    sent |= {"code": await page.inner_text("#code")} | {k: program[k] for k in ("client_id", "client_secret")}
    given = await page.request.post("/oauth/token", form=sent)
    assert (await given.json())["scope"] == "read write push"
    await page.goto("/me/sessions")
    await show(page, "sessions-apps")
