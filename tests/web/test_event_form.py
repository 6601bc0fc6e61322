"""Announcing an event at a section's desk and changing it: the form, what it keeps, the preview, publishing once."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from httpx2 import AsyncClient, Response

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, Shift
from models.participation import EventNotice, NoticeKind, Participation, ParticipationState
from models.post import Post, Visibility
from models.role import Role, SectionAct
from models.section import Section
from server.sections import roles
from tests import factories
from tests.web.conftest import Enter
from tests.web.pages import form_of, read, text, texts

EVENTS = "/@lille/desk/events"
NEW = f"{EVENTS}/new"
TYPED = {"place": "Halles de Wazemmes", "locality": "Lille", "capacity": "12"}


@pytest.fixture
async def zoe(enter: Enter, member: Actor, main_section: Section, ctx: Context) -> AsyncClient:
    """The browser of Zoé, who answers for the section."""
    await roles.found(main_section, member, ctx)
    return await enter(member)


async def begin(client: AsyncClient, query: str = "kind=leafleting&on=2027-03-06&at=10:00") -> dict[str, str]:
    """Open the form, and give what it holds."""
    return fields(read(await client.get(f"{NEW}?{query}")), NEW)


def fields(page: BeautifulSoup, address: str) -> dict[str, str]:
    """Give what the form holds, the radio button that is chosen among it; no button is pressed."""
    return form_of(page, address)


async def send(client: AsyncClient, sent: dict[str, str], do: str, address: str = NEW, **typed: str) -> Response:
    return await client.post(address, data={**sent, **typed, "do": do})


async def test_kinds_come_first_and_fill_the_form_in(zoe: AsyncClient) -> None:
    page = read(await zoe.get(NEW))
    assert len(page.select("input[name=kind]")) == len(EventKind)

    sent = await begin(zoe)

    assert (sent["title"], sent["kind"], sent["starts_on"], sent["starts_at"], sent["ends_at"]) == (
        "Tractage au marché",
        "leafleting",
        "2027-03-06",
        "10:00",
        "12:00",
    )
    assert (sent["shift-0-from"], sent["shift-1-from"], sent["timezone"]) == ("10:00", "11:00", "Europe/Paris")


async def test_without_a_day_the_usual_hour_stands_there(zoe: AsyncClient) -> None:
    sent = await begin(zoe, "kind=rally&on=hier")
    assert (sent["starts_on"], sent["starts_at"], sent["shift-0-from"], sent["shift-0-on"]) == (
        "",
        "18:30",
        "17:30",
        "",
    )


async def test_it_is_shown_as_others_see_it_before_anything_is_published(zoe: AsyncClient) -> None:
    sent = await begin(zoe)
    response = await send(zoe, sent, "preview", **TYPED, text="Bonjour <à> tous")

    page = read(response)
    assert text(page, ".event-shown h2") == "Tractage au marché"
    assert text(page, ".event-shown .event-place") == "Halles de Wazemmes"
    assert "Bonjour <à> tous" in text(page, ".event-shown .prose")
    sent.pop("picture1")  # a file that was not chosen
    assert fields(page, NEW) == {**sent, **TYPED, "text": "Bonjour <à> tous"}
    assert not await Event.exists()
    back = await send(zoe, fields(page, NEW), "change")
    assert fields(read(back), NEW)["text"] == "Bonjour <à> tous"


async def test_it_is_announced_once_though_sent_twice(zoe: AsyncClient, member: Actor, section: Actor) -> None:
    sent = await begin(zoe)
    responses = [await send(zoe, sent, "publish", **TYPED, has_wheelchair_access="yes") for _ in range(2)]

    event = await Event.get().select_related("post", "place")
    assert {response.headers["location"] for response in responses} == {f"{EVENTS}/{event.post_id}?said=announced"}
    assert (event.organiser_id, event.kind, event.capacity, event.has_wheelchair_access) == (
        section.id,
        EventKind.LEAFLETING,
        12,
        True,
    )
    assert event.starts_at == datetime(2027, 3, 6, 9, tzinfo=UTC)
    assert await Shift.filter(event_id=event.id).count() == 2
    act = await SectionAct.get(act="organise")
    assert (act.author_id, act.about) == (member.id, event.post.uri)


async def test_whoever_goes_back_and_writes_something_else_announces_another(zoe: AsyncClient) -> None:
    sent = await begin(zoe)
    await send(zoe, sent, "publish", **TYPED)
    await send(zoe, sent, "publish", **TYPED, title="Un autre tractage")
    assert await Event.all().count() == 2


async def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_lost(zoe: AsyncClient) -> None:
    sent = await begin(zoe)
    typed = TYPED | {"title": "", "starts_at": "tôt", "shift-1-to": "10:30", "text": "Mon texte", "capacity": "x"}
    response = await send(zoe, sent, "publish", **typed)

    page = read(response, 422)
    assert "Rien de ce que vous avez écrit n’est perdu" in text(page, "[role=alert]")
    assert text(page, "#title-error") == "Le titre d’un événement compte de 3 à 200 caractères."
    assert text(page, "#shift-1-error") == "Un créneau ne peut pas finir avant de commencer."
    assert page.select_one("#starts-clock-error")
    assert page.select_one("#capacity-error")
    assert page.select_one("#title")["aria-describedby"] == "title-error"  # type: ignore[index]
    assert fields(page, NEW) == {**sent, **typed}
    assert not await Event.exists()


@pytest.mark.parametrize("do", ["add_shift", "add_question", "template", "change"])
async def test_a_button_that_arranges_the_form_loses_nothing(zoe: AsyncClient, do: str) -> None:
    sent = await begin(zoe)
    typed = TYPED | {"title": "x", "starts_on": "n’importe quoi", "text": "Mon texte"}
    page = read(await send(zoe, sent, do, **typed))

    assert {**sent, **typed}.items() <= fields(page, NEW).items()
    assert not page.select(".error")


async def test_rows_are_added_and_taken_out(zoe: AsyncClient) -> None:
    sent = fields(read(await send(zoe, await begin(zoe), "add_shift")), NEW)
    assert (sent["shift-2-from"], sent["shift-2-places"]) == ("12:00", "1")

    sent = fields(read(await send(zoe, sent, "drop-shift-0")), NEW)

    assert [sent["shift-0-name"], sent["shift-1-name"]] == ["Tracter, deuxième heure", ""]
    assert "shift-2-name" not in sent


@pytest.mark.parametrize("do", ["drop-shift-9", "drop-", "drop-place-0", "drop-shift-x"])
async def test_a_row_that_is_not_there_is_not_taken_out(zoe: AsyncClient, do: str) -> None:
    assert (await send(zoe, await begin(zoe), do)).status_code == 422


async def test_a_kind_fills_in_only_what_is_empty(zoe: AsyncClient) -> None:
    sent = await begin(zoe, "kind=other&on=2027-03-06&at=15:00")
    assert (sent["title"], sent["text"]) == ("", "")

    page = read(await send(zoe, sent, "template", kind="convivial", title="Galette des rois"))

    filled = fields(page, NEW)
    assert (filled["title"], filled["question-0-label"]) == ("Galette des rois", "Qu’apportez-vous\N{NO-BREAK SPACE}?")
    assert filled["shift-0-from"] == "14:15"
    assert filled["text"].startswith("Un moment pour se retrouver")


async def test_a_long_text_and_many_rows_fit_in_the_form(zoe: AsyncClient) -> None:
    rows = {
        f"shift-{number}-{name}": value
        for number in range(100)
        for name, value in {"name": "é" * 50, "from": "10:00", "to": "11:00", "on": "", "places": "2"}.items()
    }
    response = await send(zoe, await begin(zoe), "publish", **TYPED, **rows, text="é" * 20_000)
    assert response.status_code == 303
    assert await Shift.all().count() == 100


async def test_what_is_for_members_goes_to_no_page(zoe: AsyncClient, visitor: AsyncClient) -> None:
    page = read(await send(zoe, await begin(zoe), "preview", **TYPED, visibility="section"))
    assert "Les membres de la section uniquement" in page.get_text()
    await send(zoe, fields(page, NEW), "publish")

    post = await Post.get(type="Event")
    assert post.visibility is Visibility.SECTION
    assert (await visitor.get(f"/@lille/{post.id}")).status_code == 404


async def test_form_that_is_none_of_ours_is_refused(zoe: AsyncClient) -> None:
    sent = await begin(zoe)
    assert (await send(zoe, sent, "publish", **TYPED, visibility="direct")).status_code == 422
    assert (await send(zoe, sent, "publish", **TYPED, form_token="x")).status_code == 403
    assert not await Event.exists()


async def test_nothing_typed_is_html(zoe: AsyncClient) -> None:
    evil = "<script>alert(1)</script>"
    page = await send(zoe, await begin(zoe), "preview", **TYPED, title=evil, text=evil, **{"shift-0-name": evil})
    assert "<script" not in page.text
    assert text(read(page), ".event-shown h2") == evil


@pytest.fixture
async def event(zoe: AsyncClient) -> Post:
    """A leafleting that Zoé announced."""
    await send(zoe, await begin(zoe), "publish", **TYPED)
    return await Post.get(type="Event")


async def test_an_event_is_changed_and_those_who_come_are_told(
    zoe: AsyncClient, event: Post, other_member: Actor
) -> None:
    coming = await Participation.create(event=event, actor=other_member, state=ParticipationState.ACCEPTED)
    shifts = [shift.id for shift in await Shift.all().order_by("position")]
    address = f"{EVENTS}/{event.id}/edit"
    sent = fields(read(await zoe.get(address)), address)
    assert sent["place"] == "Halles de Wazemmes"
    assert "visibility" not in sent

    page = read(await send(zoe, sent, "preview", address, starts_on="2027-03-13"))
    assert "1 personne qui vient, ou viendra peut-être, sera prévenue" in page.get_text()
    response = await send(zoe, fields(page, address), "publish", address)

    assert response.headers["location"] == f"{EVENTS}/{event.id}?said=event_changed"
    assert (await Event.get(post_id=event.id)).starts_at == datetime(2027, 3, 13, 9, tzinfo=UTC)
    kept = await Shift.all().order_by("position")
    assert [shift.id for shift in kept] == shifts
    assert kept[0].starts_at == datetime(2027, 3, 13, 9, tzinfo=UTC)
    assert (await EventNotice.get()).participation_id == coming.id
    assert (await EventNotice.get()).kind is NoticeKind.CHANGED


async def test_a_better_text_is_told_to_nobody(zoe: AsyncClient, event: Post, other_member: Actor) -> None:
    await Participation.create(event=event, actor=other_member, state=ParticipationState.ACCEPTED)
    address = f"{EVENTS}/{event.id}/edit"
    sent = fields(read(await zoe.get(address)), address)

    page = read(await send(zoe, sent, "preview", address, text="Venez !"))
    assert "sera prévenue" not in page.get_text()
    await send(zoe, fields(page, address), "publish", address)

    assert (await Post.get(id=event.id)).source_text == "Venez !"
    assert not await EventNotice.exists()


async def test_a_postponed_event_is_given_a_new_day(zoe: AsyncClient, event: Post) -> None:
    await Event.filter(post_id=event.id).update(status=EventStatus.POSTPONED)
    address = f"{EVENTS}/{event.id}/edit"
    sent = fields(read(await zoe.get(address)), address)

    await send(zoe, sent, "publish", address, starts_on="2027-03-20", takes_place="yes")

    assert (await Event.get(post_id=event.id)).status is EventStatus.CONFIRMED


async def test_another_section_s_event_is_not_changed_here(
    zoe: AsyncClient, member: Actor, section: Actor, ctx: Context
) -> None:
    arras = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    for post in (await factories.event(arras), await factories.event(member, group=section)):
        for path in ("", "/edit", "/status?to=cancelled", "/delete", "/report", "/people", "/door"):
            assert (await zoe.get(f"{EVENTS}/{post.id}{path}")).status_code == 404, path
    assert (await zoe.get(f"{EVENTS}/{2**64}")).status_code == 404


async def test_an_event_among_the_posts_leads_to_its_own_form(zoe: AsyncClient, event: Post) -> None:
    page = read(await zoe.get("/@lille/desk/posts"))
    assert page.select_one(f'a[href="{EVENTS}/{event.id}/edit"]')
    assert (await zoe.get(f"/@lille/desk/posts/{event.id}/edit")).headers["location"] == f"{EVENTS}/{event.id}/edit"


async def test_places_used_before_are_offered(zoe: AsyncClient, event: Post) -> None:
    page = read(await zoe.get(f"{NEW}?kind=meeting"))
    [_, known] = texts(page, "#place_id option")
    assert known == "Halles de Wazemmes, Lille"
    chosen = page.select("#place_id option")[1]["value"]

    sent = fields(page, NEW) | {"starts_on": "2027-04-01"}
    await send(zoe, sent, "publish", place_id=str(chosen))

    assert len({row.place_id for row in await Event.all()}) == 1


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, None])
async def test_who_may_not_organise_sees_and_sends_nothing(
    enter: Enter,
    zoe: AsyncClient,
    event: Post,
    main_section: Section,
    other_member: Actor,
    ctx: Context,
    role: Role | None,
) -> None:
    if role is Role.MODERATOR:
        await roles.give(main_section, other_member, role, None, ctx)
    ali = await enter(other_member)
    token = form_of(read(await ali.get("/me")), "/logout")
    sent = await begin(zoe)
    for path in ("", "/new", f"/{event.id}", *(f"/{event.id}/{name}" for name in ("edit", "report", "people", "door"))):
        assert (await ali.get(EVENTS + path)).status_code == 403, path
    for path in ("/new", *(f"/{event.id}/{name}" for name in ("edit", "status", "report", "people", "door"))):
        answer = await ali.post(EVENTS + path, data=sent | TYPED | token | {"do": "publish", "to": "cancelled"})
        assert answer.status_code == 403, path
    assert await Event.all().count() == 1


async def test_a_past_day_is_pointed_out(zoe: AsyncClient, ctx: Context) -> None:
    sent = await begin(zoe)
    yesterday = (ctx.now() - timedelta(days=2)).date().isoformat()
    page = read(await send(zoe, sent, "preview", **TYPED, starts_on=yesterday))
    assert "Cet événement serait déjà passé" in page.get_text()
