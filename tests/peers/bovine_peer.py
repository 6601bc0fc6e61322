"""A third implementation to federate with: an actor on bovine (Python), run as a child process on loopback.

    require_bovine()
    with BovinePeer() as peer:
        found = await peer.lookup(f"ines@{host}")
        follow = await peer.follow(found["id"])
        accept = await peer.wait(type="Accept", object=follow["id"])

bovine signs, verifies, reads and writes; nothing of ours is in its process, not even our packages.
`python -m tests.peers.bovine_peer install` fetches what it needs; `bovine/README.md` describes the peer.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.peers import wheels
from tests.peers.peer_process import CALL_TIMEOUT_S, Json, PeerError, PeerProcess, miss, query_of

__all__ = ["BovineError", "BovinePeer", "Json", "require_bovine"]

FOLDER: Final = Path(__file__).parent / "bovine"
INSTALL_COMMAND: Final = "python -m tests.peers.bovine_peer install"


class BovineError(PeerError):
    """The peer did not start, could not be reached, or could not do what it was asked."""


class BovinePeer(PeerProcess):
    """One actor, its server, and a coroutine for each call of its control API.

    What is sent has been delivered when the call returns: `{"id": <activity uri>, "status": <of the answer>}`, and
    `object_id` where the activity creates something.

    Raises:
        BovineError: from every method, in the peer's own words.
    """

    error = BovineError

    def __init__(self, name: str = "marguerite") -> None:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(wheels.packages(FOLDER))}
        self._room = tempfile.TemporaryDirectory(prefix="bovine-peer-")  # bovine leaves a file where it stands
        super().__init__([sys.executable, "-S", str(FOLDER / "peer.py"), name], Path(self._room.name), environment)
        self.name = name

    def stop(self) -> None:
        """End the process and clear its room; calling it again does nothing."""
        super().stop()
        self._room.cleanup()

    @property
    def actor_uri(self) -> str:
        return f"{self.origin}/actor"

    @property
    def handle(self) -> str:
        return f"{self.name}@{self.host}"

    async def lookup(self, handle: str) -> Json:
        """Find an actor by WebFinger and fetch its document, signed."""
        return await self._post("lookup", None, handle=handle)

    async def get(self, uri: str) -> Json:
        """Fetch a document, signed; a Tombstone for what is gone or was never there."""
        return await self._post("get", None, uri=uri)

    async def follow(self, actor_uri: str) -> Json:
        return await self._post("follow", None, actor_uri=actor_uri)

    async def note(self, content: str, *, mention: list[str] | None = None, in_reply_to: str | None = None) -> Json:
        """Publish a Note, delivered to the followers and to the actors in `mention`."""
        return await self._post("note", None, content=content, mention=mention or [], in_reply_to=in_reply_to)

    async def like(self, object_uri: str) -> Json:
        return await self._post("like", None, object_uri=object_uri)

    async def announce(self, object_uri: str) -> Json:
        return await self._post("announce", None, object_uri=object_uri)

    async def undo(self, activity_uri: str) -> Json:
        """Undo any activity this actor sent, towards whoever received it."""
        return await self._post("undo", None, activity_uri=activity_uri)

    async def delete(self, note_uri: str) -> Json:
        """Delete a Note, which is a Tombstone from then on."""
        return await self._post("delete", None, object_uri=note_uri)

    async def followers(self) -> list[str]:
        """List who follows this actor, accepted by it."""
        return list(await self._get("followers", {}))

    async def received(self, **criteria: Any) -> list[Json]:
        """List what arrived and matches, oldest first; criteria and answers are those of `wait`."""
        return list(await self._get("received", query_of(criteria)))

    async def wait(self, *, timeout_s: float = 20.0, **criteria: Any) -> Json:
        """Answer with the first arrival that matches, at once if it is already there.

        Criteria: `type`, `object` (the uri of the object, or of the object's object) and `verified`: True unless
        given, False for what bovine refused, None for both.
        `{type, id, actor, object_id, activity, signed_by, verified, is_proven}`; `signed_by` is whom bovine's verifier
        names as the owner of the key, `is_proven` what it says of the integrity proof, None where there is none.

        Raises:
            BovineError: nothing came in time; the message lists what did.
        """
        query = query_of(criteria) | {"timeout_s": str(timeout_s)}
        arrival: Json = await self._get("wait", query, timeout_s + CALL_TIMEOUT_S)
        return arrival


def require_bovine(folder: Path = FOLDER) -> None:
    """Skip the test, loudly, where the peer is not installed; in CI (`CI=true`) that is an error."""
    if not wheels.is_installed(folder):
        miss(f"no bovine to federate with: its packages are not installed; run: {INSTALL_COMMAND}", BovineError)


def main(arguments: list[str]) -> int:
    """Command line: `install`."""
    if arguments != ["install"]:
        print(f"usage: {INSTALL_COMMAND}", file=sys.stderr)
        return 2
    try:
        was_needed = wheels.install(FOLDER)
    except wheels.WheelError as failed:
        print(f"The bovine peer could not be installed: {failed}", file=sys.stderr)
        return 1
    print("The bovine peer is installed." if was_needed else "The bovine peer was installed already.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
