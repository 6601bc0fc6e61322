"""What a section says of itself, and who may come in, from the command line."""

from pathlib import Path
from typing import Annotated

import typer

from federation.context import Context
from models.section import Openness
from server.cli.console import out, with_context
from server.cli.posting import hosted_section
from server.config import Settings
from server.sections import profile
from server.sections.profile import SectionChanges


def edit(
    section: Annotated[str, typer.Argument(help="Username of the section.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    description: Annotated[str | None, typer.Option(help="What it says of itself.")] = None,
    place: Annotated[str | None, typer.Option(help="Its town or district.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it meets.")] = None,
    coordinates: Annotated[str | None, typer.Option(help='Latitude and longitude, such as "50.6311, 3.0468".')] = None,
    communes: Annotated[str | None, typer.Option(help='INSEE codes of its communes, such as "59350 59378".')] = None,
    first_colour: Annotated[str | None, typer.Option(help="Such as #c8102e.")] = None,
    second_colour: Annotated[str | None, typer.Option(help="Such as #1d3557.")] = None,
    contact: Annotated[str | None, typer.Option(help="How to reach it.")] = None,
    charter: Annotated[Path | None, typer.Option(help="File with what whoever joins agrees to.")] = None,
    openness: Annotated[Openness | None, typer.Option(help="Who may come in.")] = None,
    shows_authors: Annotated[
        bool | None, typer.Option("--show-authors/--hide-authors", help="Say who wrote what it publishes.")
    ] = None,
) -> None:
    """Change what a section says of itself, and tell its followers; what is not given stays. "" empties a text."""

    async def work(ctx: Context, settings: Settings) -> None:
        changes = SectionChanges(
            name=name,
            description=description,
            place=place,
            address=address,
            coordinates=coordinates,
            insee_codes=communes,
            first_colour=first_colour,
            second_colour=second_colour,
            contact=contact,
            charter=charter.read_text() if charter else None,
            openness=openness,
            shows_authors=shows_authors,
        )
        await profile.edit(await hosted_section(section), changes, None, ctx)

    with_context(work)
    out.print(f"{section} is changed.", markup=False)


def add_to(group: typer.Typer) -> None:
    """Give the group of a section's commands the one that changes it."""
    group.command("edit")(edit)
