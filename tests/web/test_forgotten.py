"""A forgotten password, in a browser: the same page for everybody, a letter for some, a link that serves once."""

import re
from email import message_from_string
from email.policy import default

import pytest

from models.mail import Letter
from models.member import Member
from models.secrets import fingerprint
from models.session import Session
from server.members.actions import check_password
from server.members.passwords import hash_password
from tests.web.pages import fill, form_of, read, text

EMAIL = "zoe@post.example"
NEW = "trombone lune verte"


@pytest.fixture
async def login(member) -> Member:
    await Member.filter(actor_id=member.id).update(
        password_hash=await hash_password("cheval agrafe pile"), email=EMAIL, email_fingerprint=fingerprint(EMAIL)
    )
    return await Member.get(actor_id=member.id)


async def link() -> str:
    letter = await Letter.all().order_by("-id").first()
    assert letter is not None
    body = message_from_string(letter.message, policy=default).get_body(("plain",)).get_content()
    return re.search(r"https://lille.test(/login/password/\S+)", body)[1]


async def test_log_in_form_leads_there(visitor, section):
    assert read(await visitor.get("/login")).select_one('a[href="/login/forgotten"]')


async def test_everybody_is_told_the_same(visitor, section, login):
    pages = [await fill(visitor, "/login/forgotten", name=name) for name in (EMAIL, "nobody@post.example")]

    assert pages[0].text.replace(EMAIL, "X") == pages[1].text.replace("nobody@post.example", "X")
    assert {page.status_code for page in pages} == {200}
    assert (await Letter.get()).recipient == EMAIL


async def test_another_password_is_chosen_by_the_link(visitor, enter, section, login, member):
    await enter(member)
    await fill(visitor, "/login/forgotten", name="zoe")
    address = await link()
    page = read(await visitor.get(address))
    assert "zoe" in text(page, ".lead")

    answer = await visitor.post(address, data=form_of(page, address) | {"password": NEW, "password_again": NEW})

    assert answer.headers["location"] == "/login?said=password_chosen"
    assert await check_password(await Member.get(), NEW)
    assert not await Session.exists()
    assert (await visitor.get(address)).status_code == 404


@pytest.mark.parametrize("typed", [("court", "court"), (NEW, "autre chose ici"), ("zoezoezoe1", "zoezoezoe1")])
async def test_password_that_will_not_do_is_refused_with_the_form(visitor, section, login, typed):
    await fill(visitor, "/login/forgotten", name="zoe")
    address = await link()
    sent = dict(zip(("password", "password_again"), typed, strict=True))

    page = read(await visitor.post(address, data=sent), 422)

    assert page.select_one(".summary")
    assert page.select_one("#password")["value"] == ""
    assert not await check_password(await Member.get(), typed[0])


async def test_opening_the_link_changes_nothing(visitor, section, login):
    await fill(visitor, "/login/forgotten", name="zoe")
    address = await link()
    for _ in range(2):
        assert (await visitor.get(address)).status_code == 200


async def test_nothing_typed_is_refused(visitor, section):
    page = read(await fill(visitor, "/login/forgotten", name=" "), 422)

    assert "Tapez votre nom" in text(page, ".summary")


async def test_one_account_is_written_to_three_times_at_most(visitor, section, login):
    for _ in range(5):
        await fill(visitor, "/login/forgotten", name="zoe")

    assert await Letter.all().count() == 3


async def test_one_address_asks_ten_times_at_most(visitor, section):
    answers = [await visitor.post("/login/forgotten", data={"name": f"x{number}"}) for number in range(11)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_form_of_another_site_is_refused(visitor, section, login):
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert (await visitor.post("/login/forgotten", data={"name": "zoe"}, headers=headers)).status_code == 403
    assert not await Letter.exists()


@pytest.mark.parametrize("address", ["/login/forgotten", "/login/password/1.2.3"])
async def test_pages_are_kept_by_nothing(visitor, section, address):
    assert (await visitor.get(address)).headers["cache-control"] == "no-store"
