"""Moving to another account, with those who follow; and saying which former accounts were one's own."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from server.errors import AppError, Invalid, NotFound
from server.members import moving
from server.members.queries import new_home
from server.sessions import actions as sessions
from server.throttle import address_of, throttled
from web.login.pages import guesses_of
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/moving"


@dataclass(frozen=True, slots=True)
class Alias:
    """Another account that a member says is theirs; `actor` where this server knows it."""

    uri: str
    actor: Actor | None


@for_members
async def moving_page(request: Request, who: LoggedIn) -> Response:
    """GET /me/moving."""
    return await _page(request, who, {})


@throttled("moving", burst=20, every_seconds=15)
@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/moving: do=alias with former; drop and uri; move with to, password and sure; back with password."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed)
    except AppError as refused:
        return await _page(request, who, typed, refused)
    return go(ADDRESS, said)


async def _alias(request: Request, who: LoggedIn, typed: Typed) -> str:
    await _found(moving.add_alias(who.actor, _address(typed, "former"), context_of(request)))
    return "alias_added"


async def _drop(request: Request, who: LoggedIn, typed: Typed) -> str:
    if (uri := typed.get("uri", "")) not in who.actor.also_known_as:
        raise NotFound("This account does not name that one.")
    await moving.remove_alias(who.actor, uri, context_of(request))
    return "alias_dropped"


async def _move(request: Request, who: LoggedIn, typed: Typed) -> str:
    if not typed.get("sure"):
        raise Invalid("Tick the box to say that you mean it.")
    to = _address(typed, "to")
    await _prove(request, who, typed)
    await _found(moving.move(who.actor, to, context_of(request)))
    return "moved"


async def _back(request: Request, who: LoggedIn, typed: Typed) -> str:
    await _prove(request, who, typed)
    await moving.come_back(who.actor, context_of(request))
    return "moved_back"


_DEEDS = {"alias": _alias, "drop": _drop, "move": _move, "back": _back}


def _address(typed: Typed, name: str) -> str:
    if not (address := typed.get(name, "").strip()):
        raise Invalid("Nobody was found under this address. Is it written correctly?")
    return address


async def _found(work: Awaitable[Actor]) -> None:
    """Do something with an account that was named.

    Raises:
        Invalid: nobody has the address, or their server does not answer.
    """
    try:
        await work
    except NotFound as missing:
        raise Invalid("Nobody was found under this address. Is it written correctly?") from missing


async def _prove(request: Request, who: LoggedIn, typed: Typed) -> None:
    password, address = typed.get("password", ""), address_of(request)
    await sessions.prove(who.member, password, guesses=guesses_of(request), address=address)


async def _aliases(uris: Sequence[str]) -> list[Alias]:
    known = {actor.uri: actor for actor in await Actor.filter(uri__in=list(uris))} if uris else {}
    return [Alias(uri, known.get(uri)) for uri in uris]


async def _page(request: Request, who: LoggedIn, typed: Typed, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "me/moving.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        aliases=await _aliases(who.actor.also_known_as),
        has_moved=who.actor.moved_to_uri is not None,
        new_home=await new_home(who.actor),
        handle=f"@{context_of(request).names.handle(who.actor.username)}",
        values={name: typed.get(name, "") for name in ("former", "to")},
    )
