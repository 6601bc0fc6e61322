"""Sessions: opened by the right password alone, ended by their owner, by time, by a new password, by leaving."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.actor import Actor
from models.member import Member
from models.session import Session
from server.errors import Invalid, NotFound, TooMany
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.members import actions as members
from server.members import leaving
from server.members.passwords import hash_password
from server.sessions import actions, queries
from server.sessions.actions import LONGEST, MOST_SESSIONS, UNUSED_FOR
from server.sessions.guesses import Guesses
from tests import factories

PASSWORD = "cheval agrafe pile"


@pytest.fixture
async def login(member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
def enter(ctx):
    guesses = Guesses(lambda: 1000.0)

    async def log_in(name="zoe", password=PASSWORD, address="203.0.113.9", **more):
        return await actions.log_in(name, password, ctx, guesses=guesses, address=address, **more)

    return log_in


async def of(token, ctx, **later):
    return await queries.of_token(token, replace(ctx, now=lambda: ctx.now() + timedelta(**later)))


async def test_right_password_opens_a_session(login, enter, ctx):
    session = await queries.of_token(await enter(device="Firefox, Linux"), ctx)

    assert (session.member.actor.username, session.device) == ("zoe", "Firefox, Linux")


@pytest.mark.parametrize("name", ["zoe", "@zoe", " ZOE ", "Zoe@section.example"])
async def test_name_and_e_mail_address_both_do(login, enter, ctx, name):
    login.email, login.email_fingerprint = "zoe@section.example", members.fingerprint("zoe@section.example")
    await login.save()

    assert await queries.of_token(await enter(name), ctx) is not None


async def test_only_a_hash_of_the_token_is_kept(login, enter):
    token = await enter()

    session = await Session.get()
    assert token not in [str(getattr(session, name)) for name in session._meta.fields_db_projection]


@pytest.mark.parametrize(
    ("name", "password"),
    [("zoe", "cheval agrafe pie"), ("zoe", ""), ("nobody", PASSWORD), ("", ""), ("a@b.fr", PASSWORD)],
)
async def test_anything_else_opens_none_and_does_not_say_what_was_wrong(login, enter, name, password):
    with pytest.raises(Invalid, match="This name and this password do not go together"):
        await enter(name, password)
    assert not await Session.exists()


async def test_member_without_a_password_does_not_get_in(member, enter):
    with pytest.raises(Invalid):
        await enter()


async def test_section_has_no_login(section, enter):
    with pytest.raises(Invalid):
        await enter("lille")


async def test_login_that_was_closed_does_not_get_in(login, enter, ctx):
    token = await enter()
    await Member.filter(id=login.id).update(disabled_at=ctx.now())

    with pytest.raises(Invalid):
        await enter()
    assert await queries.of_token(token, ctx) is None


async def test_every_log_in_makes_a_new_token_and_ends_the_session_before_it(login, enter, ctx):
    first = await enter()
    second = await enter(old_token=first)

    assert first != second
    assert await queries.of_token(first, ctx) is None
    assert await queries.of_token(second, ctx) is not None


async def test_session_of_another_browser_goes_on(login, enter, ctx):
    first = await enter()
    await enter()

    assert await queries.of_token(first, ctx) is not None


async def test_after_a_few_wrong_passwords_one_waits(login, enter):
    for _ in range(5):
        with pytest.raises(Invalid):
            await enter(password="wrong")

    with pytest.raises(TooMany) as refused:
        await enter()
    assert int(refused.value.headers["Retry-After"]) > 0


async def test_who_waits_does_not_shut_out_the_owner_elsewhere(login, enter):
    for _ in range(5):
        with pytest.raises(Invalid):
            await enter(password="wrong")

    assert await enter(address="198.51.100.7")


async def test_one_address_may_not_try_everybody(login, enter):
    for number in range(20):
        with pytest.raises(Invalid):
            await enter(f"name{number}", "wrong")

    with pytest.raises(TooMany):
        await enter()


async def test_one_name_may_not_be_tried_from_everywhere(login, enter, monkeypatch):
    async def no(*_args):
        return False

    monkeypatch.setattr(actions, "check_password", no)
    for number in range(100):
        with pytest.raises(Invalid):
            await enter(address=f"address {number}")

    with pytest.raises(TooMany):
        await enter(address="one more")


async def test_right_passwords_are_not_counted(login, enter, monkeypatch):
    async def yes(*_args):
        return True

    monkeypatch.setattr(actions, "check_password", yes)
    for _ in range(30):
        await enter()


async def test_session_ends_after_a_month_without_use(login, enter, ctx):
    token = await enter()

    assert await of(token, ctx, seconds=UNUSED_FOR.total_seconds()) is None


async def test_session_that_is_used_lives_on_but_not_for_ever(login, enter, ctx):
    token, days = await enter(), 0
    while await of(token, ctx, days=days):
        days += 29

    assert days >= LONGEST.days
    assert not await of(token, ctx, days=LONGEST.days)


async def test_use_is_written_down_once_an_hour(login, enter, ctx):
    token = await enter()
    before = await Session.get()
    await of(token, ctx, minutes=59)
    assert (await Session.get()).seen_at == before.seen_at

    await of(token, ctx, minutes=61)

    assert (await Session.get()).seen_at == before.seen_at + timedelta(minutes=61)


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43, "A" * 5000])
async def test_other_tokens_are_nobodys(login, enter, ctx, token):
    await enter()

    assert await queries.of_token(token, ctx) is None


async def test_logging_out_ends_the_session(login, enter, ctx):
    token = await enter()
    await actions.log_out(token)

    assert await queries.of_token(token, ctx) is None
    await actions.log_out(token)


async def test_one_may_end_ones_other_sessions(login, enter, ctx):
    token, others = await enter(), [await enter(), await enter()]
    mine = await queries.of_token(token, ctx)

    assert len(await queries.of_member(login, ctx)) == 3
    await actions.end(login, (await queries.of_token(others[0], ctx)).id)
    assert await queries.of_token(others[0], ctx) is None
    assert await actions.end_others(mine) == 1
    assert [row.id for row in await queries.of_member(login, ctx)] == [mine.id]


async def test_nobody_ends_the_session_of_another(login, enter, ctx):
    session = await queries.of_token(await enter(), ctx)
    ali = await factories.member(ctx, "ali", "Ali")

    with pytest.raises(NotFound):
        await actions.end(await Member.get(actor_id=ali.id), session.id)
    assert await Session.exists(id=session.id)


async def test_so_many_sessions_and_no_more(login, ctx):
    tokens = [await actions.open_session(login, ctx) for _ in range(MOST_SESSIONS + 2)]

    assert await Session.all().count() == MOST_SESSIONS
    assert await queries.of_token(tokens[0], ctx) is None
    assert await queries.of_token(tokens[-1], ctx) is not None


async def test_new_password_ends_every_session(login, enter, ctx):
    await enter()
    await members.reset_password(login, "quatre mots sans lien", ctx)

    assert not await Session.exists()


async def test_who_leaves_the_server_is_logged_out(login, enter, ctx, member):
    token = await enter()
    await leaving.delete(await Actor.get(id=member.id), ctx)

    assert await queries.of_token(token, ctx) is None
    assert not await Session.exists()


async def test_sessions_that_ended_are_deleted(login, enter, ctx):
    await enter()
    await Session.all().update(expires_at=ctx.now() - timedelta(days=1))

    assert (await run.sweep(Terms(ctx.now() + timedelta(days=1), 90), seconds=60))["sessions"] == 1
    assert not await Session.exists()


async def test_password_is_asked_again_and_counted(login, ctx):
    guesses = Guesses(lambda: 1000.0)
    await actions.prove(login, PASSWORD, guesses=guesses, address="a")
    for _ in range(5):
        with pytest.raises(Invalid, match="This is not your password"):
            await actions.prove(login, "wrong", guesses=guesses, address="a")

    with pytest.raises(TooMany):
        await actions.prove(login, PASSWORD, guesses=guesses, address="a")
