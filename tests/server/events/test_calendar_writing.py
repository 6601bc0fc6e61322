"""Calendars that leave: what calendar programs read in them, whatever stands in a title, and that nobody is named."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor, ActorType
from models.event import Event, EventKind, EventStatus, Place
from models.participation import Channel, Participation, ParticipationState
from models.post import Post, PostTag, Visibility
from server.events import calendar_writing
from server.events.queries import EventView
from server.posts import queries
from server.posts.queries import PostView
from tests import factories
from tests.server.events.calendars import by_another, only, read

STARTS = datetime(2026, 12, 5, 13, tzinfo=UTC)
HALLES = Place(
    name="Halles de Wazemmes",
    street="12 rue Colbert",
    postal_code="59000",
    locality="Lille",
    latitude=50.5,
    longitude=3.0,
)


def view(title: str = "Réunion", html: str = "<p>Venez</p>", tags: tuple[str, ...] = (), **columns: object) -> PostView:
    """An event, without a database."""
    place = columns.pop("place", HALLES)
    spoken = columns.pop("language", "fr")
    edited_at = columns.pop("edited_at", None)
    actor = Actor(
        id=1, uri="https://lille.test/actors/1", url="https://lille.test/@lille", username="lille", type=ActorType.GROUP,
        display_name='Section; de "Lille", la ^ vraie', domain=None,
    )  # fmt: skip
    post = Post(
        id=2, uri="https://lille.test/posts/2", url="https://lille.test/@lille/2", title=title, content_html=html,
        language=spoken, visibility=Visibility.PUBLIC, published_at=datetime(2026, 11, 1, tzinfo=UTC), edited_at=edited_at,
    )  # fmt: skip
    wanted = {"starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "timezone": "Europe/Paris"} | columns
    event = Event(id=2, **wanted)
    return PostView(
        post,
        event=EventView(event, place, organisers=[actor]),  # type: ignore[arg-type]
        tags=[PostTag(name=tag, shown=tag) for tag in tags],
    )


def write(*views: PostView) -> bytes:
    return calendar_writing.write("Section de Lille", views)


def test_every_property_says_what_the_event_is() -> None:
    body = write(
        view(sequence=3, kind=EventKind.CANVASSING, tags=("bus",), edited_at=datetime(2026, 11, 2, 8, tzinfo=UTC))
    )
    event, calendar = only(body), read(body)
    assert (calendar["X-WR-CALNAME"], calendar["NAME"]) == ("Section de Lille", "Section de Lille")
    assert calendar.refresh_interval == timedelta(hours=1)
    assert event["UID"] == "https://lille.test/posts/2"
    assert (event["SEQUENCE"], event["STATUS"], event["CLASS"]) == (3, "CONFIRMED", "PUBLIC")
    assert event.DTSTAMP == event.LAST_MODIFIED == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert event.start == datetime(2026, 12, 5, 14, tzinfo=ZoneInfo("Europe/Paris"))
    assert event.end - event.start == timedelta(hours=2)
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert event["LOCATION"] == "Halles de Wazemmes, 12 rue Colbert, 59000 Lille"
    assert (event["GEO"].latitude, event["GEO"].longitude) == (50.5, 3.0)
    assert event["URL"] == "https://lille.test/@lille/2"
    assert event["DESCRIPTION"] == "Venez\n\nhttps://lille.test/@lille/2"
    assert event.categories == ["Porte-à-porte", "bus"]
    assert event["ORGANIZER"] == "https://lille.test/@lille"
    assert "mailto:" not in body.decode()


def test_another_program_reads_the_same() -> None:
    calendar = by_another(write(view(), view("Débat; suite")))
    first, second = calendar.vevent_list
    assert (first.summary.value, second.summary.value) == ("Réunion", "Débat; suite")
    assert first.dtstart.value.astimezone(UTC) == STARTS
    assert first.location.value == "Halles de Wazemmes, 12 rue Colbert, 59000 Lille"
    assert calendar.vtimezone.tzid.value == "Europe/Paris"


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Cayenne", "Etc/GMT-3", "Australia/Lord_Howe", ""])
def test_the_hour_is_the_same_in_winter_and_in_summer_for_every_program(zone: str) -> None:
    moments = [datetime(2027, month, 5, 17, tzinfo=UTC) for month in (1, 4, 7, 11)]
    body = write(*(view(starts_at=moment, ends_at=moment, timezone=zone) for moment in moments))
    assert [event.start.astimezone(UTC) for event in read(body).events] == moments
    assert [event.dtstart.value.astimezone(UTC) for event in by_another(body).vevent_list] == moments


def test_the_night_when_the_clock_is_changed_is_told_to_the_minute() -> None:
    nights = [datetime(2027, 3, 28, 0, tzinfo=UTC), datetime(2027, 10, 30, 23, tzinfo=UTC)]
    moments = [night + timedelta(minutes=20 * step) for night in nights for step in range(3)]
    moments += [night + timedelta(hours=4) + timedelta(minutes=20 * step) for night in nights for step in range(3)]
    moments += [datetime(2027, 3, 28, 1, 20 * step, tzinfo=UTC) for step in range(3)]
    body = write(*(view(starts_at=moment, ends_at=moment) for moment in moments))
    assert [event.dtstart.value.astimezone(UTC) for event in by_another(body).vevent_list] == moments


def test_an_event_of_days_is_one_of_days() -> None:
    starts = datetime(2026, 12, 4, 23, tzinfo=UTC)
    body = write(view(starts_at=starts, ends_at=starts + timedelta(days=2), is_all_day=True))
    event = only(body)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 5), date(2026, 12, 7))
    assert by_another(body).vevent.dtstart.value == date(2026, 12, 5)
    assert b"VTIMEZONE" not in body


def test_where_nobody_said_when_it_ends_there_is_no_end() -> None:
    assert "DTEND" not in only(write(view(is_end_shown=False)))


@pytest.mark.parametrize(
    ("status", "word", "title"),
    [
        (EventStatus.CONFIRMED, "CONFIRMED", "Réunion"),
        (EventStatus.TENTATIVE, "TENTATIVE", "Réunion"),
        (EventStatus.POSTPONED, "TENTATIVE", "Reporté - Réunion"),
        (EventStatus.CANCELLED, "CANCELLED", "Annulé - Réunion"),
    ],
)
def test_whether_it_takes_place_is_said_twice(status: EventStatus, word: str, title: str) -> None:
    event = only(write(view(status=status)))
    assert (event["STATUS"], event["SUMMARY"]) == (word, title)


def test_where_people_meet_online_is_told() -> None:
    event = only(write(view(place=None, online_url="https://visio.test/salle")))
    assert (event["LOCATION"], event["CONFERENCE"]) == ("https://visio.test/salle", "https://visio.test/salle")
    assert "GEO" not in event


def test_what_has_not_changed_is_written_alike() -> None:
    assert write(view()) == write(view())


def test_posts_that_are_no_events_are_left_out() -> None:
    other = view()
    other.event = None
    assert read(write(other)).events == []


TEXTS = st.text(max_size=200) | st.sampled_from(
    ["a,b;c\\d", "\\n \\, \\;", "deux\nlignes", "é" * 120, "👩‍👩‍👧‍👦" * 30,
     "BEGIN:VEVENT\r\nEND:VCALENDAR", "x:y;z=\"q\"", " bord "]
)  # fmt: skip


@given(TEXTS, TEXTS, TEXTS)
@example("a\x85b\u2028c\x0bd", "\ud800", "^n'\"")
def test_whatever_stands_in_a_text_is_read_back(title: str, text: str, where: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\ud800", "")
    body = write(view(title, f"<p>{escaped}</p>", place=Place(name=where, locality="Lille"), tags=("a,b",)))
    event, other = only(body), by_another(body).vevent
    assert event["SUMMARY"] == other.summary.value == calendar_writing._line(title)
    assert event["LOCATION"] == other.location.value
    assert event["DESCRIPTION"] == other.description.value
    assert event["UID"] == other.uid.value == "https://lille.test/posts/2"
    assert event["LOCATION"].endswith("Lille")


async def test_who_comes_is_in_no_calendar(section: Actor, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.event(section)
    for actor in (member, remote_actor):
        await Participation.create(event=post, actor=actor, state=ParticipationState.ACCEPTED, channel=Channel.PAGE)
    await Participation.create(event=post, email="ali@example.org", name="Ali", state=ParticipationState.ACCEPTED)
    views = await queries.views([await Post.get(id=post.id).select_related("actor")], member)
    body = calendar_writing.write("Lille", views, language="fr").decode()
    assert "ATTENDEE" not in body
    assert not any(name in body for name in (member.uri, "zoe", remote_actor.uri, "ali@", "Ali"))


@pytest.mark.parametrize(
    ("state", "begins"),
    [
        (ParticipationState.ACCEPTED, "Venez"),
        (ParticipationState.TENTATIVE, "Vous avez répondu : peut-être."),
        (ParticipationState.WAITING, "Vous êtes sur la liste d’attente."),
        (ParticipationState.REQUESTED, "Votre demande attend une réponse."),
    ],
)
async def test_a_member_is_told_what_they_answered(
    section: Actor, member: Actor, state: ParticipationState, begins: str
) -> None:
    post = await factories.event(section)
    await Participation.create(event=post, actor=member, state=state)
    views = await queries.views([await Post.get(id=post.id).select_related("actor")], member)
    assert only(calendar_writing.write("Lille", views, language="fr"))["DESCRIPTION"].startswith(begins)
    assert only(calendar_writing.write("Lille", views))["DESCRIPTION"].startswith("Venez")
