"""A page of rows by their ids, which is how every list is read: no page is found by counting those before it."""

from typing import TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

M = TypeVar("M", bound=Model)


async def page_of(
    rows: QuerySet[M], *, limit: int | None, max_id: int | None = None, min_id: int | None = None
) -> list[M]:
    """Load the newest rows first: those below `max_id`, or just above `min_id`; without a limit, all.

    Source: docs.joinmastodon.org/api/guidelines#pagination
    """
    if max_id is not None:
        rows = rows.filter(id__lt=max_id)
    if min_id is not None:
        rows = rows.filter(id__gt=min_id)
    rows = rows.order_by("id" if min_id is not None else "-id")
    return sorted(await (rows if limit is None else rows.limit(limit)), key=lambda row: -row.pk)
