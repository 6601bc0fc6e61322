"""Asking a member whether an application may act for them: each time, by the member alone, and a no is a no."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from models.oauth import AuthorizationCode
from server.oauth.apps import OUT_OF_BAND
from tests.web.pages import form_of, read, text, texts

BACK = "https://phanpy.test/back"
ADDRESS = "/oauth/authorize"


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


@pytest.fixture
async def client_id(visitor) -> str:
    asked = {"client_name": "Phanpy <b>", "redirect_uris": [BACK, "tusky://x", OUT_OF_BAND], "scopes": "read write"}
    return (await visitor.post("/api/v1/apps", json=asked)).json()["client_id"]


def asked(id_: str, /, **more: str) -> str:
    query = {"client_id": id_, "redirect_uri": BACK, "response_type": "code", "scope": "read", "state": "s 1"}
    return f"{ADDRESS}?{urlencode(query | more)}"


async def say(client, address: str, do: str):
    return await client.post(ADDRESS, data=form_of(read(await client.get(address)), ADDRESS) | {"do": do})


async def test_who_says_yes_is_sent_back_with_a_code(zoe, client_id):
    page = read(await zoe.get(asked(client_id, scope="read write:statuses")))
    assert text(page, "h1") == "Laisser Phanpy <b> agir en votre nom ?"
    assert "phanpy.test" in text(page, "main")
    assert "@zoe" in text(page, ".person")
    assert texts(page, ".steps-plain li")[1] == "modifier : publications"

    answer = await say(zoe, asked(client_id), "allow")

    assert answer.status_code == 303
    parts = urlsplit(answer.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == BACK
    assert parse_qs(parts.query)["state"] == ["s 1"]
    assert len(parse_qs(parts.query)["code"][0]) == 43
    assert answer.headers["cache-control"] == "no-store"


async def test_who_says_no_is_sent_back_without(zoe, client_id):
    answer = await say(zoe, asked(client_id), "refuse")

    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == ["access_denied"]
    assert not await AuthorizationCode.exists()


async def test_code_is_shown_where_there_is_nowhere_to_go(zoe, client_id):
    page = read(await say(zoe, asked(client_id, redirect_uri=OUT_OF_BAND), "allow"))

    assert len(text(page, "#code")) == 43
    assert (await say(zoe, asked(client_id, redirect_uri=OUT_OF_BAND), "refuse")).headers["location"].startswith("/me")


async def test_form_may_lead_on_to_the_application_and_nowhere_else(zoe, client_id):
    policy = (await zoe.get(asked(client_id, redirect_uri="tusky://x"))).headers["content-security-policy"]

    assert "form-action 'self' tusky: https:" in policy
    assert "script-src" not in policy


async def test_who_is_not_logged_in_does_so_first_and_comes_back(visitor, section, client_id):
    address = (await visitor.get(asked(client_id))).headers["location"]

    assert address.startswith("/login?next=%2Foauth%2Fauthorize")
    assert form_of(read(await visitor.get(address)), "/login")["next"] == asked(client_id)


async def test_other_login_is_asked_for_and_the_question_comes_after(zoe, client_id):
    answer = await zoe.get(asked(client_id, force_login="true"))

    assert answer.headers["location"].startswith("/login?again=yes")
    page = read(await zoe.get(answer.headers["location"]))
    assert "force_login" not in form_of(page, "/login")["next"]
    assert form_of(page, "/login")["next"].startswith(ADDRESS)


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "x"}, {"redirect_uri": "https://evil.test/"}, {"response_type": "token"}, {"scope": "follow"}],
)
async def test_wish_that_makes_no_sense_is_answered_by_a_page_and_leads_nowhere(zoe, visitor, client_id, wrong):
    for client in (zoe, visitor):
        answer = await client.get(asked(client_id, **wrong))
        assert answer.status_code == 422
        assert "location" not in answer.headers
        assert "Cette application" in text(read(answer, 422), "main")


async def test_nobody_says_yes_for_somebody_else(zoe, enter, other_member, client_id):
    sent = form_of(read(await zoe.get(asked(client_id))), ADDRESS) | {"do": "allow"}
    ali = await enter(other_member)

    assert (await ali.post(ADDRESS, data=sent)).status_code == 403
    assert (await zoe.post(ADDRESS, data=sent, headers={"Origin": "https://phanpy.test"})).status_code == 403
    assert (await zoe.post(ADDRESS, data=sent | {"form_token": ""})).status_code == 403
    assert not await AuthorizationCode.exists()


async def test_what_was_asked_is_checked_again_when_it_is_answered(zoe, client_id):
    sent = form_of(read(await zoe.get(asked(client_id))), ADDRESS) | {
        "do": "allow",
        "redirect_uri": "https://evil.test/",
    }

    assert (await zoe.post(ADDRESS, data=sent)).status_code == 422
    assert not await AuthorizationCode.exists()


@pytest.mark.parametrize("do", ["", "maybe"])
async def test_button_that_is_not_there_does_nothing(zoe, client_id, do):
    assert (await say(zoe, asked(client_id), do)).status_code == 422
    assert not await AuthorizationCode.exists()
