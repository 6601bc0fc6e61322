"""The agenda: what is in it, in which order, for whom, and what finding it costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models import database, search
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, Organising, OrganisingState, Place
from models.ids import new_id
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.search import Found
from server.events import actions, agenda
from server.events.agenda import Near, Wanted
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories

DAY = datetime(2026, 12, 5, tzinfo=UTC)
LILLE = (50.6366, 3.0635)
ROUBAIX = (50.6927, 3.1778)  # ten kilometres away
PARIS = (48.8566, 2.3522)


async def titles(viewer: Actor | None = None, *, limit: int = 20, **wanted: Any) -> list[str]:
    """The titles of a page of the agenda."""
    page = await agenda.page(Wanted(**({"since": DAY} | wanted)), viewer, limit=limit)
    return [view.post.title for view in page]


async def hold(organiser: Actor, title: str, hours: int, point: tuple[float, float] | None = None, **more: Any) -> Post:
    """An event so many hours after midnight."""
    if point is not None:
        place = await Place.create(uri=f"{organiser.uri}/{new_id()}", name=title, latitude=point[0], longitude=point[1])
        more["place"] = place
    return await factories.event(organiser, title, starts_at=DAY + timedelta(hours=hours), **more)


async def test_events_stand_in_the_order_in_which_they_take_place(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await hold(section, "Demain soir", 44)
    await hold(remote_actor, "Ailleurs", 20)
    await hold(section, "Ce matin", 8)
    await hold(section, "Hier", -10)
    await hold(section, "Annulé", 9, status=EventStatus.CANCELLED)
    assert await titles() == ["Ce matin", "Annulé", "Ailleurs", "Demain soir"]
    assert await titles(until=DAY + timedelta(days=1)) == ["Ce matin", "Annulé", "Ailleurs"]
    assert await titles(is_here=True) == ["Ce matin", "Annulé", "Demain soir"]


async def test_a_page_follows_another_and_none_is_left_out_or_there_twice(section: Actor, ctx: Context) -> None:
    for number in range(7):
        await hold(section, f"N° {number}", 18 if number < 4 else 20)
    seen, after = [], None
    for _ in range(4):
        page = await agenda.page(Wanted(DAY), None, limit=2, after=after)
        seen += [view.post.title for view in page]
        assert page[-1].event is not None
        after = agenda.Place(page[-1].event.event.starts_at, page[-1].event.event.id)
    assert seen == [f"N° {number}" for number in range(7)]
    assert await agenda.page(Wanted(DAY), None, limit=2, after=after) == []


async def test_what_lasts_from_before_is_told_apart(section: Actor, ctx: Context) -> None:
    await hold(section, "Congrès", -30, ends_at=DAY + timedelta(days=1))
    await hold(section, "Hier", -10)
    await hold(section, "Ce soir", 18)
    lasting, coming = await agenda.opening(Wanted(DAY), None, limit=5, limit_going_on=5)
    assert [view.post.title for view in lasting] == ["Congrès"]
    assert [view.post.title for view in coming] == ["Ce soir"]
    assert [view.post.title for view in await agenda.whole(Wanted(DAY), limit=5)] == ["Congrès", "Ce soir"]


@pytest.mark.parametrize(
    ("visibility", "public", "followers", "members"),
    [
        (Visibility.PUBLIC, True, True, True),
        (Visibility.UNLISTED, False, False, False),
        (Visibility.FOLLOWERS, False, True, False),
        (Visibility.SECTION, False, False, True),
        (Visibility.DIRECT, False, False, False),
    ],
)
async def test_nobody_sees_what_is_not_for_them(
    section: Actor,
    member: Actor,
    other_member: Actor,
    visibility: Visibility,
    public: bool,
    followers: bool,
    members: bool,
) -> None:
    await factories.follow(member, section)
    await Membership.create(group=section, member=other_member, state=MembershipState.ACCEPTED)
    await hold(section, "Réunion", 18, visibility=visibility, group=section)
    for viewer, expected in ((None, public), (member, followers), (other_member, members)):
        assert bool(await titles(viewer)) == expected


async def test_what_somebody_follows_and_belongs_to(
    section: Actor, member: Actor, remote_actor: Actor, stranger: Actor
) -> None:
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)
    await factories.follow(member, remote_actor)
    for number, organiser in enumerate((section, remote_actor, stranger)):
        await hold(organiser, organiser.username, 18 + number)
    assert await titles(member, followed_by=member) == [section.username, remote_actor.username]


async def test_a_section_s_agenda_has_what_it_organises_with_others(
    section: Actor, remote_actor: Actor, stranger: Actor
) -> None:
    await hold(section, "À nous", 10)
    await hold(remote_actor, "Pas à nous", 11)
    for title, state in (("Ensemble", OrganisingState.ACCEPTED), ("Peut-être", OrganisingState.INVITED)):
        post = await hold(stranger, title, 12)
        event = await Event.get(post_id=post.id)
        await Organising.create(uri=f"{post.uri}/offer", event=event, section=section, state=state)
    assert await titles(organiser=section) == ["À nous", "Ensemble"]
    assert await titles(is_here=True) == ["À nous", "Ensemble"]


async def test_near_a_place(section: Actor) -> None:
    for title, point in (("Lille", LILLE), ("Roubaix", ROUBAIX), ("Paris", PARIS)):
        await hold(section, title, 18, point)
    await hold(section, "Nulle part", 18)
    assert await titles(near=Near(*LILLE, 5)) == ["Lille"]
    assert await titles(near=Near(*LILLE, 15)) == ["Lille", "Roubaix"]
    assert await titles(near=Near(*LILLE, 300)) == ["Lille", "Roubaix", "Paris"]


@pytest.mark.parametrize("words", ["wazemmes", "WAZEMMES porte", "porte à porte", "bientot", "lill", "59000", "cœur"])
async def test_words_are_found_without_accents_and_without_their_end(section: Actor, ctx: Context, words: str) -> None:
    halles = PlaceDraft("Halles de Wazemmes", postal_code="59000", locality="Lille")
    starts = datetime.fromisoformat("2026-12-05 18:00")
    await actions.publish(
        section, EventDraft("Porte-à-porte", starts, text="À bientôt, au coeur du quartier", place=halles), ctx
    )
    await actions.publish(section, EventDraft("Autre chose", starts, place=PlaceDraft("Ailleurs")), ctx)
    assert await titles(words=words) == ["Porte-à-porte"]


async def test_what_is_changed_is_found_by_its_new_words_and_what_is_deleted_by_none(
    section: Actor, ctx: Context
) -> None:
    starts = datetime.fromisoformat("2026-12-05 18:00")
    post = await actions.publish(section, EventDraft("Tractage", starts, place=PlaceDraft("Gare")), ctx)
    draft = await actions.draft_of(post)
    await actions.edit(section, post, EventDraft("Collage", draft.starts, place=draft.place), ctx)
    assert (await titles(words="tractage"), await titles(words="collage")) == ([], ["Collage"])
    await actions.delete(section, post, ctx)
    [left] = await database.select("SELECT count(*) AS n FROM event_words")
    assert left["n"] == 0


@given(st.text(max_size=80))
def test_whatever_is_looked_for_is_words(text: str) -> None:
    assert all(word.isalnum() for word in search.words_of(text).beginnings)


@pytest.mark.parametrize("words", ['"', "' OR 1=1", "a:* & b", "NEAR(a b)", "*", "\x00", "(", "mot AND", "-"])
async def test_no_word_is_an_operator(section: Actor, words: str) -> None:
    await search.put(Found.EVENT, (await hold(section, "Réunion", 1)).id, "Réunion")
    assert await titles(words=words) in ([], ["Réunion"])


async def test_kinds(section: Actor) -> None:
    await hold(section, "Formation", 9, kind=EventKind.TRAINING)
    await hold(section, "Débat", 10, kind=EventKind.DEBATE)
    assert await titles(kind=EventKind.DEBATE) == ["Débat"]


async def test_one_event_on_two_servers_is_there_once(remote_actor: Actor, stranger: Actor) -> None:
    await hold(remote_actor, "Fête de la section", 18)
    await hold(stranger, "Fête de la Section", 18)
    await hold(stranger, "Fête de la section", 19)
    assert len(await titles()) == 2


async def test_one_organiser_may_do_the_same_twice_at_once(section: Actor) -> None:
    for _ in range(2):
        await hold(section, "Tractage", 18)
    assert len(await titles()) == 2


async def test_whoever_is_silenced_or_suspended_stands_in_no_public_agenda(
    remote_actor: Actor, stranger: Actor
) -> None:
    await hold(remote_actor, "Tu", 18)
    await hold(stranger, "Vu", 19)
    await Actor.filter(id=remote_actor.id).update(is_silenced=True)
    await Actor.filter(id=stranger.id).update(is_suspended=True)
    assert await titles() == []
