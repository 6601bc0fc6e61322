"""A member's own events: what they answered, their shifts, their place in a waiting list; and the page of who knows what."""

from datetime import timedelta

import pytest

from models.event import Event, Shift
from models.membership import Membership, MembershipState
from models.participation import Participation, ParticipationState, ShiftTaken
from models.post import Visibility
from tests import factories
from tests.web.pages import read, text, texts

ADDRESS = "/me/events"


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


async def answered(event, actor, state=ParticipationState.ACCEPTED, **columns):
    return await Participation.create(event=event, actor=actor, state=state, **columns)


@pytest.mark.parametrize("address", [ADDRESS, "/me/privacy"])
async def test_pages_are_for_whoever_is_logged_in(visitor, zoe, section, address):
    assert (await visitor.get(address)).headers["location"].startswith("/login")
    assert (await zoe.get(address)).headers["cache-control"] == "no-store"


async def test_answers_are_listed_as_they_come(zoe, section, member, other_member, remote_actor, ctx):
    later = await factories.event(section, "Plus tard", starts_at=ctx.now() + timedelta(days=9))
    soon = await factories.event(remote_actor, "Bientôt")
    over = await factories.event(section, "Hier", starts_at=ctx.now() - timedelta(days=1))
    others = await factories.event(section, "Pour Ali")
    await answered(later, member, ParticipationState.TENTATIVE)
    await answered(soon, member, guests=2)
    await answered(over, member, came_at=ctx.now())
    await answered(others, other_member)
    event = await Event.get(post_id=soon.id)
    shift = await Shift.create(
        uri=f"{soon.uri}#1", event=event, name="Tenir la table", starts_at=event.starts_at, ends_at=event.ends_at
    )
    await ShiftTaken.create(shift=shift, participation=await Participation.get(event_id=soon.id))

    page = read(await zoe.get(ADDRESS))

    assert texts(page, ".event-title") == ["Bientôt", "Plus tard"]
    assert texts(page, ".answer-own") == [
        "Vous avez dit que vous venez. Avec 2 personnes en plus.",
        "Vous avez répondu : peut-être.",
    ]
    assert "Tenir la table" in text(page, ".own-shifts")
    assert page.select_one(f'a[href="/events/{soon.id}#answer"]')
    page = read(await zoe.get(f"{ADDRESS}?when=past"))
    assert texts(page, ".event-title") == ["Hier"]
    assert texts(page, ".answer-own") == ["Vous étiez là."]
    assert "Changer ma réponse" not in page.get_text()


async def test_place_in_the_waiting_list_is_told_where_it_is_known(
    zoe, section, member, other_member, remote_actor, ctx
):
    ours, theirs = await factories.event(section, "Ici"), await factories.event(remote_actor, "Ailleurs")
    for event in (ours, theirs):
        await answered(event, other_member, ParticipationState.WAITING, said_at=ctx.now() - timedelta(hours=1))
        await answered(event, member, ParticipationState.WAITING, said_at=ctx.now())

    said = texts(read(await zoe.get(ADDRESS)), ".answer-own")

    assert sorted(said) == ["Vous êtes en position 2 sur la liste d’attente.", "Vous êtes sur liste d’attente."]


@pytest.mark.parametrize("state", list(ParticipationState))
async def test_every_answer_has_its_sentence(zoe, section, member, state):
    await answered(await factories.event(section), member, state)

    said = texts(read(await zoe.get(ADDRESS)), ".answer-own")

    assert len(said) == (0 if state is ParticipationState.UNCONFIRMED else 1)
    assert all(said)


async def test_what_one_may_no_longer_read_is_not_shown(zoe, section, member):
    await answered(await factories.event(section, "Interne", visibility=Visibility.SECTION, group=section), member)

    assert "Interne" not in (await zoe.get(ADDRESS)).text


async def test_pages_go_on(zoe, section, member, ctx):
    for number in range(32):
        at = ctx.now() + timedelta(days=1, hours=number)
        await answered(await factories.event(section, f"Réunion {number}", starts_at=at), member)
    page = read(await zoe.get(ADDRESS))
    assert len(page.select(".event-card")) == 30

    assert texts(read(await zoe.get(page.select_one(".paging-next")["href"])), ".event-title") == [
        "Réunion 30",
        "Réunion 31",
    ]
    for number in ("0", "x", "-1", "99999", "é"):
        assert (await zoe.get(f"{ADDRESS}?page={number}")).status_code == 404


async def test_without_answers_the_pages_say_so(zoe):
    assert "aucun événement à venir" in text(read(await zoe.get(ADDRESS)), ".empty")
    assert "encore passé" in text(read(await zoe.get(f"{ADDRESS}?when=past")), ".empty")


async def test_privacy_page_leads_to_everything(zoe, member, section):
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)
    page = read(await zoe.get("/me/privacy"))

    links = {link["href"] for link in page.select("main a")}
    assert links >= {
        "/me/data",
        "/me/consents",
        "/me/sessions",
        "/me/export",
        "/me/moving",
        "/me/delete",
        "/me/follows/followers",
    }
    assert "Section de Lille" in text(page, ".who-knows")
    for address in links:
        assert (await zoe.get(address)).status_code in (200, 303), address
