"""What somebody types to have an account: checked all at once, so that all that is wrong is said at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable

from federation.context import Context
from models.membership import JoinLink
from models.sign_up import SignUp, SignUpMode
from server.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from server.mail.addresses import sendable
from server.members.passwords import MIN_CHARACTERS, check_strength
from server.members.usernames import RESERVED, check_free, check_username
from server.sections import links
from server.sign_up.mode import mode
from server.throttle import throttled

MAX_REASON_CHARACTERS = 500

seldom = throttled("sign up", burst=10, every_seconds=180)
"""Let one address make few accounts."""


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What was typed. `invitation` is the token of a section's link, '' where there is none."""

    username: str
    email: str
    password: str
    agrees: bool
    reason: str = ""
    language: str = "fr"
    invitation: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was typed, and will do. `needs_approval`: somebody looks at it first."""

    username: str
    email: str
    reason: str
    link: JoinLink | None


class SignUpRefused(Invalid):
    """Something typed will not do. `problems` is {field of SignUpForm: (a word for programs, sentence)}."""

    def __init__(self, problems: Mapping[str, tuple[str, str]]) -> None:
        super().__init__("Some answers will not do yet.")
        self.problems = dict(problems)


async def check(form: SignUpForm, ctx: Context) -> Checked:
    """Read a form.

    Raises:
        Forbidden: nobody may make an account here.
        SignUpRefused: something typed will not do.
    """
    wanted = await mode()
    if wanted is SignUpMode.CLOSED:
        raise Forbidden("No account can be made on this server at the moment. Write to the section.")
    problems: dict[str, tuple[str, str]] = {}
    link: JoinLink | None = None

    async def name_is_free() -> None:
        await check_name_free(check_username(form.username))

    async def is_invited() -> None:
        nonlocal link
        if form.invitation:
            link = await links.open_link(form.invitation, ctx)
        elif wanted is SignUpMode.INVITATION:
            raise Invalid("An account is made here by invitation: open the link that a section gave you.")

    checks: dict[str, Callable[[], Awaitable[None] | object]] = {
        "username": name_is_free,
        "email": lambda: sendable(form.email),
        "password": lambda: check_strength(
            form.password, names=(form.username.strip().removeprefix("@"), form.email.partition("@")[0].strip())
        ),
        "reason": lambda: _check_reason(form.reason, wanted, bool(form.invitation)),
        "agreement": lambda: _check_agreement(form.agrees),
        "invitation": is_invited,
    }
    for field, look in checks.items():
        try:
            if isawaitable(found := look()):
                await found
        except AppError as problem:
            problems[field] = (_word(field, form, problem), problem.message)
    if problems:
        raise SignUpRefused(problems)
    return Checked(check_username(form.username), sendable(form.email), form.reason.strip(), link)


async def check_name_free(username: str) -> None:
    """Refuse a name that an actor of ours has, had, or is about to have.

    Raises:
        Conflict: it is taken.
    """
    await check_free(username)
    if await SignUp.exists(username=username, confirmed_at__not_isnull=True):
        raise Conflict("This name is taken. Choose another.")


def _check_reason(reason: str, wanted: SignUpMode, is_invited: bool) -> None:
    if len(reason.strip()) > MAX_REASON_CHARACTERS:
        raise Invalid("Say it in 500 characters at most.")
    if wanted is SignUpMode.APPROVAL and not is_invited and not reason.strip():
        raise Invalid("Say in a sentence or two who you are: somebody reads it before you come in.")


def _check_agreement(agrees: bool) -> None:
    if not agrees:
        raise Invalid("Tick the box to say that you agree.")


def _word(field: str, form: SignUpForm, problem: AppError) -> str:
    """Name a problem as clients know it.   Source: docs.joinmastodon.org/methods/accounts#create"""
    typed = {"username": form.username, "email": form.email, "password": form.password, "reason": form.reason}
    if field == "agreement":
        return "ERR_ACCEPTED"
    if field in typed and not typed[field].strip():
        return "ERR_BLANK"
    if isinstance(problem, Conflict):
        return "ERR_TAKEN"
    if field == "username" and form.username.strip().removeprefix("@").lower() in RESERVED:
        return "ERR_RESERVED"
    if field == "password" and len(form.password) < MIN_CHARACTERS:
        return "ERR_TOO_SHORT"
    if field == "reason":
        return "ERR_TOO_LONG"
    return "ERR_INVALID" if not isinstance(problem, NotFound) else "ERR_BLOCKED"
