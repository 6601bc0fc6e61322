"""The life of a Follow: request, accept, reject, undo."""

from typing import Any

import pytest

from federation import pipeline
from federation.activities import embed, parse
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import FollowAccepted, Followed, FollowEnded
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow, FollowState
from server.follows import actions
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit


async def counts(follower: Actor, followed: Actor) -> tuple[int, int]:
    """(how many the follower follows, how many follow the followed)"""
    return (await Actor.get(id=follower.id)).following_count, (await Actor.get(id=followed.id)).followers_count


async def asked_by_us(member: Actor, remote_actor: Actor, ctx: Context) -> Follow:
    return await actions.follow(member, remote_actor, ctx)


async def reserved(member: Actor) -> Actor:
    member.approves_followers = True
    await member.save(update_fields=["approves_followers"])
    return member


# Asking


async def test_a_follow_undone_and_asked_again_in_one_batch_is_one_follow(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    first = factories.activity("Follow", remote_actor.uri, section.uri, 1)
    undo = factories.activity("Undo", remote_actor.uri, first, 2)
    again = factories.activity("Follow", remote_actor.uri, section.uri, 3)
    batch = [pipeline.Submission(parse(item), remote_actor.uri) for item in (first, undo, again)]

    outcomes = await pipeline.submit_many(batch, ctx)

    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert (await Follow.get(follower_id=remote_actor.id)).uri == again["id"]
    assert await counts(remote_actor, section) == (1, 1)


async def test_the_id_of_another_wish_to_follow_is_refused(
    section: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri)
    await Follow.create(uri=follow["id"], follower=remote_actor, followed=member)

    with pytest.raises(NotAuthorised, match="another's wish"):
        await submit(follow, remote_actor, ctx)

    assert not await Follow.exists(followed_id=section.id)


async def test_an_open_section_accepts_with_the_follow_as_it_came(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri, _misskey_odd={"kept": [1]})

    outcome = await submit(follow, remote_actor, ctx)

    [accept] = await sent_by(section)
    assert (accept["type"], accept["actor"], accept["to"]) == ("Accept", section.uri, [remote_actor.uri])
    assert accept["object"] == {name: value for name, value in follow.items() if name != "@context"}
    assert [type(fact) for fact in outcome.facts] == [Followed, FollowAccepted]
    assert await counts(remote_actor, section) == (1, 1)


async def test_a_member_who_approves_followers_waits(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await reserved(member)

    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)

    assert (await Follow.get()).state is FollowState.REQUESTED
    assert await Delivery.all().count() == 0
    assert await counts(remote_actor, member) == (0, 0)


async def test_a_member_who_does_not_is_followed_at_once(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)
    assert (await Follow.get()).state is FollowState.ACCEPTED


async def test_asked_twice_there_is_one_follow_of_the_newest_name_accepted_again(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    first = factories.activity("Follow", remote_actor.uri, section.uri, 1)
    second = factories.activity("Follow", remote_actor.uri, section.uri, 2)
    await submit(first, remote_actor, ctx)

    await submit(second, remote_actor, ctx)

    assert (await Follow.get()).uri == second["id"]
    assert [accept["object"]["id"] for accept in await sent_by(section)] == [first["id"], second["id"]]
    assert await counts(remote_actor, section) == (1, 1)


async def test_asking_again_does_not_open_a_reserved_member(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await reserved(member)
    for number in (1, 2):
        await submit(factories.activity("Follow", remote_actor.uri, member.uri, number), remote_actor, ctx)
    assert (await Follow.get()).state is FollowState.REQUESTED
    assert await Delivery.all().count() == 0


async def test_a_follower_accepted_before_is_accepted_again_though_others_must_wait(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, member.uri, 1), remote_actor, ctx)
    await reserved(member)

    await submit(factories.activity("Follow", remote_actor.uri, member.uri, 2), remote_actor, ctx)

    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert len(await sent_by(member)) == 2
    assert await counts(remote_actor, member) == (1, 1)


async def test_two_members_here_follow_each_other_the_same_way(
    member: Actor, other_member: Actor, ctx: Context
) -> None:
    await actions.follow(member, other_member, ctx)
    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert await counts(member, other_member) == (1, 1)
    assert await Delivery.all().count() == 0


async def test_nobody_follows_themselves(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="cannot follow itself"):
        await submit(factories.activity("Follow", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert await Follow.all().count() == 0


async def test_a_follow_between_strangers_is_none_of_our_business(
    remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    with pytest.raises(NotAuthorised, match="does not live here"):
        await submit(factories.activity("Follow", remote_actor.uri, stranger.uri), remote_actor, ctx)
    assert await Follow.all().count() == 0


async def test_nobody_who_never_was_can_be_followed(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Follow", remote_actor.uri, ctx.names.actor(7)), remote_actor, ctx)


async def test_nobody_who_never_was_can_be_followed_though_they_be_described(remote_actor: Actor, ctx: Context) -> None:
    described = {"id": ctx.names.actor(7), "type": "Person"}
    with pytest.raises(NotAuthorised, match="nobody this server has met"):
        await submit(factories.activity("Follow", remote_actor.uri, described), remote_actor, ctx)


async def test_the_gone_are_left_alone(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await Actor.filter(id=member.id).update(gone_at=ctx.now())
    with pytest.raises(NotAuthorised, match="no more"):
        await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)


async def test_the_gone_follow_nobody(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await Actor.filter(id=remote_actor.id).update(gone_at=ctx.now())
    with pytest.raises(NotAuthorised, match="no more"):
        await submit(factories.activity("Follow", remote_actor.uri, section.uri), remote_actor, ctx)


async def test_nobody_asks_in_anothers_name(section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Follow", stranger.uri, section.uri), remote_actor, ctx)
    assert await Follow.all().count() == 0


# Accept


@pytest.mark.parametrize("shape", ["by uri", "embedded", "embedded under an unknown id", "embedded without an id"])
async def test_the_followed_accepts_in_any_shape(member: Actor, remote_actor: Actor, ctx: Context, shape: str) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    embedded: dict[str, Any] = {"type": "Follow", "id": follow.uri, "actor": member.uri, "object": remote_actor.uri}
    objects: dict[str, Any] = {
        "by uri": follow.uri,
        "embedded": embedded,
        "embedded under an unknown id": embedded | {"id": f"{remote_actor.uri}/follows/7"},
        "embedded without an id": {name: value for name, value in embedded.items() if name != "id"},
    }

    outcome = await submit(factories.activity("Accept", remote_actor.uri, objects[shape]), remote_actor, ctx)

    assert (await Follow.get()).state is FollowState.ACCEPTED
    assert [type(fact) for fact in outcome.facts] == [FollowAccepted]
    assert await counts(member, remote_actor) == (1, 1)


async def test_accepted_twice_counts_once(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, follow.uri, 1), remote_actor, ctx)

    outcome = await submit(factories.activity("Accept", remote_actor.uri, follow.uri, 2), remote_actor, ctx)

    assert outcome.facts == []
    assert await counts(member, remote_actor) == (1, 1)


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
async def test_a_third_party_answers_nothing(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, kind: str
) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    embedded = {"type": "Follow", "id": follow.uri, "actor": member.uri, "object": stranger.uri}
    for number, object_ in enumerate((follow.uri, embedded)):
        with pytest.raises(NotAuthorised, match="was not asked"):
            await submit(factories.activity(kind, stranger.uri, object_, number), stranger, ctx)
    assert (await Follow.get()).state is FollowState.REQUESTED


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
async def test_what_was_never_asked_is_not_answered(
    member: Actor, remote_actor: Actor, ctx: Context, kind: str
) -> None:
    embedded = {"type": "Follow", "actor": member.uri, "object": remote_actor.uri}
    for number, object_ in enumerate((ctx.names.new_activity(), embedded)):
        with pytest.raises(NotAuthorised, match="was not asked"):
            await submit(factories.activity(kind, remote_actor.uri, object_, number), remote_actor, ctx)
    assert await Follow.all().count() == 0


async def test_the_follower_cannot_accept_for_the_followed(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await reserved(member)
    follow = factories.activity("Follow", remote_actor.uri, member.uri)
    await submit(follow, remote_actor, ctx)
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Accept", remote_actor.uri, follow), remote_actor, ctx)
    assert (await Follow.get()).state is FollowState.REQUESTED


# Reject


async def test_a_request_rejected_is_gone_and_never_counted(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    outcome = await submit(factories.activity("Reject", remote_actor.uri, follow.uri), remote_actor, ctx)
    assert await Follow.all().count() == 0
    assert [type(fact) for fact in outcome.facts] == [FollowEnded]
    assert await counts(member, remote_actor) == (0, 0)


async def test_a_follower_accepted_before_may_be_dismissed(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, follow.uri), remote_actor, ctx)
    await submit(factories.activity("Reject", remote_actor.uri, follow.uri, 1), remote_actor, ctx)
    assert await counts(member, remote_actor) == (0, 0)

    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Reject", remote_actor.uri, follow.uri, 2), remote_actor, ctx)
    assert await counts(member, remote_actor) == (0, 0)


# Undo


@pytest.mark.parametrize("is_embedded", [True, False])
async def test_the_follower_takes_it_back(section: Actor, remote_actor: Actor, ctx: Context, is_embedded: bool) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri)
    await submit(follow, remote_actor, ctx)
    object_ = embed(parse(follow)) if is_embedded else follow["id"]

    outcome = await submit(factories.activity("Undo", remote_actor.uri, object_), remote_actor, ctx)

    assert await Follow.all().count() == 0
    assert [type(fact) for fact in outcome.facts] == [FollowEnded]
    assert await counts(remote_actor, section) == (0, 0)


async def test_a_follow_of_another_name_between_the_two_is_taken_back(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, section.uri), remote_actor, ctx)
    other = {"type": "Follow", "id": f"{remote_actor.uri}/odd", "actor": remote_actor.uri, "object": section.uri}
    await submit(factories.activity("Undo", remote_actor.uri, other), remote_actor, ctx)
    assert await Follow.all().count() == 0


async def test_nobody_else_takes_it_back(section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri)
    await submit(follow, remote_actor, ctx)
    for number, object_ in enumerate((follow["id"], follow)):
        with pytest.raises(NotAuthorised, match="is no Follow of"):
            await submit(factories.activity("Undo", stranger.uri, object_, number), stranger, ctx)
    assert await counts(remote_actor, section) == (1, 1)


async def test_what_is_not_there_is_not_taken_back(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri)
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Undo", remote_actor.uri, follow), remote_actor, ctx)
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Undo", remote_actor.uri, follow["id"], 2), remote_actor, ctx)
    assert await counts(remote_actor, section) == (0, 0)
