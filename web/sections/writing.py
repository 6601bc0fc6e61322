"""Writing in a section's name: a new post, and another text for one that it published."""

from collections.abc import Sequence
from functools import partial
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from models.idempotency import Asker
from models.media import Media
from models.post import Post, Visibility
from server.errors import AppError, Conflict, Invalid
from server.media.queries import shown_by
from server.posts.actions import MAX_CHARACTERS, Draft
from server.posts.once import once
from server.sections import speaking
from server.sections.permissions import Act
from web.sections.finding import Desk, at_desk, desk_page, desk_upload, own_post_of
from web.sections.pictures import Slot, chosen, read_slots, slots_of
from web.shared.forms import Files
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

VISIBILITIES = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION)
LANGUAGES = {
    "fr": "Français", "en": "English", "br": "Brezhoneg", "ca": "Català", "co": "Corsu", "eu": "Euskara", "oc": "Occitan",
    "gsw": "Elsässisch", "ar": "العربية", "de": "Deutsch", "es": "Español", "it": "Italiano", "kab": "Taqbaylit",
    "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский", "tr": "Türkçe",
    "uk": "Українська", "zh": "中文",
}  # fmt: skip
"""What a post may be written in, each language by its own name."""
MAX_WARNING_CHARACTERS = 500
TYPED = ("text", "warning", "language", "visibility", "key", "seen")


@at_desk(Act.PUBLISH)
async def write_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/write."""
    return await _write(request, desk, {}, slots_of(()))


@desk_upload(Act.PUBLISH)
async def write(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/write: text, warning, language, visibility; key, so that sending it twice publishes once.

    For each picture pictureN, saidN; keptN, dropN. 303 to what the section published; refused, the form is shown with
    what was typed and chosen.
    """
    slots, unfit = await read_slots(request, desk, typed, files)
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
    draft = read_draft(typed, Visibility(visibility), pictures=chosen(slots))
    publish = partial(speaking.publish, desk.section, desk.by, draft, ctx)
    # Somebody who went back in their browser and wrote something else sends the same key.
    key = "\n".join(typed.get(name, "") for name in ("key", "visibility", "language", "warning", "text"))
    key += "".join(f"\n{slot.said}\n{slot.media.blurhash}" for slot in slots if slot.media is not None)
    await once(Asker(session_id=desk.who.session.id), key, publish, ctx)
    return "published"


async def _write(
    request: Request, desk: Desk, typed: Typed, slots: Sequence[Slot], refused: AppError | None = None
) -> Response:
    chosen = {"language": desk.who.member.language, "visibility": Visibility.PUBLIC.value}
    values = chosen | {"key": token_urlsafe(16)} | _kept(typed)
    return await desk_page(
        request,
        desk,
        "write.html",
        refused,
        values=values,
        slots=slots,
        languages=_languages(values),
        visibilities=VISIBILITIES,
    )


@at_desk(Act.EDIT_POST)
async def edit_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/posts/{id}/edit."""
    post = await own_post_of(request, desk)
    if post.type == "Event":
        return go(f"{desk.address}/events/{post.id}/edit")
    return await _edit(request, desk, post, _values(post), slots_of(await shown_by(post)))


@desk_upload(Act.EDIT_POST)
async def edit(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/posts/{id}/edit: text, warning, language, pictures; seen, the version they had before them."""
    post = await own_post_of(request, desk)
    slots, unfit = await read_slots(request, desk, typed, files, post)
    try:
        _check(unfit)
        said = await perform({"edit": _change}, typed.get("do", ""), request, desk, post, typed, slots)
    except AppError as refused:
        values = _values(post) | _kept(typed) | {"seen": _version(post)}
        return await _edit(request, desk, post, values, slots, refused)
    return go(f"{desk.address}/posts", said)


async def _change(request: Request, desk: Desk, post: Post, typed: Typed, slots: Sequence[Slot]) -> str:
    shown = await shown_by(post)
    draft = read_draft(typed, post.visibility, post, chosen(slots))
    now = read_draft(_values(post), post.visibility, post, shown)
    if draft != now or [slot.said for slot in slots if slot.media] != [media.description for media in shown]:
        if typed.get("seen") != _version(post):
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
    languages = _languages(values)
    return await desk_page(
        request, desk, "edit.html", refused, post=post, values=values, slots=slots, languages=languages
    )


def read_draft(typed: Typed, visibility: Visibility, post: Post | None = None, pictures: Sequence[Media] = ()) -> Draft:
    """Read what was typed of a post; `post` is what is edited, `pictures` are what it shows.

    Raises:
        Invalid: there is no text, something is too long, or it is no form of ours.
    """
    text, warning, language = (typed.get(name, "") for name in ("text", "warning", "language"))
    if not text.strip():
        raise Invalid("Write something first.")
    if len(text) > MAX_CHARACTERS:
        raise Invalid("A post may have 5,000 characters at most.")
    if len(warning := " ".join(warning.split())) > MAX_WARNING_CHARACTERS:
        raise Invalid("A warning may have 500 characters at most.")
    if language not in LANGUAGES and (post is None or language != (post.language or "")):
        raise Invalid("This form could not be read.")
    is_sensitive = post is not None and post.is_sensitive and not post.content_warning
    return Draft(
        text,
        visibility,
        content_warning=warning,
        is_sensitive=is_sensitive,
        language=language or None,
        media=list(pictures),
    )


def _values(post: Post) -> dict[str, str]:
    text, language = post.source_text or "", post.language or ""
    return {"text": text, "warning": post.content_warning, "language": language, "seen": _version(post)}


def _version(post: Post) -> str:
    return post.edited_at.isoformat() if post.edited_at else ""


def _kept(typed: Typed) -> dict[str, str]:
    return {name: typed[name] for name in TYPED if name in typed}


def _languages(values: dict[str, str]) -> dict[str, str]:
    """Give the languages to choose from, with the one that was chosen elsewhere."""
    chosen = values.get("language", "")
    return LANGUAGES if chosen in LANGUAGES else {chosen: chosen or "–"} | LANGUAGES
