"""A real second implementation to federate with: a small server on Fedify, run as a child process on loopback.

    require_fedify()
    with FedifyPeer(first_knock=CAVAGE) as peer:
        await peer.befriend("alice", actor_uri)
        note = await peer.wait(type="Create", actor=actor_uri)

`python -m tests.peers.fedify_peer install` fetches what it needs from npm; `fedify/README.md` describes the server.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final, Literal

from tests.peers import npm
from tests.peers.peer_process import CALL_TIMEOUT_S, Json, PeerError, PeerProcess, miss, query_of

__all__ = ["CAVAGE", "RFC9421", "FedifyError", "FedifyPeer", "Json", "require_fedify"]

FOLDER: Final = Path(__file__).parent / "fedify"
INSTALL_COMMAND: Final = "python -m tests.peers.fedify_peer install"
CAVAGE: Final = "draft-cavage-http-signatures-12"
RFC9421: Final = "rfc9421"

Scheme = Literal["draft-cavage-http-signatures-12", "rfc9421"]


class FedifyError(PeerError):
    """The peer did not start, could not be reached, or could not do what it was asked."""


class FedifyPeer(PeerProcess):
    """One peer: a process, its origin, and a coroutine for each call of its control API.

    `name` is one of the peer's own actors, made when first named (`nobody…` never exists). What is sent has been
    delivered when the call returns:
    `{"id": <activity uri>, "knocks": [<each HTTP request made>], "log": [<what Fedify complained about>]}`.

    Raises:
        FedifyError: from every method, in the peer's own words, with its requests and its log.
    """

    error = FedifyError

    def __init__(self, *, first_knock: Scheme = RFC9421, authorized_fetch: bool = False) -> None:
        options = [f"--first-knock={first_knock}", *(["--authorized-fetch"] if authorized_fetch else [])]
        super().__init__([str(npm.find_node()), str(FOLDER / "peer.mjs"), *options], FOLDER)

    def actor_uri(self, name: str) -> str:
        return f"{self.origin}/users/{name}"

    def handle(self, name: str) -> str:
        return f"{name}@{self.host}"

    async def actor(
        self, name: str, *, accepts_followers: bool | None = None, aliases: list[str] | None = None
    ) -> Json:
        """Show an actor, made if need be: `{id, handle, inbox, shared_inbox, followers, following}`."""
        return await self._post("actor", name, accepts_followers=accepts_followers, aliases=aliases)

    async def lookup(self, *, handle: str | None = None, uri: str | None = None, name: str | None = None) -> Json:
        """Let Fedify read one of our documents, uncached, signed if `name` is given.

        `{found, error, webfinger, document, object, log, knocks}`; `object` names what Fedify read and holds
        under `understood` all that survived its parser.
        """
        return await self._post("lookup", name, handle=handle, uri=uri)

    async def collection(self, uri: str, *, name: str | None = None, limit: int = 100) -> Json:
        """Let Fedify walk one of our collections through its pages: `{type, total_items, items}`."""
        return await self._post("collection", name, uri=uri, limit=limit)

    async def follow(self, name: str, actor_uri: str) -> Json:
        return await self._post("follow", name, actor_uri=actor_uri)

    async def befriend(self, name: str, actor_uri: str) -> Json:
        """Follow an actor and wait for the Accept; what `follow` answered."""
        sent = await self.follow(name, actor_uri)
        await self.wait(type="Accept", object=sent["id"])
        return sent

    async def unfollow(self, name: str, actor_uri: str) -> Json:
        return await self._post("unfollow", name, actor_uri=actor_uri)

    async def answer(self, name: str, follow_uri: str, *, accept: bool) -> Json:
        """Accept or reject a Follow by its uri, whatever was answered before."""
        return await self._post("answer", name, activity_uri=follow_uri, accept=accept)

    async def note(
        self,
        name: str,
        content: str,
        *,
        to: list[str] | None = None,
        cc: list[str] | None = None,
        mention: list[str] | None = None,
        in_reply_to: str | None = None,
        summary: str | None = None,
        sensitive: bool | None = None,
    ) -> Json:
        """Publish a Note; `object_id` of the answer is its uri.

        `to` and `cc` take actor uris, "public" and "followers" (default: to public, followers in copy); actors in
        `mention` are tagged and put in copy. Followers receive it only if "followers" is among them.
        """
        told = {"to": to, "cc": cc, "mention": mention, "inReplyTo": in_reply_to}
        return await self._post("note", name, content=content, summary=summary, sensitive=sensitive, **told)

    async def update_note(self, name: str, note_uri: str, content: str) -> Json:
        return await self._post("update", name, object_uri=note_uri, content=content)

    async def update_profile(self, name: str, *, deliver_to: list[str] | None = None, **changes: str) -> Json:
        """Change `display_name` or `summary`; followers are told, and the actors of `deliver_to`."""
        return await self._post("update", name, deliver_to=deliver_to, **changes)

    async def delete_note(self, name: str, note_uri: str) -> Json:
        """Delete a Note, which answers 410 from then on."""
        return await self._post("delete", name, object_uri=note_uri)

    async def delete_actor(self, name: str, *, deliver_to: list[str] | None = None) -> Json:
        """Delete an actor, who answers 410 from then on; followers are told, and the actors of `deliver_to`."""
        return await self._post("delete", name, deliver_to=deliver_to)

    async def like(self, name: str, object_uri: str) -> Json:
        return await self._post("like", name, object_uri=object_uri)

    async def announce(self, name: str, object_uri: str) -> Json:
        return await self._post("announce", name, object_uri=object_uri)

    async def question(self, name: str, content: str, options: list[str], *, multiple: bool = False) -> Json:
        """Ask the public and the followers; `object_id` of the answer is the uri of the Question."""
        return await self._post("question", name, content=content, options=options, multiple=multiple)

    async def tell_results(self, name: str, question_uri: str, *, close: bool = False) -> Json:
        """Tell followers and voters how a poll stands, for the last time if it closes."""
        return await self._post("tell", name, object_uri=question_uri, close=close)

    async def vote(self, name: str, question_uri: str, *choices: str) -> Json:
        """Choose in one of our polls: `ids` are the Creates that were sent."""
        return await self._post("vote", name, object_uri=question_uri, choices=list(choices))

    async def votes(self, question_uri: str) -> list[Json]:
        """List what was chosen in a poll of the peer, as it came: `[{actor, name, id}]`."""
        return list(await self._get("votes", {"object": question_uri}))

    async def undo(self, name: str, activity_uri: str) -> Json:
        """Undo any activity this actor sent, towards whoever received it."""
        return await self._post("undo", name, activity_uri=activity_uri)

    async def send(self, name: str, activity: Json, *, deliver_to: list[str]) -> Json:
        """Send an activity written as JSON-LD; context, id and actor are filled in where they are missing."""
        return await self._post("send", name, activity=activity, deliver_to=deliver_to)

    async def received(self, **criteria: Any) -> list[Json]:
        """List what arrived and matches, oldest first; criteria and answers are those of `wait`."""
        return list(await self._get("received", query_of(criteria)))

    async def wait(self, *, timeout_s: float = 5.0, **criteria: Any) -> Json:
        """Answer with the first arrival that matches, at once if it is already there.

        Criteria: `type`, `id`, `actor`, `object` (the uri of the object, or of the object's object), `object_type`,
        `after` (a `seq`), and `verified`: True unless given, False for what Fedify refused, None for both.
        `{seq, type, id, actor, object_id, object_type, activity, verified, http_signature, integrity_proof, understood,
        …}`; `integrity_proof` is None where there is none.

        Raises:
            FedifyError: nothing came in time; the message lists what did.
        """
        query = query_of(criteria) | {"timeout_ms": str(round(timeout_s * 1000))}
        arrival: Json = await self._get("wait", query, timeout_s + CALL_TIMEOUT_S)
        return arrival

    async def log(self) -> list[Json]:
        """Everything Fedify complained about so far: `[{level, category, message, error}]`."""
        return list(await self._get("log", {}))

    async def knocks(self) -> list[Json]:
        """Every HTTP request the peer made so far: `[{method, url, scheme, status, error, activity}]`."""
        return list(await self._get("knocks", {}))


def require_fedify(folder: Path = FOLDER) -> None:
    """Skip the test, loudly, where the peer is not installed; in CI (`CI=true`) that is an error."""
    if missing := npm.missing(folder):
        miss(f"no Fedify to federate with: {missing}; run: {INSTALL_COMMAND}", FedifyError)


if __name__ == "__main__":
    sys.exit(npm.command_line(sys.argv[1:], FOLDER, usage=INSTALL_COMMAND))
