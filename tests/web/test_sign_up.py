"""Making an account in a browser, in each of the ways in which a server may be open; and answering at the desk."""

import re
from email import message_from_string
from email.policy import default

import pytest

from models.mail import Letter
from models.member import Member
from models.secrets import fingerprint
from models.sign_up import SignUp, SignUpMode
from server.sections import links
from server.sign_up.mode import set_mode
from tests.web.pages import fill, form_of, press, read, text, texts

TYPED = {
    "username": "rosa", "email": "rosa@post.example", "password": "cheval agrafe pile", "agreement": "yes",
    "reason": "J’habite à Fives.",
}  # fmt: skip


async def link() -> str:
    letter = await Letter.all().order_by("-id").first()
    assert letter is not None
    body = message_from_string(letter.message, policy=default).get_body(("plain",)).get_content()
    return re.search(r"https://lille.test(/sign_up/\S+)", body)[1]


@pytest.fixture
async def opened(section) -> None:
    await set_mode(SignUpMode.OPEN)


async def test_closed_server_shows_other_ways_and_takes_nothing(visitor, section):
    page = read(await visitor.get("/sign_up"))
    assert not page.select("form")
    assert page.select_one('a[href="/@lille/contact"]')
    for other in ("/login", "/@lille/join"):
        assert not read(await visitor.get(other)).select('a[href="/sign_up"]')

    assert (await visitor.post("/sign_up", data=TYPED)).status_code == 403
    assert not await SignUp.exists()


async def test_account_is_made_by_the_link_and_used_at_once(visitor, opened):
    for page in ("/login", "/@lille/join"):
        assert read(await visitor.get(page)).select_one('a[href="/sign_up"]')
    assert (await fill(visitor, "/sign_up", **TYPED)).headers["location"] == "/sign_up/sent"
    assert "boîte aux lettres" in text(read(await visitor.get("/sign_up/sent")), "h1")
    address = await link()
    page = read(await visitor.get(address))
    assert "@rosa@lille.test" in text(page, ".lead")
    assert not await Member.exists()

    answer = await visitor.post(address, data=form_of(page, address))

    assert answer.headers["location"] == "/login?said=signed_up"
    sent = {"name": "rosa", "password": TYPED["password"]}
    assert (await fill(visitor, "/login", **sent)).headers["location"] == "/home"


async def test_address_that_is_known_is_answered_in_the_same_way(visitor, opened, member):
    await Member.filter(actor_id=member.id).update(email=TYPED["email"], email_fingerprint=fingerprint(TYPED["email"]))

    answers = [
        await fill(visitor, "/sign_up", **TYPED),
        await fill(visitor, "/sign_up", **TYPED | {"email": "n@post.example"}),
    ]

    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/sign_up/sent")] * 2
    assert [answer.text for answer in answers] == ["", ""]
    assert await Letter.all().count() == 2


async def test_what_was_typed_is_kept_but_for_the_password(visitor, opened):
    page = read(await fill(visitor, "/sign_up", **TYPED | {"username": "Rosa L.", "email": "rosa"}), 422)

    assert page.select_one("#username")["value"] == "Rosa L."
    assert page.select_one("#email")["value"] == "rosa"
    assert page.select_one("#password")["value"] == ""
    assert page.select_one("#agreement").has_attr("checked")
    assert texts(page, ".summary li a") == ["Votre nom ici", "Adresse électronique"]


async def test_without_agreement_nothing_is_made(visitor, opened):
    sent = {name: value for name, value in TYPED.items() if name != "agreement"}
    page = read(await visitor.post("/sign_up", data=sent), 422)

    assert "Cochez la case" in text(page, "#agreement-error")


async def test_form_of_another_site_is_refused(visitor, opened):
    answer = await visitor.post("/sign_up", data=TYPED, headers={"Origin": "https://far.test"})

    assert answer.status_code == 403
    assert not await SignUp.exists()


async def test_one_address_makes_few_accounts(visitor, opened):
    answers = [
        await visitor.post("/sign_up", data=TYPED | {"username": f"rosa{number}", "email": f"r{number}@post.example"})
        for number in range(11)
    ]

    assert answers[-1].status_code == 429


async def test_by_invitation_the_page_of_the_link_leads_to_the_form(visitor, main_section, ctx):
    await set_mode(SignUpMode.INVITATION)
    page = read(await visitor.get("/sign_up"))
    assert not page.select("form")
    token = await links.make_link(main_section.actor, None, 3, 7, ctx)
    way = read(await visitor.get(f"/join/{token}")).select_one('a[href^="/sign_up"]')["href"]

    page = read(await visitor.get(way))

    assert "Section de Lille vous invite" in text(page, ".lead")
    assert (await visitor.post("/sign_up", data=form_of(page, "/sign_up") | TYPED)).status_code == 303
    address = await link()
    assert (await visitor.post(address)).headers["location"] == "/login?said=signed_up"


async def test_by_invitation_a_form_without_one_is_refused(visitor, section):
    await set_mode(SignUpMode.INVITATION)
    page = read(await visitor.post("/sign_up", data=TYPED), 422)

    assert "sur invitation" in text(page, ".summary")
    assert not await SignUp.exists()


@pytest.fixture
async def waiting(visitor, main_section) -> SignUp:
    """Somebody who waits for an answer."""
    await set_mode(SignUpMode.APPROVAL)
    assert (await fill(visitor, "/sign_up", **TYPED)).status_code == 303
    address = await link()
    answer = await visitor.post(address)
    assert answer.headers["location"] == "/sign_up/waiting"
    assert "confirmée" in text(read(await visitor.get("/sign_up/waiting")), "h1")
    assert (await visitor.get(address)).headers["location"] == "/sign_up/waiting"
    return await SignUp.get()


DESK = "/@lille/desk/sign_ups"


async def test_desk_lists_who_waits_without_their_address(zoe, waiting):
    page = read(await zoe.get(DESK))

    assert texts(page, ".row-name") == ["@rosa"]
    assert "J’habite à Fives." in text(page, ".rows")
    assert "post.example" not in page.get_text()
    assert read(await zoe.get("/@lille/desk")).select_one(f'a[href="{DESK}"]')


async def test_desk_makes_the_account(zoe, waiting):
    answer = await press(zoe, DESK, "accept")

    assert answer.headers["location"] == f"{DESK}?said=sign_up_accepted"
    assert await Member.exists(actor__local_name="rosa")
    assert "Personne n’attend" in text(read(await zoe.get(DESK)), ".empty")
    assert "a répondu à une demande de compte" in text(read(await zoe.get("/@lille/desk/acts")), "main")


async def test_desk_refuses_and_nothing_is_left(zoe, waiting):
    answer = await press(zoe, DESK, "refuse")

    assert answer.headers["location"] == f"{DESK}?said=sign_up_refused"
    assert not await SignUp.exists()


async def test_nobody_else_sees_who_waits(enter, other_member, waiting, visitor):
    ali = await enter(other_member)

    assert (await ali.get(DESK)).status_code == 403
    assert (await visitor.get(DESK)).status_code == 303


async def test_who_was_answered_meanwhile_is_said(zoe, waiting):
    sent = form_of(read(await zoe.get(DESK)), DESK, "accept")
    await SignUp.all().delete()

    assert (await zoe.post(DESK, data=sent)).status_code == 404


@pytest.mark.parametrize("address", ["/sign_up/1.2.3", "/sign_up/x"])
async def test_link_that_is_none_is_said_so(visitor, opened, address):
    assert (await visitor.get(address)).status_code == 404
    assert (await visitor.post(address)).status_code == 404
