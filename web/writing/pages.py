"""Writing in one's own name: published at once or at a time, or kept as a draft."""

import json
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from models.idempotency import Asker
from models.post import Post, Visibility
from models.scheduled import ScheduledPost
from server.errors import AppError, Conflict, Forbidden, NotFound
from server.media.actions import MAX_OF_A_POST
from server.posts import actions, kept, quotes, scheduled
from server.posts.once import once
from web.shared.forms import Files
from web.shared.logged_in import LoggedIn, Typed, for_members, go, own_upload, perform
from web.shared.notices import POSTED
from web.shared.site import context_of
from web.writing import composed
from web.writing.around import back_to, look_around, row_asked, row_in
from web.writing.form import Composer, begun, show
from web.writing.pictures import Shelf, read_slots, slots_of

MAX_FORM_BYTES = 262_144  # what a draft may hold, when every letter is sent as six bytes


@for_members
async def write_form(request: Request, who: LoggedIn) -> Response:
    """GET /write: ?reply_to=, ?quote=, ?mention=, ?visibility=, ?text=, ?title=, ?url= fill it in; ?draft= goes on with one.

    Nothing is published by opening it.
    """
    if (id_ := row_asked(request, "draft")) is not None:
        row = await kept.own(who.actor, id_)
        around = await look_around(who, row.draft["in_reply_to_id"], row.draft["quoted_id"])
        values = await begun(request, who, around, row)
        return await show(request, who, around, values, slots_of(await kept.pictures_of(row)), row=row)
    around = await look_around(who, row_asked(request, "reply_to"), row_asked(request, "quote"))
    if around.is_missing:
        raise NotFound("This post does not exist, or is not for you.")
    if around.quoted is not None:
        await quotes.check(who.actor, around.quoted.post, Visibility.PUBLIC)
    if not around.choices:
        raise Forbidden("Whoever is quoted must be able to read it: make this post public or unlisted.")
    return await show(request, who, around, await begun(request, who, around), slots_of(()))


async def _sent(request: Request, who: LoggedIn, typed: Typed, files: Files) -> Response:
    """POST /write: the fields of web/writing/composed.py; for each picture pictureN, saidN, focusN, keptN, dropN.

    do=publish, at the time given if there is one, or keep as a draft; key, so that sending it twice publishes once. 303 to
    `next`, to what is scheduled or to the drafts; refused, the form is shown with what was typed and chosen.
    """
    sent, unfit = await _read(request, who, typed, files)
    try:
        if unfit is not None:
            raise unfit
        address = await perform({"publish": _publish, "keep": _keep}, typed.get("do", ""), request, sent, files)
    except AppError as refused:
        return await _again(request, sent, refused)
    return go(address)


async def _late(request: Request, who: LoggedIn, typed: Typed, files: Files) -> Response:
    """Show what was typed before somebody logged in anew; it is not published unless they send it once more."""
    sent, _unfit = await _read(request, who, typed, {})
    return await _again(request, sent, Late(LATE))


write = own_upload(_sent, MAX_OF_A_POST, most_bytes=MAX_FORM_BYTES, takes_films=True, when_late=_late)


class Late(AppError):
    """A form that belongs to a session which is over."""

    status = 403


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


LATE = _("You have logged in again since you opened this page. Here is what you wrote: send it once more.")


async def _read(request: Request, who: LoggedIn, typed: Typed, files: Files) -> tuple[Composer, AppError | None]:
    """Read what was sent, and keep the pictures: (all of it, the first picture that was refused)."""
    around = await look_around(who, row_in(typed, "reply_to"), row_in(typed, "quote"))
    row = await _row(who, typed)
    slots, unfit = await read_slots(request, Shelf(who.actor, row=row, takes_films=True), typed, files)
    return Composer(who, typed, around, slots, row), unfit


async def _row(who: LoggedIn, typed: Typed) -> ScheduledPost | None:
    """Find the draft that this goes on with; None where there is none, or it was published meanwhile."""
    if (id_ := row_in(typed, "draft")) is None:
        return None
    try:
        return await kept.own(who.actor, id_)
    except NotFound:
        return None


async def _again(request: Request, sent: Composer, refused: AppError) -> Response:
    return await show(request, sent.who, sent.around, composed.kept(sent.typed), sent.slots, refused, sent.row)


async def _keep(request: Request, sent: Composer, files: Files) -> str:
    """Keep a draft; of what will not do yet, nothing is said."""
    await kept.keep(sent.who.actor, sent.draft(sent.read(request)), context_of(request), sent.row)
    return "/me/drafts?said=draft_kept"


async def _publish(request: Request, sent: Composer, files: Files) -> str:
    ctx, key = context_of(request), _key(sent.typed, files)
    if sent.typed.get("date") or sent.typed.get("time"):
        await _schedule(request, sent, key)
        return "/me/scheduled?said=scheduled"
    publish = partial(_publish_now, request, sent)
    post = await once(Asker(session_id=sent.who.session.id), key, publish, ctx)
    return back_to(sent.typed.get("next", ""), POSTED, post=post.id)


async def _publish_now(request: Request, sent: Composer, *, id_: int | None = None) -> Post:
    """Publish what was sent, and end the draft that it was.

    Raises:
        Conflict: that draft was published or deleted meanwhile.
    """
    said, ctx = sent.read(request), context_of(request)
    sent.check(said)
    if sent.row is None and sent.typed.get("draft"):
        raise Conflict("This draft was published or deleted meanwhile. Published now, it is a new post.")
    draft = sent.draft(said)
    if sent.row is not None and id_ is not None:
        return await kept.publish(sent.row, draft, ctx, id_=id_)
    return await actions.publish(sent.who.actor, draft, ctx, id_=id_)


async def _schedule(request: Request, sent: Composer, key: str) -> None:
    said, ctx = sent.read(request), context_of(request)
    sent.check(said)
    if said.due_at is None:
        return
    if sent.row is not None:
        await kept.change(sent.row, sent.draft(said), said.due_at, ctx)
    else:
        await scheduled.schedule(sent.who.actor, sent.draft(said), said.due_at, ctx, key=key)


def _key(typed: Typed, files: Files) -> str:
    """Tell one form from another: somebody who went back and wrote something else sends the same key."""
    return json.dumps([sorted(typed.items()), sorted((name, file.size_bytes) for name, file in files.items())])
