"""What other programs leave out, add or write otherwise in an event: each goes down the whole path and is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode, Organising
from models.post import Attachment, Visibility
from tests import factories
from tests.federation.event_fixtures import AUTHOR, START
from tests.federation.submitting import submit

# name -> what the event has besides or instead, and what is kept of it; None leaves a property out
TOLERANCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "location_null": ({"location": None}, {"place": None, "online_url": ""}),
    "location_missing": ({}, {"place": None}),
    "location_string": ({"location": "Mairie de Lille"}, {"place.name": "Mairie de Lille"}),
    "location_object": ({"location": {"type": "Place", "name": "Gare"}}, {"place.name": "Gare"}),
    "location_object_without_type": ({"location": {"name": "Gare"}}, {"place.name": "Gare"}),
    "location_array": (
        {"location": [{"type": "Place", "name": "Gare"}, {"type": "Place", "name": "Port"}]},
        {"place.name": "Gare"},
    ),
    "location_hybrid": (
        {"location": [{"type": "VirtualLocation", "url": "https://v.test/"}, {"type": "Place", "name": "Gare"}]},
        {"place.name": "Gare", "online_url": "https://v.test/"},
    ),
    "location_virtual": (
        {"location": {"type": "VirtualLocation", "url": "https://v.test/"}},
        {"place": None, "online_url": "https://v.test/"},
    ),
    "location_empty_array": ({"location": []}, {"place": None}),
    "place_without_address": (
        {"location": {"type": "Place", "name": "Gare", "id": "https://far.test/p/1"}},
        {"place.uri": "https://far.test/p/1"},
    ),
    "address_string": ({"location": {"type": "Place", "name": "G", "address": "3 rue X"}}, {"place.street": "3 rue X"}),
    "address_object": (
        {"location": {"type": "Place", "name": "G", "address": {"postalCode": "59000", "addressLocality": "Lille"}}},
        {"place.postal_code": "59000", "place.locality": "Lille"},
    ),
    "address_url": (
        {"location": {"type": "Place", "name": "En ligne", "address": {"url": "https://v.test/"}}},
        {"online_url": "https://v.test/"},
    ),
    "degrees_as_strings": (
        {"location": {"name": "G", "latitude": "50.5", "longitude": "3.25"}},
        {"place.latitude": 50.5, "place.longitude": 3.25},
    ),
    "degrees_as_integers": ({"location": {"name": "G", "latitude": 50, "longitude": 3}}, {"place.latitude": 50.0}),
    "end_missing": ({"endTime": None}, {"ends_at": datetime(2026, 12, 5, 15, tzinfo=UTC), "is_end_shown": False}),
    "end_before_start": ({"endTime": "2026-12-01T00:00:00Z"}, {"is_end_shown": False}),
    "time_without_seconds": (
        {"startTime": "2026-12-05T14:00+01:00"},
        {"starts_at": datetime(2026, 12, 5, 13, tzinfo=UTC)},
    ),
    "time_in_utc": ({"startTime": "2026-12-05T14:00:00Z"}, {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)}),
    "time_with_offset": (
        {"startTime": "2026-12-05T14:00:00-05:00"},
        {"starts_at": datetime(2026, 12, 5, 19, tzinfo=UTC)},
    ),
    "time_with_fractions": (
        {"startTime": "2026-12-05T14:00:00.000Z"},
        {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)},
    ),
    "time_naive_with_zone": (
        {"startTime": "2026-07-05T14:00:00", "timezone": "Europe/Paris"},
        {"starts_at": datetime(2026, 7, 5, 12, tzinfo=UTC)},
    ),
    "time_naive_without_zone": (
        {"startTime": "2026-12-05T14:00:00"},
        {"starts_at": datetime(2026, 12, 5, 14, tzinfo=UTC)},
    ),
    "date_alone": ({"startTime": "2026-12-05"}, {"is_all_day": True}),
    "zone_that_is_none": ({"timezone": "Mars/Olympus"}, {"timezone": "Etc/GMT-1"}),
    "attachment_single": (
        {"attachment": {"type": "Image", "url": "https://far.test/a.png", "mediaType": "image/png"}},
        {"pictures": 1},
    ),
    "attachment_without_media_type": (
        {"attachment": [{"type": "PropertyValue", "name": "x", "value": "y"}]},
        {"pictures": 0},
    ),
    "attachment_link": (
        {"attachment": [{"type": "Link", "mediaType": "text/html", "name": "Website", "href": "https://far.test/e"}]},
        {"pictures": 0},
    ),
    "tag_single": ({"tag": {"type": "Hashtag", "name": "#lille"}}, {"tags": ["lille"]}),
    "tag_without_href": (
        {"tag": [{"type": "Hashtag", "name": "#a"}, {"type": "Hashtag", "name": "#b"}]},
        {"tags": ["a", "b"]},
    ),
    "attributed_to_array": ({"attributedTo": [AUTHOR]}, {"organiser.uri": AUTHOR}),
    "attributed_to_object": ({"attributedTo": {"type": "Person", "id": AUTHOR}}, {"organiser.uri": AUTHOR}),
    "attributed_to_objects": (
        {"attributedTo": [{"type": "Person", "id": AUTHOR}, {"type": "Group", "id": "https://far.test/g"}]},
        {"organiser.uri": AUTHOR},
    ),
    "attributed_to_nobody": ({"attributedTo": None}, {"organiser.uri": AUTHOR}),
    "organizers_null": ({"organizers": None}, {"organisings": 0}),
    "organizers_uri": ({"organizers": "https://far.test/e/organizers"}, {"organisings": 0}),
    "event_status_before_status": (
        {"status": "CONFIRMED", "eventStatus": "EventCancelled"},
        {"status": EventStatus.CANCELLED},
    ),
    "event_status_iri": ({"eventStatus": "https://schema.org/EventPostponed"}, {"status": EventStatus.POSTPONED}),
    "ical_status": ({"ical:status": "TENTATIVE"}, {"status": EventStatus.TENTATIVE}),
    "status_of_another_world": ({"status": {"x": 1}}, {"status": EventStatus.CONFIRMED}),
    "category_array": ({"category": ["SPORTS", "LEARNING"]}, {"kind": EventKind.TRAINING}),
    "category_string": ({"category": "MEETING"}, {"kind": EventKind.MEETING}),
    "content_with_headings": ({"content": "<h1>A</h1><h3>B</h3><p>c</p>"}, {"words": "A B c"}),
    "content_with_lists": ({"content": "<ul><li>un</li><li>deux</li></ul>"}, {"words": "un deux"}),
    "content_with_pictures": (
        {"content": "<p>a</p><img src='https://far.test/x.png' onerror='x()'>"},
        {"words": "a https://far.test/x.png"},
    ),
    "content_null": ({"content": None}, {"words": ""}),
    "to_missing": ({"to": None, "cc": None}, {"post.visibility": Visibility.PUBLIC}),
    "to_string": ({"to": "as:Public", "cc": None}, {"post.visibility": Visibility.PUBLIC}),
    "public_in_cc": (
        {"to": [f"{AUTHOR}/followers"], "cc": [factories.PUBLIC]},
        {"post.visibility": Visibility.UNLISTED},
    ),
    "join_mode_unknown": ({"joinMode": "telepathy"}, {"join_mode": JoinMode.FREE}),
    "capacity_as_string": ({"maximumAttendeeCapacity": "many"}, {"capacity": None}),
    "image_null": ({"image": None, "summary": None, "uuid": None, "contacts": []}, {"post.title": "Fête"}),
}


@pytest.mark.parametrize("name", TOLERANCES)
async def test_an_event_is_kept_for_all_that(name: str, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    changed, expected = TOLERANCES[name]
    event = factories.note(AUTHOR, type="Event", name="Fête", startTime=START) | changed
    document = {key: value for key, value in event.items() if value is not None or key in ("location", "organizers")}
    await factories.follow(member, remote_actor)

    await submit(factories.activity("Create", AUTHOR, document, to=[factories.PUBLIC]), remote_actor, ctx)

    kept = await Event.get().select_related("post", "place", "organiser").prefetch_related("post__tags")
    found = {
        "pictures": await Attachment.filter(post_id=kept.post_id).count(),
        "tags": sorted(tag.name for tag in kept.post.tags),
        "organisings": await Organising.all().count(),
        "words": " ".join(_plain(kept.post.content_html).split()),
    }
    for path, value in expected.items():
        one: Any = found.get(path, kept)
        for step in () if path in found else path.split("."):
            one = getattr(one, step)
        assert one == value, path


def _plain(html: str) -> str:
    assert "onerror" not in html
    assert "<img" not in html
    return "".join(part.rpartition(">")[2] + " " for part in html.split("<"))


def test_there_are_at_least_twenty_five_of_them() -> None:
    assert len(TOLERANCES) >= 25
