"""The pages that say what went wrong, what was kept and what to do. They ask nothing of the database."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from web.shared.languages import translate
from web.shared.rendering import NEVER_KEEP, language_of, render
from web.shared.site import last_site


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


@dataclass(frozen=True, slots=True)
class Wording:
    """What a status is called, and what to do about it."""

    title: str
    advice: str


_WORDINGS = {
    400: Wording(_("This request could not be read"), _("Go back, check the address and try again.")),
    401: Wording(_("You are not logged in"), _("Log in from your application and try again.")),
    403: Wording(_("You cannot do this"), _("If you should be able to, write to the section.")),
    404: Wording(
        _("This page does not exist"),
        _("The address may have a mistake in it, or what was here is not for everybody."),
    ),
    405: Wording(_("You cannot do this"), _("Go back and try again from the page.")),
    409: Wording(_("Somebody was faster"), _("Go back, load the page again and look at what has changed.")),
    410: Wording(_("This has been deleted"), _("Its author has taken it back. It will not return.")),
    413: Wording(_("This is too much at once"), _("Go back, send less and try again.")),
    422: Wording(_("This does not make sense here"), _("Go back, correct what you typed and try again.")),
    429: Wording(_("Too many requests"), _("Wait a minute, then try again.")),
    500: Wording(
        _("Something failed here"),
        _("It is our fault, not yours. Try again in a minute; if it happens again, give the section this number:"),
    ),
    503: Wording(_("The server is not available just now"), _("Nothing is lost. Try again in a minute.")),
}
_OTHER = Wording(_("This did not work"), _("Go back and try again."))


def error_page(request: Request, status: int, message: str) -> Response:
    """Answer an error to a person: what `message` says, where it is a sentence of ours, and never a word more of a 500."""
    wording = _WORDINGS.get(status) or (_WORDINGS[500] if status > 500 else _OTHER)
    language = language_of(request)
    said = None if status == 500 else translate(message, language)
    return render(
        request,
        "shared/error.html",
        site=last_site(request),
        status=status,
        code=status,
        caching=NEVER_KEEP,
        title=translate(wording.title, language) or wording.title,
        message="" if said is None or message == wording.title else said,
        advice=translate(wording.advice, language) or wording.advice,
        request_id=getattr(request.state, "request_id", "") if status == 500 else "",
    )
