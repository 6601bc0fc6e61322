"""Deleting what one published, and deleting it to write it again."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.post import Post, Visibility
from server.errors import AppError, NotFound
from server.media.queries import shown_by
from server.posts import actions, kept, queries
from server.posts.actions import Draft
from server.posts.polls import MAX_SECONDS, MIN_SECONDS, DraftPoll
from server.posts.queries import PollView, PostView
from web.profiles.pages import MAX_ID
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of
from web.writing.around import back_to, came_from, own_place

DAY_SECONDS = 86_400


async def own_view(request: Request, who: LoggedIn, *, or_of_section: bool = False) -> PostView:
    """Load their own post, which the address names; or one of a section here, which its desk looks after.

    Raises:
        NotFound: there is none.
    """
    id_: int = request.path_params["id"]
    view = await queries.one(id_, who.actor) if id_ <= MAX_ID else None
    is_theirs = view is not None and view.post.actor_id == who.actor.id
    if view is None or not (is_theirs or (or_of_section and desk_of(view.post))):
        raise NotFound("You have no such post.")
    return view


def desk_of(post: Post) -> str | None:
    """Give where a section looks after this post of its own; None for what no section of ours published."""
    is_of_section = post.is_local and post.actor.is_group
    return f"/@{post.actor.username}/desk/posts/{post.id}" if is_of_section else None


@for_members
async def delete_form(request: Request, who: LoggedIn) -> Response:
    """GET /posts/{id}/delete: asks once whether they mean it."""
    view = await own_view(request, who, or_of_section=True)
    if (desk := desk_of(view.post)) is not None:
        return go(f"{desk}/delete")
    return await _ask(request, who, view, came_from(request))


@own_form
async def delete(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /posts/{id}/delete: do=delete, 303 to `next`; do=rewrite, 303 to the composer with what it said."""
    view = await own_view(request, who)
    try:
        address = await perform(_DEEDS, typed.get("do", ""), who, view, typed, context_of(request))
    except AppError as refused:
        return await _ask(request, who, view, own_place(typed.get("next", "")), refused)
    return go(address)


async def _delete(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    await actions.delete(who.actor, view.post, ctx)
    return back_to(typed.get("next", ""), "deleted")


async def _rewrite(who: LoggedIn, view: PostView, typed: Typed, ctx: Context) -> str:
    row = await kept.withdraw(who.actor, view.post, await _draft(view), ctx)
    return f"/write?draft={row.id}&said=rewrite"


_DEEDS = {"delete": _delete, "rewrite": _rewrite}


async def _draft(view: PostView) -> Draft:
    """Give a post as it was typed."""
    post = view.post
    quoted = view.quote.quoted.post if view.quote is not None and view.quote.quoted is not None else None
    return Draft(
        post.source_text or "",
        post.visibility,
        content_warning=post.content_warning,
        is_sensitive=post.is_sensitive,
        language=post.language,
        in_reply_to=view.parent,
        section=view.group if post.visibility is Visibility.SECTION else None,
        poll=_poll(view.poll, post.published_at) if view.poll is not None else None,
        quoted=quoted,
        quote_policy=post.quote_policy,
        media=await shown_by(post),
    )


def _poll(asked: PollView, asked_at: datetime) -> DraftPoll:
    """Give a poll as it was typed, open for as long as it was to be."""
    poll, seconds = asked.poll, DAY_SECONDS
    if poll.closes_at is not None:
        seconds = round((poll.closes_at - asked_at).total_seconds())
    titles = [option.title for option in asked.options]
    return DraftPoll(titles, min(max(seconds, MIN_SECONDS), MAX_SECONDS), poll.is_multiple, poll.hides_totals)


async def _ask(request: Request, who: LoggedIn, view: PostView, back: str, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "writing/delete.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        view=view,
        back=back,
    )
