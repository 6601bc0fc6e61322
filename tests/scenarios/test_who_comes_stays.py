"""An event to which people come by every channel: who they are and what they said stays where it is, and only totals leave.

Lille calls to it. Five of Brest come, each by a way of its own, and one of Paris; at Lille a member, an address and a
name at the door. A member of Paris and one of Lille who have nothing to do with it ask for everything that has an address.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from tests.scenarios import rows
from tests.scenarios.coming import ACCEPTED, HAPPENING, MAILBOXES, MOVED_UP, WAITING, ByEmail, Event
from tests.scenarios.conftest import NewServer
from tests.scenarios.curious import BY_NAME, Trio, ask_as_a_member, ask_for_everything, start
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import Status, arrival, follow
from tests.scenarios.wiretap import Talk

PLACES = 6
ANSWER, INNER_ANSWER = (
    "comptez sur moi",
    "count me in",
)  # what two of Brest reply: one in public, one to the section alone
OF_BREST = ("joignette", "accordette", "votelle", "repliquette")
IN_PUBLIC = "publiquette"  # her reply is a post of her own, which Brest shows to everybody
OF_PARIS = "parisette"
OF_LILLE = "paginette"
MESSAGE, LETTER = "quelques percussions", "trois trombones"  # what two of them write to the organisers
AT_THE_DOOR = "Portemine Duseuil"
VISITOR = "courrielle"
WITHOUT_ACCOUNT = (*AT_THE_DOOR.split(), LETTER, VISITOR, MAILBOXES)
STATES = (
    """SELECT coalesce(a.username, p.channel), p.state FROM participation p LEFT JOIN actor a ON a.id = p.actor_id"""
)


@dataclass
class Stage:
    """The three servers after all that happened; `answers` is how many answers the curious were given."""

    trio: Trio
    event: Event
    totals: dict[str, int]
    answers: int = 0


@pytest.fixture(scope="module")
def stage(new_server: NewServer) -> Iterator[Stage]:
    """People come, one leaves, it is called off; the curious ask for everything before and after."""
    trio = start(new_server)
    yield asyncio.run(live(trio))
    trio.ear.stop()


async def live(trio: Trio) -> Stage:
    """Have it all happen."""
    lille, brest, paris = trio.servers
    lille.add_members("zoe", OF_LILLE)
    brest.add_members(*OF_BREST, IN_PUBLIC)
    paris.add_members("suiveuse", OF_PARIS, "curieux")
    lille.cli("section", "add-member", "lille", "zoe")
    for server, username in ((brest, "joignette"), (paris, "suiveuse")):
        await follow(server, username, f"@lille@{lille.netloc}")
    event = await announce(lille)
    stage, by_email = Stage(trio, event, {}), ByEmail(VISITOR, message=LETTER, headers=BY_NAME)
    await come(trio, event, by_email)
    await be_curious(stage)
    document = await lille.document(event.uri)
    stage.totals = {name: document[name] for name in ("participantCount", "remainingAttendeeCapacity")}
    lille.run(HAPPENING, "cancel", "lille", event.uri)
    await rows.make_notices_due(lille)
    for server in (brest, paris):
        await eventually(lambda server=server: rows.query(server, "SELECT id FROM event WHERE status = 'cancelled'"))
    await eventually(lambda: by_email.is_told_of_the_end(event))
    await be_curious(stage)
    return stage


async def announce(lille: Server) -> Event:
    uri = lille.run(HAPPENING, "publish", "lille", str(PLACES))
    section = (await lille.document(f"{lille.origin}/@lille"))["id"]
    return Event(lille, uri, section, lille.run(HAPPENING, "ask", uri))


async def come(trio: Trio, event: Event, by_email: ByEmail) -> None:
    """Fill the event by every channel; then one of Brest leaves, and whoever waited first moves up."""
    lille, brest, paris = trio.servers
    shown = await arrival(brest, "joignette", {"uri": event.uri})
    asked = await arrival(brest, "joignette", {"uri": event.question_uri})
    await arrival(paris, "suiveuse", {"uri": event.uri})
    brest.run(HAPPENING, "join", "joignette", event.uri, MESSAGE)
    brest.run(HAPPENING, "say_yes", "accordette", event.uri)
    await brest.api("POST", f"/api/v1/polls/{asked['poll']['id']}/votes", member="votelle", choices=[0])
    await reply(trio, "repliquette", INNER_ANSWER, shown, "direct")
    await reply(trio, IN_PUBLIC, ANSWER, shown, "public")
    paris.run(HAPPENING, "join", OF_PARIS, event.uri)
    await until(lille, dict.fromkeys((*OF_BREST, IN_PUBLIC, OF_PARIS), ACCEPTED))
    lille.run(HAPPENING, "join", OF_LILLE, event.uri)
    await by_email.come(event)
    await until(lille, {OF_LILLE: WAITING, "email": WAITING})
    for username in ("accordette", "joignette"):
        brest.run(HAPPENING, "leave", username, event.uri)
    await until(lille, {OF_LILLE: ACCEPTED, "email": ACCEPTED})
    await rows.make_notices_due(lille)
    await eventually(lambda: by_email.is_told(event, MOVED_UP))
    lille.run(HAPPENING, "write_down", event.uri, AT_THE_DOOR)


async def reply(trio: Trio, member: str, words: str, shown: Status, visibility: str) -> None:
    said = {"in_reply_to_id": shown["id"], "visibility": visibility}
    await trio.brest.post_status(f"@lille@{trio.lille.netloc} {words}", member=member, **said)


async def until(lille: Server, expected: dict[str, str]) -> None:
    """Wait until Lille has this of these, by username or channel."""

    async def is_so() -> bool:
        found = {str(who): state for who, state in await rows.query(lille, STATES)}
        return expected.items() <= found.items()

    await eventually(is_so)


async def be_curious(stage: Stage) -> None:
    """Ask for all there is: as nobody, as a member of Lille who does not organise, and by the third server's signature."""
    lille, brest, paris = stage.trio.servers
    for server, username in ((lille, "lille"), (brest, "brest")):
        ids = await shown_ids(server, stage.event)
        stage.answers += await ask_for_everything(server, [username], ids)
        uris = [str(uri) for (uri,) in await rows.query(server, "SELECT uri FROM activity WHERE is_local")]
        uris += [str(uri) for (uri,) in await rows.query(server, "SELECT uri FROM post WHERE is_local")]
        uris += [uri for (uri,) in await rows.query(server, "SELECT uri FROM participation") if uri]
        for uri in uris:
            await paris.api("GET", "/api/v2/search", member="curieux", q=uri, resolve="true")
    stage.answers += await ask_as_a_member(lille, "zoe", ["lille"], await shown_ids(lille, stage.event))


async def shown_ids(server: Server, event: Event) -> list[int]:
    """Give the ids that a server has of the event, the Question below it, the section and the place."""
    found = await rows.query(server, "SELECT id FROM post WHERE uri IN ($1, $2)", event.uri, event.question_uri)
    found += await rows.query(server, "SELECT id FROM actor WHERE uri = $1", event.section_uri)
    found += await rows.query(server, "SELECT id FROM place")
    return [int(id_) for (id_,) in found]


async def names_of(server: Server, *usernames: str) -> list[str]:
    """Give the usernames, and the uris of who has them."""
    found = await rows.query(server, "SELECT username, uri FROM actor WHERE is_local")
    return [word for username, uri in found if username in usernames for word in (str(username), str(uri))]


def heard(stage: Stage, words: Sequence[str], talks: Sequence[Talk]) -> list[tuple[str, str, str, str]]:
    """Tell where one of these words was said: (the word, the server, who asked, what stands around it)."""
    return [(word, *said) for word in words for said in stage.trio.ear.heard(word, talks)]


async def test_whoever_comes_from_elsewhere_is_known_to_their_server_and_the_organisers(stage: Stage) -> None:
    trio = stage.trio
    for server, words in (
        (trio.brest, [*await names_of(trio.brest, *OF_BREST), MESSAGE, INNER_ANSWER]),
        (trio.paris, await names_of(trio.paris, OF_PARIS)),
    ):
        pair = (trio.lille, server)
        assert heard(stage, words, trio.talks(but=(pair,))) == []
        between = [talk for talk in trio.ear.talks if talk.between(trio.lille.netloc, server.netloc)]
        assert {word for word, *_ in heard(stage, words, between)} == set(words)


async def test_whoever_comes_from_here_is_known_here(stage: Stage) -> None:
    words = [*await names_of(stage.trio.lille, OF_LILLE), *WITHOUT_ACCOUNT]
    assert heard(stage, words, stage.trio.talks()) == []


async def test_what_somebody_says_in_public_is_said_by_their_own_server_alone(stage: Stage) -> None:
    trio = stage.trio
    words = [*await names_of(trio.brest, IN_PUBLIC), ANSWER]
    by_others = [talk for talk in trio.talks(but=((trio.lille, trio.brest),)) if talk.server != trio.brest.netloc]
    assert heard(stage, words, by_others) == []
    assert heard(stage, words, [talk for talk in trio.talks() if talk.server == trio.brest.netloc])


async def test_only_totals_leave(stage: Stage) -> None:
    assert stage.totals == {"participantCount": PLACES + 1, "remainingAttendeeCapacity": 0}
    for path in ("attendees", "replies"):
        collection = await stage.trio.lille.document(f"{stage.event.uri}/{path}")
        assert {"items", "orderedItems"}.isdisjoint(collection)
        assert collection.get("first") is None or path == "replies"
    attendees = await stage.trio.lille.document(f"{stage.event.uri}/attendees")
    assert attendees["totalItems"] == PLACES + 1


async def test_the_logs_name_nobody_who_comes(stage: Stage) -> None:
    trio = stage.trio
    uris = await names_of(trio.lille, OF_LILLE)
    uris += [*await names_of(trio.brest, *OF_BREST, IN_PUBLIC), *await names_of(trio.paris, OF_PARIS)]
    for server in trio.servers:
        log = server.log_text()
        assert log
        for word in (*uris, *WITHOUT_ACCOUNT, MESSAGE, ANSWER, INNER_ANSWER):
            assert not re.search(re.escape(word) + r"(?!\d)", log), word


async def test_the_curious_were_answered_and_nothing_was_said_in_a_way_that_is_not_searched(stage: Stage) -> None:
    assert stage.answers > 200
    asked = b"".join(bytes(talk.asked) for talk in stage.trio.talks())
    number = stage.event.uri.rpartition("/")[2].encode()
    for path in (
        b"/@lille/" + number, b"/@lille/" + number + b".ics", b"/posts/" + number + b"/attendees", b"/agenda.ics",
        b"/@lille/agenda.rss", b"/@lille/agenda.json", b"/@lille/agenda/embed", b"/@lille/agenda.atom", b"/feed.json",
        b"/@lille/desk/events/" + number + b"/people", b"/@lille/desk/events/" + number + b"/door",
        b"/api/v1/statuses/" + number + b"/context", b"/events/" + number,
    ):  # fmt: skip
        assert b"GET " + path + b" HTTP/1.1" in asked, path
    signed = [talk for talk in stage.trio.ear.talks if talk.between(stage.trio.lille.netloc, stage.trio.paris.netloc)]
    assert any(b"signature" in talk.asked.lower() for talk in signed)
    assert not any(b"\ncontent-encoding:" in bytes(talk.told).lower() for talk in stage.trio.ear.talks)
