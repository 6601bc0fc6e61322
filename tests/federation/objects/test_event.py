"""When and where an event is, as each server writes it, and as ours is written."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.objects import event
from models.event import EventKind, EventStatus, JoinMode

EVENT = {"id": "https://far.test/events/1", "type": "Event", "startTime": "2026-12-05T14:00:00+01:00"}


def read(**more: Any) -> event.ReadEvent:
    """Read an event with these properties."""
    found = event.read(EVENT | more)
    assert found is not None
    return found


def test_an_event_with_a_beginning_alone_lasts_two_hours_and_does_not_say_so() -> None:
    columns = read().columns
    assert columns["starts_at"] == datetime(2026, 12, 5, 13, tzinfo=UTC)
    assert columns["ends_at"] == datetime(2026, 12, 5, 15, tzinfo=UTC)
    assert not columns["is_end_shown"]
    assert columns["timezone"] == "Etc/GMT-1"
    assert (columns["join_mode"], columns["status"]) == (JoinMode.FREE, EventStatus.CONFIRMED)


@pytest.mark.parametrize("value", [None, 5, "", "demain", [], "2026-13-01T00:00:00Z", "x" * 50, "0001-01-01T00:00:00Z"])
def test_what_begins_nobody_knows_when_has_no_row(value: Any) -> None:
    assert event.read(EVENT | {"startTime": value}) is None


@pytest.mark.parametrize(
    ("more", "hour", "zone"),
    [
        ({"startTime": "2026-07-05T14:00", "timezone": "Europe/Paris"}, 12, "Europe/Paris"),
        ({"startTime": "2026-12-05T14:00:00"}, 14, ""),
        ({"startTime": "2026-12-05T14:00Z", "timezone": "Europe/Lille"}, 14, ""),
        ({"startTime": "2026-12-05T14:00:00-05:00"}, 19, "Etc/GMT+5"),
        ({"startTime": "2026-12-05T14:00:00+05:30"}, 8, ""),
        ({"startTime": "2026-12-05T14:00:00+01:00", "timezone": ["Europe/Paris"]}, 13, "Etc/GMT-1"),
    ],
)
def test_a_time_without_a_zone_is_what_the_clock_shows_there(more: dict[str, Any], hour: int, zone: str) -> None:
    columns = read(**more).columns
    assert (columns["starts_at"].hour, columns["timezone"]) == (hour, zone)


def test_a_date_is_a_whole_day() -> None:
    columns = read(startTime="2026-12-05", timezone="Europe/Paris").columns
    assert columns["is_all_day"]
    assert columns["starts_at"] == datetime(2026, 12, 4, 23, tzinfo=UTC)
    assert columns["ends_at"] == datetime(2026, 12, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "CANCELLED"}, EventStatus.CANCELLED),
        ({"ical:status": "TENTATIVE"}, EventStatus.TENTATIVE),
        ({"status": "CONFIRMED", "eventStatus": "EventCancelled"}, EventStatus.CANCELLED),
        ({"eventStatus": "https://schema.org/EventPostponed", "status": "TENTATIVE"}, EventStatus.POSTPONED),
        ({"eventStatus": {"id": "http://schema.org/EventCancelled"}}, EventStatus.CANCELLED),
        ({"eventStatus": "fep8a8e:EventRescheduled"}, EventStatus.CONFIRMED),
        ({"status": ["nonsense", "cancelled"]}, EventStatus.CANCELLED),
        ({"status": 7}, EventStatus.CONFIRMED),
    ],
)
def test_whether_it_takes_place(more: dict[str, Any], status: EventStatus) -> None:
    assert read(**more).columns["status"] is status


@pytest.mark.parametrize(
    ("location", "place", "online_url"),
    [
        (None, None, ""),
        ("Halles", {"name": "Halles"}, ""),
        ("https://visio.test/salle", None, "https://visio.test/salle"),
        ({"name": "Colosseo"}, {"name": "Colosseo"}, ""),
        ({"type": "Place", "name": "Fediverse TV", "address": "C/ Falsa 123"}, {"street": "C/ Falsa 123"}, ""),
        ({"type": "VirtualLocation", "url": "https://visio.test/s"}, None, "https://visio.test/s"),
        ({"type": "Place", "name": "En ligne", "address": "https://visio.test/s"}, None, "https://visio.test/s"),
        ({"type": "Place", "name": "", "address": {"url": "https://visio.test/s"}}, None, "https://visio.test/s"),
        ([{"type": "VirtualLocation", "url": "https://v.test/"}, {"name": "Ici"}], {"name": "Ici"}, "https://v.test/"),
        ({"name": "Ici", "latitude": "50.5", "longitude": "3"}, {"latitude": 50.5, "longitude": 3.0}, ""),
        ({"name": "Ici", "latitude": 50.5, "longitude": "nord"}, {"latitude": None, "longitude": None}, ""),
        ({"name": "Ici", "latitude": 91, "longitude": 3}, {"latitude": None}, ""),
        (
            {"name": "Ici", "address": {"postalCode": 59000, "addressCountry": {"name": "France"}}},
            {"country": "France"},
            "",
        ),
        ({"name": "Ici", "address": {"addressState": "Nord"}}, {"region": "Nord"}, ""),
        ({"name": "Ici", "id": "https://far.test/places/3"}, {"uri": "https://far.test/places/3"}, ""),
        ({"name": "Ici", "id": "https://else.test/3"}, {"uri": "https://far.test/events/1#place"}, ""),
        ({"content": "Hubzilla dit où"}, {"name": "Hubzilla dit où"}, ""),
        ({"type": "Place"}, None, ""),
        ([None, 7, []], None, ""),
    ],
)
def test_where_it_is(location: Any, place: dict[str, Any] | None, online_url: str) -> None:
    found = read(location=location).location
    assert found.online_url == online_url
    if place is None:
        assert found.place is None
    else:
        assert found.place is not None
        assert found.place | place == found.place


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"joinMode": "restricted"}, {"join_mode": JoinMode.RESTRICTED}),
        ({"joinMode": "none"}, {"join_mode": JoinMode.NONE}),
        ({"joinMode": "external"}, {"join_mode": JoinMode.NONE}),
        ({"joinMode": 7}, {"join_mode": JoinMode.FREE}),
        (
            {"joinMode": "external", "externalParticipationUrl": "https://far.test/in"},
            {"join_mode": JoinMode.EXTERNAL, "external_url": "https://far.test/in"},
        ),
        ({"maximumAttendeeCapacity": 0}, {"capacity": None}),
        ({"maximumAttendeeCapacity": 30, "remainingAttendeeCapacity": 2}, {"capacity": 30, "remaining_places": 2}),
        ({"participantCount": 7}, {"participants_count": 7}),
        ({"attendees": {"totalItems": 3}}, {"participants_count": 3}),
        ({"category": ["MOVEMENTS_POLITICS", "PARTY"]}, {"kind": EventKind.CONVIVIAL}),
        ({"category": "NONSENSE"}, {"kind": EventKind.OTHER}),
        ({"additionalType": "rally", "category": "MEETING"}, {"kind": EventKind.RALLY}),
        ({"accessibilityFeature": ["wheelchair"]}, {"has_wheelchair_access": True, "is_streamed": False}),
        (
            {
                "attachment": {
                    "type": "PropertyValue",
                    "propertyID": "mz:accessibility:wheelchairAccessible",
                    "value": "partially",
                }
            },
            {"has_wheelchair_access": True},
        ),
        ({"endTime": "2026-12-05T13:00:00+01:00"}, {"is_end_shown": False}),
        ({"endTime": "2029-12-05T13:00:00+01:00"}, {"is_end_shown": False}),
        ({"endTime": "2026-12-05T18:00:00+01:00", "displayEndTime": False}, {"is_end_shown": False}),
    ],
)
def test_what_else_is_told(more: dict[str, Any], expected: dict[str, Any]) -> None:
    columns = read(**more).columns
    assert columns | expected == columns


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["2026-12-05", "https://a.test/"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
NAMES = [
    "startTime",
    "endTime",
    "timezone",
    "location",
    "status",
    "eventStatus",
    "category",
    "additionalType",
    "joinMode",
    "externalParticipationUrl",
    "maximumAttendeeCapacity",
    "remainingAttendeeCapacity",
    "participantCount",
    "attendees",
    "organizers",
    "attachment",
    "questions",
    "subEvent",
    "superEvent",
    "mostGuests",
    "displayEndTime",
    "isAllDay",
    "accessibilityFeature",
]


@given(st.dictionaries(st.sampled_from(NAMES), ANY))
def test_whatever_arrives_is_read_or_left(more: dict[str, Any]) -> None:
    found = event.read(EVENT | more)
    if found is not None:
        assert found.columns["starts_at"] <= found.columns["ends_at"]
        assert len(found.columns["timezone"]) <= 64


PLACE_NAMES = ["type", "id", "name", "content", "address", "url", "latitude", "longitude"]


@given(st.dictionaries(st.sampled_from(PLACE_NAMES), ANY))
def test_whatever_place_arrives_is_read_or_left(location: dict[str, Any]) -> None:
    found = read(location=location).location.place
    if found is not None:
        assert all(len(value) <= 255 for name, value in found.items() if isinstance(value, str) and name != "uri")
