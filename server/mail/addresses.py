"""E-mail addresses that we can write to: what the wire carries is ASCII."""

import re

import idna

from server.errors import Invalid
from server.members.actions import MAX_EMAIL_CHARACTERS

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def sendable(typed: str) -> str:
    """Read an e-mail address to write to; its domain in ASCII.   Source: RFC 5321 §4.1.2; RFC 5891

    Raises:
        Invalid: it is none, or one that needs more than ASCII before the @ (RFC 6531), which few servers take.
    """
    local_part, at, domain = typed.strip().rpartition("@")
    if not at or len(local_part) > 64 or not _LOCAL_PART.fullmatch(local_part):
        raise Invalid("This is not an e-mail address.")
    try:
        domain = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise Invalid("This is not an e-mail address.") from error
    address = f"{local_part}@{domain}"
    if len(address) > MAX_EMAIL_CHARACTERS or "." not in domain.strip(".") or domain.endswith("."):
        raise Invalid("This is not an e-mail address.")
    return address
