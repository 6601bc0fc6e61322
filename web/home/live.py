"""What is new, told to a page of ours as it happens: that something has come, not what; the page asks for it when pressed.

The browser has a cookie and no token. Other sites cannot open this stream: the cookie is not sent with what they ask
(SameSite), what they may ask says where it comes from (Fetch Metadata, Origin), and nothing lets them read the answer.
"""

from starlette.requests import Request

from server.errors import Invalid, Unauthorised
from server.lists import queries as lists
from server.notifications.queries import unread
from server.streaming.connections import Connection, Event, EventKind, Stream, StreamName
from server.streaming.hub import Hub
from server.streaming.sending import EventStream, written
from server.throttle import address_of
from web.shared.forms import check_own_form, read_id
from web.shared.logged_in import LoggedIn, who_is

SCOPES = ("read",)
NOTIFICATIONS = Stream(StreamName.USER_NOTIFICATION)


async def live(request: Request) -> EventStream:
    """GET /home/live?stream=home, local, list (its id as list) or notifications -> events `new`, `gone`, `unread`.

    Raises:
        Forbidden: another site asks.
        Unauthorised: nobody is logged in.
        Invalid: there is no such stream.
        NotFound: the member has no such list.
        TooMany: too many streams are open.
    """
    check_own_form(request)
    if (who := await who_is(request)) is None:
        raise Unauthorised("Log in first.")
    streams = await _streams(request, who)
    connection = Connection(who.actor, None, SCOPES, address_of(request), session_id=who.session.id)
    connection.streams = streams
    hub: Hub = request.app.state.hub
    hub.add(connection)

    async def write(event: Event) -> str:
        if event.kind is EventKind.UPDATE:
            return f"event: new\ndata: {event.item.item_id}\n\n"
        if event.kind is EventKind.DELETE:
            return f"event: gone\ndata: {event.item}\n\n"
        if event.kind in (EventKind.NOTIFICATION, EventKind.NOTIFICATIONS_MERGED):
            return f"event: unread\ndata: {await unread(who.actor)}\n\n"
        return ""

    return EventStream(connection, hub, written(connection, write))


async def _streams(request: Request, who: LoggedIn) -> set[Stream]:
    name = request.query_params.get("stream", "")
    if name == "home":
        return {Stream(StreamName.USER)}
    if name == "local":
        return {Stream(StreamName.PUBLIC_LOCAL), NOTIFICATIONS}
    if name == "list":
        row = await lists.one(who.actor, read_id(request.query_params.get("list", "")))
        return {Stream(StreamName.LIST, list_id=row.id), NOTIFICATIONS}
    if name == "notifications":
        return {NOTIFICATIONS}
    raise Invalid("There is no such stream.")
