"""Polls: show, vote; and the poll that comes with a status.   Source: docs.joinmastodon.org/methods/polls, /statuses"""

from starlette.requests import Request

from models.actor import Actor
from models.event import Event
from server.errors import Conflict, Invalid, NotFound
from server.events import participation
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.event import event_poll
from server.mastodon.entities.poll import Poll, poll
from server.mastodon.parameters import Parameters, path_id, read
from server.posts import polls, queries
from server.posts.polls import DraftPoll
from server.posts.queries import PostView

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


async def show(request: Request) -> Json[Poll]:
    """GET /api/v1/polls/{id} -> Poll; under the id of an event, the one by which it is answered."""
    return await _answer(request, path_id(request))


async def vote(request: Request) -> Json[Poll]:
    """POST /api/v1/polls/{id}/votes -> Poll; `choices` are the positions of options."""
    id_, voter, ctx = path_id(request), me(request), context(request)
    texts = (await read(request)).texts("choices")[:MAX_CHOICES]
    if not all(text.isascii() and text.isdigit() and len(text) < 5 for text in texts):
        raise Invalid("choices must be the positions of options.")
    chosen = [int(text) for text in texts]
    if (event := await _event(id_, voter)) is None:
        await polls.vote(voter, await polls.readable(id_, voter), chosen, ctx)
    else:
        asked = _asked(event)
        if asked["expired"]:
            raise Conflict("This poll is closed.")
        if len(chosen) != 1 or chosen[0] >= len(asked["options"]):
            raise Invalid("Choose one option.")
        await participation.choose(voter, event.post, chosen[0], ctx)
    return await _answer(request, id_)


async def _answer(request: Request, id_: int) -> Json[Poll]:
    if (event := await _event(id_, viewer(request))) is not None:
        return Json(_asked(event))
    view = await polls.readable(id_, viewer(request))
    assert view.poll is not None
    return Json(poll(view.poll))


async def _event(id_: int, reader: Actor | None) -> PostView | None:
    """Find the event with this id that the reader may read; None where there is none."""
    view = await queries.one(id_, reader) if await Event.exists(post_id=id_) else None
    return view if view is not None and view.event is not None else None


def _asked(view: PostView) -> Poll:
    """Give the poll of an event.

    Raises:
        NotFound: it has none.
    """
    asked = event_poll(view.event, view.post) if view.event is not None else None
    if asked is None:
        raise NotFound("This poll does not exist, or is not for you.")
    return asked
