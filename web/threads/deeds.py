"""What a member does with a post at one press: share, like, keep, vote, hear no more of it; and the way back."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from federation.context import Context
from server.errors import AppError, Invalid
from server.posts import actions, bookmarks, polls, queries
from server.posts.queries import PostView
from web.home.shown import show
from web.login.pages import own_address
from web.shared.forms import read_id
from web.shared.in_place import is_in_place, part, refused_part
from web.shared.logged_in import LoggedIn, Typed, own_form, perform
from web.shared.rendering import NEVER_KEEP
from web.shared.site import context_of
from web.threads.pages import readable, thread_page

MOST_CHOICES = 100


@own_form
async def act(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /threads/{id}: do, and back and item, the page and the post on it to go back to; a vote has choice or choice-<n>.

    To a script the buttons of the post are given anew, or its poll.
    """
    view = await readable(request, who)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, view, typed, context_of(request))
    except AppError as refused:
        if is_in_place(request):
            return refused_part(request, refused)
        return await thread_page(request, who, view, refused)
    if is_in_place(request):
        return await _again(request, who, view, typed, said)
    return RedirectResponse(_back(view, typed), 303, {"Cache-Control": NEVER_KEEP})


async def _again(request: Request, who: LoggedIn, view: PostView, typed: Typed, said: str) -> Response:
    """Give what stands below the post anew, or its poll."""
    after = await queries.one(view.post.id, who.actor) or view
    [shown] = await show([(_item(view, typed), after)], who.actor, context_of(request).now(), None)
    template = "threads/poll.html" if said == "voted" else "threads/acts.html"
    return await part(request, who, template, item=shown, here=_page(view, typed), said=said)


def _page(view: PostView, typed: Typed) -> str:
    address = typed.get("back", "")
    return own_address(address) if address else f"/threads/{view.post.id}"


def _item(view: PostView, typed: Typed) -> int:
    try:
        return read_id(typed.get("item", ""))
    except Invalid:
        post_id: int = view.post.id
        return post_id


def _back(view: PostView, typed: Typed) -> str:
    return f"{_page(view, typed).partition('#')[0]}#item-{_item(view, typed)}"


async def _boost(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await actions.announce(who.actor, view.post, ctx)
    return "boosted"


async def _unboost(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await actions.unannounce(who.actor, view.post, ctx)
    return "unboosted"


async def _like(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await actions.like(who.actor, view.post, ctx)
    return "liked"


async def _unlike(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await actions.unlike(who.actor, view.post, ctx)
    return "unliked"


async def _keep(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await bookmarks.bookmark(who.actor, view.post)
    return "bookmarked"


async def _unkeep(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await bookmarks.unbookmark(who.actor, view.post)
    return "unbookmarked"


async def _mute(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await bookmarks.mute_conversation(who.actor, view.post)
    return "muted"


async def _unmute(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await bookmarks.unmute_conversation(who.actor, view.post)
    return "unmuted"


async def _vote(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await polls.vote(who.actor, view, _choices(typed), ctx)
    return "voted"


def _choices(typed: Mapping[str, str]) -> list[int]:
    """Read which options were chosen, by their positions.

    Raises:
        Invalid: it is no position.
    """
    texts = [value for name, value in typed.items() if name == "choice" or name.startswith("choice-")][:MOST_CHOICES]
    if not all(text.isascii() and text.isdigit() and len(text) < 5 for text in texts):
        raise Invalid("This form could not be read.")
    return [int(text) for text in texts]


_DEEDS = {
    "boost": _boost,
    "unboost": _unboost,
    "like": _like,
    "unlike": _unlike,
    "bookmark": _keep,
    "unbookmark": _unkeep,
    "mute": _mute,
    "unmute": _unmute,
    "vote": _vote,
}
