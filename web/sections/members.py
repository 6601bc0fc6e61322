"""The members of a section as its managers see them: the list, one of them, what is written about them, removing one."""

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.membership import Membership, MembershipStatus
from server.errors import AppError, Invalid, NotFound
from server.sections import belonging, membership, people, spreadsheet
from server.sections.people import Person
from server.sections.permissions import Act
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.downloads import download
from web.shared.logged_in import Typed, go
from web.shared.site import context_of


@at_desk(Act.SEE_MEMBERS)
async def members(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/members: that somebody looked is written down."""
    return await desk_page(request, desk, "members.html", people=await people.people(desk.section, desk.by))


@desk_form(Act.EXPORT_MEMBERS)
async def export(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/members: the list as CSV, to be kept; that it was taken is written down."""
    found = await people.everybody(desk.section, desk.by)
    return download(
        spreadsheet.written(found).encode(), "text/csv; charset=utf-8", f"{desk.section.actor.username}.csv"
    )


@at_desk(Act.SEE_MEMBERS)
async def member(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/members/{id}."""
    return await _member(request, desk, await _member_of(request, desk))


@desk_form(Act.KEEP_NOTES)
async def keep(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/members/{id}: status, dues_until, note. 303 to the same page."""
    actor = await _member_of(request, desk)
    try:
        await _keep(desk, actor, typed)
    except AppError as refused:
        return await _member(request, desk, actor, typed, refused)
    return go(f"{desk.address}/members/{actor.id}", "kept")


async def _keep(desk: Desk, actor: Actor, typed: Typed) -> None:
    """Write what has changed, once all of it has been read."""
    if (status := typed.get("status", "")) not in list(MembershipStatus):
        raise Invalid("This form could not be read.")
    until, note = people.read_date(typed.get("dues_until", "")), people.check_note(typed.get("note", ""))
    before = await people.person(desk.section, actor, desk.by)
    if status != before.status:
        await people.set_status(desk.section, actor, MembershipStatus(status), desk.by)
    if until != before.dues_until:
        await people.set_dues(desk.section, actor, until, desk.by)
    if note != before.note:
        await people.set_note(desk.section, actor, note, desk.by)


@at_desk(Act.REMOVE_MEMBER)
async def remove_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/members/{id}/remove: asks once whether they mean it."""
    return await desk_page(request, desk, "remove.html", member=await _member_of(request, desk))


@desk_form(Act.REMOVE_MEMBER)
async def remove(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/members/{id}/remove. 303 to the list."""
    actor = await _member_of(request, desk)
    await membership.remove(desk.section.actor, actor, desk.by, context_of(request))
    return go(f"{desk.address}/members", "removed")


async def _member_of(request: Request, desk: Desk) -> Actor:
    rows = Membership.filter(group_id=desk.section.actor_id, member_id=request.path_params["id"])
    row = await rows.select_related("member").first() if request.path_params["id"] < 2**63 else None
    if row is None:
        raise NotFound("This person does not belong to the section, nor did they ask to.")
    return row.member


async def _member(
    request: Request, desk: Desk, actor: Actor, typed: Typed | None = None, refused: AppError | None = None
) -> Response:
    one = await people.person(desk.section, actor, desk.by)
    history = await belonging.history_in(desk.section.actor, actor, desk.by, context_of(request))
    values = _values(one) | {name: text for name, text in (typed or {}).items() if name in _values(one)}
    return await desk_page(request, desk, "member.html", refused, one=one, history=history, values=values)


def _values(one: Person) -> dict[str, str]:
    until = one.dues_until.isoformat() if one.dues_until else ""
    return {"status": one.status.value, "dues_until": until, "note": one.note}
