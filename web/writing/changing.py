"""Another text for what one published."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from models.post import Post
from server.errors import AppError, Conflict
from server.media.actions import MAX_OF_A_POST
from server.media.queries import shown_by
from server.posts import actions, history
from server.posts.actions import Draft
from server.posts.queries import PostView
from web.shared.forms import Files
from web.shared.headers import let_ask_us
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_upload, perform
from web.shared.rendering import gettext_of
from web.shared.site import context_of
from web.writing import composed
from web.writing.around import back_to, came_from, own_place
from web.writing.deleting import desk_of, own_view
from web.writing.form import Unfit, mark_of
from web.writing.pages import MAX_FORM_BYTES
from web.writing.pictures import Shelf, Slot, as_shown, as_typed, read_slots, slots_of
from web.writing.typed import languages_with, values_of, version_of

TYPED = ("text", "warning", "language", "sensitive", "quote_policy", "seen", "next")


@for_members
async def edit_form(request: Request, who: LoggedIn) -> Response:
    """GET /posts/{id}/edit: what a section published is changed at its desk."""
    view = await own_view(request, who, or_of_section=True)
    if (desk := desk_of(view.post)) is not None:
        return go(f"{desk}/edit")
    values = _values(view.post) | {"next": came_from(request)}
    return await _edit(request, who, view, values, slots_of(await shown_by(view.post)))


async def _sent(request: Request, who: LoggedIn, typed: Typed, files: Files) -> Response:
    """POST /posts/{id}/edit: text, warning, language, sensitive, quote_policy, pictures; seen, the version before them.

    303 to `next`; refused, the form is shown with what was typed and chosen.
    """
    view = await own_view(request, who)
    slots, unfit = await read_slots(request, Shelf(who.actor, view.post), typed, files)
    try:
        if unfit is not None:
            raise unfit
        address = await perform({"edit": _change}, typed.get("do", ""), request, who, view, typed, slots)
    except AppError as refused:
        values = _values(view.post) | _sensible(typed) | {"seen": version_of(view.post)}
        return await _edit(request, who, view, values, slots, refused)
    return go(address)


edit = own_upload(_sent, MAX_OF_A_POST, most_bytes=MAX_FORM_BYTES)


def _sensible(typed: Typed) -> dict[str, str]:
    back = {"next": own_place(typed.get("next", ""))}
    return {"sensitive": ""} | {name: typed[name] for name in TYPED if name in typed} | back


def _values(post: Post) -> dict[str, str]:
    more = {"sensitive": "yes" if post.is_sensitive and not post.content_warning else ""}
    return values_of(post) | more | {"quote_policy": post.quote_policy.value}


async def _change(request: Request, who: LoggedIn, view: PostView, typed: Typed, slots: Sequence[Slot]) -> str:
    post, shown = view.post, await shown_by(view.post)
    said = composed.read(
        {name: typed.get(name, "") for name in TYPED} | {"visibility": "public"},
        context_of(request).now(),
        has_pictures=any(slot.media for slot in slots) and view.poll is None,
        draft_language=post.language or "",
    )
    if said.problems:
        raise Unfit(said.problems)
    pictures = as_typed(slots)
    draft = Draft(
        said.text,
        post.visibility,
        content_warning=said.warning,
        is_sensitive=said.is_sensitive,
        language=said.language,
        quote_policy=said.quote_policy,
        media=pictures,
    )
    if _is_same(draft, post) and as_shown(pictures) == as_shown(shown):
        return back_to(typed.get("next", ""))
    if typed.get("seen") != version_of(post):
        raise Conflict(
            "This post was changed meanwhile, in another window or with an app. Look at it, then send your text again if "
            "it stands."
        )
    await actions.edit(who.actor, post, draft, context_of(request))
    return back_to(typed.get("next", ""), "changed")


def _is_same(draft: Draft, post: Post) -> bool:
    sensitive = draft.is_sensitive or bool(draft.content_warning)
    now = (post.source_text, post.content_warning, post.is_sensitive, post.language, post.quote_policy)
    return (draft.text, draft.content_warning, sensitive, draft.language, draft.quote_policy) == now


async def _edit(
    request: Request,
    who: LoggedIn,
    view: PostView,
    values: Mapping[str, str],
    slots: Sequence[Slot],
    refused: AppError | None = None,
) -> Response:
    sentence, unfit = gettext_of(request), refused if isinstance(refused, Unfit) else None
    response = await member_page(
        request,
        who,
        "writing/edit.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        problems={name: sentence(said) for name, said in (unfit.problems if unfit else {}).items()},
        view=view,
        values=values,
        slots=slots,
        languages=languages_with(values),
        versions=len(await history.versions(view.post)),
        most=actions.MAX_CHARACTERS,
        takes_films=False,
        mark=mark_of(who),
    )
    return let_ask_us(response)
