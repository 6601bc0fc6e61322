"""A forgotten password: asking for a letter, and choosing another by the link in it.

Nothing is changed by opening a page: programs that read e-mail open what is in it.
"""

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid, NotFound
from server.members import forgotten
from server.throttle import Buckets, throttled
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import go, member_page
from web.shared.site import context_of

LETTERS_BURST, LETTERS_EVERY_SECONDS = 3, 1200.0
MAX_NAME_CHARACTERS = 254


async def forgotten_form(request: Request) -> Response:
    """GET /login/forgotten."""
    return await _form(request)


@throttled("forgotten", burst=10, every_seconds=120)
async def ask(request: Request) -> Response:
    """POST /login/forgotten: name. The same page whoever it is; the letter is written when the answer is on its way."""
    check_own_form(request)
    typed = (await read_form(request)).get("name", "").strip()[:MAX_NAME_CHARACTERS]
    if not typed:
        return await _form(request, Invalid("Type your name here, or your e-mail address."))
    response = await member_page(request, None, "login/forgotten.html", is_sent=True)
    if _letters(request).take(typed.casefold().removeprefix("@")) == 0:
        response.background = BackgroundTask(forgotten.write_to, typed, context_of(request))
    return response


async def _form(request: Request, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        None,
        "login/forgotten.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        is_sent=False,
        values={"name": ""},
    )


def _letters(request: Request) -> Buckets:
    """Give what this process remembers of letters that were asked for, by whom they were for."""
    state = request.app.state
    if not hasattr(state, "forgotten_letters"):
        state.forgotten_letters = Buckets(LETTERS_BURST, LETTERS_EVERY_SECONDS)
    letters: Buckets = state.forgotten_letters
    return letters


@throttled("password link", burst=30, every_seconds=10)
async def choose_form(request: Request) -> Response:
    """GET /login/password/{note}."""
    return await _choose(request)


@throttled("password link", burst=30, every_seconds=10)
async def choose(request: Request) -> Response:
    """POST /login/password/{note}: password, password_again. 303 to the log-in form; every session has ended."""
    check_own_form(request)
    typed = await read_form(request)
    try:
        if typed.get("password", "") != typed.get("password_again", ""):
            raise Invalid("The two passwords are not the same.")
        await forgotten.choose(request.path_params["note"], typed.get("password", ""), context_of(request))
    except NotFound:
        raise
    except AppError as refused:
        return await _choose(request, refused)
    return go("/login", "password_chosen")


async def _choose(request: Request, refused: AppError | None = None) -> Response:
    note: str = request.path_params["note"]
    member = await forgotten.of_link(note, context_of(request))
    return await member_page(
        request,
        None,
        "login/password.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        note=note,
        name=member.actor.username,
    )
