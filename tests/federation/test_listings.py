"""Reading the collections of other servers, in every shape and none."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.dereference import Dereferencer
from federation.errors import FederationError, MalformedActivity, NotAuthorised
from federation.listings import Listing, read_collection
from tests.world import World, WorldClient

HOME = "https://far.test/notes/1"
URI = f"{HOME}/replies"


async def read(world: World, reference: Any, *, max_items: int = 60, max_pages: int = 2) -> Listing:
    fetch = Dereferencer(WorldClient(world), None)
    return await read_collection(reference, HOME, fetch, max_items=max_items, max_pages=max_pages)


@pytest.mark.parametrize("kind", ["Collection", "OrderedCollection"])
@pytest.mark.parametrize("name", ["items", "orderedItems"])
async def test_items_in_the_collection_itself(world: World, kind: str, name: str) -> None:
    world.serve({"id": URI, "type": kind, name: ["a", "b"]})
    found = await read(world, URI)
    assert (found.items, found.is_whole) == (["a", "b"], True)


async def test_pages_embedded_and_fetched(world: World) -> None:
    page = {"id": f"{URI}?2", "type": "CollectionPage", "items": ["b"]}
    world.serve(page)
    first = {"type": "CollectionPage", "items": ["a"], "next": page["id"]}
    found = await read(world, {"id": URI, "type": "Collection", "first": first})
    assert (found.items, found.is_whole) == (["a", "b"], True)
    assert world.fetched == [page["id"]]


async def test_one_item_stands_for_a_list_of_one(world: World) -> None:
    assert (await read(world, {"type": "Collection", "items": "a"})).items == ["a"]


async def test_an_empty_collection_is_whole(world: World) -> None:
    world.serve({"id": URI, "type": "Collection", "totalItems": 0})
    found = await read(world, URI)
    assert (found.items, found.is_whole) == ([], True)


async def test_what_is_cut_short_says_so(world: World) -> None:
    found = await read(world, {"type": "Collection", "items": list("abc")}, max_items=2)
    assert (found.items, found.is_whole) == (["a", "b"], False)


async def test_pages_that_lead_in_circles_end(world: World) -> None:
    world.serve({"id": URI, "type": "CollectionPage", "items": ["a"], "next": URI})
    found = await read(world, {"type": "Collection", "first": URI}, max_pages=5)
    assert (found.items, found.is_whole) == (["a"] * 5, False)


@pytest.mark.parametrize("place", ["collection", "first", "next"])
async def test_another_servers_pages_are_not_read(world: World, place: str) -> None:
    away = "https://elsewhere.test/replies"
    world.serve({"id": away, "type": "Collection", "items": ["forged"]})
    shapes: dict[str, Any] = {
        "collection": away,
        "first": {"type": "Collection", "first": away},
        "next": {"type": "Collection", "first": {"type": "CollectionPage", "items": [], "next": away}},
    }
    with pytest.raises(NotAuthorised):
        await read(world, shapes[place])
    assert world.fetched == []


@pytest.mark.parametrize("document", [{"type": "Note", "items": ["a"]}, {"items": ["a"]}])
async def test_what_is_no_collection_is_refused(world: World, document: dict[str, Any]) -> None:
    with pytest.raises(MalformedActivity):
        await read(world, document)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([URI, HOME, "x", "Collection", "CollectionPage"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "items", "orderedItems", "first", "next", "href"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(reference=json)
def test_whatever_stands_there_is_read_within_bounds_or_refused(reference: Any) -> None:
    world = World()
    world.serve({"id": URI, "type": "Collection", "items": ["a"], "next": URI})
    try:
        found = asyncio.run(read(world, reference, max_items=3))
    except FederationError:
        return
    assert len(found.items) <= 3
