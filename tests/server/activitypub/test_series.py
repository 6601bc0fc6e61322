"""Events that repeat together, as other servers are told of them."""

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.event import EventSeries
from models.post import Visibility
from tests import factories
from tests.server.api import public

__all__ = ["public"]


@pytest.fixture
async def series(section: Actor, ctx: Context) -> EventSeries:
    """A series of a section here."""
    return await EventSeries.create(id=7, uri=ctx.names.series(7), organiser=section, rule="FREQ=WEEKLY;COUNT=2")


async def test_events_are_listed_by_name_the_first_of_them_first(
    public: AsyncClient, section: Actor, series: EventSeries, ctx: Context
) -> None:
    later = await factories.event(section, series=series)
    first = await factories.event(section, series=series, starts_at=ctx.now())
    await factories.event(section, series=series, visibility=Visibility.SECTION)
    await factories.event(section)
    answer = await public.get("/series/7")
    assert answer.json() == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": series.uri,
        "type": "OrderedCollection",
        "totalItems": 2,
        "attributedTo": section.uri,
        "orderedItems": [first.uri, later.uri],
    }


@pytest.mark.parametrize("visibility", [Visibility.SECTION, Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_a_series_that_is_not_for_everybody_is_not_there(
    public: AsyncClient, section: Actor, series: EventSeries, visibility: Visibility
) -> None:
    await factories.event(section, series=series, visibility=visibility)
    assert (await public.get("/series/7")).status_code == 404


async def test_there_is_no_other(public: AsyncClient, section: Actor, ctx: Context) -> None:
    for path in ("/series/8", "/series/9223372036854775808"):
        assert (await public.get(path)).status_code == 404
