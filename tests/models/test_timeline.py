"""The home timeline: a post in it at most once, and only of those who live here."""

import pytest

from models.actor import Actor
from models.follow import Follow, FollowState
from models.ids import new_id
from models.timeline import HomeRow
from tests import factories


async def owners() -> list[int]:
    return sorted([row.owner_id for row in await HomeRow.all()])


async def test_an_item_comes_to_every_follower_here(
    member: Actor, other_member: Actor, section: Actor, remote_actor: Actor, stranger: Actor
) -> None:
    for follower in (member, other_member, stranger):
        await factories.follow(follower, remote_actor)
    waiting = await factories.follow(section, remote_actor)
    await Follow.filter(id=waiting.id).update(state=FollowState.REQUESTED)
    post = await factories.post(remote_actor)

    await HomeRow.bring_to_followers(post.id, post.id, remote_actor.id, is_announce=False)

    assert await owners() == sorted([member.id, other_member.id])
    row = await HomeRow.all().first()
    assert row is not None
    assert (row.item_id, row.post_id, row.actor_id, row.is_announce) == (post.id, post.id, remote_actor.id, False)


@pytest.mark.parametrize("is_announce", [True, False])
async def test_a_post_comes_once_however_often_it_is_brought(
    member: Actor, remote_actor: Actor, stranger: Actor, is_announce: bool
) -> None:
    for followed in (remote_actor, stranger):
        await factories.follow(member, followed)
    post = await factories.post(remote_actor)
    await HomeRow.bring_to_followers(post.id, post.id, remote_actor.id, is_announce=False)

    await HomeRow.bring_to_followers(new_id(), post.id, stranger.id, is_announce=is_announce)
    await HomeRow.bring_to([member.id], post.id, post.id, remote_actor.id)

    row = await HomeRow.get()
    assert (row.item_id, row.actor_id, row.is_announce) == (post.id, remote_actor.id, False)


async def test_whoever_wants_no_announces_of_an_actor_gets_its_posts_alone(
    member: Actor, other_member: Actor, remote_actor: Actor
) -> None:
    for follower in (member, other_member):
        await factories.follow(follower, remote_actor)
    await Follow.filter(follower_id=member.id).update(shows_announces=False)
    shown, own = await factories.post(member), await factories.post(remote_actor)

    await HomeRow.bring_to_followers(new_id(), shown.id, remote_actor.id, is_announce=True)
    await HomeRow.bring_to_followers(own.id, own.id, remote_actor.id, is_announce=False)

    rows = {(row.owner_id, row.post_id) for row in await HomeRow.all()}
    assert rows == {(other_member.id, shown.id), (other_member.id, own.id), (member.id, own.id)}


async def test_a_post_is_brought_to_those_named_who_live_here(
    member: Actor, remote_actor: Actor, stranger: Actor
) -> None:
    post = await factories.post(remote_actor)
    await HomeRow.bring_to([member.id, stranger.id, 7], post.id, post.id, remote_actor.id)
    assert await owners() == [member.id]


async def test_to_nobody_nothing_is_brought(member: Actor) -> None:
    post = await factories.post(member)
    await HomeRow.bring_to([], post.id, post.id, member.id)
    assert await owners() == []


async def test_rows_go_with_their_post(member: Actor) -> None:
    post = await factories.post(member)
    await HomeRow.bring_to([member.id], post.id, post.id, member.id)
    await post.delete()
    assert await owners() == []
