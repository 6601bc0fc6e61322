"""Reading reports: those that a member made, for that member alone."""

from dataclasses import dataclass, field

from models.actor import Actor
from models.moderation import Report
from models.paging import page_of
from models.post import Post


@dataclass(frozen=True, slots=True)
class Made:
    """A report, `reported` loaded, and the ids of those of its posts that are here."""

    report: Report
    post_ids: list[int] = field(default_factory=list)


async def made(
    reporter: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Made]:  # fmt: skip
    """Load what a member reported, newest first: those below `max_id`, or just above `min_id`."""
    rows = Report.filter(reporter_id=reporter.id).select_related("reported")
    found = await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
    uris = list({uri for row in found for uri in row.post_uris})
    known = dict(await Post.filter(uri__in=uris).values_list("uri", "id")) if uris else {}
    return [Made(row, [known[uri] for uri in row.post_uris if uri in known]) for row in found]
