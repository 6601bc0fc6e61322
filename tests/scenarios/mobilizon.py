"""A peer written by hand that keeps memberships as Mobilizon does, and speaks of them in its shapes.

A Member has the id of the Join or Invite that it came of, and everything after names it by that id; a member or moderator
speaks for the group under their own name; a removal names the bare id. Source: Mobilizon 5.1, lib/federation/activity_pub
(`transmogrifier.ex`, `actions/{accept,join,leave,remove,invite,reject}.ex`, `types/{actors,members}.ex`).
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.scenarios.receiver import CONTEXT, Arrival, Fake, Fediverse, Json

MOBILIZON_CONTEXT = [
    CONTEXT[0],
    "https://litepub.social/litepub/context.jsonld",
    {"mz": "https://joinmobilizon.org/ns#", "participationMessage": {"@id": "mz:participationMessage"}},
]


@dataclass(slots=True)
class Membership:
    """What Mobilizon keeps of somebody: its url is the id of a Join or Invite."""

    url: str
    actor: str
    group: str
    role: str

    def document(self) -> Json:
        """Write it as Mobilizon does."""
        return {"type": "Member", "id": self.url, "actor": self.actor, "object": self.group, "role": self.role}


@dataclass(slots=True)
class Mobilizon:
    """A group, which is open, and its administrator noor."""

    world: Fediverse
    members: dict[str, Membership] = field(default_factory=dict)
    ignored: list[Json] = field(default_factory=list)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def group(self) -> Fake:
        """The group."""
        return self.world.fakes[0]

    @property
    def noor(self) -> Fake:
        """Its administrator."""
        return self.world.fakes[1]

    @property
    def members_url(self) -> str:
        """The collection of the group's members, as an address."""
        return f"{self.group.uri}/members"

    async def start(self) -> "Mobilizon":
        """Serve and listen."""
        self.world.on_arrival = self._take
        await self.world.start()
        self.world.documents[self.group.uri] = self.group.document() | {
            "type": "Group",
            "openness": "open",
            "members": self.members_url,
            "endpoints": {"members": self.members_url},
        }
        return self

    async def stop(self) -> None:
        """Close everything."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.world.stop()

    def role(self, url: str) -> str | None:
        """Tell what the Member of that url is; None where there is none."""
        found = self.members.get(url)
        return found.role if found else None

    def of(self, actor_uri: str) -> Membership | None:
        """Find what is kept of an actor, the last first."""
        return next((row for row in reversed(self.members.values()) if row.actor == actor_uri), None)

    async def join(self, group_uri: str, message: str) -> str:
        """Have noor ask to belong to a group elsewhere; the url of the Member."""
        url = self.world.new_uri(self.noor, "join")
        self.members[url] = Membership(url, self.noor.uri, group_uri, "not_approved")
        told = {"id": url, "type": "Join", "actor": self.noor.uri, "object": group_uri, "participationMessage": message}
        await self._send(self.noor, told | {"to": [group_uri], "cc": []}, group_uri)
        return url

    async def leave(self, group_uri: str) -> None:
        """Have noor leave a group elsewhere."""
        self.members = {url: row for url, row in self.members.items() if row.group != group_uri}
        told = {"type": "Leave", "actor": self.noor.uri, "object": group_uri, "attributedTo": group_uri}
        addressed = {"id": self.world.new_uri(self.noor, "leave"), "to": [f"{group_uri}/members"], "cc": [group_uri]}
        await self._send(self.noor, told | addressed, group_uri)

    async def remove(self, member: Membership) -> None:
        """Have noor remove somebody from the group."""
        member.role = "rejected"
        told = {"type": "Remove", "actor": self.noor.uri, "object": member.url, "origin": self.group.uri}
        addressed = {"id": self.world.new_uri(self.noor, "remove"), "to": [self.members_url]}
        await self._send(self.noor, told | addressed, member.actor)

    async def promote(self, member: Membership, role: str) -> None:
        """Have noor give somebody a role in the group."""
        member.role = role
        told = {"type": "Update", "actor": self.noor.uri, "object": member.document(), "cc": [self.group.uri]}
        addressed = {"id": self.world.new_uri(self.noor, "update"), "to": [self.members_url, member.actor]}
        await self._send(self.noor, told | addressed, member.actor)

    async def invite(self, actor_uri: str) -> str:
        """Have noor invite somebody; the url of the Member."""
        url = self.world.new_uri(self.noor, "member")
        self.members[url] = Membership(url, actor_uri, self.group.uri, "invited")
        told = {"id": url, "type": "Invite", "actor": self.noor.uri, "object": self.group.uri, "target": actor_uri}
        await self._send(self.noor, told | {"attributedTo": self.noor.uri, "to": [actor_uri]}, actor_uri)
        return url

    async def _send(self, fake: Fake, activity: Json, to_uri: str) -> None:
        status = await self.world.send(fake, {"@context": MOBILIZON_CONTEXT} | activity, f"{to_uri}/inbox")
        assert status == 202, f"{activity['type']}: {status}"

    def _take(self, arrival: Arrival) -> None:
        """Do what Mobilizon does with what arrives; what it would not find is ignored."""
        assert arrival.is_signed
        told = arrival.activity
        if told["type"] == "Follow":
            return
        doing = getattr(self, f"_take_{told['type'].lower()}", None)
        if doing is None or doing(told) is False:
            self.ignored.append(told)

    def _take_join(self, told: Json) -> bool:
        if told["object"] != self.group.uri:
            return False
        member = self.members[told["id"]] = Membership(told["id"], told["actor"], self.group.uri, "member")
        accepted = {"type": "Accept", "actor": self.group.uri, "object": member.document(), "cc": []}
        addressed = {"id": self.world.new_uri(self.group, "accept"), "to": [told["actor"]]}
        self._later(self.group, accepted | addressed, told["actor"])
        return True

    def _take_invite(self, told: Json) -> bool:
        if told["target"] != self.noor.uri:
            return False
        member = self.members[told["id"]] = Membership(told["id"], self.noor.uri, told["object"], "invited")
        member.role = "member"
        accepted = {"type": "Accept", "actor": self.noor.uri, "object": member.document(), "attributedTo": member.group}
        addressed = {"id": self.world.new_uri(self.noor, "accept"), "to": [told["actor"]], "cc": [member.group]}
        self._later(self.noor, accepted | addressed, member.group)
        return True

    def _take_accept(self, told: Json) -> bool:
        member = self.members.get(_id(told["object"]))
        if member is None or member.role not in ("not_approved", "invited", "rejected"):
            return False
        member.role = "member"
        return True

    def _take_reject(self, told: Json) -> bool:
        member = self.members.get(_id(told["object"]))
        if member is None or member.role != "invited" or told["actor"] != member.actor:
            return False
        del self.members[member.url]
        return True

    def _take_leave(self, told: Json) -> bool:
        found = self.of(told["actor"])
        if told["object"] != self.group.uri or found is None:
            return False
        del self.members[found.url]
        return True

    def _take_remove(self, told: Json) -> bool:
        """It looks for the Member under the id, on its own server, and trusts the origin's domain."""
        member = self.members.get(_id(told["object"]))
        is_of_group = told["actor"].split("/")[2] == told["origin"].split("/")[2]
        if member is None or member.group != told["origin"] or not is_of_group or member.role == "rejected":
            return False
        member.role = "rejected"
        return True

    def _later(self, fake: Fake, activity: Json, to_uri: str) -> None:
        task = asyncio.create_task(self._send(fake, activity, to_uri))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _id(value: Any) -> str:
    return str(value["id"] if isinstance(value, dict) else value)
