"""`--check`: everything that may happen to a post between two servers, done once more, verified and timed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from demo.installation import DemoFailed, Installation, Json, eventually
from demo.play import Play
from models.ids import unix_ms_of

ACTIVITY_JSON = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was verified. `seconds` is how long it took to be seen; `problem` is empty when all is well."""

    what: str
    seconds: float
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it happened, and in time."""
        return not self.problem


async def check(play: Play, most_seconds: float) -> list[Result]:
    """Verify everything in turn, each to be seen within `most_seconds`; after a failure the next is tried all the same."""
    round_ = Round(play.lille, play.brest, play.national)
    steps: list[tuple[str, Callable[[], Awaitable[float]]]] = [
        ("a post of the section of Lille is on the page of the section of Brest", round_.section_post),
        ("a post of a member in Lille is in the home of a member in Brest", round_.post),
        ("shared by the section of Brest, it is on its page", round_.share_on_section_page),
        ("and in the home of a member in Lille who follows the section of Brest", round_.share_in_home),
        ("shared by a member of Brest, it is on the member's page", round_.share_on_member_page),
        ("a like from Brest is counted in Lille", round_.like),
        ("a reply from Brest is in the thread in Lille", round_.reply),
        ("an edit in Lille is seen in Brest", round_.edit),
        ("a delete in Lille leaves a Tombstone there and nothing in Brest", round_.delete),
        ("after an unfollow nothing more arrives", round_.unfollow),
    ]
    return [await _result(what, step, most_seconds) for what, step in steps]


async def _result(what: str, step: Callable[[], Awaitable[float]], most_seconds: float) -> Result:
    began_at = time.monotonic()
    try:
        seconds = await step()
    except DemoFailed as failure:
        return Result(what, time.monotonic() - began_at, str(failure))
    return Result(what, seconds, f"this took more than {most_seconds:g} seconds" if seconds > most_seconds else "")


@dataclass(slots=True)
class Round:
    """One post on its way between two servers. Each step gives the seconds from the deed until it was seen."""

    lille: Installation
    brest: Installation
    national: Installation
    status: Json | None = None
    seen_id: str = ""
    shared_at: float = 0.0

    @property
    def _post(self) -> Json:
        if self.status is None:
            raise DemoFailed("there is no post to go on with")
        return self.status

    async def section_post(self) -> float:
        """The clock starts when the post begins to exist, as its id tells: the command before takes a second to load."""
        text = "Dépouillement public dimanche à 20 h."

        async def is_on_page() -> bool:
            return text in (await self.brest.read("/@brest"))[1]

        async def until_seen() -> float:
            await eventually("the post of Lille on the page of Brest", is_on_page)
            return time.time()

        url, seen_at = await asyncio.gather(self.lille.command("post", "lille", text), until_seen())
        return seen_at - unix_ms_of(int(url.rpartition("/")[2])) / 1000

    async def post(self) -> float:
        """Publish in Lille; nobody but Erwan's home timeline in Brest says when it has arrived."""
        began_at = time.monotonic()
        self.status = await self.lille.publish("nadia", "Le dépouillement commence à 20 h.")
        self.seen_id = str((await self.brest.arrival("erwan", self.status["uri"]))["id"])
        return time.monotonic() - began_at

    async def share_on_section_page(self) -> float:
        """The clock starts when the command has shared it: the command itself takes a second to load."""
        await self.brest.command("announce", "brest", self._post["uri"])
        self.shared_at = time.monotonic()
        return await self._until_on_page(self.brest, "/@brest")

    async def share_in_home(self) -> float:
        """Yanis follows the section of Brest, and not Nadia, who wrote it."""
        shown = await self.lille.arrival("yanis", self._post["uri"])
        seconds = time.monotonic() - self.shared_at
        if shown["reblog"] is None or shown["account"]["acct"] != f"brest@{self.brest.host}":
            raise DemoFailed("the post came without who shared it")
        return seconds

    async def share_on_member_page(self) -> float:
        """The same by the client API."""
        began_at = time.monotonic()
        await self.brest.api("erwan", "POST", f"/api/v1/statuses/{self.seen_id}/reblog")
        await self._until_on_page(self.brest, "/@erwan")
        return time.monotonic() - began_at

    async def _until_on_page(self, server: Installation, path: str) -> float:
        began_at = time.monotonic()
        url = self._post["url"]

        async def is_there() -> bool:
            status, text = await server.read(path)
            return status == 200 and url in text

        await eventually(f"{url} on {path}", is_there)
        return time.monotonic() - began_at

    async def like(self) -> float:
        """Like it in Brest."""
        began_at = time.monotonic()
        await self.brest.api("erwan", "POST", f"/api/v1/statuses/{self.seen_id}/favourite")
        await self._until_counted("favourites_count")
        return time.monotonic() - began_at

    async def reply(self) -> float:
        """Answer it in Brest; the answer is also on the page of the post."""
        began_at = time.monotonic()
        answer = await self.brest.publish("erwan", "Nous suivons depuis Brest.", in_reply_to_id=self.seen_id)
        await self._until_counted("replies_count")
        seconds = time.monotonic() - began_at
        thread = await self.lille.api("nadia", "GET", f"/api/v1/statuses/{self._post['id']}/context")
        _, page = await self.lille.read(self._post["url"])
        if answer["uri"] not in [reply["uri"] for reply in thread["descendants"]] or answer["url"] not in page:
            raise DemoFailed("the answer is counted, but not shown")
        return seconds

    async def _until_counted(self, total: str) -> None:
        async def is_counted() -> bool:
            status = await self.lille.api("nadia", "GET", f"/api/v1/statuses/{self._post['id']}")
            return bool(status[total] == 1)

        await eventually(f"{total} of {self._post['uri']}", is_counted)

    async def edit(self) -> float:
        """Change it in Lille."""
        began_at = time.monotonic()
        text = "Le dépouillement commence à 21 h."
        await self.lille.api("nadia", "PUT", f"/api/v1/statuses/{self._post['id']}", status=text)

        async def is_changed() -> bool:
            shown = await self.brest.api("erwan", "GET", f"/api/v1/statuses/{self.seen_id}")
            return "21 h" in shown["content"] and shown["edited_at"] is not None

        await eventually("the edited text", is_changed)
        return time.monotonic() - began_at

    async def delete(self) -> float:
        """Delete it in Lille."""
        began_at = time.monotonic()
        await self.lille.api("nadia", "DELETE", f"/api/v1/statuses/{self._post['id']}")

        async def is_gone() -> bool:
            return await self.brest.in_home("erwan", self._post["uri"]) is None

        await eventually("the deleted post gone from Brest", is_gone)
        seconds = time.monotonic() - began_at
        status, text = await self.lille.read(self._post["uri"], ACTIVITY_JSON)
        if status != 410 or "Tombstone" not in text:
            raise DemoFailed(f"the deleted post answers {status}")
        return seconds

    async def unfollow(self) -> float:
        """Idris follows Nadia and stops; when her next post is in Brest, it is not at the national office."""
        nadia_id = await self.national.follow("idris", self.lille.handle("nadia"))
        await self.national.api("idris", "POST", f"/api/v1/accounts/{nadia_id}/unfollow")

        async def is_noticed() -> bool:
            account = await self.lille.api("nadia", "GET", "/api/v1/accounts/verify_credentials")
            return bool(account["followers_count"] == 1)

        await eventually("the unfollow in Lille", is_noticed)
        began_at = time.monotonic()
        after = await self.lille.publish("nadia", "Résultats complets sur notre page.")
        await self.brest.arrival("erwan", after["uri"])
        seconds = time.monotonic() - began_at
        if await self.national.in_home("idris", after["uri"]) is not None:
            raise DemoFailed("a post arrived after the unfollow")
        return seconds
