"""The rows a batch of activities touches, loaded in a few queries before the first of them is performed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tortoise.expressions import Q

from federation.errors import NotAuthorised
from federation.jsonld import Json
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow
from models.membership import Membership, MembershipState
from models.moderation import Block
from models.post import Post
from models.rows import padded

if TYPE_CHECKING:
    from federation.activities import Activity
    from federation.objects.note import ReadPost

MAX_NAMES_A_QUERY = 8_192  # PostgreSQL takes 32,767 parameters


@dataclass(slots=True)
class PassedOn:
    """An activity that its own actor vouches for, and the groups that passed it on, by their uris."""

    activity: "Activity"
    group_uris: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Known:
    """Rows by uri. A handler that makes or removes a row says so here, for those that come after it in the batch.

    `deleted_uris` are objects that their home has deleted; `followed_ids` are actors whom somebody here follows,
    `joined_ids` groups to which somebody here belongs, `expected_ids` those who move and belong to a group here, or are
    invited to one. `groups` are loaded groups by the uri of their members.
    `passed_on` are activities that came in an Announce of a group, by their own uri. `blocks` are (blocker, blocked)
    among the loaded actors and the authors of the loaded posts. `follows` are those that the batch itself began.
    `awaited_uris` are posts that are not here, and that posts here answer. `read_posts` are the objects of Creates, by
    the uri of the activity. `stamps` are consents to quotes, as their homes serve them; None for one not to be had.
    `turns` let one of those who need the same thing at once fetch it for all: ("actor", uri), ("post", uri).
    """

    actors: dict[str, Actor] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    records: dict[str, ActivityRecord] = field(default_factory=dict)
    follows: dict[str, Follow] = field(default_factory=dict)
    stamps: dict[str, Json | None] = field(default_factory=dict)
    deleted_uris: set[str] = field(default_factory=set)
    followed_ids: set[int] = field(default_factory=set)
    blocks: set[tuple[int, int]] = field(default_factory=set)
    joined_ids: set[int] = field(default_factory=set)
    expected_ids: set[int] = field(default_factory=set)
    groups: dict[str, Actor] = field(default_factory=dict)
    passed_on: dict[str, PassedOn] = field(default_factory=dict)
    awaited_uris: set[str] = field(default_factory=set)
    read_posts: dict[str, "ReadPost"] = field(default_factory=dict)
    turns: defaultdict[tuple[str, str], asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def actor(self, uri: str) -> Actor:
        """Give a loaded actor.

        Raises:
            NotAuthorised: nobody here has met it.
        """
        if (actor := self.actors.get(uri)) is None:
            raise NotAuthorised(f"{uri} is nobody this server has met")
        return actor

    def post(self, uri: str) -> Post:
        """Give a loaded post.

        Raises:
            NotAuthorised: it is not here.
        """
        if (post := self.posts.get(uri)) is None:
            raise NotAuthorised(f"{uri} is no post this server has")
        return post

    async def load(self, uris: Iterable[str]) -> None:
        """Load whatever rows bear one of these uris, and what has to be known of them."""
        wanted = [uri for uri in dict.fromkeys(uris) if uri not in self.actors and uri not in self.posts]
        if not wanted:
            return
        for start in range(0, len(wanted), MAX_NAMES_A_QUERY):
            await self._load_rows(padded(wanted[start : start + MAX_NAMES_A_QUERY]))
        await self.load_followed()
        await self.load_blocks()

    async def _load_rows(self, wanted: list[str]) -> None:
        self.actors |= {actor.uri: actor for actor in await Actor.bearing(wanted)}
        if await database.names_any("post", "uri", wanted):
            self.posts |= {post.uri: post for post in await Post.filter(uri__in=wanted).prefetch_related("actor")}
        if await database.names_any("activity", "uri", wanted):
            self.records |= await ActivityRecord.known(wanted)
        groups = [*self.actors.values()]
        if await database.names_any("actor", "members_uri", wanted):
            groups += await Actor.filter(members_uri__in=wanted)
        self.groups |= {group.members_uri: group for group in groups if group.members_uri}
        self.deleted_uris |= await ActivityRecord.deleted(wanted)
        self.awaited_uris |= await Post.awaited(wanted)

    async def load_followed(self) -> None:
        """Learn which of the loaded remote actors somebody here follows."""
        if ids := [actor.id for actor in self.actors.values() if not actor.is_local]:
            self.followed_ids |= await Follow.followed_here(ids)
        groups = [actor.id for actor in (*self.actors.values(), *self.groups.values()) if actor.is_group]
        if groups:
            joined = Membership.filter(group_id__in=groups, member__is_local=True, state=MembershipState.ACCEPTED)
            self.joined_ids |= {int(str(id_)) for id_ in await joined.distinct().values_list("group_id", flat=True)}

    async def load_expected(self, uris: Iterable[str]) -> None:
        """Learn which of these loaded actors belong to a group here, or are invited to one."""
        if ids := [actor.id for uri in uris if (actor := self.actors.get(uri)) is not None and not actor.is_local]:
            self.expected_ids |= await Membership.expected_here(ids)

    async def load_blocks(self) -> None:
        """Learn who of the loaded actors, and of the authors of the loaded posts, blocks whom. One of the two is ours."""
        everybody = {
            actor.id: actor for actor in (*self.actors.values(), *(post.actor for post in self.posts.values()))
        }
        ours, ids = [id_ for id_, actor in everybody.items() if actor.is_local], list(everybody)
        if not ours or len(ids) < 2:
            return
        for start in range(0, len(ids), MAX_NAMES_A_QUERY):
            some = ids[start : start + MAX_NAMES_A_QUERY]
            between = Q(blocker_id__in=ours, blocked_id__in=some) | Q(blocker_id__in=some, blocked_id__in=ours)
            rows = await Block.filter(between).values_list("blocker_id", "blocked_id")
            self.blocks |= {(int(str(blocker)), int(str(blocked))) for blocker, blocked in rows}
