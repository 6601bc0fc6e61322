"""Lists of domains as servers exchange them: Mastodon's CSV.

Source: Mastodon's export of domain blocks, whose columns are COLUMNS.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.host import DomainRule, Severity
from server.admin.domains import Rule, checked_domain
from server.errors import Invalid

COLUMNS = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
SEVERITIES = {"suspend": Severity.SUSPEND, "silence": Severity.SILENCE, "noop": Severity.NONE, "": Severity.SUSPEND}
WORD_OF = {Severity.SUSPEND: "suspend", Severity.SILENCE: "silence", Severity.NONE: "noop", Severity.ALLOW: "noop"}
MAX_ROWS = 50_000
MAX_COMMENT_CHARS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list; `problem` says why it cannot be taken, and is empty where it can."""

    domain: str
    rule: Rule
    problem: str = ""


def read(text: str) -> list[Entry]:
    """Read a list: with a header of Mastodon's columns, or bare domains, one a line.

    Raises:
        Invalid: it is no such list, or has more than 50,000 lines.
    """
    rows = list(_rows(text))
    if len(rows) > MAX_ROWS:
        raise Invalid(f"A list may have {MAX_ROWS} lines; this one has {len(rows)}.")
    return [_entry(row) for row in rows]


def _rows(text: str) -> Iterator[dict[str, str]]:
    lines = text.lstrip("\ufeff").replace("\x00", "").splitlines()
    first = lines[0].lstrip("#").partition(",")[0].strip().lower() if lines else ""
    try:
        if first == "domain":
            for row in csv.DictReader(io.StringIO("\n".join(lines))):
                yield {
                    str(name).lstrip("#").strip(): value.strip()
                    for name, value in row.items()
                    if isinstance(value, str)
                }
        else:
            yield from ({"domain": line.partition(",")[0].strip()} for line in lines if line.strip())
    except csv.Error as error:
        raise Invalid(f"This is no list of domains: {error}.") from error


def _entry(row: dict[str, str]) -> Entry:
    word = row.get("severity", "").lower()
    rule = Rule(
        severity=SEVERITIES.get(word, Severity.SUSPEND),
        rejects_media=_is_true(row.get("reject_media", "")),
        rejects_reports=_is_true(row.get("reject_reports", "")),
        is_obfuscated=_is_true(row.get("obfuscate", "")),
        public_comment=row.get("public_comment", "")[:MAX_COMMENT_CHARS],
    )
    if word not in SEVERITIES:
        return Entry(row.get("domain", ""), rule, f"{word} is no severity")
    if "*" in row.get("domain", ""):
        return Entry(row["domain"], rule, "the domain is half hidden")
    try:
        return Entry(checked_domain(row.get("domain", "")), rule)
    except Invalid as error:
        return Entry(row.get("domain", ""), rule, error.message)


def _is_true(word: str) -> bool:
    return word.lower() in ("true", "1", "yes")


def write(rules: Sequence[DomainRule]) -> str:
    """Write the rules as others read them. Reasons that are for moderators alone stay here."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rule in rules:
        if rule.severity is not Severity.ALLOW:
            flags = [str(flag).lower() for flag in (rule.rejects_media, rule.rejects_reports)]
            obfuscated = str(rule.is_obfuscated).lower()
            writer.writerow([rule.domain, WORD_OF[rule.severity], *flags, rule.public_comment, obfuscated])
    return out.getvalue()
