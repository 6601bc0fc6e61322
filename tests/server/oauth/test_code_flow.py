"""Applications and members: a code for a yes, a token for the code, once; and everything that is refused."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from models.member import Member
from models.oauth import AccessToken, AuthorizationCode, token_hash
from server.errors import Invalid
from server.oauth import authorising
from server.oauth.apps import OUT_OF_BAND
from server.oauth.exchange import basic_of
from server.oauth.tokens import create_token
from tests.server.mastodon.shapes import assert_shape

BACK = "https://phanpy.test/back?x=1"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
TOKEN = {"access_token": str, "token_type": str, "scope": str, "created_at": int}


@pytest.fixture
async def app_(public: AsyncClient) -> dict:
    asked = {
        "client_name": "Phanpy",
        "redirect_uris": [BACK, OUT_OF_BAND, "myapp://x"],
        "scopes": "read write:statuses",
    }
    return (await public.post("/api/v1/apps", json=asked)).json()


@pytest.fixture
async def zoe_login(member) -> Member:
    return await Member.get(actor_id=member.id).select_related("actor")


def query(app_: dict, **more: str) -> dict[str, str]:
    asked = {"client_id": app_["client_id"], "redirect_uri": BACK, "response_type": "code", "scope": "read"}
    return {name: value for name, value in (asked | more).items() if value is not None}


def proof(app_: dict, code_: str, /, **more: str | None) -> dict[str, str]:
    sent = {
        "grant_type": "authorization_code", "code": code_, "redirect_uri": BACK, "client_id": app_["client_id"],
        "client_secret": app_["client_secret"],
    }  # fmt: skip
    return {name: value for name, value in (sent | more).items() if value is not None}


async def code_for(app_: dict, member: Member, ctx, **more: str) -> str:
    return await authorising.allow(await authorising.read_wish(query(app_, **more)), member, ctx)


@pytest.mark.parametrize("way", ["json", "data"])
async def test_code_is_exchanged_for_a_token_by_json_or_form(public, app_, zoe_login, ctx, way):
    code = await code_for(app_, zoe_login, ctx)

    answer = await public.post("/oauth/token", **{way: proof(app_, code)})

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found = answer.json()
    assert_shape(found, TOKEN)
    assert (found["token_type"], found["scope"]) == ("Bearer", "read")
    me = await public.get(
        "/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {found['access_token']}"}
    )
    assert me.json()["username"] == "zoe"


async def test_secret_may_come_by_basic_authentication(public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)
    sent = proof(app_, code, client_id=None, client_secret=None)

    answer = await public.post("/oauth/token", data=sent, auth=(app_["client_id"], app_["client_secret"]))

    assert answer.status_code == 200


async def test_public_client_proves_itself_by_the_verifier(public, app_, zoe_login, ctx):
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = await code_for(app_, zoe_login, ctx, **pkce)

    answer = await public.post("/oauth/token", data=proof(app_, code, client_secret=None, code_verifier=VERIFIER))

    assert answer.status_code == 200


@pytest.mark.parametrize("verifier", [None, "", "w" * 43, VERIFIER + "x", "é" * 43])
async def test_wrong_verifier_is_refused_even_with_the_secret(public, app_, zoe_login, ctx, verifier):
    code = await code_for(app_, zoe_login, ctx, code_challenge=CHALLENGE, code_challenge_method="S256")

    answer = await public.post("/oauth/token", data=proof(app_, code, code_verifier=verifier))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not await AccessToken.exists()


async def test_without_secret_and_verifier_nothing_is_given(public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)

    answer = await public.post("/oauth/token", data=proof(app_, code, client_secret=None))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_code_that_comes_twice_ends_the_token_of_the_first_time(public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)
    token = (await public.post("/oauth/token", data=proof(app_, code))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await public.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code == 200

    again = await public.post("/oauth/token", data=proof(app_, code))

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await public.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code == 401


async def test_code_is_good_for_minutes(app, public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)
    app.state.context = replace(ctx, now=lambda: ctx.now() + authorising.GOOD_FOR)

    assert (await public.post("/oauth/token", data=proof(app_, code))).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code": "guess"}, "invalid_grant"),
        ({"code": None}, "invalid_grant"),
        ({"redirect_uri": "https://phanpy.test/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"client_id": "guess"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
async def test_anything_else_is_refused(public, app_, zoe_login, ctx, wrong, error):
    code = await code_for(app_, zoe_login, ctx)

    answer = await public.post("/oauth/token", data=proof(app_, code, **wrong))

    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    assert answer.json()["error_description"]
    assert not await AccessToken.exists()


async def test_code_of_another_application_is_refused(public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)
    other = (await public.post("/api/v1/apps", json={"client_name": "X", "redirect_uris": BACK})).json()

    assert (await public.post("/oauth/token", data=proof(other, code))).json()["error"] == "invalid_grant"


async def test_code_of_a_closed_login_is_refused(public, app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)
    await Member.filter(id=zoe_login.id).update(disabled_at=ctx.now())

    assert (await public.post("/oauth/token", data=proof(app_, code))).json()["error"] == "invalid_grant"


async def test_only_a_hash_of_the_code_is_kept(app_, zoe_login, ctx):
    code = await code_for(app_, zoe_login, ctx)

    assert code not in str(dict(await AuthorizationCode.get()))
    assert (await AuthorizationCode.get()).hash == token_hash(code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "guess"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.test/"},
        {"redirect_uri": BACK + "#x"},
        {"redirect_uri": "https://phanpy.test/back"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"response_type": ""},
        {"scope": "write"},
        {"scope": "everything"},
        {"scope": "push"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"state": "x" * 2001},
    ],
)
async def test_wish_that_makes_no_sense_is_refused_here(app_, wrong):
    with pytest.raises(Invalid):
        await authorising.read_wish(query(app_, **wrong))


async def test_narrower_scopes_than_registered_may_be_asked_for(app_):
    wish = await authorising.read_wish(query(app_, scope="read:accounts write:statuses"))

    assert wish.scopes == ("read:accounts", "write:statuses")


async def test_answer_keeps_the_query_of_the_address_and_gives_the_state_back(app_):
    wish = await authorising.read_wish(query(app_, state="a b&c"))

    parts = urlsplit(wish.answer(code="k"))
    assert parse_qs(parts.query) == {"x": ["1"], "code": ["k"], "state": ["a b&c"]}


async def test_program_has_a_token_of_its_own_which_is_nobodys(public, app_):
    sent = {"grant_type": "client_credentials", "client_id": app_["client_id"], "client_secret": app_["client_secret"]}
    answer = await public.post("/oauth/token", json=sent)
    assert answer.status_code == 200
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert (await public.get("/api/v1/apps/verify_credentials", headers=headers)).json()["name"] == "Phanpy"
    assert (await public.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code == 401
    assert (await public.get("/api/v1/timelines/public", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"client_secret": ""}, "invalid_client"),
        ({"scope": "write"}, "invalid_scope"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
async def test_program_that_does_not_prove_itself_or_asks_for_more_gets_none(public, app_, more, error):
    sent = {"grant_type": "client_credentials", "client_id": app_["client_id"], "client_secret": app_["client_secret"]}

    assert (await public.post("/oauth/token", data=sent | more)).json()["error"] == error


async def test_token_that_is_revoked_is_refused_at_once(public, app_, zoe_login, ctx):
    token = (await public.post("/oauth/token", data=proof(app_, await code_for(app_, zoe_login, ctx)))).json()[
        "access_token"
    ]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await public.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code == 200

    answer = await public.post("/oauth/revoke", data={"token": token, "client_id": app_["client_id"]})

    assert (answer.status_code, answer.json()) == (200, {})
    assert (await public.get("/api/v1/accounts/verify_credentials", headers=headers)).status_code == 401


@pytest.mark.parametrize("token", ["", "unknown", "é"])
async def test_unknown_token_is_as_good_as_revoked(public, app_, token):
    assert (await public.post("/oauth/revoke", json={"token": token})).json() == {}


async def test_token_of_another_program_is_not_revoked(public, app_, zoe_login):
    token = await create_token(zoe_login, ["read"])

    answer = await public.post("/oauth/revoke", data={"token": token, "client_id": app_["client_id"]})

    assert (answer.status_code, answer.json()["error"]) == (403, "unauthorized_client")
    assert await AccessToken.exists(revoked_at=None)


async def test_server_says_what_it_can(public):
    answer = await public.get("/.well-known/oauth-authorization-server")

    found = answer.json()
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_endpoint"] == "https://lille.test/oauth/authorize"
    assert {"read", "write:statuses", "push"} <= set(found["scopes_supported"])


@given(st.text(max_size=80))
def test_any_authorization_header_is_read_as_a_pair_or_as_nothing(header: str) -> None:
    for sent in (header, f"Basic {header}"):
        id_, secret = basic_of(sent)
        assert isinstance(id_, str)
        assert isinstance(secret, str)


async def test_use_of_a_token_is_written_down_once_an_hour(public, zoe_login, ctx):
    token = await create_token(zoe_login, ["read"])
    headers = {"Authorization": f"Bearer {token}"}
    assert (await AccessToken.get()).used_at is None
    await public.get("/api/v1/accounts/verify_credentials", headers=headers)
    first = (await AccessToken.get()).used_at
    assert first is not None

    await public.get("/api/v1/accounts/verify_credentials", headers=headers)

    assert (await AccessToken.get()).used_at == first
    assert ctx.now() - first < timedelta(hours=1)
