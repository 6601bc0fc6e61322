"""Publishing once, though a form was sent twice: the activity bears the number of the form, and none is performed twice."""

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.ids import new_id
from models.post import Post
from server.errors import Conflict, Invalid


def activity_of(form_id: int | None, ctx: Context) -> str | None:
    """Name the activity by which a form publishes something. `form_id` is a row id that was made for the form.

    Raises:
        Invalid: it has not been made yet.
    """
    if form_id is None:
        return None
    if form_id >= new_id():
        raise Invalid("This form could not be read.")
    return ctx.names.activity(form_id)


async def published(activity_uri: str | None, author: Actor) -> Post:
    """Give what a form has published already.

    Raises:
        Conflict: another activity has that name.
    """
    record = await ActivityRecord.get_or_none(uri=activity_uri, actor_uri=author.uri, type="Create")
    post = await Post.get_or_none(uri=record.object_uri).select_related("actor") if record is not None else None
    if post is None:
        raise Conflict("This was deleted meanwhile.")
    return post
