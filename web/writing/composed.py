"""What is typed into the composer, read into what a draft is made of, with a sentence at each field that will not do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation import markup
from federation.objects import question
from models.post import QuotePolicy, Visibility
from server.errors import Invalid
from server.posts import polls
from server.posts.actions import MAX_CHARACTERS
from server.posts.polls import DraftPoll
from server.posts.scheduled import AT_LEAST_AHEAD
from web.organising.clocks import read_date, read_time, written_time
from web.shared.forms import MAX_ID
from web.shared.logged_in import Typed
from web.writing.audience import written
from web.writing.typed import MAX_WARNING_CHARACTERS, check_language, plain_warning


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


OPTIONS = range(1, polls.MAX_OPTIONS + 1)
OPEN_FOR = (300, 1800, 3600, 21_600, 43_200, 86_400, 259_200, 604_800, 1_209_600, 2_592_000)
"""How long a poll may be open, in seconds."""
POLL_FIELDS = (*(f"option{n}" for n in OPTIONS), "open_for", "multiple", "hides_totals")
FIELDS = (
    "text", "warning", "language", "visibility", "sensitive", "quote_policy", "reply_to", "quote", "draft", "key", "next",
    "date", "time", "zone", "undescribed", *POLL_FIELDS,
)  # fmt: skip

_VISIBILITY = re.compile(r"public|unlisted|followers|direct|section-([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed. `group_id` is the group whose members may see it; `problems` are sentences by field."""

    text: str
    warning: str
    language: str | None
    visibility: Visibility
    group_id: int | None
    is_sensitive: bool
    quote_policy: QuotePolicy
    poll: DraftPoll | None
    due_at: datetime | None
    problems: Mapping[str, str] = field(default_factory=dict)


def read(typed: Typed, now: datetime, *, has_pictures: bool, draft_language: str | None = None) -> Said:
    """Read the composer; a draft that an app made may have another language than these, or none.

    Raises:
        Invalid: it is no form of ours.
    """
    problems: dict[str, str] = {}
    text, warning = typed.get("text", ""), plain_warning(typed.get("warning", ""))
    if not text.strip() and not has_pictures:
        problems["text"] = _("Write something first.")
    if markup.counted(text) > MAX_CHARACTERS:
        problems["text"] = _("A post may have 5,000 characters at most.")
    if len(warning) > MAX_WARNING_CHARACTERS:
        problems["warning"] = _("A warning may have 500 characters at most.")
    if (language := typed.get("language", "")) != draft_language:
        check_language(language)
    visibility, group_id = read_visibility(typed.get("visibility", ""))
    poll, unfit = read_poll(typed)
    if unfit:
        problems["poll"] = unfit
    if poll is not None and has_pictures:
        problems["poll"] = _("A post has either pictures or a poll.")
    return Said(
        text=text,
        warning=warning,
        language=language or None,
        visibility=visibility,
        group_id=group_id,
        is_sensitive=bool(typed.get("sensitive")),
        quote_policy=_quote_policy(typed.get("quote_policy", "")),
        poll=poll,
        due_at=_due_at(typed, now, problems),
        problems=problems,
    )


def read_visibility(typed: str) -> tuple[Visibility, int | None]:
    """Read who may see it: (visibility, the id of the group whose members may).

    Raises:
        Invalid: the form does not offer that.
    """
    found = _VISIBILITY.fullmatch(typed)
    if found is None or int(found[1] or 0) > MAX_ID:
        raise Invalid("This form could not be read.")
    return (Visibility.SECTION, int(found[1])) if found[1] else (Visibility(typed), None)


def _quote_policy(typed: str) -> QuotePolicy:
    if typed and typed not in list(QuotePolicy):
        raise Invalid("This form could not be read.")
    return QuotePolicy(typed) if typed else QuotePolicy.EVERYBODY


def read_poll(typed: Typed) -> tuple[DraftPoll | None, str]:
    """Read the poll, which is none if no choice was typed: (poll, the sentence that says why it will not do, or '').

    Raises:
        Invalid: it is no form of ours.
    """
    options = [line for n in OPTIONS if (line := " ".join(typed.get(f"option{n}", "").split()))]
    if not options:
        return None, ""
    seconds = typed.get("open_for", "")
    if seconds not in {str(choice) for choice in OPEN_FOR}:
        raise Invalid("This form could not be read.")
    titles = [question.title_of(option).strip() for option in options]
    problem = ""
    if len(options) < polls.MIN_OPTIONS:
        problem = _("A poll needs two choices at least.")
    elif len(set(titles)) < len(titles) or not all(titles):
        problem = _("Two of the choices are the same.")
    elif any(len(title) > polls.MAX_OPTION_CHARACTERS for title in titles):
        problem = _("A choice may have 100 characters at most.")
    flags = {"is_multiple": bool(typed.get("multiple")), "hides_totals": bool(typed.get("hides_totals"))}
    return DraftPoll(tuple(options), int(seconds), **flags), problem


def _due_at(typed: Typed, now: datetime, problems: dict[str, str]) -> datetime | None:
    """Read when it is to be published; None for at once."""
    day, clock = typed.get("date", "").strip(), typed.get("time", "").strip()
    if not day and not clock:
        return None
    date, time = read_date(day), read_time(clock)
    if date is None or time is None:
        problems["later"] = _("Give both a day and an hour, or neither.")
        return None
    due_at = datetime.combine(date, time, read_zone(typed.get("zone", ""))).astimezone(UTC)
    if due_at < now + AT_LEAST_AHEAD:
        problems["later"] = _("Choose a time that is at least five minutes from now.")
    return due_at


def read_zone(name: str) -> ZoneInfo:
    """Read a time zone by its name.

    Raises:
        Invalid: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError) as unknown:
        raise Invalid("This form could not be read.") from unknown


def kept(typed: Typed) -> dict[str, str]:
    """Give what was typed, to be put into the form again."""
    return {name: typed[name] for name in FIELDS if name in typed}


def of_draft(draft: Mapping[str, Any], due_at: datetime | None, zone: ZoneInfo) -> dict[str, str]:
    """Put a kept draft into the fields of the form, its time as a clock shows it in this zone."""
    poll = draft["poll"] or {"options": [], "open_seconds": OPEN_FOR[5], "is_multiple": False, "hides_totals": False}
    seconds = min(OPEN_FOR, key=lambda choice: abs(choice - poll["open_seconds"]))
    values = {
        "text": draft["text"],
        "warning": draft["content_warning"],
        "language": draft["language"] or "",
        "visibility": written(Visibility(draft["visibility"]), draft["section_id"]),
        "sensitive": "yes" if draft["is_sensitive"] and not draft["content_warning"] else "",
        "quote_policy": draft["quote_policy"] or "",
        "reply_to": str(draft["in_reply_to_id"] or ""),
        "quote": str(draft["quoted_id"] or ""),
        "open_for": str(seconds),
        "multiple": "yes" if poll["is_multiple"] else "",
        "hides_totals": "yes" if poll["hides_totals"] else "",
    }
    if due_at is not None:
        here = due_at.astimezone(zone)
        values |= {"date": here.date().isoformat(), "time": written_time(here), "zone": zone.key}
    return values | {f"option{n}": title for n, title in zip(OPTIONS, poll["options"], strict=False)}
