"""Streams as server-sent events.   Source: docs.joinmastodon.org/methods/streaming; HTML standard §9.2"""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from federation.naming import Names
from server.errors import Unauthorised
from server.mastodon.asking import context
from server.mastodon.entities.streamed import payload, server_sent
from server.mastodon.parameters import Parameters
from server.mastodon.subscribing import connect, hub_of, scopes_of, stream_of
from server.oauth.scopes import NOT_LOGGED_IN, Endpoint, challenge
from server.oauth.tokens import bearer_of, grant_of
from server.streaming.connections import PUBLIC_WITH_MEDIA, Connection, Event, StreamName
from server.streaming.sending import EventStream, written


def events(connection: Connection, names: Names) -> AsyncIterator[str]:
    """Write what waits for a client as clients of the API read it."""

    async def write(event: Event) -> str:
        text = payload(event, names, connection.actor)
        return "" if text is None else server_sent(event, text)

    return written(connection, write)


def _listen(name: StreamName) -> Endpoint:
    async def listen(request: Request) -> EventStream:
        """Listen to one stream.

        Raises:
            Unauthorised: there is no token, or one that is no good.
            Forbidden: it is for other things.
            Invalid: there is no such stream.
            NotFound: there is no such list.
            TooMany: too many streams are open.
        """
        token = request.query_params.get("access_token") or bearer_of(request.headers.get("authorization", ""))
        if (grant := await grant_of(token)) is None:
            raise Unauthorised(NOT_LOGGED_IN, challenge(request))
        asked = Parameters({**request.query_params, "stream": name.value})
        stream = await stream_of(asked, grant.actor, grant.scopes)
        connection = connect(request, grant)
        connection.streams = {stream}
        return EventStream(connection, hub_of(request), events(connection, context(request).names))

    listen.__doc__ = f"GET /api/v1/streaming/{_path(name)} -> events.{listen.__doc__}"
    return listen


def _path(name: StreamName) -> str:
    return name.value.replace(":", "/")


async def health(request: Request) -> PlainTextResponse:
    """GET /api/v1/streaming/health -> OK."""
    return PlainTextResponse("OK")


STREAMS = [
    (f"/v1/streaming/{_path(name)}", _listen(name), scopes_of(name))
    for name in StreamName
    if name not in PUBLIC_WITH_MEDIA
]
