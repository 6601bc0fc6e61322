"""What everybody may know of the rules for other servers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from models.host import DomainRule, Severity
from models.setting import Setting
from server.admin.domains import rules

SETTING = "show_domain_blocks"
EVERYBODY, MEMBERS, NOBODY = "all", "users", "disabled"
SHOWN_TO = (EVERYBODY, MEMBERS, NOBODY)


@dataclass(frozen=True, slots=True)
class ListedDomain:
    """A rule as the public reads it. `digest` is the SHA-256 of the domain, by which servers compare their lists."""

    domain: str
    digest: str
    severity: Severity
    comment: str


async def listed(*, is_member: bool) -> list[ListedDomain] | None:
    """Give the rules that whoever asks may read; None where the list is not for them."""
    shown_to = await Setting.read(SETTING, EVERYBODY)
    if shown_to == NOBODY or (shown_to == MEMBERS and not is_member):
        return None
    return [_listed(rule) for rule in _public(await rules())]


def _public(found: Sequence[DomainRule]) -> list[DomainRule]:
    return [rule for rule in found if rule.severity in (Severity.SUSPEND, Severity.SILENCE) and not rule.is_unlisted]


def _listed(rule: DomainRule) -> ListedDomain:
    domain = obfuscated(rule.domain) if rule.is_obfuscated else rule.domain
    return ListedDomain(domain, hashlib.sha256(rule.domain.encode()).hexdigest(), rule.severity, rule.public_comment)


def obfuscated(domain: str) -> str:
    """Hide the middle half of a domain's letters, so that a list of bad places does not lead there; dots stay."""
    start, end = len(domain) // 4, len(domain) - len(domain) // 4
    return "".join("*" if start <= at < end and sign != "." else sign for at, sign in enumerate(domain))
