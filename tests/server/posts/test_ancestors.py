"""What a post answers, up to the first."""

from models.actor import Actor
from models.post import Post, Visibility
from server.posts.queries import ancestors
from tests import factories


async def test_they_come_oldest_first(member: Actor, section: Actor) -> None:
    first = await factories.post(section, "1")
    second = await factories.post(member, "2", in_reply_to=first)
    third = await factories.post(section, "3", in_reply_to=second)
    assert [view.post.id for view in await ancestors(third, None)] == [first.id, second.id]
    assert await ancestors(first, None) == []


async def test_they_end_at_one_that_is_not_for_the_viewer(member: Actor, section: Actor) -> None:
    first = await factories.post(section, "1")
    hidden = await factories.post(member, "2", Visibility.DIRECT, in_reply_to=first)
    third = await factories.post(section, "3", in_reply_to=hidden)
    fourth = await factories.post(section, "4", in_reply_to=third)
    assert [view.post.id for view in await ancestors(fourth, None)] == [third.id]
    assert [view.post.id for view in await ancestors(fourth, member)] == [first.id, hidden.id, third.id]


async def test_a_circle_ends(member: Actor) -> None:
    first = await factories.post(member, "1")
    second = await factories.post(member, "2", in_reply_to=first)
    await Post.filter(id=first.id).update(in_reply_to_id=second.id)
    assert len(await ancestors(second, None)) <= 100
