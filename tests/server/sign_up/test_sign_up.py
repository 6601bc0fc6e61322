"""Making an account: who may, the letter, the link, the answer; nobody learns whose address is known."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest

from models import database
from models.actor import Actor
from models.consent import Look
from models.mail import Letter
from models.member import Member
from models.membership import JoinLink, Membership, MembershipState
from models.role import SectionAct
from models.secrets import fingerprint
from models.sign_up import SignUp, SignUpMode
from server.errors import Conflict, Forbidden, NotFound
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.members.actions import check_password
from server.sections import links, roles
from server.sign_up import actions, approving
from server.sign_up.form import SignUpForm, SignUpRefused, check
from server.sign_up.mode import mode, set_mode

GOOD = {
    "username": "rosa", "email": "rosa@post.example", "password": "cheval agrafe pile", "agrees": True,
    "reason": "J’habite à Fives.",
}  # fmt: skip


def form(**more) -> SignUpForm:
    return SignUpForm(**(GOOD | more))


async def letters() -> list[str]:
    return [
        message_from_string(letter.message, policy=default).get_body(("plain",)).get_content()
        for letter in await Letter.all().order_by("id")
    ]


async def note() -> str:
    return re.search(r"https://lille.test/sign_up/(\S+)", (await letters())[-1])[1]


@pytest.fixture
async def opened(section) -> None:
    await set_mode(SignUpMode.OPEN)


async def test_nobody_makes_an_account_until_an_administrator_says_so(section, ctx):
    assert await mode() is SignUpMode.CLOSED
    with pytest.raises(Forbidden):
        await actions.ask(form(), ctx)
    assert not await SignUp.exists()


async def test_open_server_makes_the_account_once_the_address_is_confirmed(opened, ctx):
    await actions.ask(form(language="en"), ctx)
    assert not await Member.exists()
    assert not await Actor.exists(local_name="rosa")

    member = await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    assert member is not None
    assert (member.actor.username, member.email, member.language) == ("rosa", "rosa@post.example", "en")
    assert await check_password(await Member.get(), GOOD["password"])
    assert not await SignUp.exists()


async def test_link_serves_once(opened, ctx):
    await actions.ask(form(), ctx)
    link = await note()
    await actions.confirm(await actions.of_link(link, ctx), ctx)

    with pytest.raises(NotFound):
        await actions.of_link(link, ctx)


@pytest.mark.parametrize("link", ["", "x", "1.2.3", "é"])
async def test_link_that_is_none_confirms_nothing(opened, ctx, link):
    with pytest.raises(NotFound):
        await actions.of_link(link, ctx)


async def test_link_serves_for_a_week(opened, ctx):
    await actions.ask(form(), ctx)
    late = replace(ctx, now=lambda: ctx.now() + actions.KEPT_FOR)

    with pytest.raises(NotFound):
        await actions.of_link(await note(), late)
    await run.sweep(Terms(late.now() + timedelta(hours=1), 0), seconds=60)
    assert not await SignUp.exists()


@pytest.mark.parametrize(
    ("typed", "field", "word"),
    [
        ({"username": ""}, "username", "ERR_BLANK"),
        ({"username": "é"}, "username", "ERR_INVALID"),
        ({"username": "Admin"}, "username", "ERR_RESERVED"),
        ({"username": "zoe"}, "username", "ERR_TAKEN"),
        ({"username": "x" * 31}, "username", "ERR_INVALID"),
        ({"email": ""}, "email", "ERR_BLANK"),
        ({"email": "rosa"}, "email", "ERR_INVALID"),
        ({"password": ""}, "password", "ERR_BLANK"),
        ({"password": "court"}, "password", "ERR_TOO_SHORT"),
        ({"password": "rosarosa12"}, "password", "ERR_INVALID"),
        ({"agrees": False}, "agreement", "ERR_ACCEPTED"),
        ({"reason": "x" * 501}, "reason", "ERR_TOO_LONG"),
    ],
)
async def test_what_will_not_do_is_said_field_by_field(opened, member, ctx, typed, field, word):
    with pytest.raises(SignUpRefused) as refused:
        await actions.ask(form(**typed), ctx)

    assert {name: problem[0] for name, problem in refused.value.problems.items()} == {field: word}
    assert not await SignUp.exists()


async def test_all_that_is_wrong_is_said_at_once(opened, ctx):
    with pytest.raises(SignUpRefused) as refused:
        await check(SignUpForm("", "", "", False), ctx)

    assert set(refused.value.problems) == {"username", "email", "password", "agreement"}


async def known(email: str, member: Actor) -> None:
    await Member.filter(actor_id=member.id).update(email=email, email_fingerprint=fingerprint(email))


async def test_address_that_is_known_looks_the_same_and_its_owner_is_told(opened, member, ctx):
    await known(GOOD["email"], member)

    row = await actions.ask(form(), ctx)

    assert row.is_known
    assert "déjà un compte" in (await letters())[0]
    assert "/sign_up/" not in (await letters())[0]


async def test_name_asked_for_tells_nobody_whether_an_address_is_known(opened, member, ctx):
    await known(GOOD["email"], member)
    for email in (GOOD["email"], "new@post.example"):
        await actions.ask(form(email=email), ctx)
        await actions.ask(form(email="third@post.example"), ctx)


async def test_whose_name_was_taken_meanwhile_asks_anew(opened, ctx):
    await actions.ask(form(), ctx)
    first = await note()
    await actions.ask(form(email="other@post.example"), ctx)
    await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    with pytest.raises(Conflict):
        await actions.confirm(await actions.of_link(first, ctx), ctx)
    assert await Member.all().count() == 1


async def test_one_address_has_one_account(opened, ctx):
    await actions.ask(form(), ctx)
    first = await note()
    await actions.ask(form(username="rosa2"), ctx)
    await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    with pytest.raises(Conflict):
        await actions.confirm(await actions.of_link(first, ctx), ctx)


async def test_an_address_is_written_to_some_times_an_hour(opened, ctx):
    for number in range(6):
        await actions.ask(form(username=f"rosa{number}"), ctx)

    assert await Letter.all().count() == actions.LETTERS_AN_HOUR


async def test_nothing_of_it_can_be_read_in_the_database(opened, ctx):
    await actions.ask(form(), ctx)
    found = repr([tuple(row) for row in await database.select("SELECT * FROM sign_up")])

    assert "rosa@post.example" not in found
    assert "Fives" not in found
    assert "cheval" not in found


@pytest.fixture
async def waiting(main_section, ctx) -> SignUp:
    """Somebody who has confirmed their address and waits for an answer."""
    await set_mode(SignUpMode.APPROVAL)
    await actions.ask(form(), ctx)
    assert await actions.confirm(await actions.of_link(await note(), ctx), ctx) is None
    await Letter.all().delete()
    return await SignUp.get()


async def test_by_approval_a_reason_is_wanted(main_section, ctx):
    await set_mode(SignUpMode.APPROVAL)

    with pytest.raises(SignUpRefused) as refused:
        await actions.ask(form(reason=" "), ctx)
    assert refused.value.problems["reason"][0] == "ERR_BLANK"


async def test_by_approval_somebody_answers_first(waiting, main_section, ctx):
    assert not await Member.exists()
    [row] = await approving.waiting(main_section, None)
    assert (row.username, row.reason) == ("rosa", "J’habite à Fives.")

    member = await approving.accept(main_section, row.id, None, ctx)

    assert member.actor.username == "rosa"
    assert "acceptée" in (await letters())[0]
    act = await SectionAct.get()
    assert (act.act, act.about) == ("answer sign ups", "Accept @rosa")
    assert (await Look.get()).at_what == "sign ups"


async def test_who_is_refused_is_told_and_forgotten(waiting, main_section, ctx):
    await approving.refuse(main_section, waiting.id, None, ctx)

    assert not await SignUp.exists()
    assert not await Actor.exists(local_name="rosa")
    assert "effacé" in (await letters())[0]
    assert "rosa" not in (await SectionAct.get()).about


async def test_who_waits_has_the_name_meanwhile_and_asks_once(waiting, ctx):
    with pytest.raises(SignUpRefused) as refused:
        await actions.ask(form(email="other@post.example"), ctx)
    assert refused.value.problems["username"][0] == "ERR_TAKEN"
    assert (await actions.ask(form(username="rosa2"), ctx)).is_known


async def test_only_the_board_of_the_main_section_answers(waiting, main_section, member, other_member, ctx):
    await roles.found(main_section, member, ctx)

    assert await approving.waiting(main_section, member)
    for deed in (approving.accept, approving.refuse):
        with pytest.raises(Forbidden):
            await deed(main_section, waiting.id, other_member, ctx)
    with pytest.raises(Forbidden):
        await approving.waiting(main_section, other_member)
    assert await SignUp.exists()


async def test_who_has_been_answered_is_not_answered_again(waiting, main_section, ctx):
    await approving.refuse(main_section, waiting.id, None, ctx)

    for deed in (approving.accept, approving.refuse):
        with pytest.raises(NotFound):
            await deed(main_section, waiting.id, None, ctx)


async def test_who_waits_in_vain_is_forgotten(waiting, ctx):
    await run.sweep(Terms(ctx.now() + timedelta(days=59), 0), seconds=60)
    assert await SignUp.exists()
    await run.sweep(Terms(ctx.now() + timedelta(days=61), 0), seconds=60)
    assert not await SignUp.exists()


async def test_by_invitation_the_link_of_a_section_is_wanted(main_section, ctx):
    await set_mode(SignUpMode.INVITATION)
    for token in ("", "guess"):
        with pytest.raises(SignUpRefused) as refused:
            await actions.ask(form(invitation=token), ctx)
        assert set(refused.value.problems) == {"invitation"}


@pytest.mark.parametrize("wanted", [SignUpMode.INVITATION, SignUpMode.APPROVAL])
async def test_who_has_a_link_comes_in_and_is_invited_by_the_section(main_section, ctx, wanted):
    await set_mode(wanted)
    token = await links.make_link(main_section.actor, None, 2, 7, ctx)
    await actions.ask(form(invitation=token, reason=""), ctx)

    member = await actions.confirm(await actions.of_link(await note(), ctx), ctx)

    assert member is not None
    row = await Membership.get(member_id=member.actor_id)
    assert row.state is MembershipState.INVITED
    assert (await JoinLink.get()).uses_left == 1


async def test_link_that_was_used_up_meanwhile_lets_nobody_in(main_section, ctx):
    await set_mode(SignUpMode.INVITATION)
    token = await links.make_link(main_section.actor, None, 1, 7, ctx)
    await actions.ask(form(invitation=token), ctx)
    await JoinLink.all().update(uses_left=0)

    with pytest.raises(NotFound):
        await actions.confirm(await actions.of_link(await note(), ctx), ctx)
    assert not await Member.exists()
    assert not await Actor.exists(local_name="rosa")


async def test_who_asked_before_the_server_closed_does_not_come_in(opened, ctx):
    await actions.ask(form(), ctx)
    await set_mode(SignUpMode.CLOSED)

    with pytest.raises(Forbidden):
        await actions.confirm(await actions.of_link(await note(), ctx), ctx)
