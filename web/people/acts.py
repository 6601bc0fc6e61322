"""What a member does about somebody: follow them, read less of them, keep them away, note something, put them in lists."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.actor import Actor
from models.follow import Follow
from server.errors import AppError, Invalid, NotFound
from server.follows import actions as follows
from server.follows.actions import Wishes
from server.lists import actions as lists
from server.lists import queries as list_queries
from server.members import blocks, host_mutes, mutes, remarks
from server.throttle import throttled
from web.people.pages import found, person_page
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

DURATIONS = {
    "": None,
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
LIST = "list-"


@throttled("people", burst=60, every_seconds=2)
@own_form
async def act(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /people/{id}: do=one of `_DEEDS`, with what it takes. 303 to the same page."""
    actor = await found(request)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, actor, typed, context_of(request))
    except AppError as refused:
        return await person_page(request, who, actor, typed, refused)
    return go(f"/people/{actor.id}", said)


@for_members
async def block_form(request: Request, who: LoggedIn) -> Response:
    """GET /people/{id}/block: asks once."""
    actor = await _other(request, who)
    return await member_page(request, who, "people/block.html", actor=actor)


@for_members
async def server_form(request: Request, who: LoggedIn) -> Response:
    """GET /people/{id}/server: asks once whether all of a server is to be hidden, and says which follows would end."""
    actor = await _other(request, who)
    if actor.is_local:
        raise NotFound("This page does not exist.")
    following, followers = await host_mutes.at_stake(who.actor, actor.host)
    return await member_page(request, who, "people/server.html", actor=actor, following=following, followers=followers)


async def _other(request: Request, who: LoggedIn) -> Actor:
    actor = await found(request)
    if actor.id == who.actor.id:
        raise NotFound("This page does not exist.")
    return actor


async def _follow(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await follows.follow(who.actor, actor, ctx)
    return "follow_sent" if actor.approves_followers or not actor.is_local else "followed"


async def _unfollow(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await follows.unfollow(who.actor, actor, ctx)
    return "unfollowed"


async def _wish(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    """Set what is wanted of somebody who is followed, or was asked."""
    if not await Follow.exists(follower_id=who.actor.id, followed_id=actor.id):
        raise NotFound("You do not follow this account.")
    await follows.follow(who.actor, actor, ctx, Wishes("shows_announces" in typed, "notifies" in typed))
    return "kept"


async def _dismiss(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, actor, ctx, accept=False)
    return "dismissed"


async def _accept(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, actor, ctx, accept=True)
    return "follow_accepted"


async def _mute(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    if (word := typed.get("duration", "")) not in DURATIONS:
        raise Invalid("This form could not be read.")
    lasts = DURATIONS[word]
    until = ctx.now() + lasts if lasts is not None else None
    await mutes.mute(who.actor, actor, hides_notifications="notifications" in typed, expires_at=until)
    return "muted"


async def _unmute(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await mutes.unmute(who.actor, actor)
    return "unmuted"


async def _block(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await blocks.block(who.actor, actor, ctx)
    return "blocked"


async def _unblock(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await blocks.unblock(who.actor, actor, ctx)
    return "unblocked"


async def _hide_server(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await host_mutes.mute(who.actor, actor.host, ctx)
    return "server_hidden"


async def _show_server(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    for host in {actor.host, actor.handle_host} - {""}:
        await host_mutes.unmute(who.actor, host)
    return "server_shown"


async def _note(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    await remarks.note(who.actor, actor, typed.get("note", ""))
    return "kept"


async def _list(who: LoggedIn, actor: Actor, typed: Typed, ctx: Context) -> str:
    """Have somebody be in those of the member's lists that were ticked, and in no other."""
    wanted = {name.removeprefix(LIST) for name in typed if name.startswith(LIST)}
    before = {row.id for row in await list_queries.with_actor(who.actor, actor)}
    for row in await list_queries.all_of(who.actor):
        is_wanted = str(row.id) in wanted
        if is_wanted and row.id not in before:
            await lists.add(row, [actor.id])
        elif not is_wanted and row.id in before:
            await lists.take_out(row, [actor.id])
    return "kept"


_DEEDS = {
    "follow": _follow,
    "unfollow": _unfollow,
    "wish": _wish,
    "dismiss": _dismiss,
    "accept": _accept,
    "mute": _mute,
    "unmute": _unmute,
    "block": _block,
    "unblock": _unblock,
    "hide_server": _hide_server,
    "show_server": _show_server,
    "note": _note,
    "list": _list,
}
