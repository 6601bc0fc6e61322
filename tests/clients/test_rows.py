"""The table of rows is whole: each has its test, but for what this server does not offer."""

import importlib
import pkgutil
import re

from mastodon import Mastodon
from starlette.routing import Route

from server.mastodon.routes import API
from server.routes import ROUTES
from tests import clients
from tests.clients.rows import BY_HAND, BY_NODE, NOT_OFFERED, ROWS
from tests.clients.watching import COVERED
from web.routes import ROUTES as PAGES

SOCKET = "GET /api/v1/streaming"


def covered() -> set[str]:
    """Every row that a test here covers."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(clients.__path__):
        if module.name.startswith("test_"):
            for item in vars(importlib.import_module(f"tests.clients.{module.name}")).values():
                found |= set(getattr(item, COVERED, ()))
    return found


def offered() -> set[str]:
    """Every row that has a route."""
    routes = [(f"/api{route.path}", route.methods or ()) for route in API]
    routes += [(route.path, route.methods or ()) for route in [*ROUTES, *PAGES] if isinstance(route, Route)]
    known = {f"{method} {re.sub(r'{[^}]*}', '*', path)}" for path, methods in routes for method in methods} | {SOCKET}
    return {row for row in ROWS if re.sub(r":\w+", "*", row) in known}


def test_every_row_has_a_test_or_is_not_offered():
    assert covered() | NOT_OFFERED == set(ROWS)
    assert not covered() & NOT_OFFERED


def test_what_is_not_offered_is_not_there():
    assert set(ROWS) - offered() == NOT_OFFERED


def test_every_method_is_one_of_mastodon_py():
    assert not [
        method for method in ROWS.values() if not hasattr(Mastodon, method) and method not in (BY_HAND, BY_NODE)
    ]
