"""How an event repeats, as it is typed into its form: how often, until when, and on which days it is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.errors import Invalid
from server.events.drafts import EventDraft, instant
from server.events.recurrence import Frequency, Rule, occurrences, parts_of
from web.organising.clocks import read_date
from web.organising.typed import EventForm
from web.shared.forms import read_number

CHOICES: Mapping[str, tuple[Frequency, int, bool]] = {
    "week": (Frequency.WEEKLY, 1, False),
    "fortnight": (Frequency.WEEKLY, 2, False),
    "month_day": (Frequency.MONTHLY, 1, False),
    "month_weekday": (Frequency.MONTHLY, 1, True),
}
"""What may be chosen: by what it repeats, how many of these lie between, whether the day of the week is what counts."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """How an event repeats: `dates` is when each begins, those that are left out among them."""

    rule: Rule
    dates: list[datetime]
    left_out: frozenset[datetime]


def read_rule(form: EventForm) -> Rule | None:
    """Read how an event repeats; None where it does not, or in a way that `form.problems` says is none.

    Raises:
        Invalid: it is no form of ours.
    """
    if not (chosen := form.values.get("repeat", "")):
        return None
    if chosen not in CHOICES:
        raise Invalid("This form could not be read.")
    frequency, interval, is_by_weekday = CHOICES[chosen]
    typed_until, typed_times = (form.values.get(name, "").strip() for name in ("repeat_until", "repeat_times"))
    try:
        until, times = read_date(typed_until), read_number(typed_times) if typed_times else None
        if typed_until and until is None:
            raise Invalid("This is no day, or no time.")
        rule = Rule(frequency, interval, times, until, is_by_weekday)
        rule.written(datetime(2000, 1, 1))  # noqa: DTZ001 - whatever it counts from
    except Invalid as refused:
        form.problems["repeat"] = refused.message
        return None
    return rule


def read_repeats(form: EventForm, rule: Rule, draft: EventDraft, now: datetime) -> Repeats | None:
    """Reckon when an event takes place that repeats; None where `form.problems` says why it cannot repeat like this."""
    dates = occurrences(rule.written(draft.starts), draft.starts, draft.timezone)
    left_out = frozenset(one for one in dates if one.date().isoformat() in form.skips)
    held = [one for one in dates if one not in left_out and instant(one, draft.timezone) > now]
    if len(dates) < 2:
        form.problems["repeat"] = Invalid("Like this it takes place only once. Choose a later end.").message
    elif not held:
        form.problems["repeat"] = Invalid("No date is left: all are over, or left out.").message
    else:
        return Repeats(rule, dates, left_out)
    return None


def said_of(rule: str) -> tuple[str, int]:
    """Tell how a rule repeats, for a page: ("weekly", 2), ("monthly_weekday", 1); daily, weekly, monthly and yearly."""
    parts = parts_of(rule)
    name = parts["FREQ"].lower() + ("_weekday" if parts["FREQ"] == "MONTHLY" and "BYDAY" in parts else "")
    return name, int(parts.get("INTERVAL", "1"))
