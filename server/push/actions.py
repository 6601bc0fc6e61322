"""Subscribing a client, changing what it wants, and finding out to which clients a notification goes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from federation.context import Context
from federation.errors import MalformedActivity
from federation.uris import parse_uri
from models.follow import Follow, FollowState
from models.notification import NotificationType
from models.push import Push, PushPolicy, PushSubscription
from server.errors import Invalid
from server.mastodon.entities.notification import TYPE_OF
from server.push.encryption import SECRET_BYTES, decode, is_public_key

NOTIFICATIONS_AT_ONCE = 200
MAX_ENDPOINT_CHARACTERS = 2048


async def subscribe(
    token_id: int, endpoint: str, public_key: str, secret: str, ctx: Context, *, is_standard: bool, **wanted: Any
) -> PushSubscription:
    """Tell the client that holds a token there, and no longer where it was told before; `wanted` is alerts and policy.

    Raises:
        Invalid: the address is not one that may be asked, or the keys are none.
    """
    try:
        uri = parse_uri(endpoint)
    except MalformedActivity as error:
        raise Invalid("The endpoint must be an address of the web.") from error
    if len(endpoint) > MAX_ENDPOINT_CHARACTERS or (uri.scheme != "https" and not ctx.client.allow_http):
        raise Invalid("The endpoint must be an https address.")
    if not is_public_key(decode(public_key) or b""):
        raise Invalid("p256dh must be a public key on P-256, in base64url.")
    if len(decode(secret) or b"") != SECRET_BYTES:
        raise Invalid("auth must be 16 bytes in base64url.")
    async with in_transaction():
        await PushSubscription.filter(token_id=token_id).delete()
        return await PushSubscription.create(
            token_id=token_id,
            endpoint=endpoint,
            public_key=public_key,
            secret=secret,
            is_standard=is_standard,
            **wanted,
        )


async def plan(now: datetime) -> bool:
    """Find for some new notifications the clients that want them, and owe it to those; whether there were any.

    Nothing is sent here, and nothing is lost: the notification counts as looked at in the transaction that writes what is
    owed.
    """
    async with in_transaction():
        rows = await Push.take_new(NOTIFICATIONS_AT_ONCE)
        told = [row for row in rows if not row["is_filtered"] and NotificationType(row["type"]) in TYPE_OF]
        by_actor = await _subscriptions_of({int(row["recipient_id"]) for row in told})
        for row in told:
            for subscription in by_actor.get(int(row["recipient_id"]), ()):
                if await _wants(
                    subscription, NotificationType(row["type"]), int(row["recipient_id"]), int(row["actor_id"])
                ):
                    await Push.create(subscription_id=subscription.id, notification_id=int(row["id"]), due_at=now)
    return bool(rows)


async def _subscriptions_of(actor_ids: Collection[int]) -> dict[int, list[PushSubscription]]:
    """Load the subscriptions of these members whose tokens are good, by their actors."""
    found: dict[int, list[PushSubscription]] = defaultdict(list)
    if actor_ids:
        rows = PushSubscription.filter(
            token__revoked_at=None, token__member__disabled_at=None, token__member__actor_id__in=list(actor_ids)
        )
        for row in await rows.select_related("token__member"):
            assert row.token.member is not None
            found[row.token.member.actor_id].append(row)
    return found


async def _wants(subscription: PushSubscription, type_: NotificationType, recipient_id: int, actor_id: int) -> bool:
    """Whether a client is to be told of something of this type by this actor."""
    if TYPE_OF[type_] not in subscription.alerts or subscription.policy is PushPolicy.NONE:
        return False
    if subscription.policy is PushPolicy.ALL:
        return True
    is_followed = subscription.policy is PushPolicy.FOLLOWED
    pair = (recipient_id, actor_id) if is_followed else (actor_id, recipient_id)
    return await Follow.exists(follower_id=pair[0], followed_id=pair[1], state=FollowState.ACCEPTED)
