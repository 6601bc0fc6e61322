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
    async def bring_tagged(cls, post_ids: Sequence[int], owner_id: int | None = None) -> None:
        """Put public posts in the home timelines of those who follow one of their hashtags, or of one of them alone.

        Those kept apart are left out.
        """
        for start in range(0, len(post_ids), POSTS_A_STATEMENT):
            some = post_ids[start : start + POSTS_A_STATEMENT]
            await database.execute(_TO_TAG_FOLLOWERS.format(ids=database.placeholders(len(some), 2)), owner_id, *some)

    @classmethod
    async def take_tagged(cls, owner_id: int, name: str) -> None:
        """Take the posts with a hashtag out of a home timeline, but those that came for another reason too."""
        await database.execute(_TAKE_TAGGED, owner_id, name, FollowState.ACCEPTED.value)

    @classmethod
    async def bring_to(cls, owners: Sequence[int], item_id: int, post_id: int, actor_id: int) -> None:
        """Put a post in the home timelines of these actors, who must live here; those kept apart are left out."""
        if owners:
            ids = database.placeholders(len(owners), 4)
            await database.execute(_TO_OWNERS.format(ids=ids), item_id, post_id, actor_id, *owners)

    @classmethod
    async def bring_to_members(cls, item_id: int, group_id: int, actor_id: int) -> None:
        """Put a post in the home timeline of every member of a group who lives here, in one statement."""
        await database.execute(_TO_MEMBERS, item_id, actor_id, group_id, MembershipState.ACCEPTED.value)


# "fr-BE" is French to whoever wants French.
_UNDERSTOOD = """(f.languages IS NULL OR p.language IS NULL OR f.languages LIKE '%,' || LOWER(p.language) || ',%'
  OR (SUBSTR(p.language, 3, 1) = '-' AND f.languages LIKE '%,' || LOWER(SUBSTR(p.language, 1, 2)) || ',%'))"""

_NOT_APART = """
NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = {owner} AND b.blocked_id IN (p.actor_id, $3))
AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = {owner} AND b.blocker_id IN (p.actor_id, $3))"""

_TO_FOLLOWERS = f"""
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT f.follower_id, $1::bigint, $2::bigint, $3::bigint, $4::boolean
FROM follow f JOIN actor a ON a.id = f.follower_id
JOIN post p ON p.id = $2
WHERE f.followed_id = $3 AND f.state = $5 AND a.is_local AND (f.shows_announces OR NOT $4) AND {_UNDERSTOOD}
  AND {_NOT_APART.format(owner="f.follower_id")}
ON CONFLICT DO NOTHING
"""

_POSTS_TO_FOLLOWERS = f"""
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT f.follower_id, p.id, p.id, p.actor_id, FALSE
FROM post p JOIN follow f ON f.followed_id = p.actor_id AND f.state = $1
JOIN actor a ON a.id = f.follower_id AND a.is_local
WHERE p.id IN ({{ids}}) AND {_UNDERSTOOD}
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = f.follower_id AND b.blocked_id = p.actor_id)
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = f.follower_id AND b.blocker_id = p.actor_id)
ON CONFLICT DO NOTHING
"""

_TO_TAG_FOLLOWERS = """
INSERT INTO home_row (owner_id, item_id, post_id, actor_id, is_announce)
SELECT DISTINCT t.actor_id, p.id, p.id, p.actor_id, FALSE
FROM post p JOIN post_tag g ON g.post_id = p.id JOIN tag_follow t ON t.name = g.name JOIN actor a ON a.id = p.actor_id
WHERE p.id IN ({ids}) AND p.visibility = 'public' AND NOT a.is_silenced
  AND ($1::bigint IS NULL OR t.actor_id = $1::bigint)
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = t.actor_id AND b.blocked_id = p.actor_id)
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = t.actor_id AND b.blocker_id = p.actor_id)
ON CONFLICT DO NOTHING
"""

_TAKE_TAGGED = """
DELETE FROM home_row WHERE owner_id = $1::bigint AND NOT is_announce AND actor_id <> $1::bigint
  AND EXISTS (SELECT 1 FROM post_tag g JOIN post p ON p.id = g.post_id
    WHERE g.post_id = home_row.post_id AND g.name = $2 AND p.visibility = 'public')
  AND NOT EXISTS (SELECT 1 FROM post_tag g JOIN tag_follow t ON t.name = g.name
    WHERE g.post_id = home_row.post_id AND t.actor_id = $1::bigint)
  AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.post_id = home_row.post_id AND m.actor_id = $1::bigint)
  AND NOT EXISTS (SELECT 1 FROM follow f
    WHERE f.follower_id = $1::bigint AND f.followed_id = home_row.actor_id AND f.state = $3)
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
