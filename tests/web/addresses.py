"""The addresses of every page: the table of routes, filled in with the values of a town.

A new page is taken in by itself where it is known what its address is made of; else `filled` says so: add a line to PARTS.
"""

import re
from collections.abc import Iterator

from starlette.routing import Mount, Route

from server.activitypub.negotiation import NegotiatedRoute
from server.routes import ROUTES as MACHINES
from tests.web.town import Town
from web.routes import ROUTES as PAGES

# What a `{…}` of an address stands for: the beginning of the path, then the value of the town. The first that fits counts.
PARTS: tuple[tuple[str, str], ...] = (
    (r"/@{username:username}/desk/members/{id:row}", "member"),
    (r"/@{username:username}/desk/posts/{id:row}", "post"),
    (r"/@{username:username}/desk/reports/{id:row}", "report"),
    (r"/@{username:username}/desk/events/series/{id:row}", "series"),
    (r"/@{username:username}/desk/events/{id:row}", "event"),
    (r"/@{username:username}/{id:row}/come", "event"),
    (r"/@{username:username}/{id:row}.ics", "event"),
    (r"/events/{id:row}", "event"),
    (r"/people/{id:row}", "author"),
    (r"/home/lists/{id:row}", "list"),
    (r"/me/lists/{id:row}", "list"),
    (r"/me/filters/{id:row}", "filter"),
    (r"/posts/{id:row}/", "mine"),
    (r"/actors/{id:row}", "member"),
    (r"/{id:row}", "post"),
    (r"/answers/{token", "answer"),
    (r"/contact/{token", "contact"),
    (r"/calendar/{token", "calendar"),
    (r"/join/{token", "join"),
    (r"/setup/{token", "setup"),
    (r"/sign_up/{note", "sign_up"),
    (r"/login/password/{note", "password"),
)
NAMED = {
    "username": "lille",
    "name": "nord",
    "pair": "c8102e-ffd100",
    "path": "favicon.svg",
    "part": "blocked",
    "table": "followers",
    "behind": "0",
}
QUERIES = {
    "/oauth/authorize": "?{oauth}",
    "/follow": "?of=lille",
    "/me/join": "?of=@nord@far.test",
    "/me/leave": "?group={section}",
    "/me/move": "?group={section}",
    "/search": "?q=lille",
    "/@{username:username}/desk/events/{id:row}/status": "?to=cancelled",
    "/@{username:username}/desk/events/new": "?kind=leafleting",
    "/write": "?reply_to={post}",
}

_PART = re.compile(r"{(\w+)(?::\w+)?}")


def routes(*, also_machines: bool = False) -> Iterator[Route]:
    """Every route that people come to; with those for programs, but for the client API, which has no pages."""
    for route in [*(MACHINES if also_machines else ()), *PAGES]:
        if isinstance(route, Route) and not isinstance(route, NegotiatedRoute):
            yield route
        else:
            assert isinstance(route, NegotiatedRoute | Mount)


def filled(route: Route, town: Town, who: str = "ali") -> str:
    """Give an address that a route answers; of what each member has of their own, that of `who`.

    Raises:
        AssertionError: it is not known what stands in it: add it to PARTS.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] in NAMED:
            return NAMED[found[1]]
        assert key is not None, (
            f"{route.path}: what does {found[0]} stand for? Add it to PARTS of tests/web/addresses.py."
        )
        return str(town.values.get(f"{key} of {who}") or town.values[key])

    key = next((key for beginning, key in PARTS if beginning in route.path), None)
    return _PART.sub(value, route.path) + QUERIES.get(route.path, "").format_map(town.values)
