"""Publishing once though asked twice: the Idempotency-Key header, which clients send with every post.

Source: docs.joinmastodon.org/methods/statuses#create: the same key within an hour, by the same token, is the same status.
"""

from collections.abc import Awaitable
from typing import Protocol

from starlette.requests import Request
from tortoise.exceptions import DoesNotExist

from models.idempotency import IdempotencyKey
from models.post import Post
from server.errors import Conflict, Invalid
from server.mastodon.asking import context

HEADER = "idempotency-key"
MAX_KEY_CHARACTERS = 255


class Publish(Protocol):
    """What publishes, under a row id that was chosen for it where there is one."""

    def __call__(self, *, id_: int | None = None) -> Awaitable[Post]: ...


async def once(request: Request, publish: Publish) -> Post:
    """Publish, or give what the same request brought about before. What failed may be tried again.

    Raises:
        Conflict: the first request is still being worked on.
        Invalid: the key is too long.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return await publish()
    if len(key) > MAX_KEY_CHARACTERS:
        raise Invalid(f"An idempotency key may have {MAX_KEY_CHARACTERS} characters.")
    try:
        row, is_ours = await IdempotencyKey.claim(request.state.grant.token_id, key, context(request).now())
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
