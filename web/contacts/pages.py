"""Leaving an e-mail address with a section, and the private page by which its owner confirms, chooses, takes away, erases.

Nothing is changed by opening a page: programs that read e-mail open what is in it.
"""

from collections.abc import Callable, Collection, Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.actor import Actor
from models.consent import Consent, Purpose
from server.consents import actions as consents
from server.consents import texts
from server.contacts import actions as contacts
from server.errors import Conflict, Invalid, NotFound
from server.mail.addresses import sendable
from server.privacy import known
from server.throttle import throttled
from web.profiles.pages import local_actor
from web.shared.downloads import download
from web.shared.forms import check_own_form, read_form
from web.shared.rendering import NEVER_KEEP, gettext_of, language_of, render
from web.shared.site import context_of, site_of

PURPOSES = (Purpose.NEWS, Purpose.EVENTS)


async def contact_form(request: Request) -> Response:
    """GET /@{username}/contact."""
    return await _form(request, await _section(request), {}, {})


@throttled("contact", burst=10, every_seconds=60)
async def leave_address(request: Request) -> Response:
    """POST /@{username}/contact: email, name, and a box for each purpose. 303, whether the address was known or not."""
    check_own_form(request)
    section, values = await _section(request), await read_form(request)
    email, name, purposes = values.get("email", ""), values.get("name", ""), _chosen(values)
    if problems := _problems(email, name, purposes):
        return await _form(request, section, values, problems)
    language = language_of(request)
    await contacts.leave_address(section, email, purposes, context_of(request), name=name, language=language)
    return RedirectResponse("/contact/sent", 303, {"Cache-Control": NEVER_KEEP})


async def sent(request: Request) -> Response:
    """GET /contact/sent: look into your letter box."""
    return await _said(request, is_erased=False)


async def erased(request: Request) -> Response:
    """GET /contact/erased: nothing is left."""
    return await _said(request, is_erased=True)


@throttled("contact link", burst=60, every_seconds=2)
async def private_page(request: Request) -> Response:
    """GET /contact/{token}: what is known, and what may be done about it."""
    contact = await contacts.of_link(request.path_params["token"])
    agreed, site = await consents.ledger(contact), await site_of(request)
    return render(
        request,
        "contacts/private.html",
        site=site,
        coloured=await site.section_of(contact.group),
        caching=NEVER_KEEP,
        contact=contact,
        section=contact.group,
        asked=[row for row in agreed if row.withdrawn_at is None],
        agreed=agreed,
        labels=await _labels(contact.group, request, agreed if contact.confirmed_at else ()),
        token=request.path_params["token"],
        is_saved="saved" in request.query_params,
    )


@throttled("contact link", burst=60, every_seconds=2)
async def as_json(request: Request) -> Response:
    """GET /contact/{token}/data.json: all that is known about them, to take away."""
    contact = await contacts.of_link(request.path_params["token"])
    found = await known.known_contact(contact)
    return download(known.as_json(found), "application/json", f"{contact.group.username}.json")


@throttled("contact link", burst=60, every_seconds=2)
async def as_csv(request: Request) -> Response:
    """GET /contact/{token}/data.csv: the same, for a spreadsheet."""
    contact = await contacts.of_link(request.path_params["token"])
    found = await known.known_contact(contact)
    return download(known.as_csv(found).encode(), "text/csv; charset=utf-8", f"{contact.group.username}.csv")


@throttled("contact link", burst=60, every_seconds=2)
async def change(request: Request) -> Response:
    """POST /contact/{token}: act is confirm, choose (with a box for each purpose) or erase. 303 to what is then."""
    check_own_form(request)
    token: str = request.path_params["token"]
    ctx, contact, values = context_of(request), await contacts.of_link(token), await read_form(request)
    match values.get("act"):
        case "confirm":
            await contacts.confirm(contact, ctx)
        case "choose" if contact.confirmed_at is not None:
            await contacts.choose(contact, _chosen(values), ctx, language=language_of(request))
        case "erase":
            await contacts.erase(contact)
            return RedirectResponse("/contact/erased", 303, {"Cache-Control": NEVER_KEEP})
        case _:
            raise Conflict("This form could not be read.")
    return RedirectResponse(f"/contact/{token}?saved", 303, {"Cache-Control": NEVER_KEEP})


async def _section(request: Request) -> Actor:
    actor = await local_actor(request.path_params["username"])
    if not actor.is_group:
        raise NotFound("This page does not exist.")
    return actor


def _chosen(values: Mapping[str, str]) -> list[Purpose]:
    return [purpose for purpose in PURPOSES if values.get(purpose.value)]


def _problems(email: str, name: str, purposes: Collection[Purpose]) -> dict[str, str]:
    """Check every answer, so that all that is wrong is said at once: {field: sentence}."""
    problems: dict[str, str] = {}
    checks: dict[str, Callable[[], object]] = {
        "email": lambda: sendable(email),
        "name": lambda: contacts.check_name(name),
        "purposes": lambda: contacts.check_purposes(purposes),
    }
    for field, check in checks.items():
        try:
            check()
        except Invalid as problem:
            problems[field] = problem.message
    return problems


async def _form(request: Request, section: Actor, values: Mapping[str, str], problems: Mapping[str, str]) -> Response:
    sentence, site = gettext_of(request), await site_of(request)
    return render(
        request,
        "contacts/form.html",
        site=site,
        coloured=await site.section_of(section),
        status=422 if problems else 200,
        caching=NEVER_KEEP,
        section=section,
        values=values,
        problems={name: sentence(problem) for name, problem in problems.items()},
        labels=await _labels(section, request),
    )


async def _labels(
    section: Actor, request: Request, agreed: list[Consent] | tuple[()] = ()
) -> list[tuple[str, str, bool]]:
    """Give each purpose with its words, and whether it is agreed to: (purpose, words, is_agreed)."""
    standing = {row.purpose for row in agreed if row.withdrawn_at is None}
    language = language_of(request)
    shown = [(purpose, (await texts.words(section, purpose, language)).text) for purpose in PURPOSES]
    return [(purpose.value, text, purpose in standing) for purpose, text in shown]


async def _said(request: Request, *, is_erased: bool) -> Response:
    site = await site_of(request)
    return render(request, "contacts/said.html", site=site, caching=NEVER_KEEP, is_erased=is_erased)
