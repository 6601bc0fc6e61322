"""Pages that are kept while nothing changes: they depend on their address and the reader's language alone."""

from starlette.requests import Request

from server import kept_answers
from server.kept_answers import Endpoint, Key
from web.shared.rendering import language_of


def kept(make: Endpoint) -> Endpoint:
    """Have a page made once for each state of the database."""
    return kept_answers.kept(make, key_of)


def key_of(request: Request) -> Key | None:
    """Tell what a page depends on; None for an address that no page of ours leads to."""
    query: bytes = request.scope["query_string"]
    if query and not query.startswith(b"before="):
        return None
    return ("page", request.scope["path"], query.decode("latin-1"), language_of(request))
