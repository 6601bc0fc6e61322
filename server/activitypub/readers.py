"""Who is asking to read: the actor whose key signed a GET. For what is not open to everybody, and only then.

No key is fetched for it. Whoever may read such a post follows its author or is named in it, so that we have met them;
and a fetch would tell a stranger that there is something at this address.
"""

from starlette.requests import Request

from federation.context import Context
from federation.errors import BadSignature, FederationError
from federation.keys import load_public_key
from federation.policy import check_host
from federation.signatures import read_signature, verify
from federation.uris import host_of
from models.actor import Actor
from models.follow import Follow, FollowState
from models.post import Post
from server.activitypub.inbox import as_signed


async def reader_of(request: Request) -> Actor | None:
    """Tell which actor signed the request; None where nobody did whom this server knows and lets in."""
    if "signature" not in request.headers:
        return None
    try:
        return await _signer(request, request.app.state.context)
    except FederationError:
        return None


async def _signer(request: Request, ctx: Context) -> Actor:
    """Verify the signature.

    Raises:
        BadSignature: it is none, was made for another server, or its key is of nobody we have met.
        RejectedByPolicy: the signer's domain is blocked.
    """
    signed = as_signed(request, b"")
    signature = read_signature(signed, now=ctx.now())
    if signed.headers["host"].lower() != ctx.names.host:
        raise BadSignature("The request was signed for another server.")
    actor = await Actor.filter(key_uri=signature.key_id, gone_at=None).first()
    if actor is None:
        raise BadSignature(f"{signature.key_id} is the key of nobody this server has met.")
    verify(signature, load_public_key(actor.public_key_pem))
    await check_host(host_of(actor.uri))
    return actor


async def may_read(reader: Actor | None, post: Post) -> bool:
    """Whether the post is for this reader; None is the public."""
    return post.is_open or (reader is not None and await Post.visible_to(reader).filter(id=post.id).exists())


async def is_follower(reader: Actor, followed: Actor) -> bool:
    """Whether `followed` has accepted the reader as a follower."""
    return await Follow.exists(follower_id=reader.id, followed_id=followed.id, state=FollowState.ACCEPTED)
