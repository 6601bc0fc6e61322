"""Pages for whoever is logged in: who that is, and forms that nobody else can send in their name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.member import Member
from models.session import Session
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.notifications.queries import unread
from server.second_step import duty
from server.sessions.queries import form_token, is_form_token, of_token
from web.shared.cookies import SESSION, read_cookie
from web.shared.forms import MAX_FORM_BYTES, Files, check_own_form, opened_form, read_form
from web.shared.headers import let_ask_us
from web.shared.languages import translate
from web.shared.notices import notice_of, undo_of
from web.shared.reading import keep, reading_of
from web.shared.rendering import NEVER_KEEP, gettext_of, language_of, render
from web.shared.site import context_of, site_of

_REFUSED = Invalid("This cannot be done.").message
_REFUSALS = {
    403: Forbidden("You cannot do this").message,
    404: NotFound("This is no longer there: it was answered, taken back or ended meanwhile.").message,
    409: Conflict("This has been done already, or something has changed meanwhile.").message,
}

SECOND_STEP = "/me/second_step"
OPEN_TO_ALL = frozenset(
    {
        SECOND_STEP,
        f"{SECOND_STEP}/app",
        "/me/passkeys",
        "/me/password",
        "/me/sessions",
        "/me/delete",
        "/logout",
        *(f"/me/data{form}" for form in ("", ".json", ".csv")),
    }
)
"""Where one may go without the second step that one should have: to set it up, to end things, and out."""

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who is logged in with this browser. `form_token` goes into each of their forms."""

    session: Session
    form_token: str

    @classmethod
    def of(cls, session: Session, cookie: str) -> "LoggedIn":
        """Give whoever has a session, whose cookie this is."""
        return cls(session, form_token(cookie))

    @property
    def member(self) -> Member:
        """Their login."""
        return self.session.member

    @property
    def actor(self) -> Actor:
        """Who they are to others."""
        return self.session.member.actor


Typed = Mapping[str, str]
Page = Callable[[Request, LoggedIn], Awaitable[Response]]
Change = Callable[[Request, LoggedIn, Typed], Awaitable[Response]]
ChangeWithFiles = Callable[[Request, LoggedIn, Typed, Files], Awaitable[Response]]
Deed = Callable[[LoggedIn, Typed, Context], Awaitable[str]]
"""What one button does: the notice to give afterwards."""
P = ParamSpec("P")


async def who_is(request: Request) -> LoggedIn | None:
    """Tell who is logged in with this browser; None for nobody."""
    cookie = read_cookie(request, SESSION)
    session = await of_token(cookie, context_of(request))
    if session is None:
        return None
    request.state.reads_in = session.member.reads_in
    return LoggedIn.of(session, cookie)


def for_members(page: Page) -> Endpoint:
    """Have a page shown to whoever is logged in; others log in first, and come back to it."""

    @wraps(page)
    async def endpoint(request: Request) -> Response:
        if (who := await who_is(request)) is None:
            return log_in_first(request)
        return await led_elsewhere(request, who) or await page(request, who)

    return endpoint


def own_form(change: Change, *, most_bytes: int = MAX_FORM_BYTES) -> Endpoint:
    """Have a form taken from whoever is logged in, sent from a page that they were given; what they typed is handed over.

    Raises:
        Forbidden: another site sent it, or it belongs to another session.
    """

    @wraps(change)
    async def endpoint(request: Request) -> Response:
        check_own_form(request)
        if (who := await who_is(request)) is None:
            return log_in_first(request)
        if (response := await led_elsewhere(request, who)) is not None:
            return response
        typed = await read_form(request, most_bytes)
        _check_token(request, typed)
        return await change(request, who, typed)

    return endpoint


def own_upload(
    change: ChangeWithFiles,
    most_files: int,
    *,
    most_bytes: int = MAX_FORM_BYTES,
    takes_films: bool = False,
    when_late: ChangeWithFiles | None = None,
) -> Endpoint:
    """Have a form with so many files at most taken, as `own_form` does.

    `when_late` shows it again, with what was typed, where it belongs to another session: after logging in once more.
    """

    @wraps(change)
    async def endpoint(request: Request) -> Response:
        check_own_form(request)
        if (who := await who_is(request)) is None:
            return log_in_first(request)
        if (response := await led_elsewhere(request, who)) is not None:
            return response
        async with opened_form(request, most_files, most_bytes, takes_films=takes_films) as (typed, files):
            try:
                _check_token(request, typed)
            except Forbidden:
                if when_late is None:
                    raise
                return await when_late(request, who, typed, {})
            return await change(request, who, typed, files)

    return endpoint


def _check_token(request: Request, typed: dict[str, str]) -> None:
    if not is_form_token(typed.pop("form_token", ""), read_cookie(request, SESSION)):
        raise Forbidden("This page was open for too long. Load it again, then send the form once more.")


async def perform(deeds: Mapping[str, Callable[P, Awaitable[str]]], do: str, *args: P.args, **more: P.kwargs) -> str:
    """Do what the button that was pressed stands for (`do` of the form); the notice to give afterwards.

    Raises:
        AppError: it was refused; what federation refuses is Invalid.
    """
    if (deed := deeds.get(do)) is None:
        raise Invalid("This form could not be read.")
    try:
        return await deed(*args, **more)
    except FederationError as refused:
        raise Invalid("This cannot be done: the rules of this server or of the section do not allow it.") from refused


async def led_elsewhere(request: Request, who: LoggedIn) -> Response | None:
    """Send whoever should have set up a second step long ago to where that is done; None for everybody else."""
    if request.scope["path"] in OPEN_TO_ALL or not await duty.is_overdue(who.member, context_of(request).now()):
        return None
    return go(SECOND_STEP, "second_step_due")


def log_in_first(request: Request) -> Response:
    """Send somebody to the log-in form, and from there back here."""
    query: bytes = request.scope["query_string"]
    here = f"{request.scope['path']}?{query.decode('latin-1')}" if query else request.scope["path"]
    return go(f"/login?{urlencode({'next': here})}")


def go(address: str, said: str = "") -> Response:
    """Send the browser on, after a form; `said` is one of web/shared/notices.py, shown there."""
    more = ("&" if "?" in address else "?") + urlencode({"said": said}) if said else ""
    return RedirectResponse(address + more, 303, {"Cache-Control": NEVER_KEEP})


async def member_page(
    request: Request, who: LoggedIn | None, template: str, *, status: int = 200, problem: str = "", **values: Any
) -> Response:
    """Show a page that is one person's, and that nothing keeps. `problem` is the sentence that says what was refused.

    Times are in the zone that they chose. A browser in which they are new is told in which language they read, so that the
    pages for everybody are in it, too.
    """
    sentence, site = gettext_of(request), await site_of(request)
    if who is not None and who.member.timezone:
        site = replace(site, zone=ZoneInfo(who.member.timezone))
    response = render(
        request,
        template,
        site=site,
        status=status,
        caching=NEVER_KEEP,
        vary="Accept-Language, Cookie",
        who=who,
        unread=await unread(who.actor) if who is not None else 0,
        problem=refusal(request, status, problem) if problem else "",
        notice=sentence(notice) if (notice := notice_of(request)) else "",
        undo=undo_of(request),
        **values,
    )
    if who is not None and who.member.reads_in:
        keep(request, response, replace(reading_of(request), language=who.member.reads_in))
    return response


async def live_page(request: Request, who: LoggedIn, template: str, **values: Any) -> Response:
    """Show a member's page that has scripts of ours, which ask this server what is new."""
    return let_ask_us(await member_page(request, who, template, **values))


def refusal(request: Request, status: int, message: str) -> str:
    """Say why something was refused, in the visitor’s language: in a sentence that the catalogues know, or a plainer one."""
    language = language_of(request)
    said = translate(message, language) or translate(_REFUSALS.get(status, _REFUSED), language)
    return said or _REFUSED
