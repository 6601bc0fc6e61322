"""A real second implementation to federate with: a small server on Fedify, run as a child process on loopback.

    require_fedify()
    with FedifyPeer(first_knock=CAVAGE) as peer:
        await peer.befriend("alice", actor_uri)
        note = await peer.wait(type="Create", actor=actor_uri)

`python -m tests.peers.fedify_peer install` fetches what it needs from npm; `fedify/README.md` describes the server.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import IO, Any, Final, Literal, Self
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.peers import npm

FOLDER: Final = Path(__file__).parent / "fedify"
INSTALL_COMMAND: Final = "python -m tests.peers.fedify_peer install"
CAVAGE: Final = "draft-cavage-http-signatures-12"
RFC9421: Final = "rfc9421"

START_TIMEOUT_S: Final = 20.0
CALL_TIMEOUT_S: Final = 20.0
STOP_TIMEOUT_S: Final = 5.0

Json = dict[str, Any]
Scheme = Literal["draft-cavage-http-signatures-12", "rfc9421"]


class FedifyError(Exception):
    """The peer did not start, could not be reached, or could not do what it was asked."""


class FedifyPeer:
    """One peer: a process, its origin, and a coroutine for each call of its control API.

    Starting and stopping block, for a second or so, so that a fixture of any scope may hold a peer; the coroutines
    belong to no particular event loop. `name` is one of the peer's own actors, made when first named
    (`nobody…` never exists). What is sent has been delivered when the call returns:
    `{"id": <activity uri>, "knocks": [<each HTTP request made>], "log": [<what Fedify complained about>]}`.

    Raises:
        FedifyError: from every method, in the peer's own words, with its requests and its log.
    """

    def __init__(self, *, first_knock: Scheme = RFC9421, authorized_fetch: bool = False) -> None:
        self.origin = ""
        self._options = [f"--first-knock={first_knock}", *(["--authorized-fetch"] if authorized_fetch else [])]
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def host(self) -> str:
        """Host and port, as they stand in a handle."""
        return self.origin.removeprefix("http://")

    @property
    def pid(self) -> int | None:
        """The process, None while it does not run."""
        return None if self._process is None else self._process.pid

    def actor_uri(self, name: str) -> str:
        return f"{self.origin}/users/{name}"

    def handle(self, name: str) -> str:
        return f"{name}@{self.host}"

    def start(self) -> None:
        """Start the process and wait for the line that says it listens."""
        command = [str(npm.find_node()), str(FOLDER / "peer.mjs"), *self._options]
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr
        )
        try:
            self.origin = json.loads(self._first_line())["origin"]
        except ValueError as unready:
            complaint = self._complaint()
            self.stop()
            raise FedifyError(f"the peer did not start: {complaint}") from unready

    def stop(self) -> None:
        """End the process; calling it again does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
        for pipe in (process.stdin, process.stdout, self._stderr):
            if pipe is not None:
                pipe.close()

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
        return list(await self._get("received", _query(criteria)))

    async def wait(self, *, timeout_s: float = 5.0, **criteria: Any) -> Json:
        """Answer with the first arrival that matches, at once if it is already there.

        Criteria: `type`, `id`, `actor`, `object` (the uri of the object, or of the object's object), `object_type`,
        `after` (a `seq`), and `verified`: True unless given, False for what Fedify refused, None for both.
        `{seq, type, id, actor, object_id, object_type, activity, verified, http_signature, integrity_proof, understood,
        …}`; `integrity_proof` is None where there is none.

        Raises:
            FedifyError: nothing came in time; the message lists what did.
        """
        query = _query(criteria) | {"timeout_ms": str(round(timeout_s * 1000))}
        arrival: Json = await self._get("wait", query, timeout_s + CALL_TIMEOUT_S)
        return arrival

    async def log(self) -> list[Json]:
        """Everything Fedify complained about so far: `[{level, category, message, error}]`."""
        return list(await self._get("log", {}))

    async def knocks(self) -> list[Json]:
        """Every HTTP request the peer made so far: `[{method, url, scheme, status, error, activity}]`."""
        return list(await self._get("knocks", {}))

    async def _post(self, what: str, name: str | None, **told: Any) -> Json:
        body = {key: value for key, value in told.items() if value is not None}
        if name is not None:
            body["as"] = name
        answer: Json = await self._call("POST", what, CALL_TIMEOUT_S, json=body)
        return answer

    async def _get(self, what: str, query: dict[str, str], timeout_s: float = CALL_TIMEOUT_S) -> Any:
        return await self._call("GET", f"{what}?{urlencode(query)}", timeout_s)

    async def _call(self, method: str, what: str, timeout_s: float, **body: Any) -> Any:
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, f"{self.origin}/control/{what}", **body) as response,
            ):
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as lost:
            raise FedifyError(f"no answer to {method} {what}: {lost!r}: {self._complaint()}") from lost
        if not response.ok:
            raise FedifyError(f"{method} {what}: {json.dumps(answer, indent=1)}")
        return answer

    def _first_line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            return self._process.stdout.readline() if selector.select(START_TIMEOUT_S) else b""

    def _complaint(self) -> str:
        if self._process is None or self._stderr is None:
            return "it is not running"
        self._stderr.seek(0)
        said = self._stderr.read().decode(errors="replace")[-2000:].strip()
        return f"exit status {self._process.poll()}, stderr: {said or 'empty'}"


def require_fedify(folder: Path = FOLDER) -> None:
    """Skip the test, loudly, where the peer is not installed; in CI (`CI=true`) that is an error."""
    try:
        npm.find_node()
        missing = "" if npm.is_installed(folder) else "its packages are not installed"
    except npm.NpmError as absent:
        missing = str(absent)
    if not missing:
        return
    sentence = f"no Fedify to federate with: {missing}; run: {INSTALL_COMMAND}"
    if os.environ.get("CI") == "true":
        raise FedifyError(sentence)
    warnings.warn(sentence, stacklevel=2)
    pytest.skip(sentence, allow_module_level=True)


def _query(criteria: dict[str, Any]) -> dict[str, str]:
    """Spell criteria for a URL: what is None is no criterion, a truth value is written as in JSON."""
    chosen = {key: value for key, value in ({"verified": True} | criteria).items() if value is not None}
    return {key: json.dumps(value) if isinstance(value, bool) else str(value) for key, value in chosen.items()}


def main(arguments: list[str]) -> int:
    """Command line: `install`."""
    if arguments != ["install"]:
        print(f"usage: {INSTALL_COMMAND}", file=sys.stderr)
        return 2
    try:
        was_needed = npm.install(FOLDER)
    except npm.NpmError as failed:
        print(f"The Fedify peer could not be installed: {failed}", file=sys.stderr)
        return 1
    print("The Fedify peer is installed." if was_needed else "The Fedify peer was installed already.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
