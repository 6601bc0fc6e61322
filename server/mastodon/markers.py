"""How far a member has read, for their apps.   Source: docs.joinmastodon.org/methods/markers"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.marker import MarkedTimeline, Marker
from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.moments import instant
from server.mastodon.parameters import Parameters, read
from server.oauth.scopes import requires
from server.timelines import markers

TIMELINES = {timeline.value: timeline for timeline in MarkedTimeline}


@requires("read:statuses")
async def index(request: Request) -> Response:
    """GET /api/v1/markers -> {timeline: Marker}; `timeline[]` says which."""
    wanted = [TIMELINES[word] for word in (await read(request)).texts("timeline") if word in TIMELINES]
    return _answer(await markers.of(me(request), wanted))


@requires("write:statuses")
async def mark(request: Request) -> Response:
    """POST /api/v1/markers -> {timeline: Marker}, those that were sent."""
    parameters = await read(request)
    sent = {timeline: parameters.values[word] for word, timeline in TIMELINES.items() if parameters.has(word)}
    wanted = {timeline: _last_read(values) for timeline, values in sent.items()}
    return _answer(await markers.mark(me(request), wanted, context(request).now()))


def _last_read(values: Any) -> int:
    last = Parameters(values).id("last_read_id") if isinstance(values, dict) else None
    if last is None:
        raise Invalid("last_read_id must be an id.")
    return last


def _answer(rows: Sequence[Marker]) -> Response:
    return Json(
        {
            row.timeline.value: {
                "last_read_id": str(row.last_read_id),
                "version": row.version,
                "updated_at": instant(row.updated_at),
            }
            for row in rows
        }
    )


ROUTES = [
    Route("/v1/markers", index),
    Route("/v1/markers", mark, methods=["POST"]),
]
