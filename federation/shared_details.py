"""Reading what a member of another server shows to a section of ours: signed by that section, and from that one address."""

from federation.actors import signer_of
from federation.context import Context
from federation.dereference import ACCEPT, MEDIA_TYPES, media_type, parse_document
from federation.errors import MalformedActivity
from federation.objects import details
from federation.objects.details import Between, Shown
from federation.policy import check_host
from federation.uris import host_of
from models.actor import Actor


async def fetch(between: Between, group: Actor, ctx: Context) -> Shown:
    """Fetch what is shown to a section of ours; a redirect is not followed.

    Raises:
        RemoteUnavailable: not now.
        FederationError: nothing is shown, or not to this section, or it cannot be read.
    """
    await check_host(host_of(between.uri))
    answer = await ctx.client.get(
        between.uri,
        accept=ACCEPT,
        signer=await signer_of(group.id, ctx.now()),
        now=ctx.now(),
        max_body_bytes=details.MAX_DOCUMENT_BYTES,
        max_redirects=0,
    )
    if media_type(answer.headers.get("content-type", "")) not in MEDIA_TYPES:
        raise MalformedActivity("what was found is not an ActivityPub document")
    return details.read(parse_document(answer.body), between, now=ctx.now())
