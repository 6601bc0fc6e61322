"""A member's filters: words that they do not want to read, or only when they ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.filters import FilterAction, FilterContext
from server.errors import AppError, Invalid, NotFound
from server.filters import actions, queries
from server.filters.actions import Keyword, Terms
from server.filters.matching import ActiveFilter
from web.shared.forms import MAX_ID, read_id
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/filters"
MORE_ROWS = 3
MOST_ROWS = actions.MAX_KEYWORDS
KEPT = "kept"
LASTS = {
    "": None,
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
ACTIONS = (FilterAction.WARN, FilterAction.HIDE, FilterAction.BLUR)


@dataclass(frozen=True, slots=True)
class Row:
    """One line for a word: the `id` of the one that stands there already, or ''."""

    number: int
    id: str = ""
    text: str = ""
    is_whole_word: bool = True


@for_members
async def filters(request: Request, who: LoggedIn) -> Response:
    """GET /me/filters."""
    return await member_page(request, who, "me/filters.html", filters=await queries.all_of(who.actor))


@for_members
async def new_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/filters/new."""
    values = {"contexts": [context.value for context in FilterContext], "action": FilterAction.WARN.value, "lasts": ""}
    return await _page(request, who, None, values, _rows([]))


@own_form
async def make(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/filters/new: title, context-<name>, action, lasts; word-<n>, whole-<n>. do=more asks for more lines."""
    return await _take(request, who, None, typed)


@for_members
async def one(request: Request, who: LoggedIn) -> Response:
    """GET /me/filters/{id}."""
    view = await _own(request, who)
    values = {"title": view.row.title, "contexts": view.row.contexts, "action": view.row.action.value, "lasts": KEPT}
    return await _page(request, who, view, values, _rows(_now(view)))


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/filters/{id}: the same, with id-<n> of words that stand there; one that was emptied goes. do=delete."""
    return await _take(request, who, await _own(request, who), typed)


@for_members
async def delete_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/filters/{id}/delete: asks once."""
    return await member_page(request, who, "me/filter_delete.html", row=(await _own(request, who)).row)


async def _own(request: Request, who: LoggedIn) -> ActiveFilter:
    id_ = request.path_params["id"]
    if id_ > MAX_ID:
        raise NotFound("You have no such filter.")
    return await queries.one(who.actor, id_)


async def _take(request: Request, who: LoggedIn, view: ActiveFilter | None, typed: Typed) -> Response:
    if typed.get("do") == "more":
        return await _page(request, who, view, typed_again(typed), _rows(read_rows(typed)))
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, view, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, view, typed_again(typed), _rows(read_rows(typed)), refused)
    return go(ADDRESS, said)


async def _keep(who: LoggedIn, view: ActiveFilter | None, typed: Typed, ctx: Context) -> str:
    words = [keyword for row in read_rows(typed) if (keyword := _keyword(row)) is not None]
    terms = _terms(typed, view, ctx)
    if not any(not word.is_dropped for word in words) and not (view and view.posts):
        raise Invalid("Give at least one word that the filter looks for.")
    if view is None:
        await actions.make(who.actor, terms, words, ctx)
    else:
        await actions.change(who.actor, view.row, terms, words, ctx)
    return "kept"


async def _delete(who: LoggedIn, view: ActiveFilter | None, typed: Typed, ctx: Context) -> str:
    if view is None:
        raise Invalid("This form could not be read.")
    await actions.delete(who.actor, view.row, ctx)
    return "filter_deleted"


_DEEDS = {"keep": _keep, "delete": _delete}


def _terms(typed: Typed, view: ActiveFilter | None, ctx: Context) -> Terms:
    """Read how a filter is to be.

    Raises:
        Invalid: it applies nowhere, or the form is none of ours.
    """
    contexts = [context for context in FilterContext if f"context-{context}" in typed]
    lasts = typed.get("lasts", "")
    if typed.get("action", "") not in list(ACTIONS) or (lasts not in LASTS and lasts != KEPT):
        raise Invalid("This form could not be read.")
    if not contexts:
        raise Invalid("Say where the filter applies.")
    time = LASTS.get(lasts)
    until = ctx.now() + time if time is not None else None
    if lasts == KEPT and view is not None:
        until = view.row.expires_at
    return Terms(typed.get("title", "").strip(), contexts, FilterAction(typed["action"]), until)


def _keyword(row: Row) -> Keyword | None:
    """Read a line; None for one in which nothing is, or was."""
    id_ = read_id(row.id) if row.id else None
    if not row.text.strip():
        return Keyword(None, id=id_, is_dropped=True) if id_ is not None else None
    return Keyword(row.text, row.is_whole_word, id_)


def read_rows(typed: Mapping[str, str]) -> list[Row]:
    """Read the lines for words, those in which nothing was typed left out, as many as a filter may have."""
    numbers = sorted({int(digits) for name in typed if (digits := _number(name))})
    rows = [Row(n, typed.get(f"id-{n}", ""), typed.get(f"word-{n}", ""), f"whole-{n}" in typed) for n in numbers]
    return [row for row in rows if row.id or row.text.strip()][: 2 * MOST_ROWS]


def _number(name: str) -> str:
    kind, _, digits = name.partition("-")
    return digits if kind == "word" and digits.isascii() and digits.isdigit() and len(digits) < 5 else ""


def typed_again(typed: Mapping[str, str]) -> dict[str, object]:
    """Give what was typed, to be shown again."""
    contexts = [context.value for context in FilterContext if f"context-{context}" in typed]
    return {name: typed.get(name, "") for name in ("title", "action", "lasts")} | {"contexts": contexts}


def _now(view: ActiveFilter) -> list[Row]:
    return [Row(0, str(word.id), word.keyword, word.is_whole_word) for word in view.keywords]


def _rows(filled: list[Row]) -> list[Row]:
    """Number lines anew, with some empty ones behind them."""
    lines = [Row(number, row.id, row.text, row.is_whole_word) for number, row in enumerate(filled)]
    return [*lines, *(Row(len(lines) + number) for number in range(MORE_ROWS))]


async def _page(
    request: Request,
    who: LoggedIn,
    view: ActiveFilter | None,
    values: Mapping[str, object],
    rows: list[Row],
    refused: AppError | None = None,
) -> Response:
    return await member_page(
        request,
        who,
        "me/filter.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        view=view,
        address=f"{ADDRESS}/{view.row.id}" if view is not None else f"{ADDRESS}/new",
        values=values,
        rows=rows,
        contexts=list(FilterContext),
        actions=ACTIONS,
    )
