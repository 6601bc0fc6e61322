"""What a member has written and not published yet: the list of drafts, and that of what is scheduled."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.idempotency import Asker
from models.ids import new_id
from models.post import Post
from server.errors import AppError
from server.media.queries import of_scheduled
from server.posts import kept, scheduled
from server.posts.once import once
from web.profiles.pages import before_of
from web.shared.forms import read_id
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.notices import POSTED
from web.shared.site import context_of

DRAFTS, SCHEDULED = "/me/drafts", "/me/scheduled"
PAGE_ROWS = 30


@for_members
async def drafts(request: Request, who: LoggedIn) -> Response:
    """GET /me/drafts?before=<id>."""
    return await _list(request, who, DRAFTS)


@for_members
async def scheduled_posts(request: Request, who: LoggedIn) -> Response:
    """GET /me/scheduled?before=<id>."""
    return await _list(request, who, SCHEDULED)


@own_form
async def change_drafts(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/drafts: do=delete with draft. 303 to the list."""
    return await _change(request, who, typed, DRAFTS)


@own_form
async def change_scheduled(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/scheduled: do=delete or publish with draft. 303 to the list."""
    return await _change(request, who, typed, SCHEDULED)


async def _change(request: Request, who: LoggedIn, typed: Typed, address: str) -> Response:
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _list(request, who, address, refused)
    return go(f"{address}?{said}")


async def _delete(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await scheduled.delete(await kept.own(who.actor, read_id(typed.get("draft", ""))), ctx)
    return "said=draft_deleted"


async def _publish(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    """Publish what is scheduled now; pressed twice, once."""
    id_ = read_id(typed.get("draft", ""))
    post = await once(Asker(session_id=who.session.id), f"now {id_}", partial(_now, who, id_, ctx), ctx)
    return f"said={POSTED}&post={post.id}"


async def _now(who: LoggedIn, row_id: int, ctx: Context, *, id_: int | None = None) -> Post:
    row = await kept.own(who.actor, row_id)
    return await kept.publish(row, await scheduled.read(row), ctx, id_=id_ or new_id())


_DEEDS = {"delete": _delete, "publish": _publish}


async def _list(request: Request, who: LoggedIn, address: str, refused: AppError | None = None) -> Response:
    load = kept.drafts if address == DRAFTS else scheduled.page
    found = await load(who.actor, limit=PAGE_ROWS + 1, max_id=before_of(request))
    shown = found[:PAGE_ROWS]
    return await member_page(
        request,
        who,
        "writing/waiting.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        address=address,
        rows=shown,
        pictures=await of_scheduled([row.id for row in shown]),
        next_before=shown[-1].id if len(found) > PAGE_ROWS else None,
    )
