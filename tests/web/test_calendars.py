"""Calendar programs: one event, a section's agenda, and a member's own under a private address."""

import pytest
from structlog.testing import capture_logs

from models.calendar import CalendarLink
from models.event import Event, EventStatus
from models.member import Member
from models.participation import Participation, ParticipationState
from models.post import Visibility
from server.events import calendar_links
from server.members import leaving
from server.sections import membership
from tests import factories
from tests.server.events.calendars import by_another, only, read
from tests.web.conftest import browser
from tests.web.pages import form_of, text
from tests.web.pages import read as page_of
from tests.web.test_queries import needs_sqlite, statements


@pytest.fixture
async def address(enter, member):
    """The private address of Zoé, as her page shows it."""
    zoe = await enter(member)
    await press(zoe, "renew")
    return text(page_of(await zoe.get("/me/calendar")), ".copy").removeprefix("https://lille.test")


async def press(client, do):
    form = form_of(page_of(await client.get("/me/calendar")), "/me/calendar", do)
    return await client.post("/me/calendar", data=form)


def titles(response):
    assert response.status_code == 200
    return sorted(str(event["SUMMARY"]) for event in read(response.content).events)


async def test_one_event_is_a_calendar(visitor, section):
    post = await factories.event(section)

    response = await visitor.get(f"/@lille/{post.id}.ics")

    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert only(response.content)["UID"] == post.uri
    assert by_another(response.content).vevent.summary.value == "Réunion de section"


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT])
async def test_event_that_is_not_for_everybody_is_not_found(visitor, section, visibility):
    post = await factories.event(section, visibility=visibility)

    assert (await visitor.get(f"/@lille/{post.id}.ics")).status_code == 404


async def test_post_that_is_no_event_has_no_calendar(visitor, section, member, say):
    post, event = await say(section, "Bonjour"), await factories.event(section)

    assert (await visitor.get(f"/@lille/{post.id}.ics")).status_code == 404
    assert (await visitor.get(f"/@zoe/{event.id}.ics")).status_code == 404


async def test_a_change_is_another_edition(visitor, section):
    post = await factories.event(section)
    before = await visitor.get(f"/@lille/{post.id}.ics")
    await Event.filter(post_id=post.id).update(status=EventStatus.CANCELLED, sequence=1)

    after = await visitor.get(f"/@lille/{post.id}.ics", headers={"If-None-Match": before.headers["etag"]})

    assert (only(after.content)["SEQUENCE"], only(after.content)["STATUS"]) == (1, "CANCELLED")


async def test_address_has_43_letters_and_is_kept_as_a_hash(address, member):
    token = address.removeprefix("/calendar/").removesuffix(".ics")

    assert len(token) == 43
    assert token not in str((await CalendarLink.get()).__dict__)


async def test_own_agenda_has_what_one_comes_to_and_what_ones_sections_organise(
    visitor, section, member, remote_actor, address
):
    await membership.add(section, member)
    await factories.event(section, "De ma section")
    await factories.event(section, "Pour les membres", visibility=Visibility.SECTION, group=section)
    await factories.event(remote_actor, "Ailleurs, et pas pour moi")
    for state in ParticipationState:
        theirs = await factories.event(remote_actor, f"Ailleurs {state.value}")
        await Participation.create(event=theirs, actor=member, state=state)

    response = await visitor.get(address)

    assert titles(response) == [
        "Ailleurs accepted",
        "Ailleurs requested",
        "Ailleurs tentative",
        "Ailleurs waiting",
        "De ma section",
        "Pour les membres",
    ]
    by_another(response.content)


async def test_own_agenda_has_nothing_that_one_may_no_longer_read(visitor, section, member, remote_actor, address):
    await membership.add(section, member)
    await factories.event(section, "Pour les membres", visibility=Visibility.SECTION, group=section)
    blocked = await factories.event(remote_actor, "Chez qui me bloque")
    await Participation.create(event=blocked, actor=member, state=ParticipationState.ACCEPTED)
    await factories.block(remote_actor, member)
    assert titles(await visitor.get(address)) == ["Pour les membres"]

    await membership.leave(member, section, visitor._transport.app.state.context)

    assert titles(await visitor.get(address)) == []


async def test_own_agenda_names_nobody(visitor, section, member, other_member, address):
    event = await factories.event(section)
    for actor in (member, other_member):
        await Participation.create(event=event, actor=actor, state=ParticipationState.ACCEPTED)

    body = (await visitor.get(address)).text

    assert not any(name in body for name in ("ATTENDEE", "zoe", "Zoé", "Ali", member.uri, other_member.uri))


async def test_own_agenda_is_kept_by_nobody_and_not_sent_twice(visitor, section, address):
    first = await visitor.get(address)
    again = await visitor.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["x-robots-tag"] == "noindex"
    assert again.status_code == 304


async def test_renewed_the_old_address_leads_nowhere(visitor, enter, member, address):
    zoe = await enter(member)
    assert (await press(zoe, "renew")).headers["location"] == "/me/calendar?said=calendar_address"
    fresh = text(page_of(await zoe.get("/me/calendar")), ".copy").removeprefix("https://lille.test")

    assert fresh != address
    assert ((await visitor.get(address)).status_code, (await visitor.get(fresh)).status_code) == (404, 200)


async def test_taken_back_it_leads_nowhere(visitor, enter, member, address):
    zoe = await enter(member)
    assert (await press(zoe, "revoke")).headers["location"] == "/me/calendar?said=calendar_ended"

    assert (await visitor.get(address)).status_code == 404
    assert "Vous n’avez pas encore" in text(page_of(await zoe.get("/me/calendar")), ".empty")


@pytest.mark.parametrize("token", ["x", "x" * 43, "é" * 43, "x" * 5000])
async def test_token_that_is_nobodys_leads_nowhere(visitor, section, address, token):
    assert (await visitor.get(f"/calendar/{token}.ics")).status_code == 404


async def test_whoever_has_no_login_any_more_has_no_address(visitor, member, address, ctx):
    await Member.filter(actor_id=member.id).update(disabled_at=ctx.now())

    assert (await visitor.get(address)).status_code == 404


async def test_closing_the_account_takes_the_address_along(visitor, section, member, address, ctx):
    await leaving.delete(member, ctx)

    assert (await visitor.get(address)).status_code in (404, 410)
    assert not await CalendarLink.exists()


async def test_page_is_for_whoever_is_logged_in_and_its_forms_are_their_own(visitor, enter, member, other_member):
    assert (await visitor.get("/me/calendar")).headers["location"] == "/login?next=%2Fme%2Fcalendar"
    zoe, ali = await enter(member), await enter(other_member)
    stolen = form_of(page_of(await zoe.get("/me/calendar")), "/me/calendar", "renew")

    assert (await ali.post("/me/calendar", data=stolen)).status_code == 403
    assert (await zoe.post("/me/calendar", data=stolen | {"do": "dance"})).status_code == 422
    assert not await CalendarLink.exists()


async def test_pressed_twice_there_is_one_address(member, login):
    await calendar_links.renew(login)
    await calendar_links.renew(login)

    assert await CalendarLink.all().count() == 1


async def test_the_token_stands_in_no_line_of_the_log(app, address, monkeypatch):
    async def fail(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr("server.events.agendas.of_member", fail)
    with capture_logs() as lines:
        async with browser(app, raises=False) as client:
            assert (await client.get(address)).status_code == 500
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert lines
    assert token not in str(lines)


@needs_sqlite
async def test_own_agenda_asks_as_much_for_twenty_events_as_for_one(visitor, section, member, address):
    async def count():
        with statements() as seen:
            await visitor.get(address)
        return len(seen)

    await membership.add(section, member)
    await factories.event(section)
    one = await count()
    for number in range(19):
        await factories.event(section, f"Réunion {number}")
    assert await count() == one <= 22
