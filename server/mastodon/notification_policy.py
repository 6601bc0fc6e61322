"""By whom a member is told what, and those who ask to be heard.   Source: docs.joinmastodon.org/methods/notifications"""

from typing import TypedDict

from starlette.requests import Request

from models.notification_policy import Treatment
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.notification import (
    NotificationPolicy,
    NotificationRequest,
    V1NotificationPolicy,
    notification_request,
    policy,
    policy_v1,
)
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.notifications import requests
from server.notifications.policy import KINDS, policy_of, set_policy


class Merged(TypedDict):
    """Whether what was accepted is among the others now."""

    merged: bool


async def show(request: Request) -> Json[NotificationPolicy]:
    """GET /api/v2/notifications/policy -> NotificationPolicy."""
    return Json(policy(await policy_of(me(request).id), await requests.summary(me(request))))


async def change(request: Request) -> Json[NotificationPolicy]:
    """PATCH /api/v2/notifications/policy -> NotificationPolicy; so does PUT, and what is not sent stays as it is."""
    row = await set_policy(me(request), _changes(await read(request)))
    return Json(policy(row, await requests.summary(me(request))))


async def show_v1(request: Request) -> Json[V1NotificationPolicy]:
    """GET /api/v1/notifications/policy -> V1::NotificationPolicy."""
    return Json(policy_v1(await policy_of(me(request).id), await requests.summary(me(request))))


async def change_v1(request: Request) -> Json[V1NotificationPolicy]:
    """PATCH /api/v1/notifications/policy -> V1::NotificationPolicy; so does PUT, and what is not sent stays as it is."""
    parameters = await read(request)
    asked = {kind: kind.replace("for_", "filter_") for kind in KINDS[:4]}
    changes = {
        kind: Treatment.FILTER if parameters.flag(name) else Treatment.ACCEPT
        for kind, name in asked.items()
        if parameters.has(name)
    }
    row = await set_policy(me(request), changes)
    return Json(policy_v1(row, await requests.summary(me(request))))


def _changes(parameters: Parameters) -> dict[str, Treatment]:
    found = {}
    for kind in KINDS:
        if word := parameters.text(kind):
            if word not in list(Treatment):
                raise Invalid(f"{kind} must be accept, filter or drop.")
            found[kind] = Treatment(word)
    return found


async def index(request: Request) -> Json[list[NotificationRequest]]:
    """GET /api/v1/notifications/requests -> [NotificationRequest]."""
    page, names = Page.read(await read(request), default=40, most=80), context(request).names
    found = await requests.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [item for item in found if page.reaches(item.first.id)]
    headers = link_header(request, names, page, [item.first.id for item in shown])
    return Json([notification_request(item, names, me(request)) for item in shown], headers=headers)


async def show_request(request: Request) -> Json[NotificationRequest]:
    """GET /api/v1/notifications/requests/{id} -> NotificationRequest.

    Raises:
        NotFound: there is none.
    """
    found = await requests.one(me(request), path_id(request))
    if found is None:
        raise NotFound("There is no such request.")
    return Json(notification_request(found, context(request).names, me(request)))


async def accept(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/requests/{id}/accept -> {}.

    Raises:
        NotFound: there is none.
    """
    if not await requests.accept(me(request), [path_id(request)], context(request)):
        raise NotFound("There is no such request.")
    return Json({})


async def dismiss(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/requests/{id}/dismiss -> {}.

    Raises:
        NotFound: there is none.
    """
    if not await requests.dismiss(me(request), [path_id(request)]):
        raise NotFound("There is no such request.")
    return Json({})


async def accept_many(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/requests/accept -> {}; `id[]` names them."""
    await requests.accept(me(request), (await read(request)).ids("id"), context(request))
    return Json({})


async def dismiss_many(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/requests/dismiss -> {}; `id[]` names them."""
    await requests.dismiss(me(request), (await read(request)).ids("id"))
    return Json({})


async def merged(request: Request) -> Json[Merged]:
    """GET /api/v1/notifications/requests/merged -> {merged}: what was accepted is told at once."""
    return Json({"merged": True})
