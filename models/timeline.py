"""The home timeline: one row for each post that reached a member, written when the activity was performed."""

from collections.abc import Sequence

from tortoise import fields
from tortoise.models import Model

from models import database
from models.actor import Actor
from models.follow import FollowState
from models.membership import MembershipState
from models.post import Post

POSTS_A_STATEMENT = 200


class HomeRow(Model):
    """A post in one member's home timeline, at most once.

    `item_id` sorts the timeline: the id of the post, or of the announce that brought it. `actor` is who brought it:
    the author or the announcer, whose unfollowing takes the row away.
    """

    id = fields.BigIntField(primary_key=True)
    owner: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="home_rows")
    item_id = fields.BigIntField()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="home_rows")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="brought_rows")
    is_announce = fields.BooleanField(default=False)

    owner_id: int
    post_id: int
    actor_id: int

    class Meta:
        table = "home_row"
        unique_together = [("owner", "post")]
        indexes = [("owner_id", "item_id"), ("post_id",), ("actor_id", "owner_id")]

    @classmethod
    async def bring_to_followers(cls, item_id: int, post_id: int, actor_id: int, *, is_announce: bool) -> None:
        """Put an item in the home timeline of every follower of `actor_id` who lives here, in one statement.

        Whoever blocks its author or `actor_id`, or is blocked by them, is left out.
        """
        await database.execute(_TO_FOLLOWERS, item_id, post_id, actor_id, is_announce, FollowState.ACCEPTED.value)

    @classmethod
    async def bring_posts(cls, post_ids: Sequence[int]) -> None:
        """Put posts in the home timelines of their authors' followers who live here, as their authors do; a few hundred
        in one statement. Those kept apart are left out.
        """
        for start in range(0, len(post_ids), POSTS_A_STATEMENT):
            some = post_ids[start : start + POSTS_A_STATEMENT]
            ids = database.placeholders(len(some), 2)
            await database.execute(_POSTS_TO_FOLLOWERS.format(ids=ids), FollowState.ACCEPTED.value, *some)

    @classmethod
    async def bring_to(cls, owners: Sequence[int], item_id: int, post_id: int, actor_id: int) -> None:
        """Put a post in the home timelines of these actors, who must live here; those kept apart are left out."""
        if owners:
            ids = database.placeholders(len(owners), 4)
            await database.execute(_TO_OWNERS.format(ids=ids), item_id, post_id, actor_id, *owners)

    @classmethod
    async def owners_of(cls, post_id: int) -> tuple[int, ...]:
        """Name those in whose home timelines a post is."""
        rows = await database.select("SELECT owner_id FROM home_row WHERE post_id = $1::bigint", post_id)
        return tuple(int(row["owner_id"]) for row in rows)

    @classmethod
    async def bring_to_members(cls, item_id: int, group_id: int, actor_id: int) -> None:
        """Put a post in the home timeline of every member of a group who lives here, in one statement."""
        await database.execute(_TO_MEMBERS, item_id, actor_id, group_id, MembershipState.ACCEPTED.value)


_NOT_APART = """
NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = {owner} AND b.blocked_id IN (p.actor_id, $3))
AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = {owner} AND b.blocker_id IN (p.actor_id, $3))"""

_TO_FOLLOWERS = f"""
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT f.follower_id, $1::bigint, $2::bigint, $3::bigint, $4::boolean
FROM follow f JOIN actor a ON a.id = f.follower_id
JOIN post p ON p.id = $2
WHERE f.followed_id = $3 AND f.state = $5 AND a.is_local AND (f.shows_announces OR NOT $4)
  AND {_NOT_APART.format(owner="f.follower_id")}
ON CONFLICT DO NOTHING
"""

_POSTS_TO_FOLLOWERS = """
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT f.follower_id, p.id, p.id, p.actor_id, FALSE
FROM post p JOIN follow f ON f.followed_id = p.actor_id AND f.state = $1
JOIN actor a ON a.id = f.follower_id AND a.is_local
WHERE p.id IN ({ids})
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = f.follower_id AND b.blocked_id = p.actor_id)
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = f.follower_id AND b.blocker_id = p.actor_id)
ON CONFLICT DO NOTHING
"""

_TO_MEMBERS = """
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT m.member_id, $1::bigint, $1::bigint, $2::bigint, FALSE
FROM membership m JOIN actor a ON a.id = m.member_id
WHERE m.group_id = $3 AND m.state = $4 AND a.is_local
ON CONFLICT DO NOTHING
"""

_TO_OWNERS = f"""
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT a.id, $1::bigint, $2::bigint, $3::bigint, FALSE
FROM actor a JOIN post p ON p.id = $2 WHERE a.is_local AND a.id IN ({{ids}})
  AND {_NOT_APART.format(owner="a.id")}
ON CONFLICT DO NOTHING
"""
