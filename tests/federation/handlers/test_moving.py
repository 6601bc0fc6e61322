"""An actor moves, and its followers here go with it."""

from typing import Any

import pytest
from hypothesis import given, settings

from federation.activities import parse
from federation.context import Context
from federation.errors import FederationError, MalformedActivity, NotAuthorised, ObjectGone, UnsupportedActivity
from federation.facts import Moved
from federation.handlers import moving
from federation.handlers.moving import target_uri
from models.actor import Actor
from models.follow import Follow, FollowState
from models.moderation import Block
from models.notification import Notification, NotificationType
from models.setting import Setting
from server.follows import actions
from server.follows.moving import carry_on
from tests import factories
from tests.federation import hostile
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

NEW = "https://elsewhere.test/users/noor"


def move(old: Actor, target: str = NEW, *, by: str | None = None, number: int = 1) -> dict[str, Any]:
    return factories.activity("Move", by or old.uri, old.uri, number, target=target, to=[f"{by or old.uri}/followers"])


@pytest.fixture
async def old(remote_actor: Actor, member: Actor, ctx: Context) -> Actor:
    """Somebody whom a member of ours follows."""
    await actions.follow(member, remote_actor, ctx)
    await Follow.filter(followed_id=remote_actor.id).update(state=FollowState.ACCEPTED)
    return remote_actor


@pytest.fixture
def new(old: Actor, world: World) -> dict[str, Any]:
    """Whom they are about to become: a document that their new home serves."""
    document = factories.actor_document(NEW, alsoKnownAs=[old.uri])
    world.serve(document)
    return document


async def followed_by(actor: Actor) -> dict[str, FollowState]:
    rows = await Follow.filter(follower_id=actor.id).select_related("followed")
    return {row.followed.uri: row.state for row in rows}


async def test_a_follower_goes_with_the_actor(old: Actor, new: dict[str, Any], member: Actor, ctx: Context) -> None:
    outcome = await submit(move(old), old, ctx)

    assert await followed_by(member) == {NEW: FollowState.REQUESTED}
    assert (await Actor.get(id=old.id)).moved_to_uri == NEW
    asked, follow, undo = await sent_by(member)
    assert (follow["type"], follow["object"], follow["to"]) == ("Follow", NEW, [NEW])
    assert (undo["type"], undo["to"]) == ("Undo", [old.uri])
    assert undo["object"]["id"] == asked["id"]
    [told] = [fact for fact in outcome.facts if isinstance(fact, Moved)]
    assert (told.actor.id, told.target.uri, told.follower_ids) == (old.id, NEW, (member.id,))


async def test_the_follower_is_told(old: Actor, new: dict[str, Any], member: Actor, ctx: Context) -> None:
    await submit(move(old), old, ctx)
    told = await Notification.get(type=NotificationType.MOVE)
    assert (told.recipient_id, told.actor_id) == (member.id, old.id)


async def test_both_are_fetched_whatever_is_remembered(
    old: Actor, new: dict[str, Any], ctx: Context, world: World
) -> None:
    await factories.remote_actor(ctx, world, NEW)  # as it was before it named the old one
    world.serve(new)
    await submit(move(old), old, ctx)
    assert sorted(world.fetched) == [NEW, old.uri]
    assert (await Actor.get(uri=NEW)).also_known_as == [old.uri]


async def test_who_follows_the_new_one_already_only_leaves_the_old(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World
) -> None:
    there = await factories.follow(member, await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri]))
    await submit(move(old), old, ctx)
    assert (await Follow.get(follower_id=member.id)).id == there.id


async def test_a_move_that_comes_twice_happens_once(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context
) -> None:
    await submit(move(old), old, ctx)
    assert not (await submit(move(old), old, ctx)).is_new
    await factories.follow(await factories.member(ctx, "lea", "Léa"), old)  # else nobody follows it
    await submit(move(old, number=2), old, ctx)
    assert len(await sent_by(member)) == 3
    assert await Notification.filter(recipient_id=member.id, type=NotificationType.MOVE).count() == 1


async def test_who_only_asked_to_follow_stays(old: Actor, new: dict[str, Any], ctx: Context, section: Actor) -> None:
    await actions.follow(section, old, ctx)
    await submit(move(old), old, ctx)
    assert await followed_by(section) == {old.uri: FollowState.REQUESTED}


@pytest.mark.parametrize("by_member", [True, False])
async def test_who_is_kept_apart_from_the_new_one_does_not_follow_it(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World, by_member: bool
) -> None:
    target = await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri])
    blocker, blocked = (member, target) if by_member else (target, member)
    await Block.create(uri=f"{NEW}/blocks/1", blocker=blocker, blocked=blocked)
    await submit(move(old), old, ctx)
    assert await followed_by(member) == {}


async def test_a_remote_actor_moves_to_us(old: Actor, member: Actor, section: Actor, ctx: Context) -> None:
    await factories.follow(section, old)
    await Actor.filter(id=member.id).update(also_known_as=[old.uri])
    await submit(move(old, member.uri), old, ctx)
    assert await followed_by(section) == {member.uri: FollowState.ACCEPTED}
    assert await followed_by(member) == {}
    assert (await Actor.get(id=member.id)).followers_count == 1


async def test_among_ours_a_move_needs_no_network(
    member: Actor, other_member: Actor, section: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(section, member)
    await Actor.filter(id=other_member.id).update(also_known_as=[member.uri])
    await submit(move(member, other_member.uri), member, ctx)
    assert await followed_by(section) == {other_member.uri: FollowState.ACCEPTED}
    assert world.fetched == []


async def test_the_old_home_may_be_gone(old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World):
    world.statuses[old.uri] = 503
    await submit(move(old), old, ctx)
    assert list(await followed_by(member)) == [NEW]


# Sent by the new one (pull mode)


async def test_the_new_one_may_say_it_where_the_old_one_agrees(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World
) -> None:
    world.serve(factories.actor_document(old.uri, movedTo=NEW))
    target = await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri])
    await submit(move(old, by=NEW), target, ctx)
    assert list(await followed_by(member)) == [NEW]


@pytest.mark.parametrize("moved_to", [None, "https://third.test/users/noor"])
async def test_the_new_one_alone_moves_nobody(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World, moved_to: str | None
) -> None:
    world.serve(factories.actor_document(old.uri, movedTo=moved_to))
    target = await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri])
    with pytest.raises(NotAuthorised, match="does not say that it moved"):
        await submit(move(old, by=NEW), target, ctx)
    assert list(await followed_by(member)) == [old.uri]


async def test_the_new_one_moves_nobody_whose_home_does_not_answer(
    old: Actor, new: dict[str, Any], ctx: Context, world: World
) -> None:
    world.statuses[old.uri] = 410
    target = await factories.remote_actor(ctx, world, NEW, alsoKnownAs=[old.uri])
    with pytest.raises(ObjectGone):
        await submit(move(old, by=NEW), target, ctx)


# Refused


@pytest.mark.parametrize("aliases", [[], ["https://third.test/users/noor"]])
async def test_a_target_that_does_not_name_the_old_one_is_refused(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, world: World, aliases: list[str]
) -> None:
    world.serve(new | {"alsoKnownAs": aliases})
    with pytest.raises(NotAuthorised, match="does not say that it was"):
        await submit(move(old), old, ctx)
    assert list(await followed_by(member)) == [old.uri]
    assert (await Actor.get(id=old.id)).moved_to_uri is None


async def test_a_third_one_moves_nobody(
    old: Actor, new: dict[str, Any], stranger: Actor, member: Actor, ctx: Context
) -> None:
    with pytest.raises(NotAuthorised, match="may not move"):
        await submit(move(old, by=stranger.uri), stranger, ctx)
    assert list(await followed_by(member)) == [old.uri]


@pytest.mark.parametrize("onward", ["https://third.test/users/noor", "https://far.test/users/noor"])
async def test_no_chain_and_no_loop_is_followed(
    old: Actor, new: dict[str, Any], ctx: Context, world: World, onward: str
) -> None:
    world.serve(new | {"movedTo": onward})
    with pytest.raises(NotAuthorised, match="leads on"):
        await submit(move(old), old, ctx)


async def test_nobody_moves_to_themselves(old: Actor, ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(old.uri, alsoKnownAs=[old.uri]))
    with pytest.raises(NotAuthorised, match="leads on"):
        await submit(move(old, old.uri), old, ctx)


async def test_nobody_moves_where_the_old_one_says_otherwise(
    old: Actor, new: dict[str, Any], ctx: Context, world: World
) -> None:
    world.serve(factories.actor_document(old.uri, movedTo="https://third.test/users/noor"))
    with pytest.raises(NotAuthorised, match="does not say that it moved"):
        await submit(move(old), old, ctx)


async def test_nobody_moves_to_one_who_is_gone(old: Actor, ctx: Context, world: World, member: Actor) -> None:
    world.statuses[NEW] = 410
    with pytest.raises(ObjectGone):
        await submit(move(old), old, ctx)
    await Actor.filter(id=member.id).update(also_known_as=[old.uri], gone_at=ctx.now())
    await factories.follow(await factories.member(ctx, "lea", "Léa"), old)
    with pytest.raises(NotAuthorised, match="is no more"):
        await submit(move(old, member.uri, number=2), old, ctx)


async def test_nobody_moves_to_a_blocked_domain(
    old: Actor, ctx: Context, world: World, blocked_origin: str, member: Actor
) -> None:
    target = f"{blocked_origin}/users/noor"
    world.serve(factories.actor_document(target, alsoKnownAs=[old.uri]))
    with pytest.raises(FederationError, match="blocked here"):
        await submit(move(old, target), old, ctx)
    assert list(await followed_by(member)) == [old.uri]


async def test_a_move_that_leads_nowhere_is_malformed(old: Actor, ctx: Context) -> None:
    document = move(old)
    del document["target"]
    with pytest.raises(MalformedActivity):
        await submit(document, old, ctx)


async def test_for_an_actor_nobody_follows_nothing_is_fetched(remote_actor: Actor, ctx: Context, world: World) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(move(remote_actor), remote_actor, ctx)
    assert world.fetched == []


@settings(max_examples=40)
@given(hostile.objects)
def test_any_target_is_a_uri_or_refused(value: Any) -> None:
    document = factories.activity("Move", NEW, NEW, target=value)
    try:
        assert target_uri(parse(document)).startswith("http")
    except MalformedActivity:
        return


# Too many for one transaction


async def test_many_followers_are_carried_over_little_by_little(
    old: Actor, new: dict[str, Any], member: Actor, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "FOLLOWERS_AT_ONCE", 2)
    for number in range(4):
        await factories.follow(await factories.member(ctx, f"member_{number}", ""), old)

    await submit(move(old), old, ctx)
    assert (await Follow.filter(followed_id=old.id).count(), await Setting.all().count()) == (3, 1)
    assert await carry_on(ctx) == 4
    assert await carry_on(ctx) == 2
    assert await carry_on(ctx) == 0

    assert await Follow.filter(followed_id=old.id).count() == 0
    assert await Follow.filter(followed__uri=NEW).count() == 5
    assert await Notification.filter(type=NotificationType.MOVE).count() == 5
    assert await Setting.all().count() == 0


async def test_a_move_taken_back_meanwhile_is_not_carried_on(
    old: Actor, new: dict[str, Any], ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "FOLLOWERS_AT_ONCE", 1)
    late = await factories.member(ctx, "lea", "Léa")
    await factories.follow(late, old)
    await submit(move(old), old, ctx)
    await submit(factories.activity("Update", old.uri, factories.actor_document(old.uri)), old, ctx)
    assert await carry_on(ctx) == 0
    assert list(await followed_by(late)) == [old.uri]
