"""Writing in a section's name: a new post, and another text for one that it published."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from models.idempotency import Asker
from models.post import Post, Visibility
from server.errors import AppError, Conflict, Invalid
from server.media.queries import shown_by
from server.posts.actions import MAX_CHARACTERS
from server.posts.once import once
from server.sections import speaking
from server.sections.permissions import Act
from web.sections.finding import Desk, at_desk, desk_page, desk_upload, own_post_of
from web.shared.forms import Files
from web.shared.headers import let_ask_us
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of
from web.writing.composed import POLL_FIELDS, read_poll
from web.writing.form import mark_of
from web.writing.pictures import Shelf, Slot, as_shown, chosen, read_slots, slots_of
from web.writing.typed import languages_with, read_draft, values_of, version_of

VISIBILITIES = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION)
TYPED = ("text", "warning", "language", "visibility", "key", "seen", *POLL_FIELDS)


@at_desk(Act.PUBLISH)
async def write_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/write."""
    return await _write(request, desk, {}, slots_of(()))


@desk_upload(Act.PUBLISH)
async def write(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/write: text, warning, language, visibility, poll; key, so that sending it twice publishes once.

    For each picture pictureN, saidN, focusN; keptN, dropN. 303 to what the section published; refused, the form is shown
    with what was typed and chosen.
    """
    slots, unfit = await read_slots(request, Shelf(desk.section.actor), typed, files)
    try:
        _check(unfit)
        said = await perform({"publish": _publish}, typed.get("do", ""), request, desk, typed, slots)
    except AppError as refused:
        return await _write(request, desk, typed, slots, refused)
    return go(f"{desk.address}/posts", said)


def _check(unfit: AppError | None) -> None:
    if unfit is not None:
        raise unfit


async def _publish(request: Request, desk: Desk, typed: Typed, slots: Sequence[Slot]) -> str:
    ctx = context_of(request)
    if (visibility := typed.get("visibility", "")) not in list(VISIBILITIES) or not typed.get("key"):
        raise Invalid("This form could not be read.")
    poll, unfit = read_poll(typed)
    if unfit:
        raise Invalid(unfit)
    draft = replace(read_draft(typed, Visibility(visibility), pictures=chosen(slots)), poll=poll)
    publish = partial(speaking.publish, desk.section, desk.by, draft, ctx)
    # Somebody who went back in their browser and wrote something else sends the same key.
    key = "\n".join(typed.get(name, "") for name in TYPED)
    key += "".join(f"\n{slot.said}\n{slot.media.blurhash}" for slot in slots if slot.media is not None)
    await once(Asker(session_id=desk.who.session.id), key, publish, ctx)
    return "published"


async def _write(
    request: Request, desk: Desk, typed: Typed, slots: Sequence[Slot], refused: AppError | None = None
) -> Response:
    chosen = {"language": desk.who.member.language, "visibility": Visibility.PUBLIC.value}
    values = chosen | {"key": token_urlsafe(16)} | _kept(typed)
    response = await desk_page(
        request,
        desk,
        "write.html",
        refused,
        values=values,
        slots=slots,
        languages=languages_with(values),
        visibilities=VISIBILITIES,
        most=MAX_CHARACTERS,
        mark=mark_of(desk.who),
    )
    return let_ask_us(response)


@at_desk(Act.EDIT_POST)
async def edit_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/posts/{id}/edit."""
    post = await own_post_of(request, desk)
    if post.type == "Event":
        return go(f"{desk.address}/events/{post.id}/edit")
    return await _edit(request, desk, post, values_of(post), slots_of(await shown_by(post)))


@desk_upload(Act.EDIT_POST)
async def edit(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/posts/{id}/edit: text, warning, language, pictures; seen, the version they had before them."""
    post = await own_post_of(request, desk)
    slots, unfit = await read_slots(request, Shelf(desk.section.actor, post), typed, files)
    try:
        _check(unfit)
        said = await perform({"edit": _change}, typed.get("do", ""), request, desk, post, typed, slots)
    except AppError as refused:
        values = values_of(post) | _kept(typed) | {"seen": version_of(post)}
        return await _edit(request, desk, post, values, slots, refused)
    return go(f"{desk.address}/posts", said)


async def _change(request: Request, desk: Desk, post: Post, typed: Typed, slots: Sequence[Slot]) -> str:
    shown, pictures = await shown_by(post), chosen(slots)
    draft = read_draft(typed, post.visibility, post, pictures)
    now = read_draft(values_of(post), post.visibility, post, shown)
    if draft != now or as_shown(pictures) != as_shown(shown):
        if typed.get("seen") != version_of(post):
            raise Conflict(
                "Somebody else has changed this post meanwhile. Look at it, then send your text again if it stands."
            )
        await speaking.edit(desk.section, desk.by, post, draft, context_of(request))
    return "changed"


async def _edit(
    request: Request,
    desk: Desk,
    post: Post,
    values: dict[str, str],
    slots: Sequence[Slot],
    refused: AppError | None = None,
) -> Response:
    return await desk_page(
        request,
        desk,
        "edit.html",
        refused,
        post=post,
        values=values,
        slots=slots,
        languages=languages_with(values),
    )


def _kept(typed: Typed) -> dict[str, str]:
    return {name: typed[name] for name in TYPED if name in typed}
