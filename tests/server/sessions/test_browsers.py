"""Logging in from somewhere new: who is told, and that nothing is kept by which they could be found."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.mail import Letter
from models.member import Member
from models.session import Session
from server.members.actions import reset_password
from server.sessions import actions, browsers, queries
from server.sessions.browsers import network_of

HERE, NEAR, FAR = "203.0.113.9", "203.0.113.200", "198.51.100.7"


@pytest.fixture
async def zoe(login: Member, ctx: Context) -> Member:
    await Member.filter(id=login.id).update(email="zoe@post.example", created_at=ctx.now() - timedelta(days=1))
    return await Member.get(id=login.id).select_related("actor")


async def come(member: Member, address: str, cookie: str, ctx: Context, device: str = "Firefox, Linux") -> str:
    """Log in; what the cookie holds afterwards."""
    token = await actions.open_session(member, ctx, device=device)
    session = await queries.of_token(token, ctx)
    assert session is not None
    return await browsers.recognise(session, cookie, address, ctx)


async def test_a_browser_and_a_network_that_are_both_new_are_told(zoe: Member, ctx: Context) -> None:
    cookie = await come(zoe, HERE, "", ctx)
    letter = await Letter.get()
    assert letter.recipient == "zoe@post.example"
    assert "nouvelle connexion" in letter.message or "nouvelle_connexion" in letter.message
    assert "/me/sessions" in letter.message

    await come(zoe, FAR, cookie, ctx)  # the same browser elsewhere
    await come(zoe, NEAR, "", ctx)  # another one at home
    assert await Letter.all().count() == 1
    await come(zoe, "2001:db8:1::/64", "", ctx)
    assert await Letter.all().count() == 2


async def test_the_letter_is_in_the_language_of_its_reader_and_tells_the_time_there(zoe: Member, ctx: Context) -> None:
    await Member.filter(id=zoe.id).update(language="en")
    await come(await Member.get(id=zoe.id).select_related("actor"), HERE, "", ctx)
    message = (await Letter.get()).message
    assert "new login to your account" in message
    assert f"{ctx.now():%Y-%m-%d}" in message
    assert "Firefox, Linux" in message
    assert HERE not in message


async def test_nobody_is_written_to_who_has_just_come_or_gave_no_address(zoe: Member, ctx: Context) -> None:
    await Member.filter(id=zoe.id).update(created_at=ctx.now())
    await come(await Member.get(id=zoe.id).select_related("actor"), HERE, "", ctx)
    await Member.filter(id=zoe.id).update(created_at=ctx.now() - timedelta(days=1), email=None)
    await come(await Member.get(id=zoe.id).select_related("actor"), FAR, "", ctx)
    assert not await Letter.exists()


async def test_a_network_is_forgotten_with_its_sessions(zoe: Member, ctx: Context) -> None:
    await come(zoe, HERE, "", ctx)
    later = replace(ctx, now=lambda: ctx.now() + timedelta(days=31))
    await come(zoe, HERE, "", later)
    assert await Letter.all().count() == 2


async def test_another_password_makes_every_browser_new(zoe: Member, ctx: Context) -> None:
    cookie = await come(zoe, HERE, "", ctx)
    await reset_password(zoe, "cheval agrafe pile", ctx)
    before = await Letter.all().count()
    await come(await Member.get(id=zoe.id).select_related("actor"), FAR, cookie, ctx)
    assert await Letter.all().count() == before + 1


async def test_a_browser_of_several_is_known_by_each_and_says_who_to_nobody(
    zoe: Member, other_member: object, ctx: Context
) -> None:
    ali = await Member.get(actor_id=other_member.id).select_related("actor")  # type: ignore[attr-defined]
    cookie = await come(ali, HERE, await come(zoe, HERE, "", ctx), ctx)
    random, *marks = cookie.split(".")
    assert len(marks) == 2
    assert str(zoe.id) not in cookie
    assert (await come(zoe, FAR, cookie, ctx)).split(".")[0] == random
    assert await Letter.all().count() == 1  # Ali gave no address; Zoé's browser was known


async def test_only_a_keyed_hash_of_the_network_is_kept(zoe: Member, ctx: Context) -> None:
    await come(zoe, HERE, "", ctx)
    [session] = await Session.all()
    assert len(session.network_hash) == 64
    for row in await Session.all().values():
        assert "203.0" not in str(row)


@given(st.text())
def test_any_cookie_is_read(cookie: str) -> None:
    random, marks = browsers._read(cookie)
    assert len(random) == browsers.MARK_CHARACTERS
    assert all(len(mark) == browsers.MARK_CHARACTERS for mark in marks)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("", ""),
        ("localhost", "localhost"),
    ],
)
def test_networks_are_wide_enough_to_stay_the_same(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.text() | st.ip_addresses().map(str))
def test_any_address_has_a_network(address: str) -> None:
    assert network_of(network_of(address)) == network_of(address)
