"""Leaving an address on a page, and the private page behind the link in the letter."""

import csv
import io
import json

import pytest

from federation.context import Context
from models.consent import Consent, Contact, Purpose
from models.mail import Letter
from models.secrets import link_token
from server.consents import actions as consents
from tests.web.conftest import browser
from tests.web.pages import read, text, texts

FORM = "/@lille/contact"
ANSWERS = {"email": "rosa@post.example", "name": "Rosa", "news": "yes"}


@pytest.fixture
async def address(visitor, section) -> str:
    """The private page of somebody who left an address a moment ago."""
    await visitor.post(FORM, data=ANSWERS)
    return f"/contact/{link_token(f'contact {(await Contact.get()).id}')}"


async def test_page_of_a_section_leads_to_the_form(visitor, section, member):
    assert read(await visitor.get("/")).select_one(f'a[href="{FORM}"]')
    assert not read(await visitor.get("/@zoe")).select_one('a[href="/@zoe/contact"]')
    page = read(await visitor.get(FORM))
    assert page.select_one("form")["action"] == FORM
    assert [box["name"] for box in page.select("input[type=checkbox]")] == ["news", "events"]
    assert not page.select("input[checked]")
    assert "Section de Lille (https://lille.test/@lille)" in text(page, ".choice")


async def test_page_of_a_section_takes_an_address_for_its_news(visitor, section, member):
    box = read(await visitor.get("/")).select_one("#by-mail")
    assert "Section de Lille (https://lille.test/@lille)" in text(box, ".hint")
    form = box.select_one("form")
    sent = {item["name"]: item.get("value") for item in form.select("input")} | {"email": "rosa@post.example"}
    response = await visitor.post(form["action"], data=sent)
    assert (response.status_code, response.headers["location"]) == (303, "/contact/sent")
    assert (await Consent.get()).purpose is Purpose.NEWS
    again = read(await visitor.post(form["action"], data=sent | {"email": "rosa"}), 422)
    assert again.select_one("input[name=email]")["value"] == "rosa"
    assert again.select_one("input[name=news]").has_attr("checked")
    assert not read(await visitor.get("/@zoe")).select_one("#by-mail")


async def test_whoever_leaves_an_address_is_told_the_same_each_time(visitor, section):
    for _ in range(2):
        response = await visitor.post(FORM, data=ANSWERS)
        assert (response.status_code, response.headers["location"]) == (303, "/contact/sent")
    assert "boîte aux lettres" in text(read(await visitor.get("/contact/sent")), "h1")
    assert await Letter.all().count() == 1


async def test_letter_is_in_the_language_of_the_page(app, section):
    async with browser(app, language="en-GB") as reader:
        await reader.post(FORM, data=ANSWERS)
    assert "confirm your address" in (await Letter.get()).message
    assert (await Consent.get().select_related("text")).text.text.startswith("I agree to receive the news")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"email": "rosa"}, ["email"]),
        ({"email": ""}, ["email"]),
        ({"news": ""}, ["purposes"]),
        ({"name": "x" * 101}, ["name"]),
        ({"name": "x" * 101, "email": "", "news": ""}, ["email", "name", "purposes"]),
    ],
)
async def test_form_that_will_not_do_is_shown_again_with_what_was_typed(visitor, section, typed, wrong):
    answers = ANSWERS | typed
    page = read(await visitor.post(FORM, data=answers), 422)
    assert len(page.select(".error")) == len(wrong)
    for name in set(wrong) - {"purposes"}:
        assert page.select_one(f"#{name}-error")
    for name in ("email", "name"):
        assert page.select_one(f"#{name}")["value"] == answers[name]
    assert bool(page.select_one("input[name=news][checked]")) == bool(answers["news"])
    assert not await Contact.exists()


async def test_form_of_another_site_is_refused(visitor, section, address):
    for path in (FORM, address):
        response = await visitor.post(path, data=ANSWERS | {"act": "erase"}, headers={"Origin": "https://evil.test"})
        assert response.status_code == 403
    assert await Contact.exists()


async def test_only_sections_have_such_a_form(visitor, section, member):
    for path in ("/@zoe/contact", "/@nobody/contact"):
        assert (await visitor.get(path)).status_code == 404
        assert (await visitor.post(path, data=ANSWERS)).status_code == 404


async def test_opening_the_link_changes_nothing_and_the_button_confirms(visitor, address):
    page = read(await visitor.get(address))
    assert text(page, "h1") == "Confirmez votre adresse"
    assert (await Contact.get()).confirmed_at is None

    response = await visitor.post(address, data={"act": "confirm"})

    assert (response.status_code, response.headers["location"]) == (303, f"{address}?saved")
    assert (await Contact.get()).confirmed_at is not None
    page = read(await visitor.get(f"{address}?saved"))
    assert text(page, "[role=status]") == "C’est enregistré."
    assert page.select_one("input[name=news][checked]")
    assert not page.select_one("input[name=events][checked]")


async def test_private_page_shows_all_that_is_known(visitor, address, section):
    await visitor.post(address, data={"act": "confirm"})
    await visitor.post(address, data={"act": "choose", "events": "yes"})
    page = read(await visitor.get(address))
    assert {"rosa@post.example", "Rosa"} <= set(texts(page, "dd"))
    assert len([label for label in texts(page, "dt") if label.startswith("Accepté le")]) == 2
    assert len([label for label in texts(page, "dt") if ", retiré le" in label]) == 1
    assert set(await consents.standing(section, await Contact.get())) == {Purpose.EVENTS}


async def test_nothing_is_chosen_before_the_address_is_confirmed(visitor, address):
    assert (await visitor.post(address, data={"act": "choose", "events": "yes"})).status_code == 409
    assert [row.purpose for row in await Consent.all()] == [Purpose.NEWS]
    assert (await visitor.post(address, data={})).status_code == 409


async def test_everything_is_erased_by_one_button(visitor, address):
    response = await visitor.post(address, data={"act": "erase"})
    assert response.headers["location"] == "/contact/erased"
    assert text(read(await visitor.get("/contact/erased")), "h1") == "Tout est effacé"
    assert not await Contact.exists()
    for answer in (await visitor.get(address), await visitor.post(address, data={"act": "confirm"})):
        assert answer.status_code == 404


async def test_private_page_is_kept_by_nobody_and_told_to_nobody(visitor, address):
    response = await visitor.get(address)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in response.headers
    assert read(response).select_one("meta[name=robots]")["content"] == "noindex"


async def test_everything_known_is_taken_away(visitor, address):
    await visitor.post(address, data={"act": "confirm"})
    page = read(await visitor.get(address))
    as_json, as_csv = await visitor.get(f"{address}/data.json"), await visitor.get(f"{address}/data.csv")

    for response in (as_json, as_csv):
        assert page.select_one(f'a[href="{response.url.path}"]') is not None
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-disposition"].startswith('attachment; filename="lille.')
        assert "set-cookie" not in response.headers
    found = json.loads(as_json.content)
    assert (found["address"][0]["email"], found["address"][0]["name"]) == ("rosa@post.example", "Rosa")
    assert [row["purpose"] for row in found["consents"]] == ["news"]
    lines = list(csv.reader(io.StringIO(as_csv.text)))
    assert ["address", "1", "email", "rosa@post.example"] in lines
    assert (await Contact.get()).hash not in as_json.text + as_csv.text


async def test_files_hold_nothing_of_anybody_else(visitor, address):
    await visitor.post(FORM, data=ANSWERS | {"email": "emma@post.example", "name": "Emma"})

    for name in ("data.json", "data.csv"):
        assert "emma" not in (await visitor.get(f"{address}/{name}")).text.lower()


@pytest.mark.parametrize("name", ["data.json", "data.csv"])
async def test_files_are_behind_the_link_alone(visitor, address, name):
    for token in ("x", "A" * 43, address.removeprefix("/contact/")[:-1]):
        assert (await visitor.get(f"/contact/{token}/{name}")).status_code == 404
    await visitor.post(address, data={"act": "erase"})
    assert (await visitor.get(f"{address}/{name}")).status_code == 404


async def test_addresses_are_not_left_by_the_thousand(visitor, section, ctx: Context):
    answers = [await visitor.post(FORM, data=ANSWERS | {"email": f"a{n}@post.example"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
