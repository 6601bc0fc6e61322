"""Organisers announce events, change them and call them off: what is kept here, and what others are sent."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from federation.context import Context
from federation.jsonld import written_instant
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode, Place, Shift
from models.post import Attachment, Post, Visibility
from server.errors import Forbidden, Invalid, NotFound
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft, check
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.server.media.conftest import Bring, bring, settings, store

__all__ = ["bring", "settings", "store"]

clock = datetime.fromisoformat
HALLES = PlaceDraft("Halles de Wazemmes", "12 rue Colbert", "59000", "Lille", latitude=50.0, longitude=3.05)
FULL = EventDraft(
    title="Porte-à-porte à Wazemmes",
    text="Rendez-vous devant les halles. #Lille",
    starts=clock("2026-12-05 14:00"),
    ends=clock("2026-12-05 17:00"),
    kind=EventKind.CANVASSING,
    place=HALLES,
    has_wheelchair_access=True,
    capacity=40,
    most_guests=2,
    questions=[QuestionDraft("Avez-vous une voiture ?", "yes_no", is_required=True)],
    shifts=[ShiftDraft("Accueil", clock("2026-12-05 14:00"), clock("2026-12-05 15:00"), 2)],
    language="fr",
)


@pytest.fixture
async def announced(section: Actor, stranger: Actor, ctx: Context) -> Post:
    """An event with everything that there is to say of one, sent to a follower elsewhere."""
    await factories.follow(stranger, section)
    return await actions.publish(section, FULL, ctx)


async def test_everything_that_was_typed_is_kept(announced: Post, section: Actor) -> None:
    event = await Event.get(post_id=announced.id).select_related("place")
    place = event.place
    assert place is not None
    assert (announced.type, announced.title, announced.visibility) == ("Event", FULL.title, Visibility.PUBLIC)
    assert announced.content_html.startswith("<p>Rendez-vous devant les halles.")
    assert (event.starts_at, event.ends_at) == (
        datetime(2026, 12, 5, 13, tzinfo=UTC),
        datetime(2026, 12, 5, 16, tzinfo=UTC),
    )
    assert (event.timezone, event.kind, event.organiser_id) == ("Europe/Paris", EventKind.CANVASSING, section.id)
    assert (place.locality, place.owner_id, place.latitude) == ("Lille", section.id, 50.0)
    assert await actions.draft_of(announced) == replace(
        FULL,
        questions=[replace(FULL.questions[0], id="1")],
        shifts=[replace(FULL.shifts[0], id=(await Shift.get()).id)],
    )


async def test_others_are_sent_one_shape_that_all_of_them_read(announced: Post, section: Actor) -> None:
    [create] = await sent_by(section)
    document = create["object"]
    assert document["summary"] == (
        "<p>Samedi 5 décembre 2026, 14:00-17:00 (Paris) - Halles de Wazemmes, 12 rue Colbert, 59000 Lille</p>"
    )
    assert document["content"].startswith(document["summary"])
    assert document["contentMap"] == {"fr": document["content"]}
    assert (document["startTime"], document["endTime"]) == ("2026-12-05T14:00:00+01:00", "2026-12-05T17:00:00+01:00")
    assert (document["actor"], document["attributedTo"], document["audience"]) == (section.uri,) * 3
    assert isinstance(document["location"], dict)
    assert isinstance(document["location"]["latitude"], float)
    assert (document["status"], document["eventStatus"], document["joinMode"]) == (
        "CONFIRMED",
        "EventScheduled",
        "free",
    )
    assert (document["maximumAttendeeCapacity"], document["remainingAttendeeCapacity"]) == (40, 40)
    assert all(item["mediaType"] for item in document["attachment"])
    assert document["organizers"]["orderedItems"] == [section.uri]
    assert "orderedItems" not in document["attendees"]


async def test_a_change_is_told_with_the_whole_event(announced: Post, section: Actor, ctx: Context) -> None:
    draft = replace(await actions.draft_of(announced), starts=clock("2026-12-06 14:00"), ends=clock("2026-12-06 17:00"))
    edited = await actions.edit(section, announced, draft, ctx)
    assert edited.edited_at is not None
    event = await Event.get(post_id=announced.id)
    assert (event.starts_at.day, event.sequence) == (6, 1)
    update = (await sent_by(section))[-1]
    assert (update["type"], update["object"]["updated"]) == ("Update", written_instant(edited.edited_at))
    assert update["object"]["subEvent"][0]["id"] == (await Shift.get()).uri
    assert await Place.all().count() == 1


async def test_an_event_that_is_called_off_stays_and_says_so(announced: Post, section: Actor, ctx: Context) -> None:
    await actions.set_status(section, announced, EventStatus.CANCELLED, ctx)
    assert (await Event.get(post_id=announced.id)).status is EventStatus.CANCELLED
    document = (await sent_by(section))[-1]["object"]
    assert (document["status"], document["eventStatus"]) == ("CANCELLED", "EventCancelled")
    assert document["summary"].startswith("<p>Annulé - ")


async def test_what_is_deleted_says_that_it_was_an_event(announced: Post, section: Actor, ctx: Context) -> None:
    await actions.delete(section, announced, ctx)
    assert not await Event.exists()
    tombstone = (await sent_by(section))[-1]["object"]
    assert tombstone == {"id": announced.uri, "type": "Tombstone", "formerType": "Event"}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Oh"},
        {"title": "a" * 201},
        {"text": "a" * 20_001},
        {"ends": clock("2026-12-05 13:00")},
        {"ends": clock("2028-12-05 13:00")},
        {"timezone": "Europe/Lille"},
        {"place": None},
        {"place": PlaceDraft()},
        {"place": replace(HALLES, latitude=None)},
        {"place": replace(HALLES, latitude=91.0)},
        {"place": replace(HALLES, street="a" * 256)},
        {"online_url": "javascript:alert(1)"},
        {"join_mode": JoinMode.EXTERNAL},
        {"capacity": 0},
        {"most_guests": 51},
        {"questions": [QuestionDraft("")]},
        {"questions": [QuestionDraft("Combien ?", "choice", ["Un"])]},
        {"questions": [QuestionDraft("Combien ?")] * 21},
        {"shifts": [replace(FULL.shifts[0], name=" ")]},
        {"shifts": [replace(FULL.shifts[0], ends=FULL.shifts[0].starts)]},
        {"shifts": [replace(FULL.shifts[0], places=0)]},
        {"shifts": [FULL.shifts[0]] * 101},
    ],
)
async def test_what_cannot_be_announced_is_refused(section: Actor, ctx: Context, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await actions.publish(section, replace(FULL, **change), ctx)
    assert not await Post.exists()


async def test_nobody_else_changes_it(announced: Post, member: Actor, ctx: Context) -> None:
    for change in (actions.edit(member, announced, FULL, ctx), actions.delete(member, announced, ctx)):
        with pytest.raises(Forbidden):
            await change


async def test_a_note_is_no_event(section: Actor, ctx: Context) -> None:
    note = await factories.post(section)
    with pytest.raises(NotFound):
        await actions.draft_of(note)
    with pytest.raises(NotFound):
        await actions.edit(section, note, FULL, ctx)


@pytest.mark.parametrize(
    ("draft", "starts", "ends", "is_end_shown"),
    [
        ({"ends": None}, "2026-12-05T13:00", "2026-12-05T15:00", False),
        ({"is_all_day": True, "ends": None}, "2026-12-04T23:00", "2026-12-05T23:00", True),
        ({"is_all_day": True, "ends": clock("2026-12-06 09:00")}, "2026-12-04T23:00", "2026-12-06T23:00", True),
        ({"timezone": "Indian/Reunion"}, "2026-12-05T10:00", "2026-12-05T13:00", True),
    ],
)
async def test_an_open_end_and_whole_days(
    section: Actor, ctx: Context, draft: dict[str, Any], starts: str, ends: str, is_end_shown: bool
) -> None:
    typed = replace(FULL, shifts=[], **draft)
    check(typed)
    event = await Event.get(post_id=(await actions.publish(section, typed, ctx)).id)
    assert [moment.strftime("%Y-%m-%dT%H:%M") for moment in (event.starts_at, event.ends_at)] == [starts, ends]
    assert (event.is_end_shown, event.is_all_day) == (is_end_shown, typed.is_all_day)


async def test_whoever_comes_is_counted_and_not_named(
    announced: Post, section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    asked = factories.activity("Join", remote_actor.uri, announced.uri)
    await submit(asked | {"guests": 1, "shifts": [(await Shift.get()).uri]}, remote_actor, ctx)
    await actions.retell(section, announced, ctx)
    document = (await sent_by(section))[-1]["object"]
    assert (document["participantCount"], document["remainingAttendeeCapacity"]) == (2, 38)
    assert document["subEvent"][0]["remainingAttendeeCapacity"] == 1
    assert remote_actor.uri not in str(document)


async def test_an_event_shows_its_banner_first_and_keeps_it(
    section: Actor, stranger: Actor, bring: Bring, ctx: Context
) -> None:
    await factories.follow(stranger, section)
    banner, other = await bring(section, "Les halles"), await bring(section, "Un plan")
    post = await actions.publish(section, replace(FULL, media=[banner]), ctx)

    await actions.set_status(section, post, EventStatus.CANCELLED, ctx)

    for activity in await sent_by(section):
        first = activity["object"]["attachment"][0]
        assert (first["type"], first["url"], first["name"]) == ("Document", banner.url, "Les halles")
    await actions.edit(section, post, replace(FULL, media=[other]), ctx)
    assert [row.id for row in await Attachment.filter(post_id=post.id)] == [other.id]
    await actions.edit(section, post, replace(FULL, media=[]), ctx)
    assert not await Attachment.exists()


async def test_an_event_shows_no_picture_of_others(section: Actor, member: Actor, bring: Bring, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await actions.publish(section, replace(FULL, media=[await bring(member)]), ctx)
