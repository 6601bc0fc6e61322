"""Members want nothing to do with somebody: the other side's server is told, and nobody else."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow
from models.moderation import Block
from server.errors import Conflict
from server.follows.queries import standings
from server.members import blocks
from tests import factories
from tests.federation.sending import sent_by


async def test_only_the_blocked_ones_server_is_told(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for follower in (remote_actor, stranger):
        await factories.follow(follower, member)
    await factories.follow(member, remote_actor)
    for _ in range(2):
        await blocks.block(member, remote_actor, ctx)
    [sent] = await sent_by(member)
    assert (sent["type"], sent["object"], sent["to"], sent.get("cc")) == (
        "Block",
        remote_actor.uri,
        [remote_actor.uri],
        None,
    )
    assert [row.inbox_uri for row in await Delivery.all()] == [remote_actor.delivery_uri]
    assert (
        await Follow.filter(follower_id=remote_actor.id).count() + await Follow.filter(follower=member.id).count() == 0
    )


async def test_it_is_taken_back_once(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await blocks.block(member, remote_actor, ctx)
    for _ in range(2):
        await blocks.unblock(member, remote_actor, ctx)
    block, undo = await sent_by(member)
    assert (undo["type"], undo["object"]["id"], undo["to"]) == ("Undo", block["id"], [remote_actor.uri])
    assert not await Block.exists()


async def test_even_whoever_blocks_back_is_told_that_it_is_over(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await Block.create(uri=f"{remote_actor.uri}/blocks/1", blocker=remote_actor, blocked=member)
    await blocks.block(member, remote_actor, ctx)
    await blocks.unblock(member, remote_actor, ctx)
    assert [item["type"] for item in await sent_by(member)] == ["Block", "Undo"]


async def test_somebody_here_is_blocked_without_a_word_to_any_server(
    member: Actor, other_member: Actor, ctx: Context
) -> None:
    await blocks.block(member, other_member, ctx)
    assert await Block.exists(blocker_id=member.id, blocked_id=other_member.id)
    assert not await Delivery.exists()


async def test_nobody_blocks_themselves(member: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict):
        await blocks.block(member, member, ctx)


async def test_the_blocker_knows_and_the_blocked_does_not(member: Actor, other_member: Actor, ctx: Context) -> None:
    await blocks.block(member, other_member, ctx)
    assert (await standings(member, [other_member.id]))[other_member.id].is_blocking
    assert not (await standings(other_member, [member.id]))[member.id].is_blocking


async def test_blocks_come_in_pages(
    member: Actor, other_member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for other in (other_member, remote_actor, stranger):
        await blocks.block(member, other, ctx)
    newest = await blocks.page(member, limit=2)
    assert [row.blocked.id for row in newest] == [stranger.id, remote_actor.id]
    older = await blocks.page(member, limit=2, max_id=newest[-1].id)
    assert [row.blocked.id for row in older] == [other_member.id]
    assert [row.id for row in await blocks.page(member, limit=1, min_id=older[0].id)] == [newest[-1].id]
