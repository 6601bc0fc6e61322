"""An event made at Lille, joined from Roubaix, from Paris and from Fedify, each by a way of its own; four places and a line.

`Way` is what differs between the channels by which people come: another one is another class, and a person of it another
line of the cast.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.peers.fedify_peer import FedifyPeer, require_fedify
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.happening import TITLE
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import follow

HAPPENING = "tests.scenarios.happening"
STATE = """SELECT p.state FROM participation p JOIN actor a ON a.id = p.actor_id JOIN post e ON e.id = p.event_id
WHERE a.uri = $1 AND e.uri = $2"""


@dataclass
class Event:
    """An event of Lille's, known by its uri and the section's."""

    uri: str
    section_uri: str


class Way(ABC):
    """One person who comes by one channel."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    async def uri(self) -> str:
        """Name the person."""

    @abstractmethod
    async def come(self, event: Event) -> None:
        """Say that they come."""

    @abstractmethod
    async def leave(self, event: Event) -> None:
        """Say that they do not."""

    @abstractmethod
    async def is_told_that(self, event: Event, state: str) -> bool:
        """Whether they were told that they have a place ("accepted") or that they wait ("waiting")."""

    @abstractmethod
    async def is_told_of_the_end(self, event: Event) -> bool:
        """Whether they were told that it is called off."""


class FromOurServer(Way):
    """A member of another server of ours, by a Join."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(name)
        self._server = server

    async def uri(self) -> str:
        [(uri,)] = await rows.query(self._server, "SELECT uri FROM actor WHERE local_name = $1", self.name)
        return str(uri)

    async def come(self, event: Event) -> None:
        await eventually(lambda: rows.query(self._server, "SELECT id FROM post WHERE uri = $1", event.uri))
        assert self._server.run(HAPPENING, "join", self.name, event.uri) == "requested"

    async def leave(self, event: Event) -> None:
        self._server.run(HAPPENING, "leave", self.name, event.uri)

    async def is_told_that(self, event: Event, state: str) -> bool:
        return await rows.query(self._server, STATE, await self.uri(), event.uri) == [(state,)]

    async def is_told_of_the_end(self, event: Event) -> bool:
        sql = "SELECT e.status, p.title FROM event e JOIN post p ON p.id = e.post_id WHERE p.uri = $1"
        return await rows.query(self._server, sql, event.uri) == [("cancelled", TITLE)]


class FromFedify(Way):
    """An actor of Fedify, by the activity `kind` (Join, Accept) and what ends it."""

    ANSWERS = {"accepted": "Accept", "waiting": "TentativeAccept"}

    def __init__(self, peer: FedifyPeer, name: str, kind: str) -> None:
        super().__init__(name)
        self._peer, self._kind, self._said = peer, kind, ""

    async def uri(self) -> str:
        return self._peer.actor_uri(self.name)

    async def come(self, event: Event) -> None:
        said = {"type": self._kind, "object": event.uri, "to": [event.section_uri]}
        self._said = (await self._peer.send(self.name, said, deliver_to=[event.section_uri]))["id"]

    async def leave(self, event: Event) -> None:
        ending: dict[str, Any] = {"type": "Leave", "object": event.uri}
        if self._kind != "Join":
            ending = {
                "type": "Undo",
                "object": {"type": self._kind, "id": self._said, "actor": await self.uri(), "object": event.uri},
            }
        await self._peer.send(self.name, ending | {"to": [event.section_uri]}, deliver_to=[event.section_uri])

    async def is_told_that(self, event: Event, state: str) -> bool:
        if self._kind != "Join":  # an answer to the event itself is answered by nothing
            return True
        told, own = await self._peer.received(type=self.ANSWERS[state], object=self._said), await self.uri()
        assert all(item["activity"]["to"] in (own, [own]) for item in told)
        return bool(told)

    async def is_told_of_the_end(self, event: Event) -> bool:
        told = await self._peer.received(type="Update", object=event.uri)
        return any(item["activity"]["object"]["name"] == f"[Annulé] {TITLE}" for item in told)


@dataclass
class Stage:
    """Three servers, the peer, and whoever comes."""

    lille: Server
    roubaix: Server
    paris: Server
    peer: FedifyPeer

    def cast(self) -> list[Way]:
        """Four who have a place, then two who wait: one for each way of coming, at least."""
        return [
            FromOurServer(self.roubaix, "noor"),
            FromFedify(self.peer, "joiner", "Join"),
            FromFedify(self.peer, "answerer", "Accept"),
            FromOurServer(self.paris, "paul"),
            FromFedify(self.peer, "fifth", "Join"),
            FromOurServer(self.roubaix, "sixth"),
        ]

    async def state(self, event: Event, person: Way) -> str | None:
        """What Lille has of somebody."""
        found = await rows.query(self.lille, STATE, await person.uri(), event.uri)
        return str(found[0][0]) if found else None

    async def until(self, event: Event, person: Way, state: str | None) -> None:
        """Wait until Lille has that of somebody."""

        async def is_so() -> bool:
            return await self.state(event, person) == state

        await eventually(is_so)


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server."""
    require_fedify()
    with FedifyPeer() as running:
        yield running


@pytest.fixture(scope="module")
def stage(new_server: NewServer, peer: FedifyPeer) -> Stage:
    """Lille has the section; people of Roubaix and Paris follow it."""
    lille = new_server("lille", "Section de Lille")
    roubaix, paris = new_server("roubaix", "Section de Roubaix"), new_server("paris", "Bureau national")
    roubaix.add_members("noor", "sixth")
    paris.add_members("paul")
    for server, name in ((roubaix, "noor"), (paris, "paul")):
        asyncio.run(follow(server, name, f"@lille@{lille.netloc}"))
    return Stage(lille, roubaix, paris, peer)


@pytest.fixture(scope="module")
def event(stage: Stage) -> Event:
    """An event with four places."""
    uri = stage.lille.run(HAPPENING, "publish", "lille", "4")
    section = asyncio.run(stage.lille.document(f"{stage.lille.origin}/@lille"))
    return Event(uri, section["id"])


async def test_four_come_two_wait_a_leave_moves_up_and_the_end_reaches_everybody(stage: Stage, event: Event) -> None:
    people = stage.cast()
    first, joiner, answerer, _, fifth, sixth = people
    for place, person in enumerate(people):
        await person.come(event)
        expected = "accepted" if place < 4 else "waiting"
        await stage.until(event, person, expected)
        await eventually(lambda person=person, expected=expected: person.is_told_that(event, expected))

    await joiner.leave(event)
    await stage.until(event, fifth, "accepted")
    await eventually(lambda: fifth.is_told_that(event, "accepted"))
    await answerer.leave(event)
    await stage.until(event, sixth, "accepted")
    await eventually(lambda: sixth.is_told_that(event, "accepted"))
    assert (await stage.state(event, joiner), await stage.state(event, answerer)) == (None, None)

    document = await stage.lille.document(event.uri)
    assert (document["participantCount"], document["remainingAttendeeCapacity"]) == (4, 0)
    stage.lille.run(HAPPENING, "cancel", "lille", event.uri)
    for person in people:
        await eventually(lambda person=person: person.is_told_of_the_end(event))
    assert first.name == "noor"


async def test_nobody_who_comes_is_named_in_what_everybody_is_told(stage: Stage, event: Event) -> None:
    said = await rows.query(stage.lille, "SELECT type, document FROM activity WHERE is_local")
    open_to_all = [
        rows.unsealed(stage.lille, document) for type_, document in said if type_ in ("Create", "Update", "Announce")
    ]
    assert len(open_to_all) >= 3
    collection = await stage.lille.document(f"{event.uri}/attendees")
    for text in (*open_to_all, str(await stage.lille.document(event.uri)), str(collection)):
        for person in stage.cast():
            assert await person.uri() not in text


async def test_a_section_elsewhere_organises_it_too(stage: Stage) -> None:
    lille, roubaix = stage.lille, stage.roubaix
    uri = lille.run(HAPPENING, "publish", "lille", "40")
    assert lille.cli("section", "organise", "lille", uri, f"@roubaix@{roubaix.netloc}").endswith("invited")
    await eventually(lambda: rows.query(roubaix, "SELECT id FROM organising WHERE state = 'invited'"))
    roubaix.cli("section", "organise-accept", "roubaix", uri)

    async def names_both() -> bool:
        found = await lille.document(f"{uri}/organizers")
        return found["totalItems"] == 2

    await eventually(names_both)
    section = (await roubaix.document(f"{roubaix.origin}/@roubaix"))["id"]
    assert uri in (await roubaix.document(f"{section}/upcomingEvents?page=true"))["orderedItems"]
    told = """SELECT document FROM activity WHERE type = 'Update' AND object_uri = $1"""

    async def is_retold() -> bool:
        found = await rows.query(stage.paris, told, uri)
        return any(section in rows.unsealed(stage.paris, document) for (document,) in found)

    await eventually(is_retold)
    assert await rows.query(stage.paris, "SELECT id FROM activity WHERE type = 'Offer'") == []
