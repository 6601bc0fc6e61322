"""Handing on to our followers what others address to them: only what is about something of ours, and as it came."""

from collections.abc import Sequence
from typing import Any

import pytest

from federation import forwarding
from federation.activities import parse
from federation.context import Context
from federation.errors import FederationError, NotAuthorised
from federation.jsonld import load
from models.actor import Actor
from models.delivery import Delivery
from models.post import Post, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.proving import multikey, proven
from tests.world import World

MAX = "https://elsewhere.test/users/max"


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A post of a member."""
    return await factories.post(member)


@pytest.fixture
async def followers(member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World) -> list[Actor]:
    """Those who follow the member: two on one server elsewhere, one where the answers come from, one here."""
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/ali")
    at_origin = await factories.remote_actor(ctx, world, "https://elsewhere.test/users/ines")
    found = [remote_actor, neighbour, at_origin, other_member]
    for follower in found:
        await factories.follow(follower, member)
    return found


def answer(parent: str, to: Sequence[str], number: int = 1, **more: Any) -> dict[str, Any]:
    """A reply of Max."""
    return factories.create(MAX, number, inReplyTo=parent, to=list(to), cc=[], **more)


async def handed_on() -> list[tuple[str, int]]:
    """What is owed: (inbox, who signs)."""
    return [(row.inbox_uri, row.sender_id) for row in await Delivery.all().order_by("id")]


async def test_an_answer_for_the_followers_goes_to_their_servers_but_its_own(
    ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context, world: World
) -> None:
    said = proven(answer(ours.uri, [PUBLIC, member.followers_uri or ""]), world.now)
    await submit(said, stranger, ctx)
    assert await handed_on() == [("https://far.test/inbox", member.id)]
    [row] = await Delivery.all().select_related("activity")
    assert load(row.activity.document) == said


async def test_whoever_gets_it_can_tell_whose_it_is(
    ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context, world: World
) -> None:
    world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
    await submit(proven(answer(ours.uri, [member.followers_uri or ""]), world.now), stranger, ctx)
    [row] = await Delivery.all().select_related("activity")
    arrived = parse(load(row.activity.document))
    world.pass_time(minutes=2)
    assert await forwarding.vouch(arrived, ctx) is arrived
    arrived.document["object"]["content"] = "<p>Jamais dit</p>"
    with pytest.raises(NotAuthorised):
        await forwarding.vouch(arrived, ctx)


async def test_it_comes_once(ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context) -> None:
    said = answer(ours.uri, [member.followers_uri or ""])
    await submit(said, stranger, ctx)
    await Delivery.all().delete()
    await submit(said, stranger, ctx)
    assert await handed_on() == []


async def test_an_answer_further_down_is_handed_on(
    ours: Post, member: Actor, followers: list[Actor], stranger: Actor, remote_actor: Actor, ctx: Context
) -> None:
    between = await factories.post(remote_actor, in_reply_to=ours)
    await submit(answer(between.uri, [PUBLIC, member.followers_uri or ""]), stranger, ctx)
    assert len(await handed_on()) == 1


@pytest.mark.parametrize("kind", ["Update", "Delete"])
async def test_what_changes_it_later_is_handed_on(
    ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context, kind: str
) -> None:
    said = answer(ours.uri, [PUBLIC, member.followers_uri or ""])
    await submit(said, stranger, ctx)
    await Delivery.all().delete()
    changed = {"Update": said["object"], "Delete": said["object"]["id"]}[kind]
    await submit(factories.activity(kind, MAX, changed, to=[PUBLIC, member.followers_uri]), stranger, ctx)
    assert len(await handed_on()) == 1


async def test_a_post_that_names_a_member_is_handed_on(
    member: Actor, followers: list[Actor], stranger: Actor, ctx: Context
) -> None:
    tag = [{"type": "Mention", "href": member.uri}]
    await submit(factories.create(MAX, to=[member.uri, member.followers_uri], cc=[], tag=tag), stranger, ctx)
    assert len(await handed_on()) == 1


class TestNothingElseIsHandedOn:
    async def test_what_is_not_addressed_to_the_followers(
        self, ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context
    ) -> None:
        for number, to in enumerate([[PUBLIC], [member.uri], [f"{MAX}/followers"], [f"{member.uri}/following"]]):
            await submit(answer(ours.uri, to, number), stranger, ctx)
        assert await handed_on() == []

    async def test_what_only_the_post_in_it_addresses_to_them(
        self, ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context
    ) -> None:
        said = answer(ours.uri, [PUBLIC, member.followers_uri or ""]) | {"to": [PUBLIC]}
        await submit(said, stranger, ctx)
        assert await handed_on() == []

    async def test_what_is_about_nothing_of_ours(
        self, member: Actor, followers: list[Actor], stranger: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        theirs = await factories.post(remote_actor)
        await submit(answer(theirs.uri, [PUBLIC, member.followers_uri or ""]), stranger, ctx)
        assert await handed_on() == []

    async def test_what_is_refused(
        self, ours: Post, member: Actor, followers: list[Actor], stranger: Actor, ctx: Context
    ) -> None:
        said = answer(ours.uri, [member.followers_uri or ""], attributedTo=f"{MAX}2")
        with pytest.raises(FederationError):
            await submit(said, stranger, ctx)
        assert await handed_on() == []

    async def test_what_names_followers_who_are_nobodys(
        self, ours: Post, followers: list[Actor], stranger: Actor, ctx: Context
    ) -> None:
        await submit(answer(ours.uri, [PUBLIC, ctx.names.actor(7) + "/followers"]), stranger, ctx)
        assert await handed_on() == []

    async def test_to_who_only_asked_to_follow(
        self, ours: Post, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
    ) -> None:
        follow = await factories.follow(remote_actor, member)
        await type(follow).filter(id=follow.id).update(state="requested")
        await submit(answer(ours.uri, [member.followers_uri or ""]), stranger, ctx)
        assert await handed_on() == []


async def test_answers_to_what_is_for_followers_stay_among_them(
    member: Actor, followers: list[Actor], stranger: Actor, ctx: Context
) -> None:
    hidden = await factories.post(member, visibility=Visibility.FOLLOWERS)
    await factories.follow(stranger, member)
    await submit(answer(hidden.uri, [member.followers_uri or ""]), stranger, ctx)
    assert await handed_on() == [("https://far.test/inbox", member.id)]
