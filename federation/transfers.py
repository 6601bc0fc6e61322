"""The Move of a membership: what it looks like, and whether it lacks something before anybody can judge it.

    {"type": "Move", "actor": member, "object": member, "origin": group, "target": another group, "to": [both]}

An account that moves has no `origin`, or itself. Source: Activity Vocabulary (Move)
"""

from dataclasses import dataclass
from datetime import datetime

from federation.activities import Activity
from federation.context import Context
from federation.jsonld import instant_of, type_of, uri_of
from models.membership import MembershipStatus

RESULT = "result"  # in which the group that somebody leaves says, when it agrees, how they belonged to it


@dataclass(frozen=True, slots=True)
class Named:
    """The uris of the three whom a transfer concerns."""

    member: str
    origin: str
    target: str

    @property
    def groups(self) -> tuple[str, str]:
        """The two that must agree."""
        return self.origin, self.target

    def is_here(self, ctx: Context) -> bool:
        """Whether any of the three lives here."""
        return any(ctx.names.is_ours(uri) for uri in (self.member, *self.groups))


def named(activity: Activity) -> Named | None:
    """Read the three from the Move of a membership; None for whatever is none."""
    origin, target = uri_of(activity.document.get("origin")), uri_of(activity.document.get("target"))
    member = activity.actor_uri
    if activity.type != "Move" or origin is None or target is None or activity.object_uri != member:
        return None
    return None if member in (origin, target) else Named(member, origin, target)


def is_of_account(activity: Activity) -> bool:
    """Whether it is an account that moves, and not a membership."""
    return activity.type == "Move" and named(activity) is None


def lacks_groups(three: Named, ctx: Context) -> bool:
    """Whether one of the two groups is nobody that this server has met."""
    return any(not ctx.names.is_ours(uri) and uri not in ctx.known.actors for uri in three.groups)


@dataclass(frozen=True, slots=True)
class Belonged:
    """What a group that agrees tells the other of the membership that ends: how and, if it says so, since when."""

    status: MembershipStatus = MembershipStatus.MEMBER
    since: datetime | None = None


def belonged(answer: Activity, ctx: Context) -> Belonged:
    """Read it: {"type": "Member", "role": "member", "published": "2019-05-01T00:00:00Z"}."""
    result = answer.document.get(RESULT)
    if type_of(result) != "Member" or not isinstance(result, dict):
        return Belonged()
    role, since = result.get("role"), instant_of(result.get("published"))
    status = MembershipStatus.SYMPATHISER if role == MembershipStatus.SYMPATHISER.value else MembershipStatus.MEMBER
    return Belonged(status, since if since is not None and since <= ctx.now() else None)
