"""Posts that a member has written and that are not published yet: scheduled ones, and drafts."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.secrets import SealedJsonField


class ScheduledPost(Model):
    """A draft, to be published when `due_at` has come, or, without one, when its author says so. The row goes when it is.

    `draft` is sealed, written and read in server/posts/scheduled.py. A worker that publishes it holds it until
    `held_until`, under the id that the post will have: whoever takes it up after a crash sees by `post_id` whether it was
    published.
    `given_up_at` is when it could not be: its author may then change or delete it. `key` is the hash of an idempotency key.
    """

    id = IdField()
    author: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="scheduled_posts")
    due_at = fields.DatetimeField(null=True)
    draft = SealedJsonField()
    key = fields.CharField(max_length=64, null=True)
    post_id = fields.BigIntField(null=True)
    held_until = fields.DatetimeField(null=True)
    given_up_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    author_id: int

    class Meta:
        table = "scheduled_post"
        unique_together = [("author", "key")]
        indexes = [("author_id", "id"), ("given_up_at", "due_at")]
