"""A section's events at its desk: the lists, calling off, deleting, saying how it was."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventStatus
from models.participation import EventNotice, Participation, ParticipationState
from models.post import Post
from models.role import Role, SectionAct
from models.section import Section
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft
from server.sections import roles
from tests import factories
from tests.web.conftest import Enter
from tests.web.pages import form_of, read, text, texts

EVENTS = "/@lille/desk/events"


@pytest.fixture
async def zoe(enter: Enter, member: Actor, main_section: Section, ctx: Context) -> AsyncClient:
    """The browser of Zoé, who answers for the section."""
    await roles.found(main_section, member, ctx)
    return await enter(member)


@pytest.fixture
async def coming(section: Actor, other_member: Actor, ctx: Context) -> Post:
    """An event of the section to which somebody comes."""
    starts = (ctx.now() + timedelta(days=9)).replace(tzinfo=None)
    event = await actions.publish(section, EventDraft("Réunion", starts, place=PlaceDraft("Salle")), ctx)
    await Participation.create(event=event, actor=other_member, state=ParticipationState.ACCEPTED)
    return event


@pytest.fixture
async def past(section: Actor, ctx: Context) -> Post:
    """An event of the section that was."""
    return await factories.event(section, "Banquet", starts_at=ctx.now() - timedelta(days=2), language="fr")


async def test_list_says_what_comes_and_what_waits_for_a_report(zoe: AsyncClient, coming: Post, past: Post) -> None:
    page = read(await zoe.get(EVENTS))

    assert texts(page, "#coming + .rows .row-name") == ["Réunion"]
    assert "1 personne vient" in text(page, "#coming + .rows")
    assert texts(page, "#unreported + .rows .row-name") == ["Banquet"]
    assert page.select_one(f'a[href="{EVENTS}/{past.id}/report"]')


async def test_list_of_a_section_that_has_none_says_so(zoe: AsyncClient) -> None:
    page = read(await zoe.get(EVENTS))
    assert "Rien n’est annoncé" in text(page, ".empty")
    assert page.select_one(f'a.button[href="{EVENTS}/new"]')


@pytest.mark.parametrize(
    ("to", "said"), [("cancelled", "event_cancelled"), ("postponed", "event_postponed"), ("confirmed", "event_held")]
)
async def test_it_is_called_off_put_off_and_held_after_all(
    zoe: AsyncClient, member: Actor, coming: Post, to: str, said: str
) -> None:
    if to == "confirmed":
        await Event.filter(post_id=coming.id).update(status=EventStatus.CANCELLED)
    address = f"{EVENTS}/{coming.id}/status"
    page = read(await zoe.get(f"{address}?to={to}"))
    assert "1 personne qui vient, ou viendra peut-être, est prévenue" in page.get_text()

    for _ in range(2):
        response = await zoe.post(address, data=form_of(page, address, "status"))
        assert response.headers["location"] == f"{EVENTS}/{coming.id}?said={said}"

    assert (await Event.get(post_id=coming.id)).status == to
    assert await EventNotice.all().count() == 1
    assert [act.author_id for act in await SectionAct.filter(act="organise")] == [member.id]


@pytest.mark.parametrize("to", ["", "gone", "CANCELLED"])
async def test_what_is_no_status_is_refused(zoe: AsyncClient, coming: Post, to: str) -> None:
    assert (await zoe.get(f"{EVENTS}/{coming.id}/status?to={to}")).status_code == 422


async def test_whoever_deletes_is_warned_that_nobody_is_told(zoe: AsyncClient, coming: Post) -> None:
    address = f"{EVENTS}/{coming.id}/delete"
    page = read(await zoe.get(address))
    assert "n’en saura rien" in text(page, ".summary")
    assert page.select_one(f'a[href="{EVENTS}/{coming.id}/status?to=cancelled"]')

    response = await zoe.post(address, data=form_of(page, address, "delete"))

    assert response.headers["location"] == f"{EVENTS}?said=event_deleted"
    assert not await Post.filter(id=coming.id).exists()
    assert (await zoe.get(f"{EVENTS}/{coming.id}")).status_code == 404


async def test_a_moderator_may_delete_and_nothing_else(
    enter: Enter, coming: Post, main_section: Section, other_member: Actor, ctx: Context
) -> None:
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    ali, address = await enter(other_member), f"{EVENTS}/{coming.id}/delete"
    page = read(await ali.get(address))
    assert not page.select_one(f'a[href*="{EVENTS}/{coming.id}/status"]')
    assert (
        (await ali.post(address, data=form_of(page, address, "delete"))).headers["location"].startswith("/@lille/desk?")
    )
    assert not await Event.exists()


async def test_it_is_told_afterwards_how_it_was(zoe: AsyncClient, visitor: AsyncClient, past: Post) -> None:
    address = f"{EVENTS}/{past.id}/report"
    sent = form_of(read(await zoe.get(address)), address) | {
        "text": "Une belle soirée.",
        "came": "84",
        "tells_came": "yes",
    }

    for _ in range(2):
        response = await zoe.post(address, data=sent)
        assert response.headers["location"] == f"{EVENTS}/{past.id}?said=reported"

    said = await Post.get(in_reply_to_id=past.id)
    assert "84 personnes sont venues." in (await visitor.get(f"/@lille/{said.id}")).text
    page = read(await zoe.get(f"{EVENTS}/{past.id}"))
    assert page.select_one(f'a[href="{said.url}"]')
    again = form_of(read(await zoe.get(address)), address)
    assert (again["text"], again["came"], again["tells_came"]) == ("Une belle soirée.", "84", "yes")
    assert texts(read(await zoe.get(EVENTS)), "#reported .row-name") == ["Banquet"]


@pytest.mark.parametrize(
    ("typed", "said"), [({"came": "beaucoup"}, "Ce n’est pas un nombre."), ({}, "Dites comment c’était")]
)
async def test_a_report_that_is_refused_keeps_what_was_typed(
    zoe: AsyncClient, past: Post, typed: dict[str, str], said: str
) -> None:
    address = f"{EVENTS}/{past.id}/report"
    sent = form_of(read(await zoe.get(address)), address) | typed
    page = read(await zoe.post(address, data=sent), 422)
    assert said in text(page, "[role=alert]")
    assert form_of(page, address)["came"] == typed.get("came", "")


async def test_nobody_reports_before_it_has_begun(zoe: AsyncClient, coming: Post) -> None:
    assert not read(await zoe.get(f"{EVENTS}/{coming.id}")).select_one('a[href$="/report"]')
    address = f"{EVENTS}/{coming.id}/report"
    sent = form_of(read(await zoe.get(address)), address) | {"text": "Bien"}
    assert (await zoe.post(address, data=sent)).status_code == 409
