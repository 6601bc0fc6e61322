"""Which of several events are one told twice."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor
from models.event import Place
from models.post import Post, Visibility
from server.events import in_agenda
from server.events.in_agenda import _folded
from tests import factories


async def place(name: str, **columns: str) -> Place:
    return await Place.create(uri=f"https://far.test/places/{await Place.all().count()}", name=name, **columns)


@pytest.fixture
async def pair(remote_actor: Actor, stranger: Actor, ctx: Context) -> list[Post]:
    """An event as WordPress tells it, and as Gancio repeats it."""
    at = ctx.now() + timedelta(days=3)
    first = await factories.event(remote_actor, "Fête du Port !", starts_at=at, place=await place("Halles de Wazemmes"))
    where = await place("halles de  wazemmes", street="12 rue Colbert", locality="Lille")
    return [first, await factories.event(stranger, "Fete du port", starts_at=at, place=where)]


async def repeated(posts: list[Post]) -> list[Post]:
    found = await in_agenda.mirrored([post.id for post in posts])
    return [post for post in posts if post.id in found]


async def test_of_one_told_twice_the_first_is_left(pair: list[Post]) -> None:
    assert await repeated(pair) == await repeated(pair[1:]) == [pair[1]]
    assert await repeated(pair[:1]) == []
    assert await in_agenda.mirrored([]) == set()


async def test_ours_is_left_whenever_it_came(pair: list[Post], section: Actor, ctx: Context) -> None:
    where = await place("Halles de Wazemmes")
    ours = await factories.event(section, "fête du port", starts_at=ctx.now() + timedelta(days=3), place=where)
    assert await repeated([*pair, ours]) == pair


@pytest.mark.parametrize("different", [{"title": "Fête du parc"}, {"hours": 1}, {"where": "Mairie"}, {"where": None}])
async def test_another_name_moment_or_place_is_another_event(
    pair: list[Post], section: Actor, ctx: Context, different: dict[str, object]
) -> None:
    at = ctx.now() + timedelta(days=3, hours=int(str(different.get("hours", 0))))
    name = different.get("where", "Halles de Wazemmes")
    where = await place(str(name)) if name else None
    other = await factories.event(section, str(different.get("title", "Fête du port")), starts_at=at, place=where)
    assert await repeated([*pair, other]) == [pair[1]]


async def test_what_is_not_for_everybody_hides_nothing(pair: list[Post], section: Actor, ctx: Context) -> None:
    at, where = ctx.now() + timedelta(days=3), await place("Halles de Wazemmes")
    await factories.event(section, "Fête du port", starts_at=at, place=where, visibility=Visibility.SECTION)
    await Actor.filter(id=pair[0].actor_id).update(blocked_at=ctx.now())
    assert await repeated(pair) == []


async def test_the_same_section_may_do_the_same_twice(section: Actor, ctx: Context) -> None:
    at = ctx.now() + timedelta(days=3)
    twice = [await factories.event(section, "Tractage", starts_at=at, place=await place("Gare")) for _ in range(2)]
    assert await repeated(twice) == []


@given(st.text(max_size=60))
def test_any_text_is_folded_once_and_for_all(text: str) -> None:
    folded = _folded(text)
    assert folded == _folded(folded) == " ".join(folded.split())
