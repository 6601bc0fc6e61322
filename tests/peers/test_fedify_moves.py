"""Moving house between Fedify peers, before one of ours moves: followers go along, but only to a home that says so too."""

from __future__ import annotations

from tests.peers.conftest import Pair
from tests.peers.fedify_peer import FedifyPeer


async def move(here: FedifyPeer, there: FedifyPeer, mover: str, target: str, follower: str) -> dict[str, str]:
    """Have an actor of `there` follow one of `here`, who says they have moved to another of `here`."""
    await there.befriend(follower, here.actor_uri(mover))
    said = {"type": "Move", "object": here.actor_uri(mover), "target": here.actor_uri(target)}
    return await here.send(mover, said, deliver_to=[there.actor_uri(follower)])


async def test_followers_go_where_the_mover_goes(plain_pair: Pair) -> None:
    here, there = plain_pair
    await here.actor("new-home", aliases=[here.actor_uri("old-home")])

    await move(here, there, "old-home", "new-home", "loyal")

    await here.wait(type="Follow", object=here.actor_uri("new-home"))
    await there.wait(type="Accept", actor=here.actor_uri("new-home"))
    await here.wait(type="Undo", object=here.actor_uri("old-home"))
    assert (await there.actor("loyal"))["following"] == [here.actor_uri("new-home")]
    assert (await here.actor("old-home"))["followers"] == []


async def test_nobody_is_followed_who_does_not_say_that_they_are_the_mover(plain_pair: Pair) -> None:
    here, there = plain_pair

    await move(here, there, "impostor", "celebrity", "careful")

    assert (await there.actor("careful"))["following"] == [here.actor_uri("impostor")]
    assert await here.received(type="Follow", object=here.actor_uri("celebrity")) == []


async def test_nobody_moves_somebody_else(plain_pair: Pair) -> None:
    here, there = plain_pair
    await here.actor("thief", aliases=[here.actor_uri("victim")])
    await there.befriend("friend", here.actor_uri("victim"))
    said = {"type": "Move", "object": here.actor_uri("victim"), "target": here.actor_uri("thief")}

    await here.send("thief", said, deliver_to=[there.actor_uri("friend")])

    assert (await there.actor("friend"))["following"] == [here.actor_uri("victim")]
