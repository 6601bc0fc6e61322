"""Web Push for the client that asks.   Source: docs.joinmastodon.org/methods/push"""

from typing import Any

from starlette.requests import Request

from models.push import PushPolicy, PushSubscription
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.push import ALERTS, WebPushSubscription, push_subscription
from server.mastodon.parameters import Parameters, read
from server.push import actions
from server.push.identity import key, public_text


async def show(request: Request) -> Json[WebPushSubscription]:
    """GET /api/v1/push/subscription -> WebPushSubscription."""
    return await _answer(await _own(request))


async def create(request: Request) -> Json[WebPushSubscription]:
    """POST /api/v1/push/subscription -> WebPushSubscription; the one that the client had is no more."""
    parameters = await read(request)
    asked = _within(parameters, "subscription")
    keys = _within(asked, "keys")
    row = await actions.subscribe(
        request.state.grant.token_id,
        asked.text("endpoint"),
        keys.text("p256dh"),
        keys.text("auth"),
        context(request),
        is_standard=asked.flag("standard"),
        **{"alerts": [], "policy": PushPolicy.ALL} | _wanted(parameters),
    )
    return await _answer(row)


async def change(request: Request) -> Json[WebPushSubscription]:
    """PUT /api/v1/push/subscription -> WebPushSubscription: of what the client is told, and by whom."""
    row = await _own(request)
    if changes := _wanted(await read(request)):
        await row.update_from_dict(changes).save(update_fields=list(changes))
    return await _answer(row)


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/push/subscription -> {}; without one nothing changes."""
    await PushSubscription.filter(token_id=request.state.grant.token_id).delete()
    return Json({})


async def _own(request: Request) -> PushSubscription:
    row = await PushSubscription.get_or_none(token_id=request.state.grant.token_id)
    if row is None:
        raise NotFound("This client has no push subscription.")
    return row


async def _answer(row: PushSubscription) -> Json[WebPushSubscription]:
    return Json(push_subscription(row, public_text(await key())))


def _wanted(parameters: Parameters) -> dict[str, Any]:
    """Read `data[alerts]` and `data[policy]`, or `policy` beside it; what was not sent is not there.

    Raises:
        Invalid: there is no such policy.
    """
    found: dict[str, Any] = {}
    data = _within(parameters, "data")
    if data.has("alerts"):
        alerts = _within(data, "alerts")
        found["alerts"] = [name for name in ALERTS if alerts.flag(name)]
    if word := data.text("policy") or parameters.text("policy"):
        if word not in list(PushPolicy):
            raise Invalid("policy must be all, followed, follower or none.")
        found["policy"] = PushPolicy(word)
    return found


def _within(parameters: Parameters, name: str) -> Parameters:
    value = parameters.values.get(name)
    return Parameters(value if isinstance(value, dict) else {})
