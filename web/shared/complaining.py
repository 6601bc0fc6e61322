"""What every form of a report asks: why, against which rules of this server, in one's own words."""

from dataclasses import dataclass

from models.moderation import ReportCategory
from server.errors import Invalid
from web.shared.logged_in import Typed

RULE = "rule-"


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


REASONS = {
    ReportCategory.VIOLATION: _("It breaks the rules of this server"),
    ReportCategory.SPAM: _("Unwanted advertising, links or repetition"),
    ReportCategory.LEGAL: _("It is against the law"),
    ReportCategory.OTHER: _("Something else"),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody chose and wrote. Whether there are rules of these numbers is not known yet."""

    category: ReportCategory
    rule_numbers: tuple[int, ...]
    comment: str


def read_complaint(typed: Typed) -> Complaint:
    """Read the fields reason, rule-<number> and comment.

    Raises:
        Invalid: no reason was chosen.
    """
    if (reason := typed.get("reason", "")) not in list(ReportCategory):
        raise Invalid("Say why: choose one of the reasons.")
    numbers = (name.removeprefix(RULE) for name in typed if name.startswith(RULE))
    chosen = tuple(int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < 10)
    return Complaint(ReportCategory(reason), chosen, typed.get("comment", "").strip())
