"""Pages that are kept while nothing changes: they depend on their address and on how they are read, language and colours.

An agenda depends on what hour it is, too: what is over leaves it.
"""

from datetime import datetime

from starlette.requests import Request

from server import kept_answers
from server.kept_answers import Endpoint as Endpoint
from server.kept_answers import Key
from web.shared.reading import language_of, theme_of
from web.shared.site import context_of


def kept(make: Endpoint) -> Endpoint:
    """Have a page made once for each state of the database."""
    return kept_answers.kept(make, key_of)


def kept_by_the_hour(make: Endpoint) -> Endpoint:
    """Have a page made once for each state of the database in each hour."""
    return kept_answers.kept(make, _key_of_the_hour)


def _key_of_the_hour(request: Request) -> Key | None:
    key = key_of(request)
    return None if key is None else (*key, hour_of(request).isoformat())


def hour_of(request: Request) -> datetime:
    """Give the beginning of this hour."""
    return context_of(request).now().replace(minute=0, second=0, microsecond=0)


def key_of(request: Request) -> Key | None:
    """Tell what a page depends on; None for an address that no page of ours leads to."""
    query: bytes = request.scope["query_string"]
    if query and not query.startswith(b"before="):
        return None
    return ("page", request.scope["path"], query.decode("latin-1"), language_of(request), theme_of(request))
