"""Filters as clients of old know them: each is one keyword.   Source: docs.joinmastodon.org/methods/filters#v1"""

from datetime import datetime

from starlette.requests import Request

from models.filters import FilterAction, FilterKeyword
from server.errors import Invalid
from server.filters import actions, queries
from server.filters.actions import Keyword, Terms
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.filter import V1Filter, filter_v1
from server.mastodon.entities.kinds import Nothing
from server.mastodon.filter_terms import read_contexts, read_expiry
from server.mastodon.parameters import Parameters, path_id, read


async def index(request: Request) -> Json[list[V1Filter]]:
    """GET /api/v1/filters -> [V1::Filter]."""
    return Json([filter_v1(row) for row in await queries.keywords(me(request))])


async def create(request: Request) -> Json[V1Filter]:
    """POST /api/v1/filters -> V1::Filter."""
    parameters, ctx = await read(request), context(request)
    phrase = parameters.text("phrase")
    action = FilterAction.HIDE if parameters.flag("irreversible") else FilterAction.WARN
    terms = Terms(
        phrase[: actions.MAX_TITLE_CHARACTERS],
        read_contexts(parameters),
        action,
        read_expiry(parameters, None, ctx.now()),
    )
    made = await actions.make(me(request), terms, [Keyword(phrase, parameters.flag("whole_word", True))], ctx)
    return Json(filter_v1((await queries.keywords(me(request), filter_id=made.id))[0]))


async def show(request: Request) -> Json[V1Filter]:
    """GET /api/v1/filters/{id} -> V1::Filter."""
    return Json(filter_v1(await _find(request)))


async def change(request: Request) -> Json[V1Filter]:
    """PUT /api/v1/filters/{id} -> V1::Filter; what is not sent stays as it was.

    Raises:
        Invalid: that would change other keywords of the same filter, which clients of old do not see to be one.
    """
    row, parameters, ctx = await _find(request), await read(request), context(request)
    terms = _terms(parameters, actions.terms_of(row.part_of), ctx.now())
    is_alone = len(await queries.keywords(me(request), filter_id=row.part_of_id)) == 1
    if not is_alone and terms != actions.terms_of(row.part_of):
        raise Invalid("This filter has several keywords. Change it with an app that shows them.")
    text = parameters.text("phrase") if parameters.has("phrase") else None
    is_whole = parameters.flag("whole_word") if parameters.has("whole_word") else None
    await actions.change(me(request), row.part_of, terms, [Keyword(text, is_whole, id=row.id)], ctx)
    return Json(filter_v1(await _find(request)))


def _terms(parameters: Parameters, before: Terms, now: datetime) -> Terms:
    action = before.action
    if parameters.has("irreversible"):
        action = FilterAction.HIDE if parameters.flag("irreversible") else FilterAction.WARN
    contexts = read_contexts(parameters) or before.contexts
    return Terms(before.title, contexts, action, read_expiry(parameters, before.expires_at, now))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/filters/{id} -> {}."""
    await actions.drop_keyword_alone(me(request), await _find(request), context(request))
    return Json({})


async def _find(request: Request) -> FilterKeyword:
    return await queries.keyword(me(request), path_id(request))
