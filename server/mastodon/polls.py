"""Polls: show, vote; and the poll that comes with a status.   Source: docs.joinmastodon.org/methods/polls, /statuses"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.poll import poll
from server.mastodon.parameters import Parameters, path_id, read
from server.oauth.scopes import optional, requires
from server.posts import polls
from server.posts.polls import DraftPoll

MAX_CHOICES = 100


def read_poll(parameters: Parameters) -> DraftPoll | None:
    """Read the poll of a status; None where there is none.

    Raises:
        Invalid: it is no poll.
    """
    if not parameters.has("poll"):
        return None
    values = parameters.values["poll"]
    if not isinstance(values, dict):
        raise Invalid("poll must have options and expires_in.")
    asked = Parameters(values)
    return DraftPoll(
        options=asked.texts("options"),
        open_seconds=asked.number("expires_in", 0, least=0, most=polls.MAX_SECONDS + 1),
        is_multiple=asked.flag("multiple"),
        hides_totals=asked.flag("hide_totals"),
    )


@optional("read:statuses")
async def show(request: Request) -> Response:
    """GET /api/v1/polls/{id} -> Poll."""
    return await _answer(request, path_id(request))


@requires("write:statuses")
async def vote(request: Request) -> Response:
    """POST /api/v1/polls/{id}/votes -> Poll; `choices` are the positions of options."""
    view = await polls.readable(path_id(request), me(request))
    texts = (await read(request)).texts("choices")[:MAX_CHOICES]
    if not all(text.isascii() and text.isdigit() and len(text) < 5 for text in texts):
        raise Invalid("choices must be the positions of options.")
    await polls.vote(me(request), view, [int(text) for text in texts], context(request))
    return await _answer(request, path_id(request))


async def _answer(request: Request, id_: int) -> Response:
    view = await polls.readable(id_, viewer(request))
    return Json(poll(view.poll) if view.poll else None)


ROUTES = [
    Route("/v1/polls/{id}", show),
    Route("/v1/polls/{id}/votes", vote, methods=["POST"]),
]
