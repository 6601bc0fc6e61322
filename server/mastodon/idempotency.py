"""Publishing once though asked twice: the Idempotency-Key header, which clients send with every post.

Source: docs.joinmastodon.org/methods/statuses#create: the same key within an hour, by the same token, is the same status.
"""

from starlette.requests import Request

from models.idempotency import Asker
from models.post import Post
from server.errors import Invalid
from server.mastodon.asking import context
from server.posts import once as publishing
from server.posts.once import Publish

HEADER = "idempotency-key"
MAX_KEY_CHARACTERS = 255


async def once(request: Request, publish: Publish) -> Post:
    """Publish, or give what the same request brought about before. What failed may be tried again.

    Raises:
        Conflict: the first request is still being worked on.
        Invalid: the key is too long.
    """
    if not (key := read_key(request)):
        return await publish()
    return await publishing.once(Asker(token_id=request.state.grant.token_id), key, publish, context(request))


def read_key(request: Request) -> str:
    """Read the key; '' where there is none.

    Raises:
        Invalid: it is too long.
    """
    key = request.headers.get(HEADER, "")
    if len(key) > MAX_KEY_CHARACTERS:
        raise Invalid(f"An idempotency key may have {MAX_KEY_CHARACTERS} characters.")
    return key
