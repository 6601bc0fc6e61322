"""Reporting a post to the moderation: why, which rules, a word, and whether the author's own server is told too."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.admin.rules import HouseRule, all_rules
from server.errors import AppError, Invalid
from server.posts.queries import PostView
from server.reports import actions
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form
from web.shared.rendering import gettext_of
from web.shared.site import context_of
from web.threads.pages import readable


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


REASONS = {
    "violation": _("It breaks the rules of this server"),
    "spam": _("Unwanted advertising, links or repetition"),
    "legal": _("It is against the law"),
    "other": _("Something else"),
}
MOST_TYPED = 600  # what is written before it has room, too


@for_members
async def report_form(request: Request, who: LoggedIn) -> Response:
    """GET /threads/{id}/report."""
    return await _page(request, who, await readable(request, who), {})


@own_form
async def report(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /threads/{id}/report: reason, rule-<number>, comment, forward. 303 to the post."""
    view = await readable(request, who)
    try:
        comment = await _comment(request, typed)
        is_forwarded = typed.get("forward") == "yes" and not view.post.actor.is_local
        await actions.report(
            who.actor,
            view.post.actor,
            context_of(request),
            post_ids=[view.post.id],
            comment=comment,
            forward=is_forwarded,
        )
    except AppError as refused:
        return await _page(request, who, view, typed, refused)
    return go(f"/threads/{view.post.id}", "post_reported")


async def _comment(request: Request, typed: Typed) -> str:
    """Write for the moderators what was chosen and what was typed.

    Raises:
        Invalid: no reason was chosen, or too much was typed.
    """
    sentence, reason, words = gettext_of(request), typed.get("reason", ""), typed.get("comment", "").strip()
    if reason not in REASONS:
        raise Invalid("Say why: choose one of the reasons.")
    if len(words) > MOST_TYPED:
        raise Invalid("That is too much for a report: 600 characters at most.")
    broken = [rule for rule in await all_rules() if f"rule-{rule.number}" in typed] if reason == "violation" else []
    lines = [sentence(REASONS[reason]), *(_shortened(rule) for rule in broken[:3]), words]
    return "\n".join(line for line in lines if line)


def _shortened(rule: HouseRule) -> str:
    text = rule.text if len(rule.text) <= 90 else f"{rule.text[:89]}…"
    return f"– {text}"


async def _page(
    request: Request, who: LoggedIn, view: PostView, typed: Typed, refused: AppError | None = None
) -> Response:
    values: dict[str, Any] = {"typed": typed, "reasons": REASONS, "rules": await all_rules()}
    status, problem = (refused.status, refused.message) if refused else (200, "")
    return await member_page(
        request, who, "threads/report.html", status=status, problem=problem, view=view, most=MOST_TYPED, **values
    )  # fmt: skip
