"""Saying afterwards how an event was: a post of its organiser below it, and how many came.

How many is a number and nothing more. It is told to others only where the organisers say so, as the last line of the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from federation.context import Context
from models.actor import Actor
from models.event import Event
from models.idempotency import Asker
from models.media import Media
from models.post import Post
from server.errors import Conflict, Invalid
from server.events import permissions
from server.posts import actions
from server.posts.actions import Draft
from server.posts.once import once
from server.sections.permissions import Act

MAX_CAME = 1_000_000
_LINES = {
    "fr": ("Une personne est venue.", "{count} personnes sont venues."),
    "en": ("One person came.", "{count} people came."),
}
_TOLD = re.compile(
    r"\s*(?:Une personne est venue|\d+ personnes sont venues|One person came|\d+ people came)\.\s*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was typed: how it was, how many came (None where nobody counted), whether everybody is told that number.

    `media` are the pictures beside the text; None: those that stand there already.
    """

    text: str
    came: int | None = None
    tells_came: bool = False
    media: Sequence[Media] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that may be sent twice and publishes once: whose browser sent it, and its key."""

    asker: Asker
    key: str


async def report(event: Post, by: Actor | None, typed: Report, ctx: Context, *, sent: Sent | None = None) -> None:
    """Say how an event was, or say it otherwise; without a text, only how many came is kept.

    Raises:
        Forbidden: `by` may not.
        Conflict: it has not begun yet.
        Invalid: it says nothing, too much, no number, or takes back what was said.
        NotFound: it is no event of ours.
    """
    if typed.came is not None and not 0 <= typed.came <= MAX_CAME:
        raise Invalid("How many came is a number from 0 to 1,000,000.")
    async with permissions.noted(by, Act.ORGANISE, event):
        terms = await Event.get(post_id=event.id).select_related("report")
        if terms.starts_at > ctx.now():
            raise Conflict("This event has not begun yet.")
        if not typed.text.strip() and typed.media:
            raise Invalid("Write a few words to go with the pictures.")
        if not typed.text.strip() and terms.report is None and typed.came is None:
            raise Invalid("Say how it was, or how many came.")
        columns: dict[str, int | None] = {"came_count": typed.came}
        if typed.text.strip() or terms.report is not None:
            columns["report_id"] = (await _said(event, terms, typed, sent, ctx)).id
        await Event.filter(id=terms.id).update(**columns)


async def _said(event: Post, terms: Event, typed: Report, sent: Sent | None, ctx: Context) -> Post:
    organiser = await Actor.get(id=event.actor_id)
    if not typed.text.strip():
        raise Invalid("A report that others have read cannot become empty. You may delete it.")
    text = typed.text.rstrip()
    if typed.tells_came and typed.came:
        text = f"{text}\n\n{came_line(typed.came, event.language)}"
    draft = Draft(text, event.visibility, language=event.language, in_reply_to=event, media=typed.media)
    if terms.report is not None:
        return await actions.edit(organiser, terms.report, draft, ctx)
    publish = partial(actions.publish, organiser, draft, ctx)
    return await publish() if sent is None else await once(sent.asker, sent.key, publish, ctx)


def came_line(count: int, language: str | None) -> str:
    """Write how many came."""
    one, more = _LINES.get(language or "", _LINES["fr"])
    return one if count == 1 else more.format(count=count)


async def typed_report(event: Post) -> Report:
    """Give what was said of an event, as it would be typed."""
    terms = await Event.get(post_id=event.id).select_related("report")
    text = (terms.report.source_text or "") if terms.report is not None else ""
    head, _, last = text.rpartition("\n")
    is_told = bool(_TOLD.fullmatch(last)) and bool(head.strip())
    return Report(head.rstrip() if is_told else text, terms.came_count, is_told)
