"""The first evening of a server: its main section and its first administrator, from a page that opens once."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tortoise.transactions import in_transaction

from federation.context import Context
from models.member import Member, MemberRole
from models.oauth import token_hash
from models.section import Section
from models.setting import Setting
from server.errors import AppError, Conflict, Invalid, NotFound
from server.members.actions import check_email, check_email_free, create_member
from server.members.passwords import check_strength
from server.members.usernames import check_free, check_username, suggest_username
from server.sections import roles
from server.sections.actions import check_description, check_line, check_name, create_section

SETTING = "setup_token_hash"
ZONE_SETTING = "time_zone"
DEFAULT_ZONE = "Europe/Paris"
ZONES = (
    DEFAULT_ZONE,
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "America/Miquelon",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SetupForm:
    """What the first administrator typed. Name, handle, username and the passwords must be given."""

    section_name: str = ""
    handle: str = ""
    description: str = ""
    place: str = ""
    contact: str = ""
    time_zone: str = DEFAULT_ZONE
    username: str = ""
    display_name: str = ""
    email: str = ""
    password: str = ""
    password_again: str = ""
    language: str = "fr"


class SetupRefused(Invalid):
    """Something typed will not do. `problems` is {field of SetupForm: sentence}; `suggested_handle` may be empty."""

    def __init__(self, problems: dict[str, str], suggested_handle: str = "") -> None:
        super().__init__("Some answers will not do yet.")
        self.problems = problems
        self.suggested_handle = suggested_handle


async def new_setup_token() -> str:
    """Make the token of the set-up page and keep its hash; the one before stops working. Show it once, to its owner.

    Raises:
        Conflict: the server is set up.
    """
    if await is_set_up():
        raise Conflict("This server is set up already.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await Setting.write(SETTING, token_hash(token))
    return token


async def is_set_up() -> bool:
    """Whether this server has its main section."""
    return await Section.exists(is_main=True)


async def check_setup_token(token: str) -> None:
    """Let in whoever holds the token, for as long as the server is not set up.

    Raises:
        NotFound: it is not the token, was used, or there is none.
    """
    kept = await Setting.read(SETTING, "")
    is_right = hmac.compare_digest(token_hash(token), str(kept))
    if not is_right or await is_set_up():
        raise NotFound("This set-up address does not work, or no longer does.")


async def finish_setup(form: SetupForm, ctx: Context, token: str) -> tuple[Section, Member]:
    """Found the main section and take in its first administrator, who is its animator, both or neither; the token is spent.

    Raises:
        NotFound: the token is not the one, or was spent meanwhile.
        SetupRefused: some answers will not do.
    """
    await check_setup_token(token)
    await _check(form)
    async with in_transaction():
        if not await Setting.filter(name=SETTING).delete():
            raise NotFound("This set-up address does not work, or no longer does.")
        await Setting.write(ZONE_SETTING, form.time_zone)
        section = await create_section(
            ctx,
            form.handle,
            form.section_name,
            description=form.description,
            place=form.place,
            contact=form.contact,
            is_main=True,
        )
        member = await create_member(
            ctx,
            form.username,
            password=form.password,
            display_name=form.display_name,
            email=form.email,
            role=MemberRole.ADMIN,
            language=form.language,
        )
        await roles.found(section, member.actor, ctx)
    return section, member


def check_zone(typed: str) -> str:
    """Read the name of a time zone where a section may be.

    Raises:
        Invalid: it is none of `ZONES`.
    """
    if typed not in ZONES:
        raise Invalid("Choose one of the time zones.")
    return typed


async def _check(form: SetupForm) -> None:
    """Check every answer, so that all that is wrong is said at once."""
    problems: dict[str, str] = {}
    checks: dict[str, Callable[[], object]] = {
        "section_name": lambda: check_name(form.section_name),
        "handle": lambda: check_username(form.handle),
        "description": lambda: check_description(form.description),
        "place": lambda: check_line(form.place),
        "contact": lambda: check_line(form.contact),
        "time_zone": lambda: check_zone(form.time_zone),
        "username": lambda: check_username(form.username),
        "display_name": lambda: check_line(form.display_name),
        "email": lambda: check_email(form.email),
        "password": lambda: check_strength(form.password, names=(form.username, form.handle, form.section_name)),
    }
    for field, check in checks.items():
        try:
            check()
        except AppError as problem:
            problems[field] = problem.message
    await _check_taken(form, problems)
    if "password" not in problems and form.password != form.password_again:
        problems["password_again"] = Invalid("The two passwords are not the same.").message
    if problems:
        suggested = await suggest_username(form.section_name) if "handle" in problems else ""
        raise SetupRefused(problems, suggested)


async def _check_taken(form: SetupForm, problems: dict[str, str]) -> None:
    """Check what only the database knows, of answers that are right in themselves."""
    checks: dict[str, Callable[[], Awaitable[None]]] = {
        "handle": lambda: check_free(check_username(form.handle)),
        "username": lambda: check_free(check_username(form.username)),
        "email": lambda: check_email_free(check_email(form.email)),
    }
    for field, check in checks.items():
        if field not in problems:
            try:
                await check()
            except Conflict as taken:
                problems[field] = taken.message
    if {"handle", "username"}.isdisjoint(problems) and check_username(form.handle) == check_username(form.username):
        problems["username"] = Conflict("The section has this name: choose another for yourself.").message
