"""What is known about a member: shown, taken away, erased with the account."""

from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid
from server.privacy import erasing, known
from server.sessions import actions
from server.throttle import address_of
from web.login.pages import guesses_of
from web.me.known_words import named
from web.shared.cookies import SESSION, drop
from web.shared.downloads import download
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.rendering import language_of
from web.shared.site import context_of


@for_members
async def data(request: Request, who: LoggedIn) -> Response:
    """GET /me/data."""
    name = partial(named, language=language_of(request))
    found = await known.known(who.actor)
    return await member_page(request, who, "me/data.html", known=found, named=name, read_time=datetime.fromisoformat)


@for_members
async def as_json(request: Request, who: LoggedIn) -> Response:
    """GET /me/data.json."""
    found = await known.known(who.actor)
    return download(known.as_json(found), "application/json", f"{who.actor.username}.json")


@for_members
async def as_csv(request: Request, who: LoggedIn) -> Response:
    """GET /me/data.csv."""
    found = await known.known(who.actor)
    return download(known.as_csv(found).encode(), "text/csv; charset=utf-8", f"{who.actor.username}.csv")


@for_members
async def delete_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/delete: says what will be gone, and asks for the password."""
    return await member_page(request, who, "me/delete.html")


@own_form
async def delete(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/delete: password, sure. 303 to the front page; everything is gone, here and as far as others do as told."""
    try:
        await perform({"delete": _delete}, "delete", request, who, typed)
    except AppError as refused:
        return await member_page(request, who, "me/delete.html", status=refused.status, problem=refused.message)
    response = go("/")
    drop(request, response, SESSION)
    return response


async def _delete(request: Request, who: LoggedIn, typed: Typed) -> str:
    if not typed.get("sure"):
        raise Invalid("Tick the box to say that you mean it.")
    password, address = typed.get("password", ""), address_of(request)
    await actions.prove(who.member, password, guesses=guesses_of(request), address=address)
    await erasing.erase(who.actor, context_of(request))
    return "deleted"
