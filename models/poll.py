"""Questions with answers to choose from: a post of type Question, its options, and who chose what."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.post import Post


class Poll(Model):
    """What a Question has and another post has not.

    `voters_count` is null where its home does not tell. `closed_at` is set when no vote counts any more.
    """

    id = IdField()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="poll")
    is_multiple = fields.BooleanField(default=False)
    closes_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    voters_count = fields.IntField(null=True)

    post_id: int
    options: fields.ReverseRelation["PollOption"]

    class Meta:
        table = "poll"


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
