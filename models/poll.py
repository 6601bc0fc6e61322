"""Questions with answers to choose from: a post of type Question, its options, and who chose what."""

from datetime import datetime

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.post import Post


class Poll(Model):
    """What a Question has and another post has not.

    `voters_count` is null where its home does not tell. `closed_at` is set when no vote counts any more; until then
    `hides_totals` keeps the counts from everybody. `untold_since` is when the first vote came that those who got a
    poll of ours have not been told of.
    """

    id = IdField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="poll")
    is_multiple = fields.BooleanField(default=False)
    closes_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    voters_count = fields.IntField(null=True)
    hides_totals = fields.BooleanField(default=False)
    untold_since = fields.DatetimeField(null=True, db_index=True)

    post_id: int
    options: fields.ReverseRelation["PollOption"]

    class Meta:
        table = "poll"
        indexes = [("closed_at", "closes_at")]

    @property
    def shows_totals(self) -> bool:
        """Whether anybody may be told the counts now."""
        return not self.hides_totals or self.closed_at is not None

    def takes_votes(self, now: datetime) -> bool:
        """Whether a vote that comes now counts."""
        return self.closed_at is None and (self.closes_at is None or now < self.closes_at)


class PollOption(Model):
    """One answer to choose. `title` is what a vote names, as Mastodon has it."""

    id = fields.BigIntField(primary_key=True)
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField("models.Poll", related_name="options")
    position = fields.SmallIntField()
    title = fields.CharField(max_length=500)
    votes_count = fields.IntField(default=0)

    poll_id: int

    class Meta:
        table = "poll_option"
        unique_together = [("poll", "position")]


class PollVote(Model):
    """An actor chose an option, once. Who chose what never leaves this server."""

    id = fields.BigIntField(primary_key=True)
    option: fields.ForeignKeyRelation[PollOption] = fields.ForeignKeyField("models.PollOption", related_name="votes")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="poll_votes")
    uri = fields.CharField(max_length=MAX_URI, null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    option_id: int
    actor_id: int

    class Meta:
        table = "poll_vote"
        unique_together = [("option", "actor")]
        indexes = [("actor_id",)]
