"""The documents of our actors: members, sections, and the server itself.   Source: ActivityPub §4.1; FEP-521a"""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from federation.objects import actor as actor_object
from models import shown
from models.actor import Actor, ActorKey
from models.section import Section
from server.activitypub.negotiation import respond, tombstone
from server.errors import Gone, NotFound


async def actor(request: Request) -> Response:
    """GET /actors/{id}, /actor and /@{username} -> the actor; 410 and a Tombstone when it is gone."""
    ctx: Context = request.app.state.context
    found = await find_actor(request)
    if found.gone_at is not None:
        return respond(request, tombstone(found.uri), status=410)
    keys = await ActorKey.filter(actor_id=found.id).only("type", "uri", "public").order_by("id")
    section = await Section.get_or_none(actor_id=found.id) if found.is_group else None
    return respond(request, actor_object.write(found, keys, ctx.names, section))


async def bare_actor(request: Request) -> Response:
    """GET the same without a signature, where documents are for signed requests alone -> who it is, and its keys.

    A server that verifies our signatures must have them first, and may not sign what it fetches.
    """
    ctx: Context = request.app.state.context
    found = await present_actor(request)
    keys = await ActorKey.filter(actor_id=found.id).only("type", "uri", "public").order_by("id")
    return respond(request, actor_object.write_bare(found, keys, ctx.names), is_open=False)


async def find_actor(request: Request) -> Actor:
    """Find the actor of ours that a path names, by id or username; without either it is the server's own. It may be gone.

    Raises:
        NotFound: there is none.
    """
    ctx: Context = request.app.state.context
    path = request.path_params
    if "username" in path:
        found = await shown.actor_of_ours(local_name=path["username"].lower())
    else:
        uri = ctx.names.actor(path["id"]) if "id" in path else ctx.names.instance_actor
        found = await shown.actor_of_ours(uri=uri)
    if found is None:
        raise NotFound("There is no such actor.")
    return found


async def present_actor(request: Request) -> Actor:
    """Find the actor that a path names.

    Raises:
        NotFound: there is none.
        Gone: there was.
    """
    found = await find_actor(request)
    if found.gone_at is not None:
        raise Gone("This actor is gone.")
    return found


async def present_section(request: Request) -> Actor:
    """Find the section of ours that the path names.

    Raises:
        NotFound: there is none.
        Gone: there was.
    """
    found = await present_actor(request)
    if not found.is_group:
        raise NotFound("There is no such section.")
    return found
