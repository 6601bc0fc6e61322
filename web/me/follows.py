"""Whom a member follows and who follows them, who asks to, whom and what they keep away: each with the way back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from federation.markup import canonical_tag
from models.actor import Actor, ActorType
from server.errors import AppError, Invalid, NotFound
from server.follows import actions as follows
from server.follows import queries
from server.members import blocks, host_mutes, mutes
from server.tags import actions as tags
from server.tags import queries as tag_queries
from web.profiles.pages import before_of
from web.shared.forms import read_id
from web.shared.logged_in import Deed, LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/follows"
PAGE_ROWS = 40
MAX_SOUGHT_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: somebody, or the name of a server or a hashtag; `until` is when a mute ends."""

    id: int
    actor: Actor | None = None
    name: str = ""
    until: datetime | None = None


Load = Callable[[Actor, int, int | None, str], Awaitable[Sequence[Line]]]


async def _following(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    rows = await queries.following(member, limit=limit, max_id=before, called=called)
    return [Line(id_, actor) for id_, actor in rows]


async def _followers(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    return [Line(id_, actor) for id_, actor in await queries.followers(member, limit=limit, max_id=before)]


async def _requests(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    return [Line(row.id, row.follower) for row in await queries.waiting(member, limit=limit, max_id=before)]


async def _blocked(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    return [Line(row.id, row.blocked) for row in await blocks.page(member, limit=limit, max_id=before)]


async def _muted(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    rows = await mutes.page(member, limit=limit, max_id=before)
    return [Line(row.id, row.muted, until=row.expires_at) for row in rows]


async def _servers(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    return [Line(row.id, name=row.host) for row in await host_mutes.page(member, limit=limit, max_id=before)]


async def _tags(member: Actor, limit: int, before: int | None, called: str) -> list[Line]:
    return [Line(row.id, name=row.name) for row in await tag_queries.followed(member, limit=limit, max_id=before)]


PARTS: dict[str, Load] = {
    "": _following,
    "followers": _followers,
    "requests": _requests,
    "tags": _tags,
    "muted": _muted,
    "blocked": _blocked,
    "servers": _servers,
}


@for_members
async def follows_page(request: Request, who: LoggedIn) -> Response:
    """GET /me/follows and /me/follows/{part}?before=<id>; of those whom one follows, ?called=<letters of a name>."""
    return await _page(request, who, {})


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/follows/{part}: do, and whom or what it is done to: actor=<id>, or name. 303 to the same list."""
    part = _part(request)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, typed, refused)
    return go(f"{ADDRESS}/{part}".rstrip("/"), said)


def _part(request: Request) -> str:
    part: str = request.path_params.get("part", "")
    if part not in PARTS or (not part and "part" in request.path_params):
        raise NotFound("This page does not exist.")
    return part


async def _page(request: Request, who: LoggedIn, typed: Typed, refused: AppError | None = None) -> Response:
    part, before = _part(request), before_of(request)
    called = request.query_params.get("called", "")[:MAX_SOUGHT_CHARACTERS] if not part else ""
    rows = await PARTS[part](who.actor, PAGE_ROWS + 1, before, called)
    return await member_page(
        request,
        who,
        "me/follows.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        part=part,
        address=f"{ADDRESS}/{part}".rstrip("/"),
        rows=rows[:PAGE_ROWS],
        before=before,
        next_before=rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None,
        called=called,
        waiting=await queries.waiting_count(who.actor),
        name=typed.get("name", ""),
    )


async def _actor(typed: Typed) -> Actor:
    """Find whom a button is about, even if they are gone.

    Raises:
        Invalid: it is no id.
        NotFound: there is nobody of that id.
    """
    actor = await Actor.get_or_none(id=read_id(typed.get("actor", "")))
    if actor is None or actor.type is ActorType.APPLICATION:
        raise NotFound("There is nobody here under this address.")
    return actor


async def _unfollow(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await follows.unfollow(who.actor, await _actor(typed), ctx)
    return "unfollowed"


async def _accept(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, await _actor(typed), ctx, accept=True)
    return "follow_accepted"


async def _dismiss(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, await _actor(typed), ctx, accept=False)
    return "dismissed"


async def _unblock(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await blocks.unblock(who.actor, await _actor(typed), ctx)
    return "unblocked"


async def _unmute(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await mutes.unmute(who.actor, await _actor(typed))
    return "unmuted"


async def _hide_server(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await host_mutes.mute(who.actor, typed.get("name", ""), ctx)
    return "server_hidden"


async def _show_server(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await host_mutes.unmute(who.actor, typed.get("name", ""))
    return "server_shown"


async def _follow_tag(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await tags.follow(who.actor, _tag(typed))
    return "tag_followed"


async def _unfollow_tag(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await tags.unfollow(who.actor, _tag(typed))
    return "tag_unfollowed"


def _tag(typed: Typed) -> str:
    if (name := canonical_tag(typed.get("name", "").strip().lstrip("#"))) is None:
        raise Invalid("This is no hashtag: letters and digits, without spaces.")
    return name


_DEEDS: dict[str, Deed] = {
    "unfollow": _unfollow,
    "accept": _accept,
    "dismiss": _dismiss,
    "unblock": _unblock,
    "unmute": _unmute,
    "hide_server": _hide_server,
    "show_server": _show_server,
    "follow_tag": _follow_tag,
    "unfollow_tag": _unfollow_tag,
}
