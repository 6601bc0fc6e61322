"""The second step: turned on by a code, asked for once each, turned off; nobody is let in without it."""

from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from federation.context import Context
from models import database
from models.mail import Letter
from models.member import Member
from models.role import SectionAct
from models.second_step import CodeApp, RecoveryCode
from models.secrets import fingerprint
from models.section import Section
from models.session import Session
from server.errors import Conflict, Invalid, NotFound, TooMany
from server.members.passwords import hash_password
from server.second_step import actions
from server.sessions import actions as sessions
from server.sessions import queries
from server.sessions.guesses import Guesses

PASSWORD = "cheval agrafe pile"
EMAIL = "zoe@post.example"
HERE = "203.0.113.9"


@pytest.fixture
async def zoe(member) -> Member:
    await Member.filter(actor_id=member.id).update(
        password_hash=await hash_password(PASSWORD), email=EMAIL, email_fingerprint=fingerprint(EMAIL)
    )
    return await Member.get(actor_id=member.id).select_related("actor")


async def code_of(member: Member, ctx: Context) -> str:
    app = await CodeApp.get(member_id=member.id)
    return pyotp.TOTP(app.secret).at(ctx.now())


def later(ctx: Context, **by: float) -> Context:
    return replace(ctx, now=lambda: ctx.now() + timedelta(**by))


@pytest.fixture
async def paper(zoe, ctx) -> list[str]:
    """The codes on paper of Zoé, whose second step is on since a minute."""
    before = later(ctx, minutes=-2)
    await actions.begin(zoe, before)
    made = await actions.turn_on(zoe, await code_of(zoe, before), before)
    await Letter.all().delete()
    return made


async def test_second_step_is_on_once_a_code_was_typed(zoe, ctx):
    await actions.begin(zoe, ctx)
    assert not await actions.is_on(zoe)

    made = await actions.turn_on(zoe, await code_of(zoe, ctx), ctx)

    assert await actions.is_on(zoe)
    assert len(made) == await RecoveryCode.filter(member_id=zoe.id).count() == 10
    assert "The second step is on" in (await Letter.get()).message or "deuxi" in (await Letter.get()).message


async def test_wrong_code_turns_nothing_on(zoe, ctx):
    await actions.begin(zoe, ctx)

    for wrong in ("000000", "", "abc"):
        with pytest.raises(Invalid):
            await actions.turn_on(zoe, wrong, ctx)
    assert not await actions.is_on(zoe)
    assert not await RecoveryCode.exists()


async def test_what_was_begun_long_ago_is_begun_anew(zoe, ctx):
    first = await actions.begin(zoe, ctx)
    with pytest.raises(NotFound):
        await actions.turn_on(zoe, await code_of(zoe, ctx), later(ctx, minutes=31))

    second = await actions.begin(zoe, ctx)
    assert first.secret != second.secret
    assert await CodeApp.all().count() == 1


async def test_second_step_that_is_on_is_not_begun(zoe, paper, ctx):
    with pytest.raises(Conflict):
        await actions.begin(zoe, ctx)


async def test_nothing_of_it_can_be_read_in_the_database(zoe, paper, ctx):
    app = await CodeApp.get(member_id=zoe.id)
    raw = repr(
        [
            tuple(row)
            for table in ("code_app", "recovery_code")
            for row in await database.select(f"SELECT * FROM {table}")
        ]
    )

    assert app.secret not in raw
    assert not [code for code in paper if code in raw or code.replace("-", "") in raw]


async def test_code_is_taken_once(zoe, paper, ctx):
    code = await code_of(zoe, ctx)
    await actions.check(zoe, code, ctx)

    with pytest.raises(Invalid):
        await actions.check(zoe, code, ctx)
    with pytest.raises(Invalid):
        await actions.check(zoe, code, later(ctx, seconds=20))


async def test_code_older_than_one_that_was_taken_is_refused(zoe, paper, ctx):
    old = await code_of(zoe, ctx)
    await actions.check(zoe, await code_of(zoe, later(ctx, seconds=30)), later(ctx, seconds=30))

    with pytest.raises(Invalid):
        await actions.check(zoe, old, later(ctx, seconds=30))


async def test_code_on_paper_is_taken_once_and_told(zoe, paper, ctx):
    await actions.check(zoe, paper[3].upper(), ctx)

    assert await actions.codes_left(zoe) == 9
    assert "9" in (await Letter.get()).message
    with pytest.raises(Invalid):
        await actions.check(zoe, paper[3], ctx)


async def test_codes_of_somebody_else_are_nothing(zoe, paper, other_member, ctx):
    ali = await Member.get(actor_id=other_member.id).select_related("actor")
    await actions.begin(ali, ctx)
    await actions.turn_on(ali, await code_of(ali, ctx), ctx)

    for code in (paper[0], await code_of(zoe, ctx)):
        with pytest.raises(Invalid):
            await actions.check(ali, code, ctx)


async def test_without_a_second_step_no_code_is_one(zoe, ctx):
    for code in ("000000", "abcd-efgh-ijkl-mnop", ""):
        with pytest.raises(Invalid):
            await actions.check(zoe, code, ctx)


async def test_other_codes_on_paper_make_the_old_ones_worthless(zoe, paper, ctx):
    made = await actions.renew(zoe, ctx)

    assert len(made) == 10
    with pytest.raises(Invalid):
        await actions.check(zoe, paper[0], ctx)
    await actions.check(zoe, made[0], ctx)


async def test_turned_off_nothing_of_it_is_left_and_it_is_told(zoe, paper, ctx):
    await actions.turn_off(zoe, ctx)

    assert not await actions.is_on(zoe)
    assert not await CodeApp.exists()
    assert not await RecoveryCode.exists()
    assert await Letter.all().count() == 1


async def test_taken_off_by_the_server_it_stands_in_the_journal_and_is_told(zoe, paper, main_section: Section, ctx):
    await actions.take_off(zoe, ctx)

    act = await SectionAct.get(section_id=main_section.id)
    assert (act.act, act.author_id, act.about) == ("take off second step", None, "second step @zoe")
    assert await Letter.all().count() == 1
    with pytest.raises(NotFound):
        await actions.take_off(zoe, ctx)


@pytest.fixture
def enter(ctx):
    guesses = Guesses(lambda: 1000.0)

    async def type_password(**more):
        return await sessions.log_in("zoe", PASSWORD, ctx, guesses=guesses, address=HERE, **more)

    return type_password


async def half_in(enter) -> str:
    with pytest.raises(sessions.SecondStepWanted) as wanted:
        await enter()
    return wanted.value.half_in


async def test_password_alone_opens_no_session(zoe, paper, enter):
    await half_in(enter)

    assert not await Session.exists()


async def test_password_and_code_open_one(zoe, paper, enter, ctx):
    token = await sessions.finish_log_in(
        await half_in(enter),
        await code_of(zoe, ctx),
        ctx,
        guesses=Guesses(are_codes=True),
        address=HERE,
        device="Firefox",
    )

    session = await queries.of_token(token, ctx)
    assert session is not None
    assert (session.member_id, session.device) == (zoe.id, "Firefox")


async def test_half_in_ends_with_time_or_another_password(zoe, paper, enter, ctx):
    note, code = await half_in(enter), await code_of(zoe, ctx)
    for late in (later(ctx, minutes=10), ctx):
        if late is ctx:
            await Member.filter(id=zoe.id).update(password_hash=await hash_password("autre chose ici"))
        with pytest.raises(Invalid, match="took too long"):
            await sessions.finish_log_in(note, code, late, guesses=Guesses(are_codes=True), address=HERE)
    assert not await Session.exists()


async def test_half_in_is_worth_nothing_once_the_login_is_closed(zoe, paper, enter, ctx):
    note = await half_in(enter)
    await Member.filter(id=zoe.id).update(disabled_at=ctx.now())

    with pytest.raises(Invalid):
        await sessions.finish_log_in(note, paper[0], ctx, guesses=Guesses(are_codes=True), address=HERE)


@pytest.mark.parametrize("note", ["", "1.2.3", "é", "9" * 600])
async def test_nobody_is_half_in_by_a_note_of_their_own(zoe, paper, ctx, note):
    with pytest.raises(Invalid):
        await sessions.finish_log_in(note, paper[0], ctx, guesses=Guesses(are_codes=True), address=HERE)


async def test_codes_are_tried_few_times_from_everywhere(zoe, paper, enter, ctx):
    guesses, note = Guesses(lambda: 1000.0, are_codes=True), await half_in(enter)
    for number in range(10):
        with pytest.raises(Invalid):
            await sessions.finish_log_in(note, "000000", ctx, guesses=guesses, address=f"203.0.113.{number}")

    with pytest.raises(TooMany):
        await sessions.finish_log_in(note, await code_of(zoe, ctx), ctx, guesses=guesses, address="203.0.113.99")
    assert not await Session.exists()


async def test_session_that_is_rotated_goes_on_under_the_new_token_alone(zoe, ctx):
    old = await sessions.open_session(zoe, ctx)
    session = await queries.of_token(old, ctx)
    assert session is not None

    new = await sessions.rotate(session)

    assert await queries.of_token(old, ctx) is None
    found = await queries.of_token(new, ctx)
    assert found is not None
    assert found.id == session.id
