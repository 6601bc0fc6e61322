"""Sending one push, and what becomes of it. No log names whom it was for, nor where."""

from datetime import timedelta

import structlog

from federation.context import Context
from federation.errors import RejectedByPolicy, RemoteUnavailable
from models.notification import Notification
from models.push import Push, PushSubscription
from server.mastodon.entities.push import push_payload
from server.notifications import queries as notifications
from server.push.encryption import decode, encrypt
from server.push.identity import headers, key

GONE = frozenset({404, 410})
MAX_ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 60
PAUSE_GROWS_BY = 4
KEPT_SECONDS = 172_800

log = structlog.get_logger()


async def send(id_: int, ctx: Context) -> None:
    """Send one push; a subscription whose service knows it no longer, or that may not be asked, goes."""
    push = await Push.get_or_none(id=id_).select_related("subscription__token__member__actor")
    if push is None:
        return
    body = await _written(push, ctx)
    if body is None:
        await push.delete()
        return
    try:
        status = await _post(push.subscription, body, ctx)
    except RejectedByPolicy:
        status = 410
    except RemoteUnavailable:
        status = 503
    if status in GONE:
        await PushSubscription.filter(id=push.subscription_id).delete()
    elif (status == 429 or status >= 500) and push.attempts + 1 < MAX_ATTEMPTS:
        await push.put_off(ctx.now() + timedelta(seconds=FIRST_PAUSE_SECONDS * PAUSE_GROWS_BY**push.attempts))
    else:
        if status >= 300:
            log.info("push given up", status=status)
        await push.delete()


async def _written(push: Push, ctx: Context) -> bytes | None:
    """Write what is pushed; None where there is nothing any more that this member may be told."""
    member = push.subscription.token.member
    if member is None or member.disabled_at is not None or push.subscription.token.revoked_at is not None:
        return None
    row = await Notification.get_or_none(id=push.notification_id).select_related("actor")
    if row is None or row.is_filtered or row.actor.is_suspended:
        return None
    views = await notifications.shown([row], member.actor)
    return push_payload(views[0], ctx.names, member.language) if views else None


async def _post(subscription: PushSubscription, text: bytes, ctx: Context) -> int:
    public_key, secret = decode(subscription.public_key) or b"", decode(subscription.secret) or b""
    is_standard = subscription.is_standard
    body, how = encrypt(text, public_key, secret, is_standard=is_standard)
    who = headers(subscription.endpoint, ctx.names.origin, await key(), ctx.now(), is_standard=is_standard)
    if not is_standard:
        who["Crypto-Key"] = f"{how['Crypto-Key']};{who['Crypto-Key']}"
    said = {"Content-Type": "application/octet-stream", "TTL": str(KEPT_SECONDS), "Urgency": "normal"}
    return (await ctx.client.push(subscription.endpoint, body, said | how | who)).status
