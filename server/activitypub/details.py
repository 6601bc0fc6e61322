"""What members of ours show to the managers of sections on other servers: to the signature of that very section.

Everybody else gets 404, whatever they sign with, and no answer is kept anywhere. A key is fetched only from the section's
own server, which is told nothing new by it. Why: docs/decisions/0017.
"""

from datetime import datetime

import orjson
from starlette.requests import Request
from starlette.responses import Response
from tortoise.expressions import Q

from federation.context import Context
from federation.errors import BadSignature, FederationError, RemoteUnavailable
from federation.objects import details
from federation.objects.details import Agreement, Between, Detail
from federation.signatures import signed_at
from federation.uris import same_origin
from federation.verification import read, signer_of
from federation.vocabulary import ACTIVITY_JSON
from models.actor import Actor
from models.details import SharedDetails
from models.membership import Membership, MembershipState
from server.activitypub.counting import counted_signature
from server.activitypub.inbox import as_signed
from server.consents import actions as consents
from server.errors import NotFound, TooMany
from server.sections.sharing import Shared

NEVER_KEPT = {"Cache-Control": "private, no-store"}
NOTHING_HERE = "There is no such document, or it is not for you."


async def shared_details(request: Request) -> Response:
    """GET /shared-details/{token} -> the e-mail address and phone number that one member shows to one section.

    Raises:
        NotFound: there is nothing, or somebody else asks.
        RemoteUnavailable: the section's server does not give us its key now.
        TooMany: a request signed then, or later, was answered before.
    """
    ctx: Context = request.app.state.context
    uri = ctx.names.shared_details(request.path_params["token"])
    rows = SharedDetails.filter(uri=uri, membership__member__is_local=True, membership__state=MembershipState.ACCEPTED)
    row = await rows.select_related("membership__member", "membership__group").first()
    if row is None:
        raise NotFound(NOTHING_HERE, NEVER_KEPT)
    moment = await _asked_at(request, row.membership.group, ctx)
    shown = await _shown(row.membership)
    if not shown:
        raise NotFound(NOTHING_HERE, NEVER_KEPT)
    await _answer_once(row, moment)
    between = Between(uri, row.membership.member.uri, row.membership.group.uri)
    document = details.write(between, shown, now=ctx.now())
    return Response(orjson.dumps(document), headers={"Content-Type": ACTIVITY_JSON, **NEVER_KEPT})


async def _asked_at(request: Request, group: Actor, ctx: Context) -> datetime:
    """Tell when the section signed the request.

    Raises:
        NotFound: nobody signed it, or somebody else did.
        RemoteUnavailable: the section's server does not give us its key now.
    """
    signed = as_signed(request, b"")
    try:
        with counted_signature():
            signature = read(signed, ctx)
            if not same_origin(signature.key_id, group.uri):
                raise BadSignature("The key is not of this section's server.", reason="key")
            signer = await signer_of(signature, ctx)
    except RemoteUnavailable:
        raise
    except FederationError as refused:
        raise NotFound(NOTHING_HERE, NEVER_KEPT) from refused
    if signer != group.uri or group.gone_at is not None:
        raise NotFound(NOTHING_HERE, NEVER_KEPT)
    return signed_at(signature, signed)


async def _shown(membership: Membership) -> list[Detail]:
    """Gather what is shown to the section: what its own consent stands for, and is there."""
    standing = await consents.standing(membership.group, membership.member)
    found = []
    for field, value in ((Shared.EMAIL, membership.email), (Shared.PHONE, membership.phone)):
        if value and (consent := standing.get(field.purpose(is_sent=True))) is not None:
            words = consent.text
            agreed = Agreement(words.version, words.language, words.text, consent.given_at)
            found.append(Detail(field.value, value, agreed))
    return found


async def _answer_once(row: SharedDetails, moment: datetime) -> None:
    """Note that a request signed at that moment is answered, so that whoever got hold of it cannot send it again.

    Raises:
        TooMany: that, or a later one, was answered before.
    """
    earlier = SharedDetails.filter(Q(signed_at=None) | Q(signed_at__lt=moment), id=row.id)
    if not await earlier.update(signed_at=moment):
        raise TooMany("This request was answered before: sign another one.", {"Retry-After": "1", **NEVER_KEPT})
