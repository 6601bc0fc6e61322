"""What a member and a few others write to each other.   Source: docs.joinmastodon.org/methods/conversations"""

from starlette.requests import Request

from server.conversations import actions, queries
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.conversation import Conversation, conversation
from server.mastodon.entities.kinds import Nothing
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import path_id, read


async def index(request: Request) -> Json[list[Conversation]]:
    """GET /api/v1/conversations -> [Conversation]; pages count their last posts."""
    page, names = Page.read(await read(request)), context(request).names
    found = await queries.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [view for view in found if page.reaches(view.row.post_id)]
    headers = link_header(request, names, page, [view.row.post_id for view in shown])
    return Json([conversation(view, names, me(request)) for view in shown], headers=headers)


async def mark_read(request: Request) -> Json[Conversation]:
    """POST /api/v1/conversations/{id}/read -> Conversation.

    Raises:
        NotFound: there is none.
    """
    await actions.mark_read(me(request), path_id(request), context(request))
    if (view := await queries.one(me(request), path_id(request))) is None:
        raise NotFound("There is no such conversation.")
    return Json(conversation(view, context(request).names, me(request)))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/conversations/{id} -> {}; its posts stay, and it comes back when somebody writes in it.

    Raises:
        NotFound: there is none.
    """
    if not await actions.put_away(me(request), path_id(request)):
        raise NotFound("There is no such conversation.")
    return Json({})
