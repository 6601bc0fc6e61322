"""Which sections are the network, and what its timeline shows to whom."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, Organising, OrganisingState
from models.follow import Follow
from models.host import DomainRule
from models.mute import HostMute, Mute
from models.post import Post, Visibility
from server.network.queries import sections_of_network, shown
from server.timelines import queries
from tests import factories
from tests.world import World


@pytest.fixture
async def brest(ctx: Context, world: World) -> Actor:
    return await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")


@pytest.fixture
async def bound(section: Actor, brest: Actor) -> Actor:
    """A section of another server that ours follows."""
    await factories.follow(section, brest)
    return brest


async def organise(event: Post, section: Actor, state: OrganisingState = OrganisingState.ACCEPTED) -> None:
    held = await Event.get(post_id=event.id)
    await Organising.create(uri=f"{event.uri}#o{section.id}", event=held, section=section, state=state)


async def test_the_network_is_ours_and_whom_ours_follow(
    section: Actor, brest: Actor, member: Actor, ctx: Context
) -> None:
    other = await factories.section(ctx, "roubaix", "Roubaix", is_main=False)
    assert await sections_of_network() == [section.id, other.id]

    await factories.follow(other, brest)

    assert set(await sections_of_network()) == {section.id, other.id, brest.id}
    assert {actor.id for actor in await shown(limit=None)} == {section.id, other.id, brest.id}


async def test_whoever_organises_with_ours_belongs_to_it(
    section: Actor, brest: Actor, ctx: Context, world: World
) -> None:
    quimper = await factories.remote_actor(ctx, world, "https://quimper.test/actors/1", kind="Group", key=1)
    asked = await factories.remote_actor(ctx, world, "https://vannes.test/actors/1", kind="Group", key=1)
    await organise(await factories.event(section), brest)
    await organise(await factories.event(quimper), section)
    await organise(await factories.event(section), asked, OrganisingState.INVITED)

    assert set(await sections_of_network()) == {section.id, brest.id, quimper.id}


async def test_follows_of_members_and_wishes_count_for_nothing(
    section: Actor, member: Actor, brest: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(member, brest)
    await factories.follow(section, stranger)
    await factories.follow(brest, section)
    asked = await factories.remote_actor(ctx, world, "https://vannes.test/actors/1", kind="Group", key=1)
    await Follow.create(uri="https://lille.test/f", follower=section, followed=asked)

    assert await sections_of_network() == [section.id]


async def test_whoever_is_gone_is_left_out(section: Actor, bound: Actor, ctx: Context) -> None:
    await Actor.filter(id=bound.id).update(gone_at=ctx.now())
    assert await sections_of_network() == [section.id]


async def texts(viewer: Actor | None, limit: int = 10, **page: int) -> list[str]:
    return [view.post.source_text or "" for view in await queries.network(viewer, limit=limit, **page)]


async def test_the_timeline_has_what_sections_say_to_everybody(
    section: Actor, bound: Actor, member: Actor, stranger: Actor
) -> None:
    first = await factories.post(section, "ici")
    await factories.post(bound, "là-bas")
    await factories.post(bound, "réponse", in_reply_to=first, in_reply_to_uri=first.uri)
    for visibility in (Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION):
        await factories.post(section, visibility.value, visibility)
    await factories.post(member, "membre")
    await factories.post(stranger, "inconnu")

    for viewer in (None, member):
        assert await texts(viewer) == ["là-bas", "ici"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({}, ["5", "4"]),
        ({"max_id": 4}, ["3", "2"]),
        ({"min_id": 0}, ["2", "1"]),
        ({"max_id": 4, "min_id": 0}, ["2", "1"]),
        ({"min_id": 5}, []),
        ({"max_id": 0}, []),
    ],
)
async def test_pages_go_through_all_sections(
    section: Actor, bound: Actor, page: dict[str, int], expected: list[str]
) -> None:
    posts = [await factories.post((section, bound)[number // 2 % 2], str(number)) for number in range(6)]
    bounds = {name: posts[number].id for name, number in page.items()}

    assert await texts(None, limit=2, **bounds) == expected


async def test_the_newest_come_first_however_many_sections_there_are(section: Actor, ctx: Context) -> None:
    others = [await factories.section(ctx, f"s{number}", "S", is_main=False) for number in range(5)]
    for actor in (*others, section, others[0], section, section):
        await factories.post(actor, actor.username)

    assert await texts(None, limit=3) == ["lille", "lille", "s0"]
    assert await texts(None, limit=6) == ["lille", "lille", "s0", "lille", "s4", "s3"]


@pytest.mark.parametrize("how", ["mute", "host", "block", "blocked", "silenced", "suspended", "domain"])
async def test_whom_one_does_not_hear_is_left_out(bound: Actor, member: Actor, how: str, ctx: Context) -> None:
    await factories.post(bound, "là-bas")
    assert await texts(member) == ["là-bas"]
    if how == "mute":
        await Mute.create(muter=member, muted=bound)
    elif how == "host":
        await HostMute.create(muter=member, host="brest.test")
    elif how in ("block", "blocked"):
        await factories.block(*((member, bound) if how == "block" else (bound, member)))
    elif how == "domain":
        await DomainRule.create(domain="brest.test")
        await Actor.filter(id=bound.id).update(blocked_at=ctx.now())
    else:
        await Actor.filter(id=bound.id).update(**{f"is_{how}": True})

    assert await texts(member) == []
    assert await texts(None) == (["là-bas"] if how in ("mute", "host", "block", "blocked") else [])
    await factories.follow(member, bound)
    assert await texts(member) == (["là-bas"] if how == "silenced" else [])


async def test_a_server_without_sections_has_an_empty_timeline(member: Actor) -> None:
    assert await sections_of_network() == []
    assert await texts(member) == []
