"""The small map on the page of an event: the place in the middle, communes around it, and no other server asked."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.actor import Actor
from models.event import Event, Place
from tests import factories
from tests.web.conftest import Enter
from tests.web.pages import read
from web.events import around

LILLE = (50.6266, 3.0499)
PACIFIC = (-40.0, -120.0)


async def test_the_nearest_towns_are_named_and_all_are_in_the_drawing() -> None:
    drawn = await around.at(*LILLE)
    assert drawn is not None
    assert 1 <= len(drawn.names) <= 3
    assert "Lille" in {name.text for name in drawn.names}
    assert len(drawn.dots) >= 3
    assert all(0 <= dot.x <= drawn.width and 0 <= dot.y <= drawn.height for dot in drawn.dots)
    assert 0 < drawn.scale_width <= drawn.width / 4


async def test_north_is_up_and_east_is_right() -> None:
    drawn = await around.at(50.70, 2.95)  # to the north-west of Lille
    assert drawn is not None
    far = await around.at(50.60, 3.30)  # to the south-east of it
    assert far is not None
    lille = next((name for name in drawn.names if name.text == "Lille"), None)
    assert lille is None or (lille.x > drawn.width / 2 and lille.y > drawn.height / 2)


async def test_where_no_commune_is_near_there_is_no_map() -> None:
    assert await around.at(*PACIFIC) is None
    assert await around.around(None) is None
    assert await around.around(Place(name="Quelque part")) is None


@given(st.floats(-95, 95), st.floats(-185, 185))
@example(48.8566, 2.3522)
@example(-21.1151, 55.5364)  # La Réunion
@example(90.0, 180.0)
async def test_any_point_is_drawn_or_is_none(latitude: float, longitude: float) -> None:
    drawn = await around.at(latitude, longitude)
    assert drawn is None or len(drawn.names) <= 3


@pytest.fixture
async def place(section: Actor) -> Place:
    """Halls in Lille."""
    return await Place.create(
        uri="https://lille.test/places/1", owner=section, name="Halles", latitude=LILLE[0], longitude=LILLE[1]
    )


async def test_the_page_of_an_event_shows_it_beside_the_link(
    visitor: Any, section: Actor, place: Place, member: Actor, enter: Enter
) -> None:
    post = await factories.event(section, place=place)
    for page in (
        read(await visitor.get(f"/@lille/{post.id}")),
        read(await (await enter(member)).get(f"/events/{post.id}")),
    ):
        drawing = page.select_one("svg.around")
        assert drawing is not None
        assert drawing["role"] == "img"
        assert "Lille" in drawing["aria-label"]
        assert page.select_one("a.event-map")["href"].startswith("https://www.openstreetmap.org/")  # type: ignore[index,union-attr]
        assert not drawing.select("[style], script, image, a")


async def test_without_a_point_the_page_has_the_link_alone(visitor: Any, section: Actor) -> None:
    place = await Place.create(uri="https://lille.test/places/1", name="Halles", locality="Lille")
    post = await factories.event(section, place=place)
    page = read(await visitor.get(f"/@lille/{post.id}"))
    assert page.select_one("svg.around") is None
    assert page.select_one("a.event-map")
    await Event.filter(post_id=post.id).update(place_id=None)
    assert read(await visitor.get(f"/@lille/{post.id}")).select_one("a.event-map") is None
