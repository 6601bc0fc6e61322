"""Moving away from here, and being ready to be moved to."""

from typing import Any

import pytest

from federation.context import Context
from federation.naming import Names
from federation.objects import actor as actor_object
from models.actor import Actor, ActorType
from models.follow import Follow, FollowState
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.members import moving
from server.members.profiles import document_of
from server.members.queries import new_home
from server.posts.actions import Draft, announce, publish
from tests import factories
from tests.federation.sending import inboxes, sent_by
from tests.federation.submitting import submit
from tests.world import World

THERE = Names("https://amiens.test")


def elsewhere(member: Actor, **more: Any) -> dict[str, Any]:
    """The document of the same person in another section, as this software writes it there."""
    uri = THERE.actor(7)
    there = Actor(
        id=7, uri=uri, url=THERE.profile("zoe"), username="zoe", is_local=True,
        inbox_uri=f"{uri}/inbox", outbox_uri=f"{uri}/outbox", followers_uri=f"{uri}/followers",
        following_uri=f"{uri}/following", featured_uri=f"{uri}/featured", published_at=member.published_at,
        **{"type": ActorType.PERSON, "also_known_as": [member.uri]} | more,
    )  # fmt: skip
    return actor_object.write(there, [], THERE)


@pytest.fixture
async def follower(remote_actor: Actor, member: Actor) -> Actor:
    """Somebody on another server who follows our member."""
    await factories.follow(remote_actor, member)
    return remote_actor


async def types_sent(actor: Actor) -> list[str]:
    return [document["type"] for document in await sent_by(actor)]


# Aliases


async def test_an_alias_is_shown_and_told(member: Actor, stranger: Actor, follower: Actor, ctx: Context) -> None:
    other = await moving.add_alias(member, stranger.uri, ctx)
    await moving.add_alias(member, stranger.uri, ctx)
    assert other.id == stranger.id
    assert (await document_of(await Actor.get(id=member.id), ctx))["alsoKnownAs"] == [stranger.uri]
    [update] = await sent_by(member)
    assert (update["type"], update["object"]["alsoKnownAs"]) == ("Update", [stranger.uri])


async def test_an_alias_is_taken_back(member: Actor, stranger: Actor, ctx: Context) -> None:
    await moving.add_alias(member, stranger.uri, ctx)
    await moving.remove_alias(member, stranger.uri, ctx)
    assert (await Actor.get(id=member.id)).also_known_as == []
    with pytest.raises(NotFound, match="does not name"):
        await moving.remove_alias(member, stranger.uri, ctx)


async def test_an_alias_whose_server_is_gone_can_be_taken_back(member: Actor, ctx: Context) -> None:
    member.also_known_as = ["https://gone.test/users/zoe"]
    await moving.remove_alias(member, "https://gone.test/users/zoe", ctx)
    assert member.also_known_as == []


async def test_nobody_is_their_own_alias(member: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict, match="itself"):
        await moving.add_alias(member, "zoe", ctx)


async def test_there_is_an_end_to_aliases(member: Actor, stranger: Actor, ctx: Context) -> None:
    member.also_known_as = [f"https://old.test/{number}" for number in range(20)]
    with pytest.raises(Invalid):
        await moving.add_alias(member, stranger.uri, ctx)


async def test_an_alias_must_be_somebody(member: Actor, ctx: Context) -> None:
    with pytest.raises(NotFound):
        await moving.add_alias(member, "@nobody@elsewhere.test", ctx)


# Moving out


async def test_a_member_moves_to_another_section(
    member: Actor, other_member: Actor, follower: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(other_member, member)
    world.serve(elsewhere(member))

    await moving.move(member, THERE.actor(7), ctx)

    found = await Actor.get(id=member.id)
    assert (found.moved_to_uri, (await document_of(found, ctx))["movedTo"]) == (THERE.actor(7), THERE.actor(7))
    update, move = await sent_by(member)
    assert (update["type"], update["object"]["movedTo"]) == ("Update", THERE.actor(7))
    assert (move["type"], move["object"], move["target"]) == ("Move", member.uri, THERE.actor(7))
    assert move["to"] == [member.followers_uri]
    assert await inboxes("Move") == [follower.delivery_uri]
    here = await Follow.get(follower_id=other_member.id)
    assert ((await Actor.get(id=here.followed_id)).uri, here.state) == (THERE.actor(7), FollowState.REQUESTED)
    assert await Follow.exists(follower_id=follower.id, followed_id=member.id)  # that one decides for itself


async def test_what_another_section_sends_of_a_move_is_believed_here(
    member: Actor, section: Actor, ctx: Context, world: World
) -> None:
    """The other direction: one who lived there is now our member."""
    gone = elsewhere(member, also_known_as=[], moved_to_uri=member.uri)
    world.serve(gone)
    there = await factories.remote_actor(ctx, world, THERE.actor(7))
    world.serve(gone)
    await factories.follow(section, there)
    await moving.add_alias(member, there.uri, ctx)
    document = factories.activity("Move", there.uri, there.uri, target=member.uri, to=[f"{there.uri}/followers"])
    await submit(document, there, ctx)
    assert await Follow.exists(follower_id=section.id, followed_id=member.id, state=FollowState.ACCEPTED)


async def test_the_target_is_asked_anew(member: Actor, ctx: Context, world: World) -> None:
    target = await factories.remote_actor(ctx, world, "https://elsewhere.test/users/zoe", alsoKnownAs=[member.uri])
    world.serve(factories.actor_document(target.uri))
    with pytest.raises(Conflict, match="aliases"):
        await moving.move(member, target.uri, ctx)
    assert (await Actor.get(id=member.id)).moved_to_uri is None
    assert await types_sent(member) == []


async def test_a_target_that_does_not_answer_is_no_target(member: Actor, stranger: Actor, ctx: Context, world: World):
    world.statuses[stranger.uri] = 0
    with pytest.raises(NotFound, match="just now"):
        await moving.move(member, stranger.uri, ctx)


async def test_nobody_moves_on_to_one_who_moved(member: Actor, ctx: Context, world: World) -> None:
    world.serve(elsewhere(member, moved_to_uri="https://third.test/zoe"))
    with pytest.raises(Conflict, match="moved on"):
        await moving.move(member, THERE.actor(7), ctx)


async def test_nobody_moves_home(member: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict, match="to itself"):
        await moving.move(member, "@zoe@lille.test", ctx)


async def test_a_member_moves_to_another_name_here(
    member: Actor, other_member: Actor, section: Actor, follower: Actor, ctx: Context
) -> None:
    await factories.follow(section, member)
    await moving.add_alias(other_member, "zoe", ctx)
    await moving.move(member, "ali", ctx)
    assert [row.followed_id for row in await Follow.filter(follower_id=section.id)] == [other_member.id]


async def test_a_section_moves_too(section: Actor, ctx: Context, world: World) -> None:
    world.serve(elsewhere(section, type=ActorType.GROUP))
    assert (await moving.move(section, THERE.actor(7), ctx)).is_group


async def test_the_server_itself_does_not_move(ctx: Context, stranger: Actor) -> None:
    instance = Actor(type=ActorType.APPLICATION)
    with pytest.raises(Forbidden):
        await moving.move(instance, stranger.uri, ctx)


# Afterwards


@pytest.fixture
async def moved(member: Actor, ctx: Context, world: World) -> Actor:
    """A member who has moved."""
    world.serve(elsewhere(member))
    await moving.move(member, THERE.actor(7), ctx)
    return member


async def test_who_moved_publishes_nothing(moved: Actor, other_member: Actor, ctx: Context) -> None:
    post = await publish(other_member, Draft("Bonjour"), ctx)
    for work in (publish(moved, Draft("Bonjour"), ctx), announce(moved, post, ctx)):
        with pytest.raises(Forbidden, match="has moved"):
            await work


async def test_who_came_back_publishes_again(moved: Actor, ctx: Context) -> None:
    await moving.come_back(moved, ctx)
    await publish(moved, Draft("Me revoilà"), ctx)
    assert "movedTo" not in await document_of(await Actor.get(id=moved.id), ctx)


async def test_who_did_not_move_cannot_come_back(member: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict, match="has not moved"):
        await moving.come_back(member, ctx)


async def test_who_moved_may_say_it_again_but_not_move_on(
    moved: Actor, follower: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    await moving.move(moved, THERE.actor(7), ctx)
    assert await types_sent(moved) == ["Update", "Move"]
    world.serve(factories.actor_document(stranger.uri, alsoKnownAs=[moved.uri]))
    with pytest.raises(Conflict, match="come back first"):
        await moving.move(moved, stranger.uri, ctx)


async def test_a_new_home_is_shown_only_where_both_agree(moved: Actor, member: Actor, ctx: Context) -> None:
    there = await Actor.get(uri=THERE.actor(7))
    assert await new_home(moved) == there
    await Actor.filter(id=there.id).update(also_known_as=[])
    assert await new_home(moved) is None
