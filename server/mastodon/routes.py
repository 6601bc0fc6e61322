"""The door of the client API: every endpoint, and 404 as JSON for whatever is none.

Clients know by a 404 that a server lacks a feature, and fall back; so a wrong method is answered 404 too.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.errors import NotFound
from server.mastodon import (
    accounts,
    acquaintances,
    batches,
    blocks,
    bookmarks,
    conversations,
    credentials,
    directory,
    domain_blocks,
    email_subscriptions,
    emoji_reactions,
    featured_tags,
    filters,
    filters_v1,
    follow_requests,
    grouped_notifications,
    instance,
    lists,
    markers,
    media,
    mutes,
    notification_policy,
    notifications,
    pins,
    polls,
    preferences,
    profile,
    push,
    quotes,
    reports,
    scheduled,
    search,
    sockets,
    statuses,
    streaming,
    tags,
    timelines,
    unoffered,
)

API = [
    *accounts.ROUTES,
    *acquaintances.ROUTES,
    *batches.ROUTES,
    *blocks.ROUTES,
    *bookmarks.ROUTES,
    *conversations.ROUTES,
    *credentials.ROUTES,
    *directory.ROUTES,
    *domain_blocks.ROUTES,
    *email_subscriptions.ROUTES,
    *emoji_reactions.ROUTES,
    *featured_tags.ROUTES,
    *filters.ROUTES,
    *filters_v1.ROUTES,
    *follow_requests.ROUTES,
    *grouped_notifications.ROUTES,
    *instance.ROUTES,
    *lists.ROUTES,
    *markers.ROUTES,
    *media.ROUTES,
    *mutes.ROUTES,
    *notification_policy.ROUTES,
    *notifications.ROUTES,
    *pins.ROUTES,
    *polls.ROUTES,
    *preferences.ROUTES,
    *profile.ROUTES,
    *push.ROUTES,
    *reports.ROUTES,
    *quotes.ROUTES,
    *scheduled.ROUTES,
    *search.ROUTES,
    *statuses.ROUTES,
    *streaming.ROUTES,
    *tags.ROUTES,
    *timelines.ROUTES,
    *unoffered.ROUTES,
]


SOCKET = "/v1/streaming"


class Door:
    """ASGI application: finds a fixed path in a table at once, tries patterns after it, forgives a slash at the end."""

    def __init__(self, routes: Sequence[Route], socket: ASGIApp) -> None:
        self._socket = socket
        self._fixed = {
            (method, route.path): route
            for route in routes
            if not route.param_convertors
            for method in route.methods or ()
        }
        self._patterns = [route for route in routes if route.param_convertors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotFound: there is no such endpoint.
        """
        asked: str = scope["path"]
        scope["path"] = asked.rstrip("/")
        if scope["type"] == "websocket":
            await (self._socket if self._path(scope) == SOCKET else refuse)(scope, receive, send)
        elif scope["type"] == "http" and (route := self._find(scope)) is not None:
            scope["route"] = route
            await route.handle(scope, receive, send)
        else:
            scope["path"] = asked
            raise NotFound("This server has no such endpoint.")

    @staticmethod
    def _path(scope: Scope) -> str:
        path: str = scope["path"]
        return path.removeprefix(scope.get("root_path", ""))

    def _find(self, scope: Scope) -> Route | None:
        path = self._path(scope)
        if (fixed := self._fixed.get((scope["method"], path))) is not None:
            scope["path_params"] = {}
            return fixed
        for route in self._patterns:
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return route
        return None


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket where there is none."""
    await WebSocket(scope, receive, send).close()


ROUTES: list[BaseRoute] = [Mount("/api", app=Door(API, sockets.serve))]
