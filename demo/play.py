"""What happens before the curtain rises: everybody follows, publishes, answers, likes and shares, across three servers."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from demo.cast import BREST, LILLE, NATIONAL
from demo.installation import Installation, Json, eventually

Tell = Callable[[str], None]
"""Is told in a few words what was just done; STEPS of them in all."""

STEPS = 19


async def together(scenes: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Play scenes at the same time; when one fails the others are cut short.

    Raises:
        DemoFailed: the first that failed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for scene in scenes:
                group.create_task(scene)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


class Play:
    """The three servers, and the scenes they play."""

    def __init__(self, servers: list[Installation], tell: Tell) -> None:
        by_place = {server.place: server for server in servers}
        self.national, self.lille, self.brest = by_place[NATIONAL], by_place[LILLE], by_place[BREST]
        self.servers = servers
        self._tell = tell

    async def perform(self) -> Json:
        """Play everything; the post of the national office that the others talk about."""
        await self._set_up()
        await self._get_acquainted()
        return await self._talk()

    async def _set_up(self) -> None:
        async def prepare(server: Installation) -> None:
            await server.set_up()
            self._tell(f"{server.place.section}: members are in")
            await server.start()
            self._tell(f"{server.place.section}: serves {server.origin}")

        await together(prepare(server) for server in self.servers)

    async def _get_acquainted(self) -> None:
        """The sections follow each other, and the members their own section, the others and some of their members."""

        async def introduce(server: Installation) -> None:
            others = [other.handle(other.place.handle) for other in self.servers if other is not server]
            await server.command("follow", server.place.handle, *others)
            self._tell(f"{server.place.section} follows the two others")
            for person in server.place.people:
                for section in (server.handle(server.place.handle), *others):
                    await server.follow(person.username, section)
            self._tell(f"{server.place.section}: its members follow the three sections")

        await together(introduce(server) for server in self.servers)
        await self.brest.follow("erwan", self.lille.handle("nadia"))
        await self.lille.follow("nadia", self.brest.handle("erwan"))
        await self.lille.follow("yanis", self.brest.handle("erwan"))
        await self.national.follow("camille", self.brest.handle("solenn"))
        self._tell("members follow each other")

    async def _talk(self) -> Json:
        call = await self._call()
        await self._answers(call)
        await self._everyday()
        return call

    async def _call(self) -> Json:
        """The national office calls, and the two sections show it on their pages."""
        await self.national.command(
            "post", "national",
            "Journée nationale de la coopération le 12 décembre : chaque section ouvre ses portes. #coopération",
        )  # fmt: skip
        call = await self._newest(self.lille, "nadia", "12 décembre")
        self._tell("the national office publishes")
        for section in (self.lille, self.brest):
            member = section.place.people[0].username
            await section.arrival(member, call["uri"])
            await section.command("announce", section.place.handle, call["uri"])
        self._tell("the sections share it on their pages")
        return call

    async def _newest(self, server: Installation, username: str, text: str) -> Json:
        """Wait for a post that says `text` in a member's home timeline."""

        async def look() -> Json | None:
            home = await server.api(username, "GET", "/api/v1/timelines/home", limit=10)
            return next((dict(status) for status in home if text in status["content"]), None)

        found = await eventually(f"“{text}” in the home of {username}", look)
        assert found is not None
        return found

    async def _answers(self, call: Json) -> None:
        """Members answer and like; a thread grows that every server shows."""
        seen = await self.lille.arrival("nadia", call["uri"])
        offer = await self.lille.publish("nadia", "À Lille, la salle est réservée.", in_reply_to_id=seen["id"])
        at_brest = await self.brest.arrival("erwan", offer["uri"])
        question = await self.brest.publish("erwan", "À quelle heure ouvrez-vous ?", in_reply_to_id=at_brest["id"])
        at_lille = await self.lille.arrival("nadia", question["uri"])
        await self.lille.publish("nadia", "Dès 10 h, avec du café.", in_reply_to_id=at_lille["id"])
        self._tell("a conversation between Lille and Brest")
        for server, username in ((self.lille, "yanis"), (self.brest, "erwan"), (self.brest, "solenn")):
            status = await server.arrival(username, call["uri"])
            id_ = (status["reblog"] or status)["id"]
            await server.api(username, "POST", f"/api/v1/statuses/{id_}/favourite")
        self._tell("members like the call")

    async def _everyday(self) -> None:
        """Each section publishes something of its own; one member shares another's post; one warns of what follows."""
        await self.lille.command("post", "lille", "Permanence mardi à 19 h, maison des associations. #Lille")
        await self.brest.command("post", "brest", "Collecte de jouets jeudi, au local. #Brest #solidarité")
        self._tell("the sections publish")
        photo = await self.lille.publish("nadia", "Merci à toutes et à tous pour hier soir !")
        status = await self.brest.arrival("erwan", photo["uri"])
        await self.brest.api("erwan", "POST", f"/api/v1/statuses/{status['id']}/reblog")
        await self.lille.arrival("yanis", photo["uri"])
        await self.brest.publish("solenn", "Le compte rendu complet.", spoiler_text="Long", visibility="unlisted")
        self._tell("a post travels from Lille over Brest back to Lille")
