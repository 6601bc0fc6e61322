"""The directory: which sections stand in it, in what order, on the map, and who never does."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from federation.context import Context
from models.actor import Actor
from models.event import EventStatus, Place
from models.post import Visibility
from models.section import Section
from server.sections.directory import Point, distance
from tests import factories
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite
from tests.world import World
from web.directory.drawing import HEIGHT, WIDTH, mark_of
from web.directory.pages import PAGE_SECTIONS

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ".sections .person-name"
ROUBAIX = (50.6927, 3.1778)
BREST = (48.3904, -4.4861)


async def ours(ctx: Context, username: str, name: str, **columns: object) -> Actor:
    """Another section of this server."""
    actor = await factories.section(ctx, username, name, is_main=False)
    await Section.filter(actor_id=actor.id).update(**({"place": ""} | columns))
    return actor


async def theirs(ctx: Context, world: World, username: str, follower: Actor | None, **more: object) -> Actor:
    """A group of another server, which `follower` follows."""
    actor = await factories.remote_actor(ctx, world, f"https://far.test/groups/{username}", kind="Group", **more)
    if follower is not None:
        await factories.follow(follower, actor)
    return actor


async def listed(visitor: AsyncClient, query: str = "") -> list[str]:
    """The names in the directory."""
    return texts(read(await visitor.get(f"/directory{query}")), NAMES)


async def test_sections_here_come_first_then_those_that_they_follow(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    await theirs(ctx, world, "arras", section)
    await ours(ctx, "roubaix", "Section de Roubaix")
    await ours(ctx, "amiens", "Amiens")
    assert await listed(visitor) == ["Section de Lille", "Amiens", "Section de Roubaix", "Arras"]
    page = read(await visitor.get("/directory"))
    assert "sur far.test" in texts(page, ".section-card > .note")[-1]
    assert page.select_one("link[rel=canonical]")["href"] == "https://lille.test/directory"
    assert page.select_one("meta[name=robots]") is None


async def test_no_person_and_nothing_that_members_alone_follow_stands_in_it(
    visitor: AsyncClient, section: Actor, member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await theirs(ctx, world, "arras", member)
    await theirs(ctx, world, "lens", None)
    await factories.follow(section, remote_actor)
    assert await listed(visitor) == ["Section de Lille"]


@pytest.mark.parametrize(
    "changes",
    [
        {"is_suspended": True},
        {"is_silenced": True},
        {"is_discoverable": False},
        {"moved_to_uri": "https://far.test/x"},
        {"gone_at": LONG_AGO},
        {"blocked_at": LONG_AGO},
    ],
)
async def test_whoever_is_out_of_sight_or_declined_is_left_out(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World, changes: dict[str, object]
) -> None:
    hidden = [await theirs(ctx, world, "arras", section), await ours(ctx, "roubaix", "Roubaix")]
    await Actor.filter(id__in=[actor.id for actor in hidden]).update(**changes)
    assert await listed(visitor) == ["Section de Lille"]


async def test_the_nearest_come_first_with_how_far_they_are(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    await Section.filter(actor_id=section.id).update(place="Lille", insee_codes=["59350"])
    await ours(ctx, "roubaix", "Section de Roubaix", latitude=ROUBAIX[0], longitude=ROUBAIX[1])
    await ours(ctx, "nulle", "Section sans lieu")
    brest = await theirs(ctx, world, "brest", section)
    place = await Place.create(uri=f"{brest.uri}/p", locality="Brest", latitude=BREST[0], longitude=BREST[1])
    await factories.event(brest, place=place)

    page = read(await visitor.get("/directory?near=59100"))

    assert texts(page, NAMES) == ["Section de Roubaix", "Section de Lille", "Brest", "Section sans lieu"]
    near, lille, far = texts(page, ".section-distance")
    assert near == "à moins de 1 km"
    assert lille in ("à 10 km", "à 11 km")
    assert 580 < int(far.removeprefix("à ").removesuffix(" km").replace("\u202f", "")) < 640
    assert page.select_one('meta[name=robots][content="noindex"]') is not None


async def test_a_place_is_known_by_its_only_commune_or_by_a_postal_code(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    await Section.filter(actor_id=section.id).update(place="Tourcoing")
    await ours(ctx, "denis", "Section de Saint-Denis", place="Saint-Denis")  # of which there are several
    arras = await theirs(ctx, world, "arras", section)
    place = await Place.create(uri=f"{arras.uri}/p", name="Mairie", locality="Arras", postal_code="62000")
    await factories.event(arras, place=place)
    page = read(await visitor.get("/directory?near=Lille"))
    assert texts(page, NAMES) == ["Section de Lille", "Arras", "Section de Saint-Denis"]
    assert len(page.select(".section-distance")) == 2


async def test_a_place_that_nobody_knows_is_said_and_kept(visitor: AsyncClient, section: Actor) -> None:
    page = read(await visitor.get("/directory?near=Nullepart"))
    assert "Aucune commune" in text(page, "#near-error") or "Nullepart" in page.select_one("#near")["value"]
    assert page.select_one("#near")["aria-invalid"] == "true"
    assert texts(page, NAMES) == ["Section de Lille"]
    assert (await visitor.get("/directory?commune=x")).status_code == 404


async def test_words_leave_others_out(visitor: AsyncClient, section: Actor, ctx: Context) -> None:
    await ours(ctx, "etoile", "Groupe de l’Étoile", place="Douai")
    for words in ("etoile", "ÉTOI", "douai"):
        assert await listed(visitor, f"?words={words}") == ["Groupe de l’Étoile"]
    page = read(await visitor.get("/directory?words=zzz"))
    assert "Aucune section" in text(page, ".empty")


async def test_what_comes_next_is_told_and_nothing_that_is_not_public(
    visitor: AsyncClient, section: Actor, ctx: Context
) -> None:
    soon = ctx.now() + timedelta(days=1)
    await factories.event(section, "Plus tard", starts_at=soon + timedelta(days=5))
    await factories.event(section, "Bientôt", starts_at=soon + timedelta(hours=1))
    await factories.event(section, "Annulé", starts_at=soon, status=EventStatus.CANCELLED)
    await factories.event(section, "Interne", starts_at=soon, visibility=Visibility.FOLLOWERS)
    await factories.event(section, "Hier", starts_at=ctx.now() - timedelta(days=1))
    assert texts(read(await visitor.get("/directory")), ".section-next a") == ["Bientôt"]


async def test_marks_stand_on_the_map_and_lead_into_the_list(
    visitor: AsyncClient, section: Actor, ctx: Context
) -> None:
    await Section.filter(actor_id=section.id).update(latitude=50.63, longitude=3.06)
    await ours(ctx, "reunion", "Section de La Réunion", latitude=-20.9, longitude=55.5)
    page = read(await visitor.get("/directory?near=59000"))
    assert [mark["href"] for mark in page.select("svg a")] == [f"#section-{section.id}"]
    assert page.select_one(f"#section-{section.id}") is not None
    assert page.select_one("svg")["aria-hidden"] == "true"
    assert len(page.select_one(".land-dots")["d"]) < 4000
    assert page.select_one(".land-centre") is not None


async def test_without_a_place_there_is_no_map(visitor: AsyncClient, section: Actor) -> None:
    await Section.filter(actor_id=section.id).update(place="")
    assert read(await visitor.get("/directory")).select("svg") == []


async def test_a_section_of_another_server_is_followed_from_ones_own(
    visitor: AsyncClient, section: Actor, member: Actor, ctx: Context, world: World
) -> None:
    arras = await theirs(ctx, world, "arras", section)
    [button] = read(await visitor.get("/directory")).select(f"#section-{arras.id} .button")
    page = read(await visitor.get(button["href"]))
    assert text(page, "h1") == "Suivre Arras"
    assert text(page, ".copy-block") == "@arras@far.test"
    link = {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://home.test/go?uri={uri}"}
    own = {"rel": "self", "type": "application/activity+json", "href": "https://home.test/users/camille"}
    url = "https://home.test/.well-known/webfinger?resource=acct:camille@home.test"
    world.serve(
        {"subject": "acct:camille@home.test", "links": [own, link]}, url=url, content_type="application/jrd+json"
    )
    form = {field["name"]: field["value"] for field in page.select("form input[type=hidden]")}
    answer = await visitor.post("/follow", data=form | {"address": "camille@home.test"})
    assert answer.headers["location"] == "https://home.test/go?uri=https%3A%2F%2Ffar.test%2Fgroups%2Farras"


@pytest.mark.parametrize("handle", ["noor@far.test", "lens@far.test", "arras@", "@", "arras@far.test'--"])
async def test_whoever_is_not_in_the_directory_is_not_followed_from_it(
    visitor: AsyncClient, section: Actor, member: Actor, remote_actor: Actor, ctx: Context, world: World, handle: str
) -> None:
    await theirs(ctx, world, "lens", member)
    assert (await visitor.get("/follow", params={"of": handle})).status_code == 404


async def test_many_sections_are_paged(visitor: AsyncClient, section: Actor, ctx: Context) -> None:
    for number in range(PAGE_SECTIONS + 1):
        await ours(ctx, f"s{number}", f"Section {number:02}")
    first = read(await visitor.get("/directory"))
    [next_] = first.select("a[rel~=next]")
    second = read(await visitor.get(f"/directory{next_['href']}"))
    assert (len(first.select(NAMES)), len(second.select(NAMES))) == (PAGE_SECTIONS, 2)
    for page in ("0", "3", "x", "9999", "-1"):
        assert (await visitor.get(f"/directory?page={page}")).status_code == 404


@needs_sqlite
async def test_directory_asks_as_much_for_twenty_sections_as_for_two(
    visitor: AsyncClient, section: Actor, ctx: Context, world: World
) -> None:
    await theirs(ctx, world, "a0", section)
    await factories.event(section)
    few = await asked(visitor, "/directory")
    for number in range(1, 10):
        other = await theirs(ctx, world, f"a{number}", section)
        await factories.event(other, place=await Place.create(uri=f"{other.uri}/p", latitude=1, longitude=1))
        await ours(ctx, f"s{number}", f"Section {number}")
    assert await asked(visitor, "/directory") == few <= 14


async def test_directory_is_kept_until_a_section_changes(visitor: AsyncClient, section: Actor) -> None:
    await visitor.get("/directory")
    await Actor.filter(id=section.id).update(display_name="Section du Nord")
    assert await listed(visitor) == ["Section du Nord"]


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_mark_is_on_the_paper(latitude: float, longitude: float) -> None:
    mark = mark_of(Point(latitude, longitude))
    if mark is not None:
        assert 0 <= mark.x <= WIDTH + 1
        assert 0 <= mark.y <= HEIGHT + 1


def test_distances_are_those_of_the_map() -> None:
    assert distance(Point(48.8566, 2.3522), Point(50.6366, 3.0635)) == pytest.approx(204, abs=3)
