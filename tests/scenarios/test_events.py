"""An event made at Lille, joined from Roubaix, from Paris, from Fedify and by e-mail, each by a way of its own; four places
and a line.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.peers.fedify_peer import FedifyPeer, require_fedify
from tests.scenarios import rows
from tests.scenarios.coming import (
    ACCEPTED,
    HAPPENING,
    MOVED_UP,
    WAITING,
    ByActivity,
    ByEmail,
    ByReply,
    ByVote,
    Event,
    FromOurServer,
    Way,
)
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import follow

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass
class Stage:
    """Three servers, the peer, and whoever comes."""

    lille: Server
    roubaix: Server
    paris: Server
    peer: FedifyPeer
    section_uri: str

    def cast(self) -> list[Way]:
        """One for each way of coming, and one from the third server."""
        return [
            FromOurServer(self.roubaix, "noor"),
            ByActivity(self.peer, "joiner", "Join"),
            ByActivity(self.peer, "answerer", "Accept"),
            ByVote(self.peer, "voter"),
            ByReply(self.peer, "replier"),
            ByEmail("emilie"),
            FromOurServer(self.paris, "paul"),
        ]

    def announce(self, places: int) -> Event:
        """Have the section call people to an event, and ask them below it."""
        uri = self.lille.run(HAPPENING, "publish", "lille", str(places))
        return Event(self.lille, uri, self.section_uri, self.lille.run(HAPPENING, "ask", uri))

    async def until(self, event: Event, person: Way, state: str | None) -> None:
        """Wait until Lille has that of somebody."""

        async def is_so() -> bool:
            return await person.state(event) == state

        await eventually(is_so)

    async def told(self, event: Event, person: Way, what: str) -> None:
        """Wait until somebody has a place or waits for one, and was told so."""
        await self.until(event, person, WAITING if what == WAITING else ACCEPTED)
        await rows.make_notices_due(self.lille)
        await eventually(lambda: person.is_told(event, what))


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server."""
    require_fedify()
    with FedifyPeer() as running:
        yield running


@pytest.fixture(scope="module")
def stage(new_server: NewServer, peer: FedifyPeer) -> Stage:
    """Lille has the section; people of Roubaix, of Paris and of Fedify follow it."""
    lille = new_server("lille", "Section de Lille")
    roubaix, paris = new_server("roubaix", "Section de Roubaix"), new_server("paris", "Bureau national")
    roubaix.add_members("noor")
    paris.add_members("paul")
    for server, name in ((roubaix, "noor"), (paris, "paul")):
        asyncio.run(follow(server, name, f"@lille@{lille.netloc}"))
    section_uri = asyncio.run(lille.document(f"{lille.origin}/@lille"))["id"]
    asyncio.run(peer.befriend("voter", section_uri))
    return Stage(lille, roubaix, paris, peer, section_uri)


@pytest.fixture(scope="module")
def event(stage: Stage) -> Event:
    """An event with four places."""
    return stage.announce(4)


async def test_four_come_three_wait_a_leave_moves_up_and_the_end_reaches_everybody(stage: Stage, event: Event) -> None:
    people = stage.cast()
    _, joiner, answerer, _, fifth, sixth, _ = people
    for place, person in enumerate(people):
        await person.come(event)
        await stage.told(event, person, ACCEPTED if place < 4 else WAITING)

    await joiner.leave(event)
    await stage.told(event, fifth, MOVED_UP)
    await answerer.leave(event)
    await stage.told(event, sixth, MOVED_UP)
    for person in (joiner, answerer):
        assert await person.state(event) is None
        await person.come(event)
        await stage.told(event, person, WAITING)

    document = await stage.lille.document(event.uri)
    assert (document["participantCount"], document["remainingAttendeeCapacity"]) == (4, 0)
    stage.lille.run(HAPPENING, "cancel", "lille", event.uri)
    await rows.make_notices_due(stage.lille)
    for person in people:
        await eventually(lambda person=person: person.is_told_of_the_end(event))


async def test_nobody_who_comes_is_named_in_what_everybody_is_told(stage: Stage, event: Event) -> None:
    said = await rows.query(stage.lille, "SELECT document FROM activity WHERE is_local")
    open_to_all = [text for (document,) in said if PUBLIC in (text := rows.unsealed(stage.lille, document))]
    assert len(open_to_all) >= 4
    collection = await stage.lille.document(f"{event.uri}/attendees")
    for text in (*open_to_all, str(await stage.lille.document(event.uri)), str(collection)):
        for person in stage.cast():
            for word in await person.known_by():
                assert word not in text


async def test_whoever_leaves_by_whatever_way_makes_room_for_the_next_who_is_told(stage: Stage) -> None:
    event, people = stage.announce(1), stage.cast()
    for place, person in enumerate(people):
        await person.come(event)
        await stage.told(event, person, ACCEPTED if place == 0 else WAITING)
    for person, after in zip(people, [*people[1:], None], strict=True):
        await person.leave(event)
        await stage.until(event, person, person.gone)
        if after is not None:
            await stage.told(event, after, MOVED_UP)
    assert (await stage.lille.document(event.uri))["participantCount"] == 0


async def test_whoever_deletes_their_account_makes_room_too(stage: Stage) -> None:
    event, gone, after = stage.announce(1), ByActivity(stage.peer, "leaver", "Join"), ByEmail("suivante")
    await gone.come(event)
    await stage.told(event, gone, ACCEPTED)
    await after.come(event)
    await stage.told(event, after, WAITING)

    await stage.peer.delete_actor("leaver", deliver_to=[stage.section_uri])

    await stage.until(event, gone, None)
    await rows.make_notices_due(stage.lille)
    await stage.told(event, after, MOVED_UP)


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
