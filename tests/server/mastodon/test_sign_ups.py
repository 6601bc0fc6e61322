"""Making an account from an application: the token comes at once, and is good once the address is confirmed."""

import re
from email import message_from_string
from email.policy import default

import pytest
from httpx2 import AsyncClient

from models.mail import Letter
from models.member import Member
from models.oauth import AccessToken
from models.secrets import fingerprint
from models.sign_up import SignUp, SignUpMode
from server.mastodon.limits import Limits
from server.sign_up import actions
from server.sign_up.mode import set_mode
from tests.server.mastodon.shapes import assert_shape

ASKED = {
    "username": "rosa", "email": "rosa@post.example", "password": "cheval agrafe pile", "agreement": True,
    "locale": "en-GB", "reason": "I live in Fives.",
}  # fmt: skip
TOKEN = {"access_token": str, "token_type": str, "scope": str, "created_at": int}


@pytest.fixture
async def program(public: AsyncClient, section) -> AsyncClient:
    """An application with a token of its own, on a server that is open."""
    await set_mode(SignUpMode.OPEN)
    registered = {"client_name": "Tusky", "redirect_uris": "tusky://x", "scopes": "read write follow push"}
    made = (await public.post("/api/v1/apps", json=registered)).json()
    sent = {
        "grant_type": "client_credentials",
        "scope": "read write",
        **{k: made[k] for k in ("client_id", "client_secret")},
    }
    token = (await public.post("/oauth/token", json=sent)).json()["access_token"]
    public.headers["Authorization"] = f"Bearer {token}"
    return public


async def asked(program: AsyncClient, **more) -> dict:
    answer = await program.post("/api/v1/accounts", json=ASKED | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def me(program: AsyncClient, token: str):
    headers = {"Authorization": f"Bearer {token}"}
    return await program.get("/api/v1/accounts/verify_credentials", headers=headers)


async def note() -> str:
    letter = await Letter.all().order_by("-id").first()
    assert letter is not None
    body = message_from_string(letter.message, policy=default).get_body(("plain",)).get_content()
    return re.search(r"/sign_up/(\S+)", body)[1]


async def test_token_is_good_once_the_address_is_confirmed(program, ctx):
    found = await asked(program)
    assert_shape(found, TOKEN)
    before = await me(program, found["access_token"])
    assert (before.status_code, before.json()["error"]) == (403, "Your login is missing a confirmed e-mail address.")

    await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    after = await me(program, found["access_token"])
    assert after.json()["username"] == "rosa"
    assert (await Member.get(actor__local_name="rosa")).language == "en"


async def test_who_waits_for_an_answer_is_told_so(program, ctx):
    await set_mode(SignUpMode.APPROVAL)
    found = await asked(program)
    await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    assert (await me(program, found["access_token"])).json()["error"] == "Your login is currently pending approval."


async def test_address_that_is_known_is_answered_in_the_same_way(program, member, ctx):
    await Member.filter(actor_id=member.id).update(email=ASKED["email"], email_fingerprint=fingerprint(ASKED["email"]))

    known, new = await asked(program), await asked(program, email="new@post.example")

    assert known.keys() == new.keys()
    answers = [(await me(program, found["access_token"])) for found in (known, new)]
    assert answers[0].json() == answers[1].json()
    assert {answer.status_code for answer in answers} == {403}


async def test_what_will_not_do_is_said_field_by_field(program):
    answer = await program.post("/api/v1/accounts", json={"username": "admin", "email": "x", "password": "x"})

    assert answer.status_code == 422
    details = answer.json()["details"]
    assert {name: found[0]["error"] for name, found in details.items()} == {
        "username": "ERR_RESERVED",
        "email": "ERR_INVALID",
        "password": "ERR_TOO_SHORT",
        "agreement": "ERR_ACCEPTED",
    }
    assert answer.json()["error"].startswith("Validation failed: Username: ")
    assert await AccessToken.all().count() == 1


async def test_account_is_made_by_the_token_of_a_program_alone(program, log_in, member):
    zoe = await log_in(member)
    assert (await zoe.post("/api/v1/accounts", json=ASKED)).status_code == 403
    program.headers.pop("Authorization")
    assert (await program.post("/api/v1/accounts", json=ASKED)).status_code == 401
    assert not await SignUp.exists()


async def test_token_that_only_reads_makes_no_account(program):
    await AccessToken.all().update(scopes="read")

    assert (await program.post("/api/v1/accounts", json=ASKED)).status_code == 403


async def test_closed_server_makes_no_account(program):
    await set_mode(SignUpMode.CLOSED)

    assert (await program.post("/api/v1/accounts", json=ASKED)).status_code == 403
    assert await AccessToken.all().count() == 1


async def test_letter_is_asked_for_again_and_to_another_address(program, ctx):
    token = (await asked(program))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    answer = await program.post("/api/v1/emails/confirmations", json={"email": "better@post.example"}, headers=headers)

    assert (answer.status_code, answer.json()) == (200, {})
    assert await Letter.all().count() == 2
    assert (await SignUp.get()).email == "better@post.example"
    wrong = await program.post("/api/v1/emails/confirmations", json={"email": "x"}, headers=headers)
    assert wrong.status_code == 422


async def test_who_has_confirmed_asks_for_no_letter(program, log_in, member):
    zoe = await log_in(member)

    assert (await zoe.post("/api/v1/emails/confirmations")).status_code == 403
    assert (await program.post("/api/v1/emails/confirmations", headers={"Authorization": ""})).status_code == 401


@pytest.mark.parametrize(
    ("mode", "enabled", "approval"),
    [("closed", False, True), ("invitation", False, True), ("approval", True, True), ("open", True, False)],
)
async def test_server_says_who_may_make_an_account(public, section, mode, enabled, approval):
    await set_mode(SignUpMode(mode))

    v2, v1 = (await public.get("/api/v2/instance")).json(), (await public.get("/api/v1/instance")).json()
    assert (v2["registrations"]["enabled"], v2["registrations"]["approval_required"]) == (enabled, approval)
    assert (v1["registrations"], v1["approval_required"]) == (enabled, approval)
    assert (await public.get("/nodeinfo/2.1")).json()["openRegistrations"] is enabled


async def test_throttled_by_address(app, program):
    app.state.limits = Limits(1500, lambda: 1000.0)
    for number in range(10):
        await program.post(
            "/api/v1/accounts", json=ASKED | {"username": f"rosa{number}", "email": f"r{number}@post.example"}
        )

    answer = await program.post("/api/v1/accounts", json=ASKED)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
