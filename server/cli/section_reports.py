"""The reports that concern a section, from the command line. Every look is written down there too."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.moderation import ReportOutcome
from models.section import Section
from server.cli.console import out, with_context
from server.cli.posting import hosted_section
from server.config import Settings
from server.sections import reports as rooms
from server.sections.reports import SeenReport

reports = typer.Typer(no_args_is_help=True, help="The reports that concern a section; every look is written down.")

Found = TypeVar("Found")
SectionArgument = Annotated[str, typer.Argument(help="Username of the section.")]
NumberArgument = Annotated[int, typer.Argument(help="Its number in the list.")]


@reports.command("list")
def list_reports(
    section: SectionArgument,
    closed: Annotated[
        bool, typer.Option("--closed", help="Those that were closed, instead of those that wait.")
    ] = False,
    before: Annotated[int | None, typer.Option(help="Only those below this number, to read on.")] = None,
) -> None:
    """List the reports about a section, its posts and what is said among its members. Keep the list to yourself."""
    table = Table("Report", "About", "From", "When", "Posts", "Comment", "Outcome")
    for one in _of(section, lambda row, ctx: rooms.reports(row, None, is_closed=closed, max_id=before)):
        outcome = one.outcome.value if one.outcome else ""
        cells = (
            one.reported.handle,
            _from(one),
            f"{one.reported_at:%Y-%m-%d}",
            str(one.posts_count),
            one.comment,
            outcome,
        )
        table.add_row(str(one.id), *(escape(cell) for cell in cells))
    out.print(table)


@reports.command("show")
def show(section: SectionArgument, number: NumberArgument) -> None:
    """Show one report with the posts it names."""
    one = _of(section, lambda row, ctx: rooms.report(row, number, None))
    lines = {
        "About": one.reported.handle,
        "From": _from(one),
        "When": f"{one.reported_at:%Y-%m-%d %H:%M}",
        "Kind": one.category.value,
        "Rules": "; ".join(one.rules),
        "Comment": one.comment,
        "Note": one.note,
        "Outcome": one.outcome.value if one.outcome else "",
    }
    for name, text in lines.items():
        out.print(f"{name}: {text}", markup=False)
    for shown in one.posts:
        out.print(f"Post: {shown.view.post.uri}", markup=False)


@reports.command("note")
def note(
    section: SectionArgument,
    number: NumberArgument,
    text: Annotated[str, typer.Argument(help="A note, instead of the one before; '' for none.")],
) -> None:
    """Keep a note about a report, for those who handle the reports of the section."""
    _of(section, lambda row, ctx: rooms.set_note(row, number, text, None))
    out.print(f"Noted of report {number}.")


@reports.command("close")
def close(
    section: SectionArgument,
    number: NumberArgument,
    outcome: Annotated[ReportOutcome, typer.Argument(help="What was done.")],
    take_down: Annotated[
        list[str] | None,
        typer.Option(
            help="URI of a reported post to take down: the section's own is deleted, another's passed on no longer."
        ),
    ] = None,
) -> None:
    """Close a report for a section. The administrators of the server have it still."""
    _of(section, lambda row, ctx: rooms.close(row, number, outcome, None, ctx, take_down=take_down or ()))
    out.print(f"Report {number} is closed: {outcome.value}.")


def _of(section: str, work: Callable[[Section, Context], Awaitable[Found]]) -> Found:
    async def opened(ctx: Context, settings: Settings) -> Found:
        return await work(await hosted_section(section), ctx)

    return with_context(opened)


def _from(one: SeenReport) -> str:
    return one.origin or "(this server)"
