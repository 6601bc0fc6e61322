"""Polls between two Fedify peers, before ours is asked: a Question goes out, votes come in, results go out."""

from __future__ import annotations

import pytest

from tests.peers.conftest import Pair
from tests.peers.fedify_peer import FedifyError

ASKED = ["Oui", "Non"]


async def test_a_vote_is_counted_once_and_told(plain_pair: Pair) -> None:
    here, there = plain_pair
    await there.befriend("voter", here.actor_uri("asker"))
    poll = await here.question("asker", "<p>On y va ?</p>", ASKED)
    asked = await there.wait(type="Create", object=poll["object_id"])
    assert [option["name"] for option in asked["activity"]["object"]["oneOf"]] == ASKED

    for _ in range(2):
        await there.vote("voter", poll["object_id"], "Oui")

    [vote] = await here.votes(poll["object_id"])
    assert (vote["actor"], vote["name"]) == (there.actor_uri("voter"), "Oui")
    await here.tell_results("asker", poll["object_id"], close=True)
    told = (await there.wait(type="Update", object=poll["object_id"]))["activity"]["object"]
    assert [option["replies"]["totalItems"] for option in told["oneOf"]] == [1, 0]
    assert told["votersCount"] == 1
    assert "closed" in told


async def test_several_may_be_chosen_where_the_poll_says_so(plain_pair: Pair) -> None:
    here, there = plain_pair
    poll = await here.question("lister", "<p>Quels jours ?</p>", ["lundi", "mardi", "jeudi"], multiple=True)

    await there.vote("elector", poll["object_id"], "lundi", "jeudi")

    assert [vote["name"] for vote in await here.votes(poll["object_id"])] == ["lundi", "jeudi"]
    assert len((await there.lookup(uri=poll["object_id"]))["document"]["anyOf"]) == 3


async def test_nobody_votes_in_a_note(plain_pair: Pair) -> None:
    here, there = plain_pair
    note = await here.note("writer", "<p>Rien à choisir</p>")

    with pytest.raises(FedifyError, match="asks nothing"):
        await there.vote("voter", note["object_id"], "Oui")
