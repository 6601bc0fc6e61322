"""Who hears whom in public: the questions of `server.posts.queries.heard` and `not_apart`, asked of all readers at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.expressions import Q

from models.actor import Actor
from models.follow import Follow, FollowState
from models.moderation import Block
from models.mute import HostMute, Mute


@dataclass(frozen=True, slots=True)
class Hearing:
    """Pairs of (reader id, author id): those who do not hear each other, and who follow an author that is silenced."""

    deaf: frozenset[tuple[int, int]]
    followed: frozenset[tuple[int, int]]

    @classmethod
    async def of(cls, authors: Sequence[Actor]) -> "Hearing":
        """Ask who hears these authors."""
        ids = list({author.id for author in authors})
        blocks = Block.filter(Q(blocker_id__in=ids) | Q(blocked_id__in=ids))
        deaf = {pair for a, b in await blocks.values_list("blocker_id", "blocked_id") for pair in ((a, b), (b, a))}
        mutes = Mute.filter(muted_id__in=ids).values_list("muter_id", "muted_id")
        deaf |= {(muter_id, muted_id) for muter_id, muted_id in await mutes}
        deaf |= await _deaf_to_servers(authors)
        silenced = [author.id for author in authors if author.is_silenced]
        follows = Follow.filter(followed_id__in=silenced, state=FollowState.ACCEPTED, follower__is_local=True)
        pairs = await follows.values_list("follower_id", "followed_id") if silenced else []
        return cls(frozenset(deaf), frozenset((follower_id, followed_id) for follower_id, followed_id in pairs))

    def hears(self, reader: Actor, author: Actor) -> bool:
        """Whether a reader hears an author; the silenced are heard by those who follow them alone."""
        pair = (reader.id, author.id)
        if pair in self.deaf:
            return False
        return not author.is_silenced or pair in self.followed or reader.id == author.id


async def _deaf_to_servers(authors: Sequence[Actor]) -> set[tuple[int, int]]:
    """Ask who reads nothing of the servers that these authors live on."""
    homes = [
        (host, author.id) for author in authors if not author.is_local for host in {author.host, author.handle_host}
    ]
    hosts = list({host for host, _ in homes})
    mutes = await HostMute.filter(host__in=hosts).values_list("muter_id", "host") if hosts else []
    return {(muter_id, author_id) for muter_id, muted in mutes for host, author_id in homes if host == muted}
