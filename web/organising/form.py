"""Announcing an event and changing one: choose a kind, fill the form in, look at it as others will, publish."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from functools import partial
from secrets import token_urlsafe
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models.event import EventKind, EventStatus, JoinMode, Place
from models.idempotency import Asker
from server.errors import AppError, Invalid
from server.events import actions, organising, repeating, series, series_dates
from server.events.drafts import EventDraft
from server.events.overview import tells_people, told, used_places
from server.events.templates import LANGUAGES, drafted
from server.media.queries import shown_by
from server.posts.once import Publish, once
from server.sections.permissions import Act
from web.organising.clocks import read_date, read_time
from web.organising.finding import OwnEvent, events_of, own_event
from web.organising.repeating import CHOICES, Repeats, read_repeats, read_rule
from web.organising.scope import FOLLOWING, read_scope
from web.organising.typed import (
    BLANK_QUESTION,
    BLANK_SHIFT,
    MAX_ROWS,
    VISIBILITIES,
    EventForm,
    of_draft,
    of_typed,
    read,
)
from web.organising.zones import zones_with
from web.sections.finding import Desk, at_desk, desk_page, desk_upload
from web.shared.forms import Files
from web.shared.logged_in import Typed, go, perform, refusal
from web.shared.rendering import language_of
from web.shared.site import context_of, site_of
from web.writing.pictures import COVER, Shelf, chosen, read_slots, slots_of

MAX_EVENT_BYTES = 262_144  # 20,000 characters may be six times as many bytes when they are sent

_QUESTION_KINDS = ("text", "yes_no", "choice")


@at_desk(Act.ORGANISE)
async def announce_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/new: the kinds; ?kind=&on=&at= the form, filled in with what goes with the kind."""
    if (kind := request.query_params.get("kind", "")) not in list(EventKind):
        return await desk_page(request, desk, "organising/choose.html", kinds=list(EventKind))
    day, clock = (request.query_params.get(name, "") for name in ("on", "at"))
    draft = drafted(EventKind(kind), _begins(day, clock), language_of(request))
    form = of_draft(draft)
    form.values |= {"timezone": (await site_of(request)).zone.key}
    if not read_date(day):
        form.values |= {"starts_on": "", "ends_on": ""}
        form.shifts = [row | {"on": ""} for row in form.shifts]
    return await _form(request, desk, form, {"key": token_urlsafe(16)})


def _begins(day: str, clock: str) -> datetime:
    """Say when an event begins of which one may have typed the day and the hour; at midnight where one has not."""
    return datetime.combine(read_date(day) or datetime(2000, 1, 1), read_time(clock) or time())  # noqa: DTZ001


@desk_upload(Act.ORGANISE, most_bytes=MAX_EVENT_BYTES)
async def announce(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/events/new: what the form shows, do=preview, change, publish, template, add_… or drop-…; key,
    so that sending it twice publishes once. 303 to the event.

    Of what repeats: repeat, repeat_until or repeat_times, and skip-<day> for each day that is left out.
    """
    form, hidden = of_typed(typed), {"key": typed.get("key", "")}
    do = typed.get("do", "preview")
    [form.cover], unfit = await read_slots(request, Shelf(desk.section.actor), typed, files, COVER)
    if unfit is not None or do in _ARRANGING or do.startswith("drop-"):
        return await _form(request, desk, _arranged(form, do), hidden, refused=unfit)
    used = await used_places(desk.section.actor)
    rule, draft = read_rule(form), _read(form, used)
    repeats = (
        read_repeats(form, rule, draft, context_of(request).now()) if rule is not None and draft is not None else None
    )
    if draft is None or form.problems:
        return await _form(request, desk, form, hidden, used=used)
    try:
        if do != "publish":
            return await _preview(request, desk, form, draft, hidden, repeats=repeats)
        key = "\n".join([hidden["key"], *(f"{name}={value}" for name, value in form.flat.items())])
        address = await perform({"publish": _announce}, do, request, desk, draft, repeats, key)
    except AppError as refused:
        return await _form(request, desk, form, hidden, used=used, refused=refused)
    return go(address, "announced" if repeats is None else "series_announced")


async def _announce(request: Request, desk: Desk, draft: EventDraft, repeats: Repeats | None, key: str) -> str:
    """Announce an event, or the first of what repeats, and give its address at the desk."""
    ctx = context_of(request)
    announcing: Publish = partial(organising.announce, desk.section, desk.by, draft, ctx)
    if repeats is not None:
        left_out = repeats.left_out
        announcing = partial(repeating.announce, desk.section, desk.by, draft, repeats.rule, ctx, left_out=left_out)
    post = await once(Asker(session_id=desk.who.session.id), key, announcing, ctx)
    return f"{events_of(desk)}/{post.id}"


def _read(form: EventForm, used: list[Place], before: EventDraft | None = None) -> EventDraft | None:
    """Read an event with its picture; None where `form.problems` says why it cannot be announced."""
    try:
        pictures = chosen([form.cover])
    except Invalid as refused:
        form.problems["cover"] = refused.message
        pictures = []
    draft = read(form, used, before)
    return None if draft is None else replace(draft, media=pictures)


@at_desk(Act.ORGANISE)
async def edit_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/edit."""
    own = await own_event(request, desk)
    form = of_draft(await actions.draft_of(own.post))
    [form.cover] = slots_of(await shown_by(own.post), COVER)
    return await _form(request, desk, form, {}, own=own)


@desk_upload(Act.ORGANISE, most_bytes=MAX_EVENT_BYTES)
async def edit(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/events/{id}/edit: as the form by which it was announced; scope=following for one of a series
    and those that follow. 303 to the event.
    """
    own, form, do = await own_event(request, desk), of_typed(typed), typed.get("do", "preview")
    hidden = {"scope": read_scope(typed)}
    [form.cover], unfit = await read_slots(request, Shelf(desk.section.actor, own.post), typed, files, COVER)
    if unfit is not None or do in _ARRANGING or do.startswith("drop-"):
        return await _form(request, desk, _arranged(form, do), hidden, own=own, refused=unfit)
    used, before = await used_places(desk.section.actor), await actions.draft_of(own.post)
    draft = _read(form, used, before)
    if draft is None:
        return await _form(request, desk, form, hidden, own=own, used=used)
    try:
        if do != "publish":
            return await _preview(request, desk, form, draft, hidden, own, before)
        said = await perform({"publish": _edit}, do, request, desk, own, draft, hidden["scope"])
    except AppError as refused:
        return await _form(request, desk, form, hidden, own=own, used=used, refused=refused)
    return go(own.address, said)


async def _edit(request: Request, desk: Desk, own: OwnEvent, draft: EventDraft, scope: str) -> str:
    if scope == FOLLOWING:
        await repeating.edit(own.post, desk.by, draft, context_of(request))
        return "series_changed"
    await organising.edit(own.post, desk.by, draft, context_of(request))
    return "event_changed"


def _hidden(form: EventForm, hidden: Mapping[str, str], *, has_dates: bool) -> dict[str, str]:
    """Give what a preview sends on; which dates are left out, and what is changed, is asked there."""
    asked = {f"skip-{day}" for day in form.skips} if has_dates else set()
    sent = {**form.flat, **hidden}
    return {name: value for name, value in sent.items() if name not in asked | {"scope"}}


def _change(form: EventForm) -> None:
    """Go back from the preview to the fields: everything stands there already."""


def _fill(form: EventForm) -> None:
    """Fill in what goes with the kind, wherever nothing stands yet."""
    kind, language = form.values.get("kind", ""), form.values.get("language", "")
    if kind not in list(EventKind):
        raise Invalid("This form could not be read.")
    day, clock = form.values.get("starts_on", ""), form.values.get("starts_at", "")
    filled = of_draft(drafted(EventKind(kind), _begins(day, clock), language))
    if not read_date(day):
        filled.values |= {"starts_on": "", "ends_on": ""}
    form.values |= {name: value for name, value in filled.values.items() if not form.values.get(name, "").strip()}
    form.questions = [row for row in form.questions if row.get("label", "").strip()] or filled.questions
    form.shifts = [row for row in form.shifts if row.get("name", "").strip()] or filled.shifts


def _add_question(form: EventForm) -> None:
    form.questions = [*form.questions, dict(BLANK_QUESTION)][:MAX_ROWS]


def _add_shift(form: EventForm) -> None:
    row = dict(BLANK_SHIFT)
    if form.shifts and (last := form.shifts[-1].get("to", "")):
        row |= {"from": last, "on": form.shifts[-1].get("on", "")}
    form.shifts = [*form.shifts, row][:MAX_ROWS]


_ARRANGING = {"change": _change, "template": _fill, "add_question": _add_question, "add_shift": _add_shift}


def _arranged(form: EventForm, do: str) -> EventForm:
    """Do what a button says that only arranges the form: add a row, take one out, fill in, go back to the fields."""
    if do in _ARRANGING:
        _ARRANGING[do](form)
    if not do.startswith("drop-"):
        return form
    _, _, row = do.partition("-")
    rows = {"question": form.questions, "shift": form.shifts}
    kind, _, number = row.partition("-")
    if kind not in rows or not (number.isascii() and number.isdigit()) or int(number) >= len(rows[kind]):
        raise Invalid("This form could not be read.")
    del rows[kind][int(number)]
    return form


async def _form(
    request: Request,
    desk: Desk,
    form: EventForm,
    hidden: Mapping[str, str],
    *,
    own: OwnEvent | None = None,
    used: list[Place] | None = None,
    refused: AppError | None = None,
) -> Response:
    if form.problems and refused is None:
        refused = Invalid("Something has to be put right before this can go on. Nothing that you typed is lost.")
    languages = dict.fromkeys([*LANGUAGES, form.values.get("language") or LANGUAGES[0]])
    return await desk_page(
        request,
        desk,
        "organising/form.html",
        refused,
        form=form,
        problems={name: refusal(request, refused.status, said) for name, said in form.problems.items() if refused},
        hidden=hidden,
        own=own,
        address=f"{own.address}/edit" if own else f"{events_of(desk)}/new",
        is_postponed=own is not None and own.event.status is EventStatus.POSTPONED,
        used=await used_places(desk.section.actor) if used is None else used,
        kinds=list(EventKind),
        join_modes=list(JoinMode),
        question_kinds=_QUESTION_KINDS,
        visibilities=VISIBILITIES,
        languages=list(languages),
        zones=zones_with(form.values.get("timezone", "")),
        repeats=list(CHOICES),
    )


async def _preview(
    request: Request,
    desk: Desk,
    form: EventForm,
    draft: EventDraft,
    hidden: Mapping[str, str],
    own: OwnEvent | None = None,
    before: EventDraft | None = None,
    repeats: Repeats | None = None,
) -> Response:
    ctx = context_of(request)
    view = await actions.shown(desk.section.actor, draft, ctx)
    changes: dict[str, Any] = {"told": None, "reach": None, "moves_to": []}
    if own is not None and before is not None:
        changes["told"] = await told(own.post) if tells_people(before, draft) else None
        changes["reach"] = await series_dates.reach(desk.section.actor, own.post, ctx.now())
        if changes["reach"] and series.is_moved(before, draft):
            changes["moves_to"] = await series_dates.moved_to(desk.section.actor, own.post, draft)
    return await desk_page(
        request,
        desk,
        "organising/preview.html",
        view=view,
        sent=_hidden(form, hidden, has_dates=repeats is not None),
        scope=hidden.get("scope", ""),
        repeats=repeats,
        skips=form.skips,
        own=own,
        address=f"{own.address}/edit" if own else f"{events_of(desk)}/new",
        is_past=repeats is None and draft.ends_at <= ctx.now(),
        **changes,
    )
