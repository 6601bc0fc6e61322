"""Which stream a client asks for, and whether its token lets it; for both ways of listening."""

from collections.abc import Collection

from starlette.requests import HTTPConnection

from federation.markup import normalise_tag
from server.errors import Forbidden, Invalid
from server.mastodon.parameters import Parameters
from server.oauth.scopes import OUTSIDE_SCOPES, covers
from server.oauth.tokens import Grant
from server.streaming.connections import Connection, Stream, StreamName
from server.streaming.hub import Hub
from server.throttle import address_of

OF_TAGS = (StreamName.HASHTAG, StreamName.HASHTAG_LOCAL)
MAX_TAG_CHARACTERS = 128


def stream_of(parameters: Parameters, scopes: Collection[str]) -> Stream:
    """Read a stream: its name in `stream`, and its hashtag in `tag`.

    Raises:
        Invalid: there is no such stream.
        Forbidden: the token is for other things.
    """
    word = parameters.text("stream")
    if word not in list(StreamName):
        raise Invalid("There is no such stream.")
    name = StreamName(word)
    if not covers(scopes, scope_of(name)):
        raise Forbidden(OUTSIDE_SCOPES)
    if name not in OF_TAGS:
        return Stream(name)
    tag = normalise_tag(parameters.text("tag")[:MAX_TAG_CHARACTERS])
    if not tag:
        raise Invalid("tag must be a hashtag.")
    return Stream(name, tag)


def scope_of(name: StreamName) -> str:
    """Tell which scope lets a client listen to a stream."""
    return "read:notifications" if name is StreamName.USER_NOTIFICATION else "read:statuses"


def connect(client: HTTPConnection, grant: Grant) -> Connection:
    """Count in a client that wants to listen.

    Raises:
        TooMany: too many streams are open.
    """
    connection = Connection(grant.actor, grant.token_id, grant.scopes, address_of(client))
    hub_of(client).add(connection)
    return connection


def hub_of(client: HTTPConnection) -> Hub:
    """Give the hub of this process."""
    hub: Hub = client.app.state.hub
    return hub
