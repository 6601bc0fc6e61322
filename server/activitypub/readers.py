"""Who is asking to read: the actor whose key signed a GET. For what is not open to everybody, and only then.

No key is fetched for it. Whoever may read such a post follows its author or is named in it, so that we have met them;
and a fetch would tell a stranger that there is something at this address. Servers where members of our sections live
are the exception: they read in their own name, and are told nothing new. Where every document is for signed requests
alone (Settings.signed_fetch), there is nothing to tell, and strangers' keys are fetched.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response
from tortoise.expressions import Q

from federation.actors import key_of, owner_of
from federation.context import Context
from federation.errors import BadSignature, FederationError, ObjectGone
from federation.policy import check_host
from federation.signatures import verify
from federation.uris import host_of
from federation.verification import read, signer_uri
from models.actor import Actor, ActorType
from models.follow import Follow, FollowState
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from server.activitypub.counting import counted_signature
from server.activitypub.inbox import as_signed
from server.monitoring.metrics import count_signature

SIGNED_BY = frozenset({"signature", "signature-input"})

Endpoint = Callable[[Request], Awaitable[Response]]


def for_signed(endpoint: Endpoint, unsigned: Endpoint | None = None) -> Endpoint:
    """Have an endpoint answer signed requests alone, where the settings say so; `unsigned` answers the others.

    Source: Mastodon's secure mode; https://swicg.github.io/activitypub-http-signature/#authorized-fetch
    """

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        if request.app.state.settings.signed_fetch:
            if unsigned is not None and not SIGNED_BY.intersection(request.headers.keys()):
                return await unsigned(request)
            await signing_host(request)
        return await endpoint(request)

    return guarded


async def signing_host(request: Request) -> str:
    """Tell which server signed the request; refuse one that none did, or one that is blocked.

    Raises:
        BadSignature: nobody signed it whose key can be had.
        RejectedByPolicy: the signer's domain is blocked.
    """
    try:
        with counted_signature():
            return host_of(await signer_uri(as_signed(request, b""), request.app.state.context))
    except ObjectGone as gone:
        raise BadSignature(str(gone)) from gone  # a 410 would say that this document is gone


async def reader_of(request: Request) -> Actor | None:
    """Tell which actor signed the request; None where nobody did whom this server knows and lets in."""
    if "signature" not in request.headers:
        return None
    try:
        reader = await _signer(request, request.app.state.context)
    except FederationError as error:
        count_signature(error)
        return None
    count_signature()
    return reader


async def _signer(request: Request, ctx: Context) -> Actor:
    """Verify the signature.

    Raises:
        BadSignature: it is none, was made for another server, or its key is of nobody we have met.
        RejectedByPolicy: the signer's domain is blocked.
    """
    signature = read(as_signed(request, b""), ctx)
    actor = await owner_of(signature.key_id)
    if actor is None and await _is_home_of_members(signature.key_id):
        return await Actor.get(uri=await signer_uri(as_signed(request, b""), ctx))
    if actor is None:
        raise BadSignature(f"{signature.key_id} is the key of nobody this server has met.")
    verify(signature, key_of(actor, signature.key_id))
    await check_host(host_of(actor.uri))
    return actor


async def _is_home_of_members(key_id: str) -> bool:
    """Whether a fellow member of somebody here, or their group, lives on the server whose key this is.

    It is told nothing new by a fetch.
    """
    host = host_of(key_id)
    fellow = Q(group__is_local=True, member__is_local=False, member__host=host)
    group = Q(member__is_local=True, group__is_local=False, group__host=host)
    return await Membership.filter(fellow | group, state=MembershipState.ACCEPTED).exists()


async def may_read(reader: Actor | None, post: Post) -> bool:
    """Whether the post is for this reader; None is the public."""
    if post.is_open or reader is None:
        return post.is_open
    if await Post.visible_to(reader).filter(id=post.id).exists():
        return True
    is_server = reader.type is ActorType.APPLICATION
    return is_server and post.visibility is Visibility.SECTION and await is_for_members(reader, post.group_id)


async def is_for_members(reader: Actor, group_id: int | None) -> bool:
    """Whether what is for the members of a group is for this reader: a member, or the server of one or of the group.

    Servers fetch in their own name what their members were sent.   Source: Mobilizon; Mastodon's instance actor
    """
    belonging = Membership.filter(group_id=group_id, state=MembershipState.ACCEPTED)
    if reader.type is ActorType.APPLICATION and not reader.is_local:
        is_of_group = Actor.exists(id=group_id, host=reader.host, is_local=False)
        return await is_of_group or await belonging.filter(member__host=reader.host, member__is_local=False).exists()
    return reader.id == group_id or await belonging.filter(member_id=reader.id).exists()


async def is_follower(reader: Actor, followed: Actor) -> bool:
    """Whether `followed` has accepted the reader as a follower."""
    return await Follow.exists(follower_id=reader.id, followed_id=followed.id, state=FollowState.ACCEPTED)
