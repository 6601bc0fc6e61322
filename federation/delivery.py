"""Sending what is owed: one activity to one inbox, signed by its actor.   Source: ActivityPub §7; RFC 9110 §15."""

from datetime import datetime

from tortoise.transactions import in_transaction

from federation.actors import signer_of
from federation.answers import Answer, retry_after_seconds
from federation.context import Context
from federation.errors import FederationError, NotAuthorised, ObjectGone, RemoteUnavailable
from federation.follower_digests import Digests
from federation.handlers import profile
from federation.vocabulary import ACTIVITY_JSON
from models.actor import Actor
from models.delivery import Delivery

HEALS_BY_ITSELF = frozenset({408, 425, 429, 502, 503, 504})


class Stumbled(RemoteUnavailable):
    """The host answers with an error of its own, such as 500: it may have stumbled over just this activity."""


async def send(row: Delivery, ctx: Context, digests: Digests | None = None) -> None:
    """Deliver one row, whose `activity` is loaded; returning means the other server has it. Many in a row
    to one host share their `digests`.

    Raises:
        RemoteUnavailable: the host may take it later. Stumbled, if others may be taken now.
        NotAuthorised: a 401: this inbox may take it later, once the host has fetched our key.
        ObjectGone: the inbox is no more.
        FederationError: it is refused for good.
    """
    signer = await signer_of(row.sender_id, ctx.now())
    if more := await (digests or Digests()).headers_for(row, signer.key_id.partition("#")[0], ctx.now()):
        signer = signer.bearing(more)
    body = row.activity.document.encode()
    answer = await ctx.client.post(row.inbox_uri, body, content_type=ACTIVITY_JSON, signer=signer, now=ctx.now())
    _check(answer, row.inbox_uri, ctx.now())


def _check(answer: Answer, inbox_uri: str, now: datetime) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if status >= 500 or status in HEALS_BY_ITSELF:
        pause = retry_after_seconds(answer.headers.get("retry-after"), now)
        kind = RemoteUnavailable if status in HEALS_BY_ITSELF else Stumbled
        raise kind(f"{inbox_uri} answers {status}", retry_after_seconds=pause)
    if status == 401:
        raise NotAuthorised(f"{inbox_uri} does not accept our signature (401)")
    if status in (404, 410):
        raise ObjectGone(f"{inbox_uri} answers {status}", is_permanent=status == 410)
    raise FederationError(f"{inbox_uri} refuses it with {status}")


async def bury_owner(inbox_uri: str, ctx: Context) -> None:
    """Remove the follows of the actor whose own inbox is gone for good (410)."""
    for actor in await Actor.filter(inbox_uri=inbox_uri, is_local=False, gone_at=None):
        async with in_transaction():
            effects = await profile.bury(actor, ctx.for_batch())
            await ctx.react(effects.facts)
