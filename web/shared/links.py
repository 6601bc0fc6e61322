"""Addresses that a page leads to only where this server answers there."""

from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route


def has_route(request: Request, path: str) -> bool:
    """Whether there is a route of just this pattern, such as '/@{username:username}/agenda.ics'."""
    return path in _patterns(request.app)


@cache
def _patterns(app: Starlette) -> frozenset[str]:
    return frozenset(route.path for route in app.routes if isinstance(route, Route))
