"""GET /design: every component in every state, made of what no database holds, by the macros that make all other pages."""

from starlette.requests import Request
from starlette.responses import Response

from server.posts.actions import MAX_CHARACTERS
from web.design.sample import FIRST, sample
from web.events.filters import Filters
from web.events.wishes import Fields
from web.shared.kept_pages import kept
from web.shared.rendering import language_of, render
from web.shared.site import site_of
from web.shared.sorting import Sorting, read_sorting
from web.writing.audience import choices

THEMES = ("light", "dark")
COLUMNS = ("name", "coming", "new")
WRONG = {"email": "rosa@", "note": "…"}


async def _design(request: Request) -> Response:
    """GET /design?theme=light|dark&sort=name: without a theme it is that of the reader."""
    theme = request.query_params.get("theme", "")
    site, sorting = await site_of(request), read_sorting(request.query_params, COLUMNS, Sorting("name"))
    shown = sample(language_of(request), site)
    rows = sorted(shown.rows, key=lambda row: row[COLUMNS.index(sorting.by)], reverse=sorting.is_descending)
    return render(
        request,
        "design/design.html",
        site=site,
        shown_theme=theme if theme in THEMES else "",
        sample=shown,
        sorting=sorting,
        rows=rows,
        filters=Filters(month=FIRST),
        fields=Fields(),
        wrong=WRONG,
        choices=choices(shown.person, ()),
        most=MAX_CHARACTERS,
    )


design = kept(_design)
