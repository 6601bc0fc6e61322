"""What the head of an event's page tells search engines and previews: data that no browser runs, whatever stands in it."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.event import EventStatus, Place
from models.participation import Participation, ParticipationState
from tests import factories
from tests.web.pages import read
from web.posts.event_head import in_script

STARTS = datetime(2027, 6, 5, 16, tzinfo=UTC)


async def data_of(visitor, post):
    """The data of an event's page."""
    page = read(await visitor.get(f"/@lille/{post.id}"))
    [script] = page.select("script")
    assert script["type"] == "application/ld+json"
    return json.loads(script.string), page


async def announce(section, title="Réunion publique", **columns):
    return await factories.event(section, title, **({"starts_at": STARTS, "language": "fr"} | columns))


async def test_data_says_what_the_event_is(visitor, section, member):
    place = await Place.create(
        uri="https://lille.test/places/1", name="Halles", street="12 rue Colbert", postal_code="59000", locality="Lille",
        latitude=50.5, longitude=3.0,
    )  # fmt: skip
    post = await announce(section, place=place, capacity=12)
    await Participation.create(event=post, actor=member, state=ParticipationState.ACCEPTED)

    data, _ = await data_of(visitor, post)

    assert data == {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": post.uri,
        "name": "Réunion publique",
        "description": "Venez",
        "url": post.url,
        "startDate": "2027-06-05T18:00:00+02:00",
        "endDate": "2027-06-05T20:00:00+02:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {
            "@type": "Place",
            "name": "Halles",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": "12 rue Colbert",
                "postalCode": "59000",
                "addressLocality": "Lille",
            },
            "geo": {"@type": "GeoCoordinates", "latitude": 50.5, "longitude": 3.0},
        },
        "organizer": [{"@type": "Organization", "name": "Section de Lille", "url": section.url}],
        "inLanguage": "fr",
        "maximumAttendeeCapacity": 12,
        "remainingAttendeeCapacity": 11,
    }


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (EventStatus.CONFIRMED, "EventScheduled"),
        (EventStatus.TENTATIVE, "EventScheduled"),
        (EventStatus.POSTPONED, "EventPostponed"),
        (EventStatus.CANCELLED, "EventCancelled"),
    ],
)
async def test_data_says_whether_it_takes_place(visitor, section, status, word):
    data, _ = await data_of(visitor, await announce(section, status=status))

    assert data["eventStatus"] == f"https://schema.org/{word}"


async def test_data_says_where_people_meet_online(visitor, section):
    place = await Place.create(uri="https://lille.test/places/1", locality="Lille")
    online = await announce(section, online_url="https://visio.test/a")
    both = await announce(section, online_url="https://visio.test/a", place=place)

    first, second = (await data_of(visitor, online))[0], (await data_of(visitor, both))[0]

    assert first["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert first["location"] == {"@type": "VirtualLocation", "url": "https://visio.test/a"}
    assert second["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [item["@type"] for item in second["location"]] == ["Place", "VirtualLocation"]


async def test_an_event_of_days_has_days_and_one_without_an_end_has_none(visitor, section):
    midnight = datetime(2027, 6, 4, 22, tzinfo=UTC)
    days = await announce(section, starts_at=midnight, ends_at=midnight + timedelta(days=2), is_all_day=True)
    endless = await announce(section, is_end_shown=False)

    data, _ = await data_of(visitor, days)
    other, page = await data_of(visitor, endless)

    assert (data["startDate"], data["endDate"]) == ("2027-06-05", "2027-06-06")
    assert "endDate" not in other
    assert page.select_one('meta[property="event:end_time"]') is None


async def test_preview_says_when_and_where(visitor, section):
    page = read(await visitor.get(f"/@lille/{(await announce(section)).id}"))

    said = page.select_one('meta[property="og:description"]')["content"]
    assert said == "Samedi 5 juin 2027, 18:00-20:00 (Paris) - Venez"
    assert page.select_one('meta[property="og:title"]')["content"] == "Réunion publique"
    assert page.select_one('meta[property="event:start_time"]')["content"] == "2027-06-05T18:00:00+02:00"
    assert page.select_one('link[type="text/calendar"]')["href"].endswith(".ics")


async def test_posts_of_members_have_no_script(visitor, section, member, say):
    assert "<script" not in (await visitor.get(f"/@zoe/{(await say(member, 'Bonjour')).id}")).text


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028 & ]]> \\", '"; alert(1) //']
)
async def test_whatever_stands_in_a_title_stays_data(visitor, section, title):
    response = await visitor.get(f"/@lille/{(await announce(section, title)).id}")

    [script] = read(response).select("script")
    assert json.loads(script.string)["name"] == title
    assert "script-src" not in response.headers["content-security-policy"]
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


class _Scripts(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.tags, self.data = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.data.append(data)

    def handle_comment(self, data):
        raise AssertionError(f"a comment begins: {data}")


@given(st.text())
@example("</script>")
@example("<!--")
@example("\u2028\u2029")
@example("&lt;/script&gt;")
def test_no_text_leaves_its_script(value):
    reader = _Scripts()
    encodable = value.encode("utf-8", "ignore").decode()
    reader.feed(f"<script>{in_script({'name': encodable})}</script>")
    reader.close()

    assert reader.tags == ["script"]
    assert json.loads("".join(reader.data)) == {"name": encodable}
