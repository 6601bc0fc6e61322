"""Who may read which post."""

import pytest

from models.actor import Actor
from models.follow import Follow, FollowState
from models.post import OPEN, Mention, Post, Visibility
from tests import factories

# Whether the author, a follower, one who asked to follow, somebody named, anybody else, and the public may read it.
MATRIX = {
    Visibility.PUBLIC: (True, True, True, True, True, True),
    Visibility.UNLISTED: (True, True, True, True, True, True),
    Visibility.FOLLOWERS: (True, True, False, True, False, False),
    Visibility.SECTION: (True, False, False, False, False, False),
    Visibility.DIRECT: (True, False, False, True, False, False),
}


@pytest.fixture
async def readers(
    member: Actor, other_member: Actor, remote_actor: Actor, stranger: Actor, section: Actor
) -> list[Actor | None]:
    """The author, a follower, one who waits for an answer, one who will be named, one who has no part in it, nobody."""
    await factories.follow(remote_actor, member)
    waiting = await factories.follow(stranger, member)
    await Follow.filter(id=waiting.id).update(state=FollowState.REQUESTED)
    return [member, remote_actor, stranger, other_member, section, None]


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_each_reader_sees_what_is_for_them(
    member: Actor, other_member: Actor, readers: list[Actor | None], visibility: Visibility
) -> None:
    post = await factories.post(member, visibility=visibility)
    await Mention.create(post=post, actor=other_member)
    seen = tuple([await Post.visible_to(reader).filter(id=post.id).exists() for reader in readers])
    assert seen == MATRIX[visibility]


async def test_every_visibility_is_in_the_matrix() -> None:
    assert set(MATRIX) == set(Visibility)


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_what_is_open_is_what_the_public_may_read(member: Actor, visibility: Visibility) -> None:
    post = await factories.post(member, visibility=visibility)
    assert post.is_open is (visibility in OPEN) is await Post.visible_to(None).exists()


async def test_following_the_reader_opens_nothing(member: Actor, remote_actor: Actor) -> None:
    """It is the reader who must follow the author, not the author the reader."""
    await factories.follow(member, remote_actor)
    await factories.post(member, visibility=Visibility.FOLLOWERS)
    assert not await Post.visible_to(remote_actor).exists()


async def test_following_one_author_opens_no_other(member: Actor, other_member: Actor, remote_actor: Actor) -> None:
    await factories.follow(remote_actor, member)
    await factories.post(other_member, visibility=Visibility.FOLLOWERS)
    assert not await Post.visible_to(remote_actor).exists()


async def test_being_named_in_one_post_opens_no_other(member: Actor, other_member: Actor) -> None:
    named, other = [await factories.post(member, visibility=Visibility.DIRECT) for _ in range(2)]
    await Mention.create(post=named, actor=other_member)
    assert [post.id for post in await Post.visible_to(other_member)] == [named.id]
    assert other.id != named.id


async def test_a_post_is_found_once_however_many_reasons_there_are(
    member: Actor, remote_actor: Actor, other_member: Actor, stranger: Actor
) -> None:
    post = await factories.post(member, visibility=Visibility.FOLLOWERS)
    for reader in (remote_actor, other_member, stranger):
        await factories.follow(reader, member)
        await Mention.create(post=post, actor=reader)
    assert [found.id for found in await Post.visible_to(remote_actor).order_by("-id").limit(20)] == [post.id]
    assert await Post.visible_to(remote_actor).count() == 1


async def test_an_unfollowed_post_is_read_no_more(member: Actor, remote_actor: Actor) -> None:
    follow = await factories.follow(remote_actor, member)
    await factories.post(member, visibility=Visibility.FOLLOWERS)
    assert await Post.visible_to(remote_actor).exists()
    await follow.delete()
    assert not await Post.visible_to(remote_actor).exists()


async def test_the_answers_of_one_who_goes_are_counted_no_more(
    member: Actor, remote_actor: Actor, stranger: Actor
) -> None:
    parents = [await factories.post(member, str(number)) for number in range(3)]
    for parent, answers in zip(parents, (2, 1, 0), strict=True):
        for _ in range(answers):
            await factories.post(remote_actor, in_reply_to=parent)
        await factories.post(stranger, in_reply_to=parent)
        await Post.filter(id=parent.id).update(replies_count=answers + 1)

    await Post.uncount_replies_by(remote_actor.id)

    assert [(await Post.get(id=parent.id)).replies_count for parent in parents] == [1, 1, 1]
