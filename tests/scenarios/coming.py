"""The ways by which people come to an event of another server: what each says, and how each is told.

`Way` is what differs between them: another channel is another class, and a person of it another line of the cast.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.peers.fedify_peer import FedifyPeer, Json
from tests.scenarios import letters, rows
from tests.scenarios.happening import TITLE
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import page_of

HAPPENING = "tests.scenarios.happening"
ACCEPTED, WAITING, MOVED_UP = "accepted", "waiting", "moved up"
# What they are told in words, whoever is: that they have a place, that they wait, that they no longer do, that it is off.
WORDS = {
    ACCEPTED: "C’est noté : vous participez",
    WAITING: "sur la liste d’attente",
    MOVED_UP: "Une place s’est libérée",
}
CALLED_OFF = "n’aura pas lieu"
MAILBOXES = "boite.example"
OF_AN_ACTOR = """SELECT p.state FROM participation p JOIN actor a ON a.id = p.actor_id JOIN post e ON e.id = p.event_id
WHERE a.uri = $1 AND e.uri = $2"""
OF_ADDRESSES = """SELECT p.state, p.email FROM participation p JOIN post e ON e.id = p.event_id
WHERE e.uri = $1 AND p.email IS NOT NULL"""


@dataclass(frozen=True)
class Event:
    """An event of a section on its server, and the Question below it whether one comes, by their uris."""

    home: Server
    uri: str
    section_uri: str
    question_uri: str


class Way(ABC):
    """One person who comes by one channel; `gone` is what the ledger has of them when they said that they do not."""

    gone: str | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    async def known_by(self) -> list[str]:
        """Give the words that name them: their uri, their address."""

    @abstractmethod
    async def come(self, event: Event) -> None:
        """Say that they come."""

    @abstractmethod
    async def leave(self, event: Event) -> None:
        """Say that they do not."""

    @abstractmethod
    async def state(self, event: Event) -> str | None:
        """What the ledger of the event has of them."""

    @abstractmethod
    async def is_told(self, event: Event, what: str) -> bool:
        """Whether they were told that they have a place (ACCEPTED), wait for one (WAITING) or got one then (MOVED_UP)."""

    @abstractmethod
    async def is_told_of_the_end(self, event: Event) -> bool:
        """Whether they were told that it is called off."""


class WithActor(Way):
    """Somebody with an account, wherever it is."""

    @abstractmethod
    async def uri(self) -> str:
        """Name the actor."""

    async def known_by(self) -> list[str]:
        return [await self.uri()]

    async def state(self, event: Event) -> str | None:
        found = await rows.query(event.home, OF_AN_ACTOR, await self.uri(), event.uri)
        return str(found[0][0]) if found else None


class FromOurServer(WithActor):
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

    async def is_told(self, event: Event, what: str) -> bool:
        state = WAITING if what == WAITING else ACCEPTED
        return await rows.query(self._server, OF_AN_ACTOR, await self.uri(), event.uri) == [(state,)]

    async def is_told_of_the_end(self, event: Event) -> bool:
        sql = "SELECT e.status, p.title FROM event e JOIN post p ON p.id = e.post_id WHERE p.uri = $1"
        return await rows.query(self._server, sql, event.uri) == [("cancelled", TITLE)]


class FromFedify(WithActor):
    """An actor of Fedify, who is told by messages for them alone."""

    def __init__(self, peer: FedifyPeer, name: str) -> None:
        super().__init__(name)
        self._peer = peer

    async def uri(self) -> str:
        return self._peer.actor_uri(self.name)

    async def is_told(self, event: Event, what: str) -> bool:
        return await self._has_message(event, WORDS[what])

    async def is_told_of_the_end(self, event: Event) -> bool:
        return await self._has_message(event, CALLED_OFF)

    async def _has_message(self, event: Event, words: str) -> bool:
        """Whether a message in answer to the event, to them and nobody else, has these words."""
        own = await self.uri()
        notes = [item["activity"]["object"] for item in await self._peer.received(type="Create")]
        mine = [note for note in notes if note.get("inReplyTo") == event.uri and own in _each(note.get("to"))]
        assert all(_each(note["to"]) == [own] and not note.get("cc") for note in mine)
        return any(words in note["content"].replace("&nbsp;", " ").replace("\xa0", " ") for note in mine)


class ByActivity(FromFedify):
    """By a Join, as Mobilizon sends it, or an Accept of the event, as Friendica and Hubzilla do."""

    ANSWERS = {ACCEPTED: "Accept", WAITING: "TentativeAccept", MOVED_UP: "Accept"}

    def __init__(self, peer: FedifyPeer, name: str, kind: str) -> None:
        super().__init__(peer, name)
        self._kind, self._said = kind, ""

    async def come(self, event: Event) -> None:
        self._said = (await self._send({"type": self._kind, "object": event.uri}, event))["id"]

    async def leave(self, event: Event) -> None:
        said = {"type": self._kind, "id": self._said, "actor": await self.uri(), "object": event.uri}
        is_join = self._kind == "Join"
        await self._send({"type": "Leave", "object": event.uri} if is_join else {"type": "Undo", "object": said}, event)

    async def _send(self, activity: Json, event: Event) -> Json:
        addressed = activity | {"to": [event.section_uri]}
        return await self._peer.send(self.name, addressed, deliver_to=[event.section_uri])

    async def is_told(self, event: Event, what: str) -> bool:
        if self._kind != "Join":  # a yes to the event itself stands as it was said
            return what == ACCEPTED or await super().is_told(event, what)
        told, own = await self._peer.received(type=self.ANSWERS[what], object=self._said), await self.uri()
        assert all(_each(item["activity"]["to"]) == [own] for item in told)
        return bool(told)

    async def is_told_of_the_end(self, event: Event) -> bool:
        told = await self._peer.received(type="Update", object=event.uri)
        is_renamed = any(item["activity"]["object"]["name"] == f"[Annulé] {TITLE}" for item in told)
        return is_renamed and await super().is_told_of_the_end(event)


class ByReply(FromFedify):
    """By a few words in reply to the event, addressed to the section."""

    gone = "declined"

    async def come(self, event: Event) -> None:
        await self._reply("je viens", event)

    async def leave(self, event: Event) -> None:
        await self._reply("annuler", event)

    async def _reply(self, words: str, event: Event) -> None:
        content = f'<p><span class="h-card"><a href="{event.home.origin}/@lille">@lille</a></span> {words}</p>'
        told: dict[str, Any] = {"to": [event.section_uri], "cc": [], "mention": [event.section_uri]}
        await self._peer.note(self.name, content, in_reply_to=event.uri, **told)


class ByVote(ByReply):
    """By a vote in the Question below the event, as Mastodon sends it; a vote is cast once, so a reply takes it back."""

    async def come(self, event: Event) -> None:
        await self._peer.wait(type="Create", object=event.question_uri, timeout_s=20)
        await self._peer.vote(self.name, event.question_uri, "Oui")


class ByEmail(Way):
    """By an address left on the page of the event and confirmed by the link in the letter; told by letters."""

    gone = "declined"

    def __init__(self, name: str, *, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self.address = f"{name}@{MAILBOXES}"
        self._typed = {"email": self.address, "name": name, "message": message}
        self._headers, self._link = dict(headers or {}), ""

    async def known_by(self) -> list[str]:
        return [self.name, self.address]

    async def come(self, event: Event) -> None:
        page = f"{event.home.origin}/@lille/{event.uri.rpartition('/')[2]}"
        form = re.search(r'action="(/@lille/\d+/come)"', await page_of(event.home, page))
        assert form is not None
        before = await self._confirmations(event)
        await self._post(event, event.home.origin + form[1], self._typed)

        async def new() -> set[str]:
            return await self._confirmations(event) - before

        [self._link] = await eventually(new)
        await self._post(event, self._link, {"do": "confirm"})

    async def _confirmations(self, event: Event) -> set[str]:
        """Find the links in the letters that ask whether it was them."""
        mine = await letters.to_address(event.home, self.address)
        asking = " ".join(letter.text for letter in mine if "confirmez" in letter.subject)
        return set(re.findall(rf"{event.home.origin}/answers/[\w-]+", asking))

    async def leave(self, event: Event) -> None:
        await self._post(event, self._link, {"do": "no"})

    async def _post(self, event: Event, target: str, typed: dict[str, str]) -> None:
        headers = {"Origin": event.home.origin, "Accept-Language": "fr"} | self._headers
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(target, data=typed, allow_redirects=False) as answer,
        ):
            assert answer.status == 303, await answer.text()

    async def state(self, event: Event) -> str | None:
        found = await rows.query(event.home, OF_ADDRESSES, event.uri)
        return next((str(state) for state, email in found if rows.unsealed(event.home, email) == self.address), None)

    async def is_told(self, event: Event, what: str) -> bool:
        return await self._has_letter(event, WORDS[what])

    async def is_told_of_the_end(self, event: Event) -> bool:
        return await self._has_letter(event, CALLED_OFF)

    async def _has_letter(self, event: Event, words: str) -> bool:
        mine = await letters.to_address(event.home, self.address)
        return any(words in letter.text and self._link in letter.text for letter in mine)


def _each(value: Any) -> list[Any]:
    """JSON-LD writes one value as itself."""
    return value if isinstance(value, list) else [value]
