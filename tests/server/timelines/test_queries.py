"""Reading a member's home timeline."""

import pytest

from models.actor import Actor
from models.ids import new_id
from models.post import Post
from models.reaction import Announce
from models.timeline import HomeRow
from server.timelines import queries
from tests import factories


@pytest.fixture
async def posts(member: Actor, remote_actor: Actor) -> list[Post]:
    """Five posts at the member's home, oldest first."""
    posts = [await factories.post(remote_actor, str(number)) for number in range(5)]
    for post in posts:
        await HomeRow.bring_to([member.id], post.id, post.id, remote_actor.id)
    return posts


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({}, ["4", "3"]),
        ({"max_id": 3}, ["2", "1"]),
        ({"min_id": 0}, ["2", "1"]),
        ({"max_id": 4, "min_id": 1}, ["3", "2"]),
        ({"max_id": 0}, []),
        ({"min_id": 4}, []),
    ],
)
async def test_pages_go_down_from_max_id_and_up_from_min_id(
    member: Actor, posts: list[Post], page: dict[str, int], expected: list[str]
) -> None:
    bounds = {name: posts[number].id for name, number in page.items()}
    assert [view.post.source_text for view in await queries.home(member, limit=2, **bounds)] == expected


async def test_an_announced_post_stands_where_it_was_announced(
    member: Actor, remote_actor: Actor, posts: list[Post]
) -> None:
    old = await factories.post(member, "ancien")
    announce = await Announce.create(id=new_id(), uri="https://far.test/1", actor=remote_actor, post=old)
    await HomeRow.create(owner=member, item_id=announce.id, post=old, actor=remote_actor, is_announce=True)
    first, *rest = await queries.home(member, limit=10)
    assert (first.item_id, first.post.id) == (announce.id, old.id)
    assert first.announce is not None
    assert first.announce.actor.id == remote_actor.id
    assert [view.announce for view in rest] == [None] * 5


async def test_everybody_has_their_own(member: Actor, other_member: Actor, posts: list[Post]) -> None:
    assert await queries.home(other_member, limit=10) == []


async def test_a_section_shows_the_news_of_the_sections_it_follows(section: Actor, member: Actor, ctx, world) -> None:
    other = await factories.remote_actor(ctx, world, "https://nord.test/groups/roubaix", kind="Group")
    person = await factories.remote_actor(ctx, world, "https://nord.test/users/max")
    for followed in (other, person):
        await factories.follow(section, followed)
    shown = [await factories.post(other, "ouvert"), await factories.post(other, "fermé", "followers")]
    shown += [await factories.post(person, "quelqu'un"), await factories.post(section, "nous")]
    shown += [await factories.post(other, "réponse", in_reply_to_uri=shown[0].uri)]
    for post in shown:
        await HomeRow.bring_to([section.id], post.id, post.id, post.actor_id)
    assert [view.post.source_text for view in await queries.network_news(section, limit=10)] == ["ouvert"]
