"""The set-up page. Its address holds a token that works once; after that there is no such page."""

from dataclasses import fields

from babel.core import Locale, get_global
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.errors import Conflict, Invalid, NotFound
from server.sections import setup
from server.sections.setup import SetupForm, SetupRefused, check_setup_token, finish_setup
from web.shared.forms import check_own_form, read_form
from web.shared.rendering import NEVER_KEEP, gettext_of, language_of, render
from web.shared.site import context_of, site_of

_TYPED = frozenset(field.name for field in fields(SetupForm)) - {"language"}
_SECRETS = frozenset({"password", "password_again"})


async def setup_form(request: Request) -> Response:
    """GET /setup/{token}."""
    await check_setup_token(request.path_params["token"])
    return await _form(request, SetupForm(), {})


async def finish(request: Request) -> Response:
    """POST /setup/{token}: 303 to the page that says what comes next; 422 with what was typed where it will not do."""
    check_own_form(request)
    token: str = request.path_params["token"]
    await check_setup_token(token)
    typed = {name: value for name, value in (await read_form(request)).items() if name in _TYPED}
    form = SetupForm(**typed, language=language_of(request))
    try:
        await finish_setup(form, context_of(request), token)
    except SetupRefused as refused:
        if refused.suggested_handle and not form.handle.strip():
            typed["handle"] = refused.suggested_handle
            refused.problems["handle"] = Invalid("Here is one that is free: keep it, or change it.").message
        return await _form(request, SetupForm(**typed), refused.problems, refused.suggested_handle)
    except Conflict as taken:
        return await _form(request, form, {"handle": taken.message})
    return RedirectResponse("/setup/done", 303, {"Cache-Control": NEVER_KEEP})


async def done(request: Request) -> Response:
    """GET /setup/done: what comes next."""
    site = await site_of(request)
    if site.section is None:
        raise NotFound("This page does not exist.")
    return render(request, "setup/done.html", site=site, section=site.section)


async def _form(request: Request, form: SetupForm, problems: dict[str, str], suggested: str = "") -> Response:
    """Show the form; passwords are never sent back."""
    sentence = gettext_of(request)
    return render(
        request,
        "setup/setup.html",
        site=await site_of(request),
        status=422 if problems else 200,
        caching=NEVER_KEEP,
        values={name: "" if name in _SECRETS else getattr(form, name) for name in _TYPED},
        problems={name: sentence(problem) for name, problem in problems.items()},
        suggested=suggested,
        zones=zones(language_of(request)),
        token=request.path_params["token"],
    )


def zones(language: str) -> list[tuple[str, str]]:
    """Name the time zones by their territories: [("Europe/Paris", "France"), …]."""
    territories = Locale(language).territories
    return [(zone, territories[get_global("zone_territories")[zone]]) for zone in setup.ZONES]
