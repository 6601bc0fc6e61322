"""Answering an event: as a member on a page of one's own; with an e-mail address, by the link in a letter."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.event import Event, EventStatus, JoinMode, Shift
from models.mail import Letter
from models.membership import Membership, MembershipState
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.post import Post, Visibility
from tests import factories
from tests.server.events.mail import tokens
from tests.web.conftest import Enter
from tests.web.pages import form_of, read, text, texts

pytestmark = pytest.mark.usefixtures("main_section")

STARTS = datetime(2030, 12, 7, 13, tzinfo=UTC)
STATES = ParticipationState
QUESTIONS = [
    {"id": "1", "label": "Une voiture ?", "kind": "yes_no", "choices": [], "is_required": False},
    {"id": "2", "label": "Votre quartier", "kind": "choice", "choices": ["Fives", "Moulins"], "is_required": True},
]
EMAIL = "lou@post.example"


@pytest.fixture
async def event(section: Actor) -> Post:
    """An event with guests, two shifts and two questions."""
    post = await factories.event(section, "Tractage", starts_at=STARTS, capacity=20, most_guests=3, questions=QUESTIONS)
    row = await Event.get(post_id=post.id)
    for number, name in enumerate(("Tenir la table", "Ranger")):
        await Shift.create(uri=f"{post.uri}/{number}", event=row, name=name, position=number, places=1,
                           starts_at=STARTS, ends_at=STARTS + timedelta(hours=1))  # fmt: skip
    return post


@pytest.fixture
async def zoe(enter: Enter, member: Actor) -> AsyncClient:
    """The browser of Zoé."""
    return await enter(member)


async def shift(name: str) -> str:
    """The name of the field of a shift."""
    return f"shift-{(await Shift.get(name=name)).id}"


async def answer(browser: AsyncClient, post: Post, do: str, **typed: Any) -> Any:
    """Press a button of the page of an event, as its form has it."""
    address = f"/events/{post.id}"
    form = form_of(read(await browser.get(address)), address)
    return await browser.post(address, data=form | {"do": do} | typed)


async def test_a_member_comes_with_two_guests_and_a_shift(zoe: AsyncClient, member: Actor, event: Post) -> None:
    table = await shift("Tenir la table")
    typed = {"guests": "2", table: "yes", "question-1": "no", "question-2": "Fives", "message": "J’apporte le café"}
    sent = await answer(zoe, event, "yes", **typed)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/events/{event.id}?said=answered")
    row = await Participation.get(actor_id=member.id)
    assert (row.state, row.guests, row.message) == (STATES.ACCEPTED, 2, "J’apporte le café")
    assert orjson.loads(row.answers or "") == {"1": "no", "2": "Fives"}
    assert [taken.shift_id for taken in await ShiftTaken.filter(participation_id=row.id)] == [int(table[6:])]
    page = read(await zoe.get(sent.headers["location"]))
    assert text(page, ".said") == "Votre réponse est enregistrée, et l’équipe qui organise en est informée."
    assert text(page, ".answer-said") == "Vous participez, avec 2 autres personnes."
    kept = form_of(page, f"/events/{event.id}")
    assert (kept["guests"], kept[table], kept["question-1"], kept["question-2"]) == ("2", "yes", "no", "Fives")


async def test_they_change_their_mind(zoe: AsyncClient, member: Actor, event: Post) -> None:
    await answer(zoe, event, "yes", guests="2", **{await shift("Ranger"): "yes", "question-2": "Fives"})
    await answer(zoe, event, "perhaps")
    page = read(await zoe.get(f"/events/{event.id}"))
    assert text(page, ".answer-said") == "Vous viendrez peut-être."
    assert not await ShiftTaken.exists()
    await answer(zoe, event, "no")
    assert (await Participation.get(actor_id=member.id)).state is STATES.DECLINED
    await answer(zoe, event, "yes", guests="0")
    row = await Participation.get(actor_id=member.id)
    assert (row.state, row.guests) == (STATES.ACCEPTED, 0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"guests": "4"}, "Vous ne pouvez pas venir avec autant de monde à cet événement."),
        ({"guests": "deux"}, "Ce n’est pas un nombre."),
        ({"question-2": ""}, "Répondez à chaque question obligatoire."),
        ({"question-2": "Paris"}, "Choisissez l’une des réponses proposées."),
        ({"question-9": "?"}, "Cet événement ne pose pas cette question."),
        ({"shift-1": "yes"}, "Cet événement n’a pas ce créneau."),
        ({"do": "dance"}, "Ce formulaire n’a pas pu être lu."),
    ],
)
async def test_what_the_event_does_not_offer_is_refused_and_kept_in_the_form(
    zoe: AsyncClient, event: Post, typed: dict[str, str], said: str
) -> None:
    right = {"guests": "1", "question-2": "Fives", "message": "Bonjour"}
    page = read(await answer(zoe, event, **({"do": "yes"} | right | typed)), 422)
    assert text(page, ".summary") == said
    assert page.select_one("#message").get_text().strip() == "Bonjour"
    assert not await Participation.exists()


async def test_a_shift_that_is_full_is_refused(
    zoe: AsyncClient, enter: Enter, other_member: Actor, event: Post
) -> None:
    table = await shift("Tenir la table")
    await answer(await enter(other_member), event, "yes", **{table: "yes", "question-2": "Fives"})
    refused = await answer(zoe, event, "yes", **{table: "yes", "question-2": "Fives"})
    assert text(read(refused, 409), ".summary") == (
        "Il y a déjà assez de monde sur ce créneau. Choisissez-en un autre."
    )


async def test_a_full_event_has_a_waiting_list(zoe: AsyncClient, section: Actor, member: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS, capacity=1)
    await Participation.create(event=post, email="x@post.example", state=STATES.ACCEPTED)
    assert "Complet" in text(read(await zoe.get(f"/events/{post.id}")), "#answer")
    await answer(zoe, post, "yes")
    assert (await Participation.get(actor_id=member.id)).state is STATES.WAITING
    assert "liste d’attente" in text(read(await zoe.get(f"/events/{post.id}")), ".answer-said")


async def test_the_organisers_are_asked_where_they_decide(zoe: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS, join_mode=JoinMode.RESTRICTED)
    await answer(zoe, post, "yes")
    page = read(await zoe.get(f"/events/{post.id}"))
    assert text(page, ".answer-said") == "Vous avez demandé à venir. L’équipe vous répondra."


async def test_an_event_of_another_server_is_told(zoe: AsyncClient, member: Actor, remote_actor: Actor) -> None:
    post = await factories.event(remote_actor, starts_at=STARTS)
    await answer(zoe, post, "yes", message="Bonjour")
    join = await ActivityRecord.get(type="Join")
    assert (join.actor_uri, join.object_uri) == (member.uri, post.uri)
    assert (await Participation.get(actor_id=member.id)).state is STATES.REQUESTED
    await answer(zoe, post, "no")
    assert (await Participation.get(actor_id=member.id)).state is STATES.DECLINED


async def test_a_member_answers_what_is_for_members(
    zoe: AsyncClient, member: Actor, section: Actor, visitor: AsyncClient
) -> None:
    post = await factories.event(section, starts_at=STARTS, visibility=Visibility.SECTION, group=section)
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)
    assert (await answer(zoe, post, "yes")).status_code == 303
    assert (await visitor.post(f"/@lille/{post.id}/come", data={"email": EMAIL})).status_code == 404


async def test_what_does_not_take_place_takes_no_answer(zoe: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS)
    form = form_of(read(await zoe.get(f"/events/{post.id}")), f"/events/{post.id}")
    await Event.filter(post_id=post.id).update(status=EventStatus.CANCELLED)
    refused = await zoe.post(f"/events/{post.id}", data=form | {"do": "yes"})
    assert text(read(refused, 403), ".summary") == "Vous ne pouvez pas participer à cet événement."
    assert not await Participation.exists()


async def test_nobody_answers_in_another_s_name(
    zoe: AsyncClient, enter: Enter, other_member: Actor, visitor: AsyncClient, event: Post
) -> None:
    address = f"/events/{event.id}"
    form = form_of(read(await (await enter(other_member)).get(address)), address)
    typed = form | {"do": "yes", "question-2": "Fives"}
    assert (await zoe.post(address, data=typed)).status_code == 403
    assert (await zoe.post(address, data=typed, headers={"Origin": "https://evil.test"})).status_code == 403
    assert (await visitor.post(address, data=typed)).headers["location"].startswith("/login")
    assert not await Participation.exists()


async def test_the_page_of_an_answer_is_kept_nowhere_and_names_nobody(
    zoe: AsyncClient, enter: Enter, visitor: AsyncClient, other_member: Actor, event: Post
) -> None:
    await answer(await enter(other_member), event, "yes", **{"question-2": "Fives"})
    page = await zoe.get(f"/events/{event.id}")
    assert page.headers["cache-control"] == "no-store"
    for seen in (page, await visitor.get(f"/@lille/{event.id}"), await visitor.get("/agenda")):
        assert "Ali" not in seen.text


async def leave(visitor: AsyncClient, post: Post, **typed: str) -> Any:
    """Send the form for whoever has no account."""
    address = f"/@lille/{post.id}"
    form = form_of(read(await visitor.get(address)), f"{address}/come")
    return await visitor.post(f"{address}/come", data=form | {"email": EMAIL, "question-2": "Fives"} | typed)


async def test_a_visitor_comes_with_an_address(visitor: AsyncClient, event: Post) -> None:
    table = await shift("Tenir la table")
    sent = await leave(visitor, event, name="Lou", guests="1", **{table: "yes"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/answers/sent")
    assert text(read(await visitor.get("/answers/sent")), "h1") == "Regardez dans votre boîte aux lettres"
    assert (await Participation.get()).state is STATES.UNCONFIRMED
    [token] = await tokens()
    address = f"/answers/{token}"
    page = read(await visitor.get(address))
    assert text(page, "h1") == "Confirmez que vous venez"
    await visitor.post(address, data=form_of(page, address, "confirm"))
    row = await Participation.get()
    assert (row.state, row.guests, row.channel) == (STATES.ACCEPTED, 1, Channel.EMAIL)
    page = read(await visitor.get(f"{address}?saved"))
    assert text(page, ".answer-said") == "Vous participez, avec une autre personne."
    assert texts(page, "[aria-labelledby=known] dd")[:4] == [
        EMAIL, "Lou", "Vous participez, avec une autre personne.", "Tenir la table",
    ]  # fmt: skip


@pytest.fixture
async def link(visitor: AsyncClient, event: Post) -> str:
    """The private page of Lou, who comes with a guest and tidies up."""
    await leave(visitor, event, name="Lou", guests="1", message="Bonjour", **{await shift("Ranger"): "yes"})
    [token] = await tokens()
    await visitor.post(f"/answers/{token}", data={"do": "confirm"})
    return f"/answers/{token}"


async def test_by_the_link_they_change_their_answer(visitor: AsyncClient, link: str) -> None:
    page = read(await visitor.get(link))
    form = form_of(page, link, guests="1")
    assert (form["name"], form["message"], form[await shift("Ranger")]) == ("Lou", "Bonjour", "yes")
    sent = await visitor.post(link, data=form | {"do": "yes", "guests": "3", "name": "Louise"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{link}?saved")
    row = await Participation.get()
    assert (row.guests, row.name, await ShiftTaken.all().count()) == (3, "Louise", 1)
    for do, state in (("perhaps", STATES.TENTATIVE), ("no", STATES.DECLINED), ("yes", STATES.ACCEPTED)):
        await visitor.post(link, data=form | {"do": do})
        assert (await Participation.get()).state is state


async def test_what_they_ask_beyond_the_event_is_refused(visitor: AsyncClient, link: str) -> None:
    form = form_of(read(await visitor.get(link)), link, guests="1")
    page = read(await visitor.post(link, data=form | {"do": "yes", "guests": "9"}), 422)
    assert text(page, ".summary") == "Vous ne pouvez pas venir avec autant de monde à cet événement."
    assert (await Participation.get()).guests == 1
    assert (await visitor.post(link, data=form | {"do": "dance"})).status_code == 409


async def test_by_the_link_they_take_everything_along(visitor: AsyncClient, link: str, event: Post) -> None:
    answer_ = await visitor.get(f"{link}/data.json")
    known = answer_.json()
    assert {name: known[name] for name in ("email", "name", "answer", "guests", "shifts", "answers", "message")} == {
        "email": EMAIL, "name": "Lou", "answer": "accepted", "guests": 1, "shifts": ["Ranger"],
        "answers": [{"question": "Votre quartier", "answer": "Fives"}], "message": "Bonjour",
    }  # fmt: skip
    assert (known["event"], known["title"]) == (event.url, "Tractage")
    assert answer_.headers["cache-control"] == "no-store"
    assert answer_.headers["x-robots-tag"] == "noindex"


async def test_by_the_link_they_erase_everything(visitor: AsyncClient, link: str) -> None:
    page = read(await visitor.get(link))
    erased = await visitor.post(link, data=form_of(page, link, "erase"))
    assert erased.headers["location"] == "/answers/erased"
    assert text(read(await visitor.get("/answers/erased")), "h1") == "Tout est effacé"
    assert not await Participation.exists()
    for address in (link, f"{link}/data.json"):
        assert (await visitor.get(address)).status_code == 404


async def test_the_private_page_is_kept_and_found_nowhere(visitor: AsyncClient, link: str) -> None:
    before = await Participation.get()
    page = await visitor.get(link)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "etag" not in page.headers
    assert read(page).select_one('meta[name="robots"][content="noindex"]') is not None
    assert (await Participation.get()).said_at == before.said_at


@pytest.mark.parametrize("token", ["x" * 43, "erase", "x" * 42])
async def test_another_link_leads_nowhere(visitor: AsyncClient, link: str, token: str) -> None:
    assert (await visitor.get(f"/answers/{token}")).status_code == 404
    assert (await visitor.post(f"/answers/{token}", data={"do": "erase"})).status_code == 404
    assert await Participation.exists()


async def test_another_site_cannot_press_its_buttons(visitor: AsyncClient, link: str, event: Post) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    assert (await visitor.post(link, data={"do": "erase"}, headers=foreign)).status_code == 403
    come = f"/@lille/{event.id}/come"
    assert (await visitor.post(come, data={"email": "a@post.example"}, headers=foreign)).status_code == 403
    assert await Participation.all().count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "lou"}, "Ce n’est pas une adresse électronique."),
        ({"question-2": ""}, "Répondez à chaque question obligatoire."),
        ({"guests": "7"}, "Vous ne pouvez pas venir avec autant de monde à cet événement."),
    ],
)
async def test_what_is_wrong_in_the_visitor_s_form_is_said_there(
    visitor: AsyncClient, event: Post, typed: dict[str, str], said: str
) -> None:
    page = read(await leave(visitor, event, name="Lou", **typed), 422)
    assert text(page, ".summary") == said
    assert page.select_one("#name")["value"] == "Lou"
    assert not await Letter.exists()


async def test_whether_an_address_was_known_is_told_to_nobody(visitor: AsyncClient, link: str, event: Post) -> None:
    again = await leave(visitor, event)
    new = await leave(visitor, event, email="other@post.example")
    assert (again.status_code, again.headers["location"]) == (new.status_code, new.headers["location"])


async def test_who_presses_too_often_waits(visitor: AsyncClient, event: Post) -> None:
    answers = [await leave(visitor, event, email=f"a{number}@post.example") for number in range(11)]
    assert [one.status_code for one in answers] == [303] * 10 + [429]


async def test_the_link_still_shows_what_is_known_when_the_event_is_off(
    visitor: AsyncClient, link: str, event: Post, ctx: Context
) -> None:
    await Event.filter(post_id=event.id).update(status=EventStatus.CANCELLED)
    page = read(await visitor.get(link))
    assert text(page, ".event-off") == "Annulé"
    assert not page.select('button[value="yes"]')
    assert form_of(page, link, "erase")
