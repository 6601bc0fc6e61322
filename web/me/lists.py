"""A member's lists: some of those whom they follow, read apart. Nobody else learns of them."""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.lists import ReadingList, RepliesPolicy
from server.errors import AppError, Invalid, NotFound
from server.follows import queries as follows
from server.lists import actions, queries
from server.lists.actions import Terms
from web.shared.forms import MAX_ID, read_id
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/lists"
MOST_OFFERED = 20
MAX_SOUGHT_CHARACTERS = 100


@for_members
async def lists(request: Request, who: LoggedIn) -> Response:
    """GET /me/lists."""
    return await _index(request, who, {})


@own_form
async def make(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/lists: title, replies, is_exclusive. 303 to the new list."""
    try:
        made = await actions.make(who.actor, _terms(typed))
    except AppError as refused:
        return await _index(request, who, typed, refused)
    return go(f"{ADDRESS}/{made.id}", "list_made")


@for_members
async def one(request: Request, who: LoggedIn) -> Response:
    """GET /me/lists/{id}?called=<letters of the name of somebody to add>."""
    return await _one(request, who, await _own(request, who), {})


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/lists/{id}: do=keep with title, replies, is_exclusive; add or take_out with actor; delete."""
    row = await _own(request, who)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), row, typed, context_of(request))
    except AppError as refused:
        return await _one(request, who, row, typed, refused)
    return go(ADDRESS if said == "list_deleted" else f"{ADDRESS}/{row.id}", said)


@for_members
async def delete_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/lists/{id}/delete: asks once."""
    return await member_page(request, who, "me/list_delete.html", row=await _own(request, who))


async def _own(request: Request, who: LoggedIn) -> ReadingList:
    id_ = request.path_params["id"]
    if id_ > MAX_ID:
        raise NotFound("You have no such list.")
    return await queries.one(who.actor, id_)


def _terms(typed: Typed) -> Terms:
    if (word := typed.get("replies", "")) not in list(RepliesPolicy):
        raise Invalid("This form could not be read.")
    return Terms(typed.get("title", "").strip(), RepliesPolicy(word), "is_exclusive" in typed)


async def _keep(row: ReadingList, typed: Typed, ctx: Context) -> str:
    await actions.change(row, _terms(typed))
    return "kept"


async def _add(row: ReadingList, typed: Typed, ctx: Context) -> str:
    await actions.add(row, [read_id(typed.get("actor", ""))])
    return "list_grew"


async def _take_out(row: ReadingList, typed: Typed, ctx: Context) -> str:
    await actions.take_out(row, [read_id(typed.get("actor", ""))])
    return "list_shrank"


async def _delete(row: ReadingList, typed: Typed, ctx: Context) -> str:
    await row.delete()
    return "list_deleted"


_DEEDS = {"keep": _keep, "add": _add, "take_out": _take_out, "delete": _delete}


async def _index(request: Request, who: LoggedIn, typed: Typed, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "me/lists.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        lists=await queries.all_of(who.actor),
        values=dict(typed) or {"replies": RepliesPolicy.LISTED.value},
        policies=list(RepliesPolicy),
    )


async def _one(
    request: Request, who: LoggedIn, row: ReadingList, typed: Typed, refused: AppError | None = None
) -> Response:
    called = request.query_params.get("called", "")[:MAX_SOUGHT_CHARACTERS]
    listed = [item.actor for item in await queries.listed(row, limit=None, max_id=None, min_id=None)]
    there = {actor.id for actor in listed}
    followed = await follows.following(who.actor, limit=MOST_OFFERED + len(there), called=called)
    now = {"title": row.title, "replies": row.replies_policy.value} | (
        {"is_exclusive": "yes"} if row.is_exclusive else {}
    )
    return await member_page(
        request,
        who,
        "me/list.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        row=row,
        listed=listed,
        offered=[actor for _, actor in followed if actor.id not in there][:MOST_OFFERED],
        called=called,
        values=dict(typed) if typed.get("do") == "keep" else now,
        policies=list(RepliesPolicy),
    )
