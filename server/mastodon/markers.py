"""How far a member has read, for their apps.   Source: docs.joinmastodon.org/methods/markers"""

from collections.abc import Sequence
from typing import Any, TypedDict

from starlette.requests import Request

from models import marker
from models.marker import MarkedTimeline
from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Instant
from server.mastodon.entities.moments import instant
from server.mastodon.parameters import Parameters, read
from server.timelines import markers

TIMELINES = {timeline.value: timeline for timeline in MarkedTimeline}


class Marker(TypedDict):
    """How far a timeline was read."""

    last_read_id: str
    version: int
    updated_at: Instant


async def index(request: Request) -> Json[dict[str, Marker]]:
    """GET /api/v1/markers -> {timeline: Marker}; `timeline[]` says which."""
    wanted = [TIMELINES[word] for word in (await read(request)).texts("timeline") if word in TIMELINES]
    return _answer(await markers.of(me(request), wanted))


async def mark(request: Request) -> Json[dict[str, Marker]]:
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


def _answer(rows: Sequence[marker.Marker]) -> Json[dict[str, Marker]]:
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
