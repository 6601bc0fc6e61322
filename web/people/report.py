"""Telling the moderators about somebody: of what kind it is, against which rules, in which posts, and in one's own words."""

from collections.abc import Sequence
from textwrap import shorten

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from server.admin.rules import HouseRule, all_rules
from server.errors import AppError, Invalid, NotFound
from server.posts import queries as posts
from server.posts.queries import PostView
from server.reports.actions import MAX_POSTS, report
from server.throttle import throttled
from web.people.pages import found
from web.shared.forms import MAX_ID, read_id
from web.shared.languages import translations
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.rendering import gettext_of
from web.shared.site import context_of

LAST_POSTS = 10
RULE_CHARACTERS = 60  # enough to know which one is meant
POST, RULE = "post-", "rule-"


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


KINDS = {
    "violation": _("It breaks the rules of this server"),
    "legal": _("It is against the law"),
    "spam": _("It is spam"),
    "other": _("Something else"),
}


@for_members
async def report_form(request: Request, who: LoggedIn) -> Response:
    """GET /people/{id}/report?post=<id of a post to name>."""
    asked = request.query_params.get("post", "")
    chosen = {int(asked)} if asked.isascii() and asked.isdigit() and len(asked) < 20 and int(asked) <= MAX_ID else set()
    return await _page(request, who, await _reported(request, who), {}, chosen)


@throttled("report a person", burst=10, every_seconds=60)
@own_form
async def send(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /people/{id}/report: kind, rule-<number>, post-<id>, comment, forward. 303 to the person's page."""
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
    if typed.get("kind", "") not in KINDS:
        raise Invalid("Say of what kind it is.")
    ids = [read_id(name.removeprefix(POST)) for name in typed if name.startswith(POST)]
    await report(
        who.actor,
        actor,
        context_of(request),
        post_ids=ids,
        comment=_comment(typed, await all_rules(), who.member.language),
        forward="forward" in typed,
    )
    return "report_sent"


def _comment(typed: Typed, rules: Sequence[HouseRule], language: str) -> str:
    """Write for the moderators what was ticked, and below it what was written."""
    speaks = language if language in ("fr", "en") else "fr"
    broken = [
        f"- {shorten(rule.text, RULE_CHARACTERS, placeholder='…')}" for rule in rules if f"{RULE}{rule.number}" in typed
    ]
    ticked = [translations(speaks).gettext(KINDS[typed["kind"]]), *broken]
    return "\n".join([*ticked, typed.get("comment", "").strip()]).strip()


async def _page(
    request: Request, who: LoggedIn, actor: Actor, typed: Typed, chosen: set[int], refused: AppError | None = None
) -> Response:
    say, views = gettext_of(request), await posts.by_actor(actor, who.actor, limit=LAST_POSTS, with_announces=False)
    return await member_page(
        request,
        who,
        "people/report.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        actor=actor,
        kinds={kind: say(label) for kind, label in KINDS.items()},
        rules=await all_rules(),
        views=[*await _named(chosen - {view.post.id for view in views}, actor, who.actor), *views],
        chosen=chosen,
        values=dict(typed),
    )


async def _named(ids: set[int], actor: Actor, viewer: Actor) -> list[PostView]:
    """Load posts of somebody that are named and no longer among the last."""
    rows = await posts.readable([id_ for id_ in sorted(ids)[:MAX_POSTS] if id_ <= MAX_ID], viewer)
    return await posts.views([post for post in rows.values() if post.actor_id == actor.id], viewer)
