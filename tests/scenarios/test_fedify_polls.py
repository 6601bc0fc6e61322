"""Polls between our server and Fedify: asked here and voted in there, asked there and voted in here, results told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.fedify_peer import FedifyPeer, Json, require_fedify
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival, follow

OPTIONS = ["Samedi", "Dimanche", "Pas du tout"]


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server of ours, with the members zoe and ali."""
    require_fedify()
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "ali")
    return server


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server."""
    require_fedify()
    with FedifyPeer() as running:
        yield running


async def received(peer: FedifyPeer, **criteria: Any) -> Json:
    """Wait until the peer got something whose HTTP signature its own verifier finds true."""
    arrived = await peer.wait(timeout_s=20, **criteria)
    assert arrived["http_signature"]["verified"], arrived["http_signature"]
    return arrived


async def asked_by_peer(lille: Server, peer: FedifyPeer, name: str, *, multiple: bool = False) -> Json:
    """Have an actor of the peer, whom zoe and ali follow, ask; the status as zoe sees it."""
    for member in ("zoe", "ali"):
        await follow(lille, member, f"@{name}@{peer.host}")
    asked = await peer.question(name, "<p>Quand part-on ?</p>", OPTIONS, multiple=multiple)
    return await arrival(lille, "zoe", {"uri": asked["object_id"]})


async def vote(server: Server, status: Json, *choices: int, member: str) -> Json:
    """Vote as a member; the poll as they see it then."""
    path = f"/api/v1/polls/{status['poll']['id']}/votes"
    return dict(await server.api("POST", path, member=member, choices=list(choices)))


async def stands(server: Server, status: Json, counts: list[int], *, expired: bool = False) -> bool:
    """Whether a poll has these counts, and is closed or not."""
    poll = await server.api("GET", f"/api/v1/polls/{status['poll']['id']}", member="zoe")
    return [option["votes_count"] for option in poll["options"]] == counts and poll["expired"] is expired


async def ask(lille: Server, *, multiple: bool = False) -> Json:
    """Ask as zoe, in public."""
    poll = {"options": OPTIONS, "expires_in": 3600, "multiple": multiple}
    return await lille.post_status("Quand part-on ?", member="zoe", poll=poll)


def counted(question: Json) -> list[int]:
    """The counts that a Question tells."""
    options = question.get("oneOf") or question["anyOf"]
    return [option["replies"]["totalItems"] for option in options]


async def test_a_question_of_its_arrives_with_all_there_is_to_choose(lille: Server, peer: FedifyPeer) -> None:
    shown = await asked_by_peer(lille, peer, "curious")

    poll = shown["poll"]
    assert (shown["content"], [option["title"] for option in poll["options"]]) == ("<p>Quand part-on ?</p>", OPTIONS)
    assert (poll["multiple"], poll["expired"], poll["voted"], poll["votes_count"]) == (False, False, False, 0)
    assert poll["expires_at"] is not None


async def test_a_vote_of_ours_is_counted_there_and_the_results_come_back(lille: Server, peer: FedifyPeer) -> None:
    shown = await asked_by_peer(lille, peer, "asker")

    assert (await vote(lille, shown, 1, member="zoe"))["own_votes"] == [1]
    await vote(lille, shown, 0, member="ali")

    async def both_are_in() -> bool:
        return len(await peer.votes(shown["uri"])) == 2

    await eventually(both_are_in)
    votes = {one["actor"]: one["name"] for one in await peer.votes(shown["uri"])}
    zoe, ali = [(await lille.document(f"/@{name}"))["id"] for name in ("zoe", "ali")]
    assert votes == {zoe: "Dimanche", ali: "Samedi"}
    await peer.tell_results("asker", shown["uri"])
    await eventually(lambda: stands(lille, shown, [1, 1, 0]))
    await peer.tell_results("asker", shown["uri"], close=True)
    await eventually(lambda: stands(lille, shown, [1, 1, 0], expired=True))


async def test_a_vote_of_ours_is_for_whom_it_answers_and_nobody_else(lille: Server, peer: FedifyPeer) -> None:
    shown = await asked_by_peer(lille, peer, "discreet")

    await vote(lille, shown, 2, member="zoe")

    [counted_there] = await eventually(lambda: peer.votes(shown["uri"]))
    arrived = await received(peer, type="Create", object=counted_there["id"])
    note = arrived["activity"]["object"]
    assert (note["name"], note["inReplyTo"], "content" in note) == ("Pas du tout", shown["uri"], False)
    for addressed in (note, arrived["activity"]):
        assert addressed["to"] in ([peer.actor_uri("discreet")], peer.actor_uri("discreet"))
        assert not addressed.get("cc")
    assert arrived["integrity_proof"] is None


async def test_several_of_its_options_are_chosen_where_it_allows_that(lille: Server, peer: FedifyPeer) -> None:
    shown = await asked_by_peer(lille, peer, "generous", multiple=True)
    assert shown["poll"]["multiple"] is True

    await vote(lille, shown, 0, 1, member="zoe")

    async def both_are_in() -> bool:
        return sorted(one["name"] for one in await peer.votes(shown["uri"])) == ["Dimanche", "Samedi"]

    await eventually(both_are_in)


async def test_it_reads_a_poll_of_ours(lille: Server, peer: FedifyPeer) -> None:
    status = await ask(lille)

    found = await peer.lookup(uri=status["uri"])

    assert (found["error"], found["log"], found["object"]["type"]) == (None, [], "Question")
    understood = found["object"]["understood"]
    assert [option["name"] for option in understood["oneOf"]] == OPTIONS
    assert understood["endTime"]


async def test_its_votes_are_counted_here_once_and_told_to_whoever_voted(lille: Server, peer: FedifyPeer) -> None:
    zoe = (await lille.document("/@zoe"))["id"]
    await peer.befriend("reader", zoe)
    status = await ask(lille)
    question = await received(peer, type="Create", object=status["uri"])
    assert question["integrity_proof"] is True

    await peer.vote("reader", status["uri"], "Samedi")
    await peer.vote("reader", status["uri"], "Dimanche")
    await peer.vote("passer-by", status["uri"], "Samedi")

    await eventually(lambda: stands(lille, status, [2, 0, 0]))
    await rows.make_polls_due(lille)
    told = await received(peer, type="Update", object=status["uri"])
    assert (counted(told["activity"]["object"]), told["integrity_proof"]) == ([2, 0, 0], True)
    assert told["activity"]["object"]["votersCount"] == 2
    named = str(told["activity"])
    assert peer.actor_uri("reader") not in named
    assert peer.actor_uri("passer-by") not in named


async def test_when_a_poll_of_ours_closes_it_is_told_and_votes_no_more(lille: Server, peer: FedifyPeer) -> None:
    zoe = (await lille.document("/@zoe"))["id"]
    await peer.befriend("late", zoe)
    status = await ask(lille, multiple=True)
    await received(peer, type="Create", object=status["uri"])
    await peer.vote("late", status["uri"], "Samedi", "Dimanche")
    await eventually(lambda: stands(lille, status, [1, 1, 0]))

    await rows.close_polls(lille)

    told = (await received(peer, type="Update", object=status["uri"]))["activity"]["object"]
    assert (counted(told), "closed" in told) == ([1, 1, 0], True)
    await peer.vote("late", status["uri"], "Pas du tout")
    await eventually(lambda: nothing_waits(lille))
    assert await stands(lille, status, [1, 1, 0], expired=True)


async def nothing_waits(server: Server) -> bool:
    """Whether everything that arrived has been performed."""
    return await rows.count(server, "inbox_message") == 0
