"""Which stream a client asks for, and whether its token lets it; for both ways of listening."""

from collections.abc import Collection

from starlette.requests import HTTPConnection

from federation.markup import normalise_tag
from models.actor import Actor
from server.errors import Forbidden, Invalid
from server.lists import queries as lists
from server.mastodon.entities.list import NETWORK_LIST
from server.mastodon.parameters import Parameters
from server.oauth.scopes import OUTSIDE_SCOPES, covers
from server.oauth.tokens import Grant
from server.streaming.connections import HASHTAGS, PUBLIC, Connection, Stream, StreamName
from server.streaming.hub import Hub
from server.throttle import address_of

MAX_TAG_CHARACTERS = 128
WITH_MEDIA = {
    StreamName.PUBLIC: StreamName.PUBLIC_MEDIA,
    StreamName.PUBLIC_LOCAL: StreamName.PUBLIC_LOCAL_MEDIA,
    StreamName.PUBLIC_REMOTE: StreamName.PUBLIC_REMOTE_MEDIA,
}


async def stream_of(parameters: Parameters, actor: Actor, scopes: Collection[str]) -> Stream:
    """Read a stream: its name in `stream`, its hashtag in `tag` or its list in `list`; `only_media` narrows public ones.

    As in Mastodon, any token will do for what everybody may read.   Source: Mastodon, `streaming/index.js`

    Raises:
        Invalid: there is no such stream.
        Forbidden: the token is for other things.
        NotFound: the actor has no such list.
    """
    word = parameters.text("stream")
    if word not in list(StreamName):
        raise Invalid("There is no such stream.")
    name = StreamName(word)
    if not all(covers(scopes, scope) for scope in scopes_of(name)):
        raise Forbidden(OUTSIDE_SCOPES)
    if name in HASHTAGS:
        return Stream(name, _tag(parameters))
    if name is StreamName.LIST:
        return Stream(name, list_id=await _list_id(parameters, actor))
    return Stream(WITH_MEDIA.get(name, name) if parameters.flag("only_media") else name)


def _tag(parameters: Parameters) -> str:
    tag = normalise_tag(parameters.text("tag")[:MAX_TAG_CHARACTERS])
    if not tag:
        raise Invalid("tag must be a hashtag.")
    return tag


async def _list_id(parameters: Parameters, actor: Actor) -> int:
    if (id_ := parameters.id("list")) is None:
        raise Invalid("list must be the id of one of your lists.")
    if id_ == NETWORK_LIST:
        return id_  # nothing is told of it: its timeline is read
    owned: int = (await lists.one(actor, id_)).id
    return owned


def scopes_of(name: StreamName) -> tuple[str, ...]:
    """Tell which scope lets a client listen to a stream; none for what any token will do."""
    if name in PUBLIC:
        return ()
    return ("read:notifications",) if name is StreamName.USER_NOTIFICATION else ("read:statuses",)


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
