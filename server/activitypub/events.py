"""What belongs to events, under uris of its own: how many come, who organises, places, shifts, the agenda of a section.

Who comes is told to nobody. Source: FEP-8a8e (attendees, organizers, upcomingEvents); Mobilizon (events)
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from federation.jsonld import Json
from federation.naming import Names
from federation.objects import event as event_object
from federation.objects import place as place_object
from federation.vocabulary import EVENT_CONTEXT
from models.event import Event, Place, Shift
from models.post import OPEN, Post
from server.activitypub.actors import present_section
from server.activitypub.collections import counted, embedded
from server.activitypub.negotiation import respond
from server.activitypub.objects import readable_post
from server.activitypub.outbox import read_before
from server.activitypub.readers import may_read, reader_of
from server.errors import NotFound
from server.events import in_agenda
from server.events import queries as events
from server.events.queries import EventView
from server.posts import queries
from server.posts.documents import written

PAGE_ITEMS = 20
NO_SUCH_EVENT = "There is no such event, or it is not for you."


async def attendees(request: Request) -> Response:
    """GET /posts/{id}/attendees -> how many come to the event."""
    post, view = await _event(request)
    return respond(request, counted(f"{post.uri}/attendees", view.coming or 0), is_open=post.is_open)


async def organizers(request: Request) -> Response:
    """GET /posts/{id}/organizers -> the sections that organise the event."""
    post, view = await _event(request)
    uris = [actor.uri for actor in view.organisers]
    document = counted(f"{post.uri}/organizers", len(uris)) | {"orderedItems": uris}
    return respond(request, document, is_open=post.is_open)


async def _event(request: Request) -> tuple[Post, EventView]:
    """Find the event of ours that the path names.

    Raises:
        NotFound: there is none, or it is not for whoever asks.
        Gone: there was.
    """
    post = await readable_post(request)
    view = (await events.views([post.id])).get(post.id)
    if view is None:
        raise NotFound(NO_SUCH_EVENT)
    return post, view


async def place(request: Request) -> Response:
    """GET /places/{id} -> a place of ours where something takes place that everybody may know of."""
    ctx: Context = request.app.state.context
    found = await Place.get_or_none(uri=ctx.names.place(request.path_params["id"]))
    is_known = Event.filter(place_id=found.id if found else 0, post__is_local=True, post__visibility__in=OPEN)
    if found is None or not await is_known.exists():
        raise NotFound("There is no such place.")
    return respond(request, {"@context": EVENT_CONTEXT} | place_object.write(found))


async def shift(request: Request) -> Response:
    """GET /shifts/{id} -> something to do at an event of ours, and how many it still needs."""
    ctx: Context = request.app.state.context
    rows = Shift.filter(uri=ctx.names.shift(request.path_params["id"]), event__post__is_local=True)
    found = await rows.select_related("event__post__actor").first()
    post = found.event.post if found is not None else None
    if found is None or post is None or not (post.is_open or await may_read(await reader_of(request), post)):
        raise NotFound("There is no such shift, or it is not for you.")
    left = (await events.views([post.id]))[post.id].left_of_shifts
    document = event_object.write_shift(found, found.event.timezone, left)
    return respond(request, {"@context": EVENT_CONTEXT, "superEvent": post.uri} | document, is_open=post.is_open)


async def of_section(request: Request) -> Response:
    """GET /actors/{id}/events -> the agenda of a section, those to come and those past, the last to begin first.

    With ?page=true or ?beyond=<id of a post>, a page of it.
    """
    return await _agenda(request, "events", is_upward=False, is_to_come=False)


async def upcoming(request: Request) -> Response:
    """GET /actors/{id}/upcomingEvents -> what is still to come of it, the first to begin first; pages likewise."""
    return await _agenda(request, "upcomingEvents", is_upward=True, is_to_come=True)


async def _agenda(request: Request, name: str, *, is_upward: bool, is_to_come: bool) -> Response:
    ctx: Context = request.app.state.context
    section, asked = await present_section(request), request.query_params
    uri, now = f"{section.uri}/{name}", ctx.now() if is_to_come else None
    if asked.get("page") != "true" and "beyond" not in asked:
        collection = counted(uri, await in_agenda.count(section, now)) | {"first": f"{uri}?page=true"}
        return respond(request, collection)
    beyond = await in_agenda.place_in_time(read_before(asked["beyond"])) if "beyond" in asked else None
    if "beyond" in asked and beyond is None:
        raise NotFound("There is no such page.")
    ids = await in_agenda.post_ids(section, in_agenda.Page(PAGE_ITEMS, beyond, is_upward, now))
    page: Json = {
        "@context": EVENT_CONTEXT,
        "id": f"{uri}?" + (f"beyond={asked['beyond']}" if "beyond" in asked else "page=true"),
        "type": "OrderedCollectionPage",
        "partOf": uri,
        "orderedItems": await _items(ids, ctx.names),
    }
    if len(ids) == PAGE_ITEMS:
        page["next"] = f"{uri}?beyond={ids[-1]}"
    return respond(request, page)


async def _items(ids: Sequence[int], names: Names) -> list[Json | str]:
    """Write events in this order: ours whole, those of other servers by their uri, since their home alone can tell."""
    posts = {post.id: post for post in await Post.filter(id__in=list(ids)).select_related("actor")} if ids else {}
    views = await queries.views([posts[id_] for id_ in ids if id_ in posts])
    return [embedded(written(view, names)) if view.post.is_local else view.post.uri for view in views]
