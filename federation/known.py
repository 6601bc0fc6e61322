"""The rows a batch of activities touches, loaded in a few queries before the first of them is performed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from federation.errors import NotAuthorised
from federation.jsonld import Json
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from models.post import Post

MAX_NAMES_A_QUERY = 10_000  # PostgreSQL takes 32,767 parameters


@dataclass(slots=True)
class Known:
    """Rows by uri. A handler that makes or removes a row says so here, for those that come after it in the batch.

    `deleted_uris` are objects that their home has deleted; `followed_ids` are actors whom somebody here follows.
    `stamps` are consents to quotes, as their homes serve them; None for one that is not to be had.
    `turns` let one of those who need the same thing at once fetch it for all: ("actor", uri), ("post", uri).
    """

    actors: dict[str, Actor] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    records: dict[str, ActivityRecord] = field(default_factory=dict)
    stamps: dict[str, Json | None] = field(default_factory=dict)
    deleted_uris: set[str] = field(default_factory=set)
    followed_ids: set[int] = field(default_factory=set)
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
            await self._load_rows(wanted[start : start + MAX_NAMES_A_QUERY])
        await self.load_followed()

    async def _load_rows(self, wanted: list[str]) -> None:
        self.actors |= {actor.uri: actor for actor in await Actor.filter(uri__in=wanted)}
        self.posts |= {post.uri: post for post in await Post.filter(uri__in=wanted).prefetch_related("actor")}
        self.records |= await ActivityRecord.known(wanted)
        deleted = ActivityRecord.filter(object_uri__in=wanted, type="Delete").values_list("object_uri", flat=True)
        self.deleted_uris |= {str(uri) for uri in await deleted}

    async def load_followed(self) -> None:
        """Learn which of the loaded remote actors somebody here follows."""
        ids = [actor.id for actor in self.actors.values() if not actor.is_local]
        if ids:
            rows = Follow.filter(followed_id__in=ids, follower__is_local=True, state=FollowState.ACCEPTED)
            self.followed_ids |= {int(str(id_)) for id_ in await rows.distinct().values_list("followed_id", flat=True)}
