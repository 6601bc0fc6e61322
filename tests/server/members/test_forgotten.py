"""A forgotten password: a link, once, for an hour, to whoever has an address; nobody learns who has one."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest

from models.mail import Letter
from models.member import Member
from models.secrets import fingerprint
from models.session import Session
from server.errors import Invalid, NotFound
from server.members import forgotten
from server.members.actions import check_password
from server.members.passwords import hash_password
from server.oauth.tokens import create_token, grant_of
from server.sessions.actions import open_session

PASSWORD = "cheval agrafe pile"
NEW = "trombone lune verte"
EMAIL = "zoe@post.example"


@pytest.fixture
async def zoe(member) -> Member:
    await Member.filter(actor_id=member.id).update(
        password_hash=await hash_password(PASSWORD), email=EMAIL, email_fingerprint=fingerprint(EMAIL)
    )
    return await Member.get(actor_id=member.id).select_related("actor")


async def link() -> str:
    letter = await Letter.all().order_by("-id").first()
    assert letter is not None
    body = message_from_string(letter.message, policy=default).get_body(("plain",)).get_content()
    return re.search(r"https://lille.test/login/password/(\S+)", body)[1]


@pytest.mark.parametrize("typed", ["zoe", "@ZOE", EMAIL, " Zoe@POST.example "])
async def test_letter_goes_to_the_address_of_the_account(zoe, ctx, typed):
    await forgotten.write_to(typed, ctx)

    assert (await Letter.get()).recipient == EMAIL
    assert (await forgotten.of_link(await link(), ctx)).id == zoe.id


@pytest.mark.parametrize("typed", ["ali", "nobody", "", "other@post.example", "é" * 500])
async def test_nobody_else_is_written_to(zoe, other_member, ctx, typed):
    await forgotten.write_to(typed, ctx)

    assert not await Letter.exists()


async def test_password_that_is_chosen_ends_every_session_and_application(zoe, ctx):
    await open_session(zoe, ctx)
    token = await create_token(zoe, ["read"])
    await forgotten.write_to("zoe", ctx)

    await forgotten.choose(await link(), NEW, ctx)

    assert await check_password(await Member.get(id=zoe.id), NEW)
    assert not await Session.exists()
    assert await grant_of(token) is None
    assert await Letter.all().count() == 2


async def test_link_serves_once(zoe, ctx):
    await forgotten.write_to("zoe", ctx)
    note = await link()
    await forgotten.choose(note, NEW, ctx)

    with pytest.raises(NotFound):
        await forgotten.choose(note, "encore autre chose", ctx)
    assert await check_password(await Member.get(id=zoe.id), NEW)


async def test_link_serves_for_an_hour(zoe, ctx):
    await forgotten.write_to("zoe", ctx)
    late = replace(ctx, now=lambda: ctx.now() + timedelta(hours=1))

    with pytest.raises(NotFound):
        await forgotten.choose(await link(), NEW, late)


async def test_password_that_will_not_do_leaves_the_link_good(zoe, ctx):
    await forgotten.write_to("zoe", ctx)
    with pytest.raises(Invalid):
        await forgotten.choose(await link(), "court", ctx)

    await forgotten.choose(await link(), NEW, ctx)


async def test_link_of_a_closed_login_is_worth_nothing(zoe, ctx):
    await forgotten.write_to("zoe", ctx)
    await Member.filter(id=zoe.id).update(disabled_at=ctx.now())

    with pytest.raises(NotFound):
        await forgotten.of_link(await link(), ctx)


@pytest.mark.parametrize("note", ["", "x", "1.2-3.4", "é" * 20])
async def test_link_that_is_none_is_nobodys(zoe, ctx, note):
    with pytest.raises(NotFound):
        await forgotten.of_link(note, ctx)
