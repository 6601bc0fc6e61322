"""Accounts: show them, follow them.   Source: docs.joinmastodon.org/methods/accounts"""

from starlette.requests import Request

from models.actor import Actor
from models.filters import FilterContext
from server.errors import NotFound
from server.follows import actions, lookup
from server.follows.actions import Wishes
from server.follows.queries import standings, waiting_count
from server.front_door import repeatable
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me, viewer
from server.mastodon.entities.account import (
    Account,
    CredentialAccount,
    Relationship,
    account,
    credential_account,
    relationship,
)
from server.mastodon.entities.status import Status, status
from server.mastodon.paging import Page
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.timelines import answer_page
from server.members.queries import new_home
from server.posts import featured
from server.posts import queries as posts
from server.search.queries import may_learn_of
from server.sections.roles import held_by

MOST_RELATIONSHIPS = 200


async def verify_credentials(request: Request) -> Json[CredentialAccount]:
    """GET /api/v1/accounts/verify_credentials -> CredentialAccount."""
    actor, names = me(request), context(request).names
    waiting = await waiting_count(actor)
    moved = await new_home(actor)
    repeatable(request.scope, request.state.grant.state)
    held = await held_by(actor)
    return Json(credential_account(actor, login(request), names, follow_requests=waiting, held=held, moved=moved))


async def show(request: Request) -> Json[Account]:
    """GET /api/v1/accounts/{id} -> Account."""
    actor = await find_account(request)
    return Json(account(actor, context(request).names, await new_home(actor)))


async def look_up(request: Request) -> Json[Account]:
    """GET /api/v1/accounts/lookup?acct=user@host -> Account, if we know it; no other server is asked.

    Raises:
        NotFound: we do not.
    """
    ctx = context(request)
    acct = (await read(request)).text("acct")
    actor = await lookup.known(acct, ctx) if acct else None
    if actor is None or not await may_learn_of(viewer(request), actor):
        raise NotFound("This server knows nobody of that name.")
    return Json(account(actor, ctx.names, await new_home(actor)))


async def relationships(request: Request) -> Json[list[Relationship]]:
    """GET /api/v1/accounts/relationships?id[]=… -> [Relationship], in the order asked for."""
    wanted = (await read(request)).ids("id")[:MOST_RELATIONSHIPS]
    rows = await Actor.filter(id__in=wanted).values_list("id", flat=True) if wanted else []
    known = {int(str(id_)) for id_ in rows}
    found = await standings(me(request), [id_ for id_ in wanted if id_ in known])
    return Json([relationship(id_, standing) for id_, standing in found.items()])


async def statuses(request: Request) -> Json[list[Status]]:
    """GET /api/v1/accounts/{id}/statuses -> [Status]; with `pinned`, those put in front."""
    parameters = await read(request)
    page = Page.read(parameters)
    actor = await find_account(request)
    if parameters.flag("pinned"):
        asking, names = viewer(request), context(request).names
        return Json([status(view, names, asking) for view in await featured.by_actor(actor, asking)])
    only_media = parameters.flag("only_media")
    rows = await posts.by_actor(
        actor,
        viewer(request),
        limit=page.limit,
        max_id=page.max_id,
        min_id=page.min_id,
        with_replies=not parameters.flag("exclude_replies"),
        with_announces=not (only_media or parameters.flag("exclude_reblogs")),
        only_media=only_media,
    )
    return answer_page(request, page, rows, FilterContext.ACCOUNT)


async def follow(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/follow -> Relationship; `reblogs`, `notify` and `languages` say what one wants to have."""
    other = await find_account(request)
    await actions.follow(me(request), other, context(request), _wishes(await read(request)))
    return await answer_relationship(request, other)


async def unfollow(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/unfollow -> Relationship."""
    other = await find_account(request)
    await actions.unfollow(me(request), other, context(request))
    return await answer_relationship(request, other)


def _wishes(parameters: Parameters) -> Wishes:
    languages = [code for code in parameters.texts("languages") if code] if "languages" in parameters.values else None
    return Wishes(
        parameters.flag("reblogs") if parameters.has("reblogs") else None,
        parameters.flag("notify") if parameters.has("notify") else None,
        languages,
    )


async def find_account(request: Request) -> Actor:
    """Find the actor whose id stands in the path.

    Raises:
        NotFound: there is none, or it is gone, or its domain is blocked, or the public may not know of it.
    """
    actor = await Actor.get_or_none(id=path_id(request), gone_at=None, blocked_at=None)
    if actor is None or not await may_learn_of(viewer(request), actor):
        raise NotFound("There is no such account.")
    return actor


async def answer_relationship(request: Request, other: Actor) -> Json[Relationship]:
    """Answer how whoever asks stands to another actor."""
    found = await standings(me(request), [other.id])
    return Json(relationship(other.id, found[other.id]))
