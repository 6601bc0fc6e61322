"""Telling the moderators about somebody: of what kind it is, against which rules, in which posts, and in one's own words."""

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from server.admin.rules import all_rules
from server.errors import AppError, NotFound
from server.posts import queries as posts
from server.posts.queries import PostView
from server.reports.actions import MAX_POSTS, report
from server.throttle import throttled
from web.people.pages import found
from web.shared.complaining import REASONS, read_complaint
from web.shared.forms import MAX_ID, read_id
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

LAST_POSTS = 10
POST = "post-"


@for_members
async def report_form(request: Request, who: LoggedIn) -> Response:
    """GET /people/{id}/report?post=<id of a post to name>."""
    asked = request.query_params.get("post", "")
    chosen = {int(asked)} if asked.isascii() and asked.isdigit() and len(asked) < 20 and int(asked) <= MAX_ID else set()
    return await _page(request, who, await _reported(request, who), {}, chosen)


@throttled("report a person", burst=10, every_seconds=60)
@own_form
async def send(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /people/{id}/report: reason, rule-<number>, post-<id>, comment, forward. 303 to the person's page."""
    actor = await _reported(request, who)
    try:
        said = await perform({"report": _report}, "report", request, who, actor, typed)
    except AppError as refused:
        digits = (name.removeprefix(POST) for name in typed if name.startswith(POST))
        chosen = {int(text) for text in digits if text.isascii() and text.isdigit() and len(text) < 20}
        return await _page(request, who, actor, typed, chosen, refused)
    return go(f"/people/{actor.id}", said)


async def _reported(request: Request, who: LoggedIn) -> Actor:
    actor = await found(request)
    if actor.id == who.actor.id:
        raise NotFound("This page does not exist.")
    return actor


async def _report(request: Request, who: LoggedIn, actor: Actor, typed: Typed) -> str:
    complaint = read_complaint(typed)
    ids = [read_id(name.removeprefix(POST)) for name in typed if name.startswith(POST)]
    await report(
        who.actor,
        actor,
        context_of(request),
        post_ids=ids,
        comment=complaint.comment,
        category=complaint.category,
        rule_numbers=complaint.rule_numbers,
        forward="forward" in typed,
    )
    return "report_sent"


async def _page(
    request: Request, who: LoggedIn, actor: Actor, typed: Typed, chosen: set[int], refused: AppError | None = None
) -> Response:
    views = await posts.by_actor(actor, who.actor, limit=LAST_POSTS, with_announces=False)
    return await member_page(
        request,
        who,
        "people/report.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        actor=actor,
        reasons=REASONS,
        rules=await all_rules(),
        views=[*await _named(chosen - {view.post.id for view in views}, actor, who.actor), *views],
        chosen=chosen,
        values=dict(typed),
    )


async def _named(ids: set[int], actor: Actor, viewer: Actor) -> list[PostView]:
    """Load posts of somebody that are named and no longer among the last."""
    rows = await posts.readable([id_ for id_ in sorted(ids)[:MAX_POSTS] if id_ <= MAX_ID], viewer)
    return await posts.views([post for post in rows.values() if post.actor_id == actor.id], viewer)
