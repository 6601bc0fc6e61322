"""Scheduled statuses of a member, for that member alone.   Source: docs.joinmastodon.org/methods/scheduled_statuses"""

from datetime import UTC, datetime

from starlette.requests import Request

from models.scheduled import ScheduledPost
from server.errors import Invalid
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.scheduled_status import ScheduledStatus, scheduled_status
from server.mastodon.idempotency import read_key
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.media.queries import of_scheduled
from server.posts import scheduled
from server.posts.actions import Draft


async def schedule(request: Request, parameters: Parameters, draft: Draft) -> Json[ScheduledStatus]:
    """Keep a status that was sent with `scheduled_at`, and answer it as a ScheduledStatus."""
    due_at = read_due_at(parameters)
    row = await scheduled.schedule(me(request), draft, due_at, context(request), key=read_key(request))
    return await _answer(request, row)


def read_due_at(parameters: Parameters) -> datetime:
    """Read when a status is to be published, in UTC where it names no zone.   Source: ISO 8601

    Raises:
        Invalid: it is no time.
    """
    try:
        moment = datetime.fromisoformat(parameters.text("scheduled_at").strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("scheduled_at must be a time, such as 2027-05-01T18:00:00Z.") from error


async def index(request: Request) -> Json[list[ScheduledStatus]]:
    """GET /api/v1/scheduled_statuses -> [ScheduledStatus]."""
    page = Page.read(await read(request))
    rows = await scheduled.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    headers = link_header(request, context(request).names, page, [row.id for row in shown])
    pictures, names = await of_scheduled([row.id for row in shown]), context(request).names
    return Json([scheduled_status(row, pictures.get(row.id, []), names) for row in shown], headers=headers)


async def show(request: Request) -> Json[ScheduledStatus]:
    """GET /api/v1/scheduled_statuses/{id} -> ScheduledStatus."""
    return await _answer(request, await _find(request))


async def move(request: Request) -> Json[ScheduledStatus]:
    """PUT /api/v1/scheduled_statuses/{id} -> ScheduledStatus, at another time."""
    row = await _find(request)
    return await _answer(request, await scheduled.move(row, read_due_at(await read(request)), context(request)))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/scheduled_statuses/{id} -> {}."""
    await scheduled.delete(await _find(request), context(request))
    return Json({})


async def _answer(request: Request, row: ScheduledPost) -> Json[ScheduledStatus]:
    pictures = (await of_scheduled([row.id])).get(row.id, [])
    return Json(scheduled_status(row, pictures, context(request).names))


async def _find(request: Request) -> ScheduledPost:
    return await scheduled.one(me(request), path_id(request))
