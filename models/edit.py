"""What a post said before it was edited."""

from tortoise import fields
from tortoise.models import Model

from models.ids import IdField
from models.post import Post


class PostEdit(Model):
    """One earlier version of a post, with the moment from which it stood."""

    id = IdField()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="edits")
    title = fields.CharField(max_length=500, default="")
    content_html = fields.TextField(default="")
    content_warning = fields.CharField(max_length=500, default="")
    is_sensitive = fields.BooleanField(default=False)
    stood_from = fields.DatetimeField()

    post_id: int

    class Meta:
        table = "post_edit"
        indexes = [("post_id", "id")]
