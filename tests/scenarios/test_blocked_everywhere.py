"""A section blocks a domain: what is of it disappears there at once, wherever it was shown, and nothing passes any more.

Elsewhere nothing changes: other sections and a Fedify server go on hearing it, and hearing each other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.peers.fedify_peer import FedifyError, FedifyPeer, require_fedify
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import Status, arrival, follow, has_followers, is_absent

TEXT, REPLY = "Paroles de zoe", "Réponse de zoe"

Place = Callable[[], Awaitable[bool]]


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server that will be blocked, and its member zoe."""
    require_fedify()
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """A server that blocks nobody; its member noor follows zoe."""
    server = new_server("brest", "Section de Brest")
    server.add_members("noor")
    asyncio.run(follow(server, "noor", f"@zoe@{lille.netloc}"))
    return server


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server."""
    require_fedify()
    with FedifyPeer() as running:
        yield running


@pytest.fixture(scope="module")
def paris(new_server: NewServer, lille: Server, brest: Server) -> Server:
    """The server that will block; its member max follows zoe, who follows him, and noor."""
    server = new_server("paris", "Bureau national")
    server.add_members("max")
    asyncio.run(befriend(server, lille, brest))
    return server


async def befriend(paris: Server, lille: Server, brest: Server) -> None:
    await follow(paris, "max", f"@zoe@{lille.netloc}")
    await follow(paris, "max", f"@noor@{brest.netloc}")
    await follow(lille, "zoe", f"@max@{paris.netloc}")


@dataclass
class Scene:
    """What zoe said, and what of it is in Paris: her post, her answer to max, and where they are shown."""

    lille: Server
    paris: Server
    account_id: str
    post: Status
    seen: Status
    answered: Status

    def places(self) -> dict[str, Place]:
        """Everywhere in Paris that shows zoe: {what it is: whether it shows her now}."""
        hers = f"zoe@{self.lille.netloc}"
        lists = {
            "the home timeline": ("/api/v1/timelines/home", TEXT),
            "the public timeline": ("/api/v1/timelines/public", TEXT),
            "the search for accounts": (f"/api/v1/accounts/search?q={hers}", hers),
            "her account": (f"/api/v1/accounts/{self.account_id}", hers),
            "her posts": (f"/api/v1/accounts/{self.account_id}/statuses", TEXT),
            "her post": (f"/api/v1/statuses/{self.seen['id']}", TEXT),
            "the answers to max": (f"/api/v1/statuses/{self.answered['id']}/context", REPLY),
        }
        pages = {
            "the front page": ("/", TEXT),
            "the page of the section": ("/@paris", TEXT),
            "the page of a tag": ("/tags/greve", TEXT),
            "the page of the post she answered": (self.answered["url"], REPLY),
        }
        return {name: self._shows(*place) for name, place in (lists | pages).items()}

    def _shows(self, path: str, sign: str) -> Place:
        async def look() -> bool:
            is_api = path.startswith("/api/")
            accept, token = ("application/json", self.paris.token("max")) if is_api else ("text/html", None)
            status, _, text = await self.paris.get(path, accept=accept, token=token)
            return status == 200 and sign in text

        return look

    async def showing(self) -> set[str]:
        """Name the places that show her now."""
        return {name for name, place in self.places().items() if await place()}


@pytest.fixture(scope="module")
def scene(lille: Server, brest: Server, paris: Server) -> Scene:
    """Zoe publishes; noor boosts it, the section of Paris shows it on its page, and zoe answers max."""
    return asyncio.run(set_scene(lille, brest, paris))


async def set_scene(lille: Server, brest: Server, paris: Server) -> Scene:
    post = await lille.post_status(f"{TEXT} #greve", member="zoe")
    at_brest = await arrival(brest, "noor", post)
    await brest.api("POST", f"/api/v1/statuses/{at_brest['id']}/reblog", member="noor")
    shown = await arrival(paris, "max", post)
    paris.cli("announce", "paris", post["uri"])
    answered = await paris.post_status("Question de max", member="max")
    at_lille = await arrival(lille, "zoe", answered)
    reply = await lille.post_status(
        f"@max@{paris.netloc} {REPLY}", member="zoe", in_reply_to_id=at_lille["id"], visibility="public"
    )
    await arrival(paris, "max", reply)
    seen = shown["reblog"] or shown
    return Scene(lille, paris, seen["account"]["id"], post, seen, answered)


async def given_up(server: Server) -> list[tuple[Any, ...]]:
    """Say why deliveries of a server were given up."""
    return await rows.query(server, "SELECT last_error FROM delivery WHERE due_at IS NULL")


async def test_what_is_of_a_blocked_domain_is_shown_nowhere_at_once(scene: Scene, paris: Server, lille: Server) -> None:
    everywhere = set(scene.places())

    async def is_everywhere() -> bool:
        assert await scene.showing() == everywhere
        return True

    await eventually(is_everywhere)

    paris.cli("domain", "block", lille.host)

    async def is_nowhere() -> bool:
        assert await scene.showing() == set()
        return True

    await eventually(is_nowhere, seconds=5)


async def test_the_follows_between_the_two_are_over(scene: Scene, paris: Server, lille: Server) -> None:
    relationship = {"id[]": scene.account_id}
    found = await paris.api("GET", "/api/v1/accounts/relationships", member="max", **relationship)

    assert [row["following"] for row in found] in ([], [False])
    assert await has_followers(paris, "max", 0)


async def test_nothing_more_passes_between_the_two(scene: Scene, paris: Server, lille: Server, brest: Server) -> None:
    refused = await lille.post_status(f"@max@{paris.netloc} m'entends-tu ?", member="zoe")
    kept_in = await paris.post_status(f"@zoe@{lille.netloc} non", member="max")

    [(why,)] = await eventually(lambda: given_up(lille))
    assert "403" in why
    at_brest = await arrival(brest, "noor", refused)
    await brest.api("POST", f"/api/v1/statuses/{at_brest['id']}/reblog", member="noor")
    after = await brest.post_status("Après le partage", member="noor")
    await arrival(paris, "max", after)
    assert await is_absent(paris, "max", refused["uri"])
    assert await is_absent(lille, "zoe", kept_in["uri"])
    assert await scene.showing() == set()


async def test_everybody_else_goes_on_hearing_both(
    scene: Scene, paris: Server, lille: Server, brest: Server, peer: FedifyPeer
) -> None:
    for server, member in ((lille, "zoe"), (paris, "max")):
        await peer.befriend("reader", (await server.document(f"/@{member}"))["id"])
    said = [await lille.post_status("À qui m'écoute", member="zoe"), await paris.post_status("Et moi", member="max")]

    for status in said:
        assert (await peer.wait(type="Create", object=status["uri"], timeout_s=20))["http_signature"]["verified"]
    assert (await arrival(brest, "noor", scene.post))["content"] == scene.post["content"]


async def test_what_fedify_said_disappears_with_its_domain_and_it_is_refused(brest: Server, peer: FedifyPeer) -> None:
    await follow(brest, "noor", f"@writer@{peer.host}")
    note = await peer.note("writer", "<p>Tribune de Fedify</p>")
    await arrival(brest, "noor", {"uri": note["object_id"]})
    noor = (await brest.document("/@noor"))["id"]

    brest.cli("domain", "block", peer.host.partition(":")[0])

    assert await is_absent(brest, "noor", note["object_id"])
    with pytest.raises(FedifyError, match="403"):
        await peer.follow("writer", noor)


async def test_a_domain_that_is_blocked_no_more_is_seen_again(scene: Scene, paris: Server, lille: Server) -> None:
    paris.cli("domain", "unblock", lille.host)

    async def is_seen() -> bool:
        return {"her post", "the answers to max", "the page of the section"} <= await scene.showing()

    await eventually(is_seen, seconds=5)
    await follow(paris, "max", f"@zoe@{lille.netloc}")
    status = await lille.post_status("De nouveau", member="zoe")
    await arrival(paris, "max", status)
