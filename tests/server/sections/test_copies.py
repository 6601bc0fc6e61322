"""Copies of what members elsewhere show to a section here: read as that section, kept while they may be, then erased."""

from datetime import timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.errors import RemoteUnavailable
from models.actor import Actor
from models.consent import Consent, Purpose
from models.details import SharedDetails
from models.errand import Errand, ErrandType
from models.membership import Membership, MembershipState
from models.section import Section
from server.consents import actions as consents
from server.sections import copies, people
from server.sections.sharing import Shared, share
from tests.server.sections.home import URI, WORDS, Home
from tests.world import World

EMAIL, PHONE = "noor@post.example", "+33320000000"


@pytest.fixture
async def belonging(section: Actor, remote_actor: Actor, ctx: Context) -> Membership:
    """The membership of somebody of another server, who has said that they show something."""
    row = await Membership.create(group=section, member=remote_actor, state=MembershipState.ACCEPTED)
    await SharedDetails.create(membership=row, uri=URI, notices=1)
    return row


@pytest.fixture
def home(section: Actor, remote_actor: Actor, ctx: Context, world: World) -> Home:
    """The server of the member."""
    return Home(section, remote_actor, ctx, world)


async def kept(row: Membership) -> tuple[str | None, str | None]:
    now = await Membership.get(id=row.id)
    return now.email, now.phone


async def standing(row: Membership) -> set[Purpose]:
    rows = await Consent.filter(actor_id=row.member_id, withdrawn_at=None)
    return {consent.purpose for consent in rows}


async def test_what_is_shown_is_kept_with_the_consent_in_the_words_of_there(
    belonging: Membership, home: Home, section: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    home.shows(("email", EMAIL), ("phone", "+33 (0)3 20.00"))
    await copies.read_again(URI, ctx)

    assert await kept(belonging) == (EMAIL, "+33032000")
    assert (world.fetched, world.fetched_by) == ([URI], [f"{section.uri}#main-key"])
    consent = (await consents.standing(section, remote_actor))[Purpose.SEND_EMAIL]
    assert (consent.text.text, consent.text.version, consent.text.language) == (WORDS, 1, "fr")
    assert (consent.given_at, consent.given_by) == (home.given_at, "elsewhere")
    row = await SharedDetails.get()
    assert (row.keep_until, row.renew_at) == (ctx.now() + timedelta(days=30), ctx.now() + timedelta(days=7))


async def test_managers_see_it_with_the_rest(
    belonging: Membership, home: Home, main_section: Section, ctx: Context
) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    [one] = await people.people(main_section, None)
    assert (one.email, one.phone) == (EMAIL, "")


async def test_read_again_it_is_the_same_consent(belonging: Membership, home: Home, ctx: Context, world: World) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    world.pass_time(days=7)
    home.shows(("email", "autre@post.example"))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == ("autre@post.example", None)
    assert await Consent.all().count() == 1
    assert (await SharedDetails.get()).keep_until == ctx.now() + timedelta(days=30)


async def test_what_is_withdrawn_there_is_erased_with_its_consent(
    belonging: Membership, home: Home, ctx: Context
) -> None:
    home.shows(("email", EMAIL), ("phone", PHONE))
    await copies.read_again(URI, ctx)
    home.shows(("phone", PHONE))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, PHONE)
    assert await standing(belonging) == {Purpose.SEND_PHONE}

    home.shows_nothing()
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)
    assert [row.withdrawn_by for row in await Consent.all()] == ["elsewhere", "elsewhere"]
    row = await SharedDetails.get()
    assert (row.keep_until, row.renew_at) == (None, None)


async def test_what_is_shown_again_later_is_another_consent(belonging: Membership, home: Home, ctx: Context) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    home.shows()
    await copies.read_again(URI, ctx)
    assert (await SharedDetails.get()).renew_at is None
    home.given_at += timedelta(minutes=1)
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (EMAIL, None)
    assert await Consent.all().count() == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_whatever_is_answered_instead_erases_it(
    belonging: Membership, home: Home, ctx: Context, world: World, status: int
) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    world.statuses[URI] = status
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)
    assert await standing(belonging) == set()


@pytest.mark.parametrize(
    "more",
    [
        {"attributedTo": "https://far.test/users/lou"},
        {"audience": "https://brest.test/actors/1"},
        {"id": "https://far.test/shared-details/y"},
        {"type": "Note"},
        {"keepUntil": "2020-01-01T00:00:00Z"},
        {"details": "noor@post.example"},
    ],
)
async def test_a_document_that_is_not_this_one_erases_it(
    belonging: Membership, home: Home, ctx: Context, world: World, more: dict[str, Any]
) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    home.shows(("email", EMAIL))
    world.documents[URI] = world.documents[URI] | more
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)


@pytest.mark.parametrize("status", [0, 429, 500, 503])
async def test_a_server_that_does_not_answer_leaves_it_for_a_while(
    belonging: Membership, home: Home, ctx: Context, world: World, status: int
) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    world.statuses[URI] = status
    with pytest.raises(RemoteUnavailable):
        await copies.read_again(URI, ctx)
    assert await kept(belonging) == (EMAIL, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "noor"),
        ("email", "a@b.example, c@d.example"),
        ("phone", "12345"),
        ("phone", "=1+1111111"),
        ("email", " "),
    ],
)
async def test_a_value_is_held_against_the_rules_for_what_is_typed(
    belonging: Membership, home: Home, ctx: Context, name: str, value: str
) -> None:
    home.shows((name, value))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)
    assert await standing(belonging) == set()


@pytest.mark.parametrize("state", [None, MembershipState.REQUESTED, MembershipState.INVITED])
async def test_nothing_is_asked_for_somebody_who_does_not_belong(
    belonging: Membership, home: Home, ctx: Context, world: World, state: MembershipState | None
) -> None:
    home.shows(("email", EMAIL))
    rows = Membership.filter(id=belonging.id)
    await (rows.delete() if state is None else rows.update(state=state))
    await copies.read_again(URI, ctx)
    assert world.fetched == []
    assert not await Membership.exists(email__not_isnull=True)
    assert not await Consent.exists()


async def test_what_is_shown_to_a_section_elsewhere_is_not_read_here(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    row = await Membership.create(group=remote_actor, member=member, state=MembershipState.ACCEPTED)
    await SharedDetails.create(membership=row, uri=URI)
    await copies.read_again(URI, ctx)
    assert world.fetched == []


async def test_of_two_readings_the_one_before_the_last_notice_is_dropped(
    belonging: Membership, home: Home, ctx: Context, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.shows(("email", EMAIL))
    fetch = copies.shared_details.fetch

    async def slow(*args: Any) -> Any:
        shown = await fetch(*args)
        await SharedDetails.all().update(notices=2)
        return shown

    monkeypatch.setattr(copies.shared_details, "fetch", slow)
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)
    assert not await Consent.exists()


async def test_what_was_withdrawn_here_does_not_come_back_by_reading_the_same_consent(
    belonging: Membership, home: Home, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    await consents.withdraw(section, remote_actor, Purpose.SEND_EMAIL, by="command")
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (None, None)
    home.given_at += timedelta(minutes=1)
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (EMAIL, None)


async def test_what_was_given_here_by_another_consent_stays(
    belonging: Membership, home: Home, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await share(remote_actor, section, Shared.PHONE, PHONE, ctx, by="command")
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (EMAIL, PHONE)


async def asked(ctx: Context) -> list[str]:
    """Look after the copies; what is to be read again because of it."""
    await Errand.all().delete()
    await copies.keep_up(ctx)
    return [errand.uri for errand in await Errand.filter(type=ErrandType.DETAILS)]


async def test_it_is_read_again_each_week(belonging: Membership, home: Home, ctx: Context, world: World) -> None:
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    world.pass_time(days=6, hours=23)
    assert await asked(ctx) == []
    world.pass_time(hours=1)
    assert await asked(ctx) == [URI]
    assert await asked(ctx) == []
    world.pass_time(days=1)
    assert await asked(ctx) == [URI]  # it was not to be had


async def test_after_thirty_days_without_an_answer_it_is_erased_and_asked_for_all_the_same(
    belonging: Membership, home: Home, ctx: Context, world: World
) -> None:
    home.shows(("email", EMAIL), ("phone", PHONE))
    await copies.read_again(URI, ctx)
    world.pass_time(days=29, hours=23)
    await copies.keep_up(ctx)
    assert await kept(belonging) == (EMAIL, PHONE)

    world.pass_time(hours=1)
    await copies.keep_up(ctx)

    assert await kept(belonging) == (None, None)
    assert {row.withdrawn_by for row in await Consent.all()} == {"expired"}
    world.pass_time(days=1)
    assert await asked(ctx) == [URI]
    home.shows(("email", EMAIL))
    await copies.read_again(URI, ctx)
    assert await kept(belonging) == (EMAIL, None)


async def test_a_date_that_is_near_is_kept_and_read_again_before(
    belonging: Membership, home: Home, ctx: Context, world: World
) -> None:
    until = ctx.now() + timedelta(days=4)
    home.shows(("email", EMAIL), keepUntil=until.isoformat())
    await copies.read_again(URI, ctx)
    row = await SharedDetails.get()
    assert (row.renew_at, row.keep_until) == (ctx.now() + timedelta(days=2), until)
    home.shows(("email", EMAIL), keepUntil=(ctx.now() + timedelta(seconds=2)).isoformat())
    await copies.read_again(URI, ctx)
    assert (await SharedDetails.get()).renew_at == ctx.now() + timedelta(hours=1)
    world.pass_time(seconds=2)
    await copies.keep_up(ctx)
    assert await kept(belonging) == (None, None)
