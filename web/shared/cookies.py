"""The cookies of those who log in: of the session, before that of the form and between two steps, and one by which the
browser is known again at the next login.

Another says in which language and colours they chose to read. Readers who never log in get none.

Source: RFC 6265bis §4.1.2 (HttpOnly, Secure, SameSite), §4.1.3.2 (the __Host- prefix)
"""

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.sessions.actions import HALF_IN_FOR, LONGEST

SESSION = "coopole_session"
FORM = "coopole_form"
HALF_IN = "coopole_half_in"
READING = "coopole_reading"
FORM_SECONDS = 3600
READING_SECONDS = 365 * 24 * 3600
KNOWN = "coopole_known"
KNOWN_SECONDS = 365 * 24 * 3600


def read_cookie(request: Request, name: str) -> str:
    """Give what a cookie holds; '' where there is none."""
    return request.cookies.get(_full_name(request, name), "")


def set_session(request: Request, response: Response, token: str) -> None:
    """Have the browser remember a session, and forget the form that opened it."""
    keep_session(request, response, token)
    drop(request, response, FORM)


def keep_session(request: Request, response: Response, token: str) -> None:
    """Have the browser remember another token of the session that it has."""
    _set(request, response, SESSION, token, int(LONGEST.total_seconds()))


def set_half_in(request: Request, response: Response, note: str) -> None:
    """Have the browser remember that the password was typed, until the second step is taken."""
    _set(request, response, HALF_IN, note, int(HALF_IN_FOR.total_seconds()))
    drop(request, response, FORM)


def set_known(request: Request, response: Response, value: str) -> None:
    """Have the browser remember that somebody logged in with it; it does so after they have logged out."""
    _set(request, response, KNOWN, value, KNOWN_SECONDS)


def set_form(request: Request, response: Response, value: str) -> None:
    """Have the browser remember that it was given the log-in form."""
    _set(request, response, FORM, value, FORM_SECONDS)


def set_reading(request: Request, response: Response, chosen: str) -> None:
    """Have the browser remember how pages are to be read; '' has it forget."""
    _set(request, response, READING, chosen, READING_SECONDS if chosen else 0)


def drop(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    _set(request, response, name, "", 0)


def _set(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _full_name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def _full_name(request: Request, name: str) -> str:
    """Give the name; with the prefix no other host, and nobody without https, can set it."""
    return f"__Host-{name}" if _is_secure(request) else name


def _is_secure(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    return settings.is_secure
