"""Where a member is logged in: applications beside browsers, each ended by itself or all together, at once."""

import pytest
from httpx2 import AsyncClient

from models.member import Member
from models.oauth import AccessToken, Application
from server.oauth.tokens import create_token
from tests.web.pages import form_of, press, read, text, texts

ADDRESS = "/me/sessions"


@pytest.fixture
async def login(member) -> Member:
    return await Member.get(actor_id=member.id)


@pytest.fixture
async def zoe(enter, section, member) -> AsyncClient:
    return await enter(member)


@pytest.fixture
async def tusky(login) -> str:
    """A token that Tusky holds for Zoé."""
    app = await Application.create(
        client_id="a", client_secret_hash="b", name="Tusky <i>", redirect_uris="tusky://x", scopes="read"
    )
    return await create_token(login, ["read"], app)


async def use(client, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return (await client.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code


async def test_applications_are_listed_with_their_last_use(zoe, visitor, login, tusky):
    await create_token(login, ["read"])
    await use(visitor, tusky)
    page = read(await zoe.get(ADDRESS))

    assert texts(page, "#applications + .rows .row-name") == ["Tusky <i>", "Créé sur le serveur"]
    assert "dernière utilisation" in text(page, "#applications + .rows") or "utilisé" in text(
        page, "#applications + .rows"
    )


async def test_application_that_is_ended_is_refused_at_once(zoe, visitor, tusky):
    assert await use(visitor, tusky) == 200

    answer = await press(zoe, ADDRESS, "end_app")

    assert answer.headers["location"] == f"{ADDRESS}?said=ended_app"
    assert await use(visitor, tusky) == 401
    assert "Aucune application" in text(read(await zoe.get(ADDRESS)), "#applications + .rows")


async def test_all_applications_are_ended_together(zoe, visitor, login, tusky):
    other = await create_token(login, ["read"])

    answer = await press(zoe, ADDRESS, "end_apps")

    assert answer.headers["location"] == f"{ADDRESS}?said=ended_apps"
    assert (await use(visitor, tusky), await use(visitor, other)) == (401, 401)
    assert (await zoe.get(ADDRESS)).status_code == 200


async def test_nobody_ends_an_application_of_somebody_else(zoe, enter, other_member, tusky):
    ali = await enter(other_member)
    token = form_of(read(await ali.get(ADDRESS)), "/logout")["form_token"]
    sent = {"do": "end_app", "token": (await AccessToken.get()).id, "form_token": token}

    assert (await ali.post(ADDRESS, data=sent)).status_code == 404
    await ali.post(ADDRESS, data=sent | {"do": "end_apps"})
    assert await AccessToken.exists(revoked_at=None)
