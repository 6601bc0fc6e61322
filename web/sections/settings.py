"""What a section says of itself, who may come in, whose posts it passes on: each as far as one's roles allow."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models.section import AnnouncesFrom, Openness
from server.errors import AppError, Invalid
from server.sections import actions, profile
from server.sections.permissions import Act
from server.sections.profile import SectionChanges
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.logged_in import Typed, go
from web.shared.site import context_of

OPENING = frozenset({"openness", "shows_authors"})
CHARTER = frozenset({"charter"})
ABOUT = frozenset(field.name for field in fields(SectionChanges)) - OPENING - CHARTER


@at_desk(Act.EDIT_PAGE)
async def settings(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/page."""
    return await _page(request, desk, await _values(desk))


@desk_form(Act.EDIT_PAGE)
async def save(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/page: what the form shows. 303 to the same page; refused, it is shown with what was typed."""
    ctx = context_of(request)
    try:
        changes = read_changes(typed, _allowed(desk))
        announces = _announces(typed) if desk.may("change openness") else desk.section.announces_from
        await profile.edit(desk.section, changes, desk.by, ctx)
        if announces is not desk.section.announces_from:
            await actions.announce_from(desk.section, announces, desk.by)
    except AppError as refused:
        return await _page(request, desk, await _values(desk) | _kept(typed), refused)
    return go(f"{desk.address}/page", "kept")


def read_changes(typed: Typed, allowed: frozenset[str]) -> SectionChanges:
    """Read what was typed of what somebody may change. A box that is not ticked is not sent.

    Raises:
        Invalid: it is no form of ours.
    """
    texts: dict[str, Any] = {name: typed[name] for name in allowed - OPENING if name in typed}
    if not allowed >= OPENING or "openness" not in typed:
        return SectionChanges(**texts)
    if typed["openness"] not in list(Openness):
        raise Invalid("This form could not be read.")
    return SectionChanges(**texts, openness=Openness(typed["openness"]), shows_authors="shows_authors" in typed)


def _announces(typed: Typed) -> AnnouncesFrom:
    if (text := typed.get("announces_from", "")) not in list(AnnouncesFrom):
        raise Invalid("This form could not be read.")
    return AnnouncesFrom(text)


def _allowed(desk: Desk) -> frozenset[str]:
    allowed = ABOUT
    if desk.may("change charter"):
        allowed |= CHARTER
    return allowed | OPENING if desk.may("change openness") else allowed


async def _values(desk: Desk) -> dict[str, str]:
    now = await profile.typed(desk.section)
    values = {name: getattr(now, name) or "" for name in ABOUT | CHARTER}
    return values | {
        "openness": desk.section.openness.value,
        "shows_authors": "yes" if desk.section.shows_authors else "",
        "announces_from": desk.section.announces_from.value,
    }


def _kept(typed: Typed) -> dict[str, str]:
    """Give what was typed, to be shown again."""
    names = ABOUT | CHARTER | OPENING | {"announces_from"}
    kept: Mapping[str, str] = {name: value for name, value in typed.items() if name in names}
    return {"shows_authors": "", **kept}


async def _page(request: Request, desk: Desk, values: dict[str, str], refused: AppError | None = None) -> Response:
    return await desk_page(
        request, desk, "settings.html", refused, values=values, openings=list(Openness), announcers=list(AnnouncesFrom)
    )
