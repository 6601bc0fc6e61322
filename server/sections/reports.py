"""The reports that concern a section, in the hands of those who keep order there: read, noted, closed.

Who reported is told to nobody: of another server its name, of somebody here nothing. Nobody has a report about themselves.
`by` is who looks or acts; None is whoever runs the server from its command line. The `actor` of a section must be loaded.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.queryset import QuerySet

from federation.context import Context
from models.actor import Actor
from models.moderation import ReportCategory, ReportOutcome, SectionReport
from models.post import Post
from models.section import Section
from server.admin.rules import HouseRule, all_rules
from server.atomically import atomically
from server.consents.looks import look
from server.errors import Conflict, Invalid, NotFound
from server.posts.queries import PostView, views
from server.sections import actions, speaking
from server.sections.people import check_note
from server.sections.permissions import Act, check, noted

PAGE_REPORTS = 20


@dataclass(frozen=True, slots=True)
class ReportedPost:
    """A reported post. `act` is how the section takes it down: its own is deleted, another's passed on no longer.

    None: it is neither its own nor passed on by it.
    """

    view: PostView
    act: Act | None


@dataclass(frozen=True, slots=True)
class SeenReport:
    """A report as a section sees it. `origin` is the server from which it came, "" for ours.

    `rules` are those of the house that it is about, as they stand now.

    `posts` are given where one report is read, those that are here still; `posts_count` is how many it named.
    """

    id: int
    reported: Actor
    origin: str
    comment: str
    category: ReportCategory
    rules: tuple[str, ...]
    reported_at: datetime
    posts_count: int
    note: str
    outcome: ReportOutcome | None
    closed_at: datetime | None
    posts: list[ReportedPost] = field(default_factory=list)


async def waiting(section: Section, by: Actor | None) -> int:
    """Count the reports that nobody has closed.

    Raises:
        Forbidden: their role does not allow it.
    """
    await check(by, Act.HANDLE_REPORTS, section)
    return await _of(section, by).filter(closed_at=None).count()


async def reports(
    section: Section, by: Actor | None, *, is_closed: bool = False, limit: int = PAGE_REPORTS, max_id: int | None = None
) -> list[SeenReport]:
    """List the reports that wait, or those that were closed, newest first; those below `max_id`. The look is noted.

    Raises:
        Forbidden: their role does not allow it.
    """
    await check(by, Act.HANDLE_REPORTS, section)
    rows = _of(section, by).filter(closed_at__isnull=not is_closed)
    if max_id is not None:
        rows = rows.filter(id__lt=max_id)
    found = await rows.order_by("-id").limit(limit)
    await look(section.actor, by, "reports", len(found))
    standing = await all_rules()
    return [_seen(row, standing) for row in found]


async def report(section: Section, id_: int, by: Actor | None) -> SeenReport:
    """Read one report with its posts, also those for members: they were shown by whoever reported. The look is noted.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it does not concern the section, or is about themselves.
    """
    await check(by, Act.HANDLE_REPORTS, section)
    row = await _one(section, id_, by)
    await look(section.actor, by, "report", 1)
    return _seen(row, await all_rules(), await _posts(section, row))


async def set_note(section: Section, id_: int, text: str, by: Actor | None) -> None:
    """Keep a note about a report, instead of the one before.

    Raises:
        Forbidden: their role does not allow it.
        Invalid: it is too long.
        NotFound: it does not concern the section, or is about themselves.
    """
    text = check_note(text)
    async with noted(by, Act.HANDLE_REPORTS, section, f"note {id_}"):
        row = await _one(section, id_, by)
        await SectionReport.filter(id=row.id).update(note=text or None)


async def close(
    section: Section,
    id_: int,
    outcome: ReportOutcome,
    by: Actor | None,
    ctx: Context,
    *,
    note: str | None = None,
    take_down: Collection[str] = (),
) -> None:
    """Close a report, keeping a note where there is one, and take some of its posts down: all of it, or nothing.

    `take_down` are uris of posts. The administrators of the server have the report still.

    Raises:
        Forbidden: their role does not allow it.
        Invalid: posts are taken down though nothing is done, or it does not name them; or the note is too long.
        NotFound: it does not concern the section, or is about themselves; or the section does not show a post.
        Conflict: it was closed before.
    """
    if outcome is ReportOutcome.NOTHING_DONE and take_down:
        raise Invalid("You chose posts to take down: then something is done. Leave them, or close it as dealt with.")
    kept = {} if note is None else {"note": check_note(note) or None}
    async with atomically(ctx) as whole, noted(by, Act.HANDLE_REPORTS, section, f"{outcome.value} {id_}"):
        row = await _one(section, id_, by)
        open_row = SectionReport.filter(id=row.id, closed_at=None)
        if not await open_row.update(outcome=outcome, closed_at=ctx.now(), **kept):
            raise Conflict("This report has been closed already.")
        for post in await _chosen(row, take_down):
            if post.actor_id == section.actor_id:
                await speaking.delete(section, by, post, whole)
            else:
                await actions.stop_announcing(section, post, by, whole)


async def _chosen(row: SectionReport, uris: Collection[str]) -> Sequence[Post]:
    """Load the posts that are to be taken down; one that is gone already is.

    Raises:
        Invalid: the report does not name them.
    """
    if not set(uris) <= set(row.post_uris):
        raise Invalid("This report does not name this post.")
    return await Post.filter(uri__in=list(uris)).order_by("id") if uris else []


def _of(section: Section, by: Actor | None) -> QuerySet[SectionReport]:
    rows = SectionReport.filter(section_id=section.id).select_related("report__reported", "report__reporter")
    return rows if by is None else rows.exclude(report__reported_id=by.id)


async def _one(section: Section, id_: int, by: Actor | None) -> SectionReport:
    if (row := await _of(section, by).filter(id=id_).first()) is None:
        raise NotFound("This report is not one of this section.")
    return row


async def _posts(section: Section, row: SectionReport) -> list[ReportedPost]:
    rows = Post.filter(uri__in=row.post_uris).select_related("actor").order_by("id") if row.post_uris else None
    posts = await rows if rows is not None else []
    passed_on = await actions.announces_of(section.actor, posts) if posts else {}
    return [
        ReportedPost(view, _taken_down_by(section, view.post, is_passed_on=view.post.uri in passed_on))
        for view in await views(posts, section.actor)
    ]


def _taken_down_by(section: Section, post: Post, *, is_passed_on: bool) -> Act | None:
    if post.actor_id == section.actor_id:
        return Act.DELETE_POST
    return Act.STOP_ANNOUNCING if is_passed_on else None


def _seen(row: SectionReport, standing: Sequence[HouseRule], posts: Sequence[ReportedPost] = ()) -> SeenReport:
    report, reporter = row.report, row.report.reporter
    return SeenReport(
        id=row.id,
        reported=report.reported,
        origin="" if reporter.is_local else reporter.host,
        comment=report.comment,
        category=report.category,
        rules=tuple(rule.text for rule in standing if rule.number in report.rule_numbers),
        reported_at=report.created_at,
        posts_count=len(row.post_uris),
        note=row.note or "",
        outcome=row.outcome,
        closed_at=row.closed_at,
        posts=list(posts),
    )
