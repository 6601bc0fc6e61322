"""In which language and colours a member reads the pages, and which clock their own pages go by."""

from functools import lru_cache
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid
from server.members.preferences import Preferences, prefer
from web.shared.languages import LANGUAGES
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.reading import THEMES, Reading, keep, theme_of

ADDRESS = "/me/language"


@for_members
async def language(request: Request, who: LoggedIn) -> Response:
    """GET /me/language."""
    values = {"language": who.member.reads_in, "theme": theme_of(request), "timezone": who.member.timezone}
    return await _page(request, who, values)


@own_form
async def choose(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/language: language, theme, timezone; '' leaves each to the browser, or to the section. 303, with a cookie."""
    try:
        said = await perform({"keep": _keep}, typed.get("do", ""), who, typed)
    except AppError as refused:
        return await _page(request, who, typed, refused)
    response = go(ADDRESS, said)
    keep(request, response, Reading(typed.get("language", ""), typed.get("theme", "")))
    return response


async def _keep(who: LoggedIn, typed: Typed) -> str:
    language, theme = typed.get("language", ""), typed.get("theme", "")
    if language not in ("", *LANGUAGES) or theme not in ("", *THEMES):
        raise Invalid("This form could not be read.")
    await prefer(who.member, Preferences(reads_in=language, timezone=typed.get("timezone", "").strip()))
    return "kept"


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """List the time zones by their continents; those that are only other names of one are left out."""
    continents = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in continents))


async def _page(request: Request, who: LoggedIn, values: Typed, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "me/language.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        values=values,
        zones=zones(),
    )
