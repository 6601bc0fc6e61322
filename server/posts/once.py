"""Publishing once though asked twice: a client program sends a key with every post, and so does every form of ours."""

from collections.abc import Awaitable
from typing import Protocol

from tortoise.exceptions import DoesNotExist

from federation.context import Context
from models.idempotency import Asker, IdempotencyKey
from models.post import Post
from server.errors import Conflict


class Publish(Protocol):
    """What publishes, under a row id that was chosen for it where there is one."""

    def __call__(self, *, id_: int | None = None) -> Awaitable[Post]: ...


async def once(by: Asker, key: str, publish: Publish, ctx: Context) -> Post:
    """Publish, or give what the same request brought about before. What failed may be tried again.

    Raises:
        Conflict: the first request is still being worked on.
    """
    try:
        row, is_ours = await IdempotencyKey.claim(by, key, ctx.now())
    except DoesNotExist as vanished:
        raise Conflict("This was being published and failed. Try again.") from vanished
    if not is_ours:
        return await _published(row)
    try:
        post = await publish(id_=row.id)
    except BaseException:
        await IdempotencyKey.filter(id=row.id).delete()
        raise
    await IdempotencyKey.filter(id=row.id).update(post_id=post.id)
    return post


async def _published(row: IdempotencyKey) -> Post:
    if row.post_id is None:
        raise Conflict("This is being published already.")
    return await Post.get(id=row.post_id).select_related("actor")
