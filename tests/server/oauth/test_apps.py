"""Programs that register themselves."""

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from models.oauth import Application, token_hash
from server.errors import Invalid
from server.mastodon.limits import Limits
from server.oauth.apps import MAX_REDIRECT_URIS, OUT_OF_BAND, check_redirect_uri
from tests.server.mastodon.shapes import APPLICATION, assert_shape

ASKED = {
    "client_name": "Phanpy",
    "redirect_uris": "https://phanpy.test/",
    "scopes": "read write follow push",
    "website": "",
}


async def test_a_program_gets_an_id_and_a_secret(public: AsyncClient):
    answer = await public.post("/api/v1/apps", json=ASKED)

    assert answer.status_code == 200
    found = answer.json()
    assert_shape(found, APPLICATION)
    assert (found["name"], found["website"]) == ("Phanpy", None)
    assert found["scopes"] == ["read", "write", "follow", "push"]
    assert found["redirect_uri"] == "https://phanpy.test/"
    row = await Application.get()
    assert (row.client_id, row.client_secret_hash) == (found["client_id"], token_hash(found["client_secret"]))


async def test_the_secret_is_not_kept(public: AsyncClient):
    found = (await public.post("/api/v1/apps", json=ASKED)).json()

    assert found["client_secret"] not in str(dict(await Application.get()))


async def test_a_program_may_register_by_form_or_with_a_slash(public: AsyncClient):
    for answer in (await public.post("/api/v1/apps", data=ASKED), await public.post("/api/v1/apps/", json=ASKED)):
        assert_shape(answer.json(), APPLICATION)


@pytest.mark.parametrize(
    "addresses",
    [["https://a.test/x", "app://back"], "https://a.test/x\napp://back", "https://a.test/x\r\n\r\n app://back \n"],
)
async def test_redirect_uris_are_a_list_or_lines(public: AsyncClient, addresses: object):
    found = (await public.post("/api/v1/apps", json=ASKED | {"redirect_uris": addresses})).json()

    assert found["redirect_uris"] == ["https://a.test/x", "app://back"]
    assert found["redirect_uri"] == "https://a.test/x\napp://back"


async def test_scopes_are_read_unless_asked_and_may_be_a_list(public: AsyncClient):
    without = {name: value for name, value in ASKED.items() if name != "scopes"}

    assert (await public.post("/api/v1/apps", json=without)).json()["scopes"] == ["read"]
    listed = await public.post("/api/v1/apps", json=without | {"scopes": ["read", "push"]})
    assert listed.json()["scopes"] == ["read", "push"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_name": ""}, {"client_name": "  "}, {"client_name": "x" * 256}, {"client_name": None},
        {"redirect_uris": ""}, {"redirect_uris": []}, {"redirect_uris": None}, {"redirect_uris": "nowhere"},
        {"redirect_uris": "javascript:alert(1)"}, {"redirect_uris": ["https://a.test/", "data:text/html,x"]},
        {"redirect_uris": [f"https://a.test/{number}" for number in range(MAX_REDIRECT_URIS + 1)]},
        {"scopes": "everything"}, {"website": "javascript:alert(1)"}, {"website": "phanpy"},
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(public: AsyncClient, wrong: dict):
    answer = await public.post("/api/v1/apps", json=ASKED | wrong)

    assert answer.status_code == 422
    assert set(answer.json()) == {"error"}
    assert not await Application.exists()


@pytest.mark.parametrize(
    "uri",
    [
        OUT_OF_BAND, "https://phanpy.test/", "https://elk.test/api/lille.test/oauth/https%3A%2F%2Felk.test", "http://localhost:1234/x",
        "oauth2redirect://com.keylesspalace.tusky/", "mastodon-android-auth://callback", "icecubesapp://", "com.app:/back",
        "http://[::1]:80/",
    ],
)  # fmt: skip
def test_an_application_may_have_a_scheme_of_its_own(uri: str):
    assert check_redirect_uri(f" {uri} ") == uri


@pytest.mark.parametrize(
    "uri",
    [
        "", "/back", "//a.test/", "https://", "https:///x", "https://a.test/#x", "https://a.test/ x", "https://a.test/\nx",
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "blob:https://a", "about:blank", "view-source:https://a.test", "1a://x", "https://[",
        "https://a.test/é", 'https://a.test/"', "https://a.test/<", "x" * 3000, "https://a.test/" + "x" * 2000,
    ],
)  # fmt: skip
def test_an_address_that_nobody_should_be_sent_to_is_refused(uri: str):
    with pytest.raises(Invalid):
        check_redirect_uri(uri)


@given(st.text(max_size=60) | st.from_regex(r"(https?|javascript|app)://[^\n]*", fullmatch=True))
def test_any_address_is_taken_as_it_is_or_refused(text: str):
    try:
        uri = check_redirect_uri(text)
    except Invalid:
        return
    assert uri == text.strip()
    assert uri.isascii()
    assert ":" in uri
    assert "\n" not in uri


async def test_programs_are_registered_a_few_at_a_time(app: Starlette, public: AsyncClient):
    app.state.limits = Limits(10_000)
    answers = [await public.post("/api/v1/apps", json=ASKED) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {200}
    assert answers[20].status_code == 429
    assert 0 < int(answers[20].headers["retry-after"]) <= 30
    assert "too often" in answers[20].json()["error"]
    assert await Application.all().count() == 20


async def test_an_answer_without_a_token_says_how_to_ask(public: AsyncClient):
    answer = await public.get("/api/v1/accounts/verify_credentials")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer realm=")
