"""Making an account: the form, the letter, the link in it.

Nothing is changed by opening a page: programs that read e-mail open what is in it.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from models.sign_up import SignUpMode
from server.errors import AppError, NotFound
from server.sections import links
from server.sign_up import actions
from server.sign_up.form import SignUpForm, SignUpRefused, seldom
from server.sign_up.mode import mode
from server.throttle import throttled
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import go, member_page
from web.shared.rendering import gettext_of, language_of
from web.shared.site import context_of

ADDRESS = "/sign_up"


async def sign_up_form(request: Request) -> Response:
    """GET /sign_up?invitation=<token of a section's link>."""
    return await _form(request, {"invitation": request.query_params.get("invitation", "")}, {})


@seldom
async def ask(request: Request) -> Response:
    """POST /sign_up: username, email, password, agreement, reason, invitation. 303, whether the address was known or not."""
    check_own_form(request)
    typed = await read_form(request)
    form = SignUpForm(
        username=typed.get("username", ""),
        email=typed.get("email", ""),
        password=typed.get("password", ""),
        agrees=bool(typed.get("agreement")),
        reason=typed.get("reason", ""),
        language=language_of(request),
        invitation=typed.get("invitation", ""),
    )
    try:
        await actions.ask(form, context_of(request))
    except SignUpRefused as refused:
        return await _form(request, typed, {name: problem for name, (_, problem) in refused.problems.items()})
    return go(f"{ADDRESS}/sent")


async def sent(request: Request) -> Response:
    """GET /sign_up/sent: look into your letter box."""
    return await member_page(request, None, "sign_up/sent.html")


@throttled("sign up link", burst=30, every_seconds=10)
async def confirm_form(request: Request) -> Response:
    """GET /sign_up/{note}."""
    return await _confirm(request)


@throttled("sign up link", burst=30, every_seconds=10)
async def confirm(request: Request) -> Response:
    """POST /sign_up/{note}. 303 to the log-in form; or the page says that somebody looks at it first."""
    check_own_form(request)
    ctx = context_of(request)
    row = await actions.of_link(request.path_params["note"], ctx)
    try:
        member = await actions.confirm(row, ctx)
    except AppError as refused:
        return await _confirm(request, refused)
    return go(f"{ADDRESS}/waiting") if member is None else go("/login", "signed_up")


async def waiting(request: Request) -> Response:
    """GET /sign_up/waiting: somebody looks at it first."""
    return await member_page(request, None, "sign_up/waiting.html")


async def _confirm(request: Request, refused: AppError | None = None) -> Response:
    note: str = request.path_params["note"]
    row = await actions.of_link(note, context_of(request))
    if row.confirmed_at is not None:
        return go(f"{ADDRESS}/waiting")
    return await member_page(
        request,
        None,
        "sign_up/confirm.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        note=note,
        handle=f"@{context_of(request).names.handle(row.username)}",
    )


async def _form(request: Request, typed: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    """Show the form with what was typed, but for the password; `problems` is {field: sentence}."""
    ctx, wanted, sentence = context_of(request), await mode(), gettext_of(request)
    invitation = typed.get("invitation", "")
    return await member_page(
        request,
        None,
        "sign_up/form.html",
        status=422 if problems else 200,
        problems={name: sentence(problem) for name, problem in problems.items()},
        values={name: typed.get(name, "") for name in ("username", "email", "reason")} | {"password": ""},
        agrees=bool(typed.get("agreement")),
        invitation=invitation,
        inviting=await _inviting(invitation, request),
        is_open=wanted is not SignUpMode.CLOSED,
        needs_invitation=wanted is SignUpMode.INVITATION,
        needs_approval=wanted is SignUpMode.APPROVAL,
        host=ctx.names.handle_host,
    )


async def _inviting(token: str, request: Request) -> str:
    """Name the section whose link somebody has; '' where it does not work."""
    try:
        return (await links.open_link(token, context_of(request))).group.name if token else ""
    except NotFound:
        return ""
