"""The page of a person, a section or a group, as a member sees it, wherever it lives."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor, ActorType, in_sight
from models.filters import FilterContext
from models.lists import ReadingList
from models.membership import Membership, MembershipState
from server.errors import AppError, NotFound
from server.follows.queries import standings
from server.lists import queries as lists
from server.members.queries import new_home
from server.posts import queries as posts
from server.posts.queries import PostView
from web.profiles.pages import MAX_ID, before_of
from web.shared.logged_in import LoggedIn, Typed, for_members, member_page
from web.shared.site import context_of, site_of

PAGE_POSTS = 20
REPLIES, MEDIA = "replies", "media"
TABS = ("", REPLIES, MEDIA)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what somebody published: which of it (`tab`), the posts that no filter hides, where the next begins."""

    tab: str
    before: int | None
    views: list[PostView]
    next_before: int | None


@for_members
async def person(request: Request, who: LoggedIn) -> Response:
    """GET /people/{id}?show=replies or media&before=<item id>."""
    return await person_page(request, who, await found(request))


async def found(request: Request) -> Actor:
    """Find whom the address names.

    Raises:
        NotFound: there is nobody, they are gone or suspended, or their server is blocked here.
    """
    id_ = request.path_params["id"]
    actor = await Actor.get_or_none(id=id_, gone_at=None, **in_sight()) if id_ <= MAX_ID else None
    if actor is None or (actor.is_local and actor.type is ActorType.APPLICATION):
        raise NotFound("There is nobody here under this address.")
    return actor


async def person_page(
    request: Request, who: LoggedIn, actor: Actor, typed: Typed | None = None, refused: AppError | None = None
) -> Response:
    """Show somebody; `typed` is what was refused."""
    standing = (await standings(who.actor, [actor.id]))[actor.id]
    in_lists = {row.id for row in await lists.with_actor(who.actor, actor)}
    all_lists: list[ReadingList] = await lists.all_of(who.actor) if standing.is_following else []
    return await member_page(
        request,
        who,
        "people/person.html",
        coloured=await (await site_of(request)).section_of(actor),
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        actor=actor,
        handle=f"@{actor.handle if actor.handle_host else context_of(request).names.handle(actor.username)}",
        standing=standing,
        new_home=await new_home(actor),
        lists=all_lists,
        in_lists=in_lists,
        membership=await _membership(who.actor, actor),
        note=typed.get("note", "") if typed is not None and typed.get("do") == "note" else standing.remark,
        page=await _posts(request, who.actor, actor) if not standing.is_blocking else None,
    )


async def _membership(member: Actor, actor: Actor) -> MembershipState | None:
    """Tell how far somebody belongs to a section or a group."""
    row = await Membership.get_or_none(member_id=member.id, group_id=actor.id) if actor.is_group else None
    return row.state if row is not None else None


async def _posts(request: Request, viewer: Actor, actor: Actor) -> Page:
    before, tab = before_of(request), request.query_params.get("show", "")
    if tab not in TABS:
        raise NotFound("This page does not exist.")
    views = await posts.by_actor(
        actor,
        viewer,
        limit=PAGE_POSTS + 1,
        max_id=before,
        with_replies=tab == REPLIES,
        with_announces=tab != MEDIA,
        only_media=tab == MEDIA,
    )
    shown = [view for view in views[:PAGE_POSTS] if not view.is_hidden(FilterContext.ACCOUNT)]
    return Page(tab, before, shown, views[PAGE_POSTS - 1].item_id if len(views) > PAGE_POSTS else None)
