"""Notes that a browser or a letter brings back: signed by us, for one purpose, good until a moment. Nothing is stored.

A note is `seconds.words.signature`; its words are letters, digits, - and _, and anybody may read them.
"""

import hmac
import re
from datetime import datetime

from models.secrets import link_token

MAX_CHARACTERS = 512

_NOTE = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{43})")


def sign(purpose: str, words: str, until: datetime) -> str:
    """Write a note."""
    said = f"{int(until.timestamp())}.{words}"
    return f"{said}.{_signature(purpose, said)}"


def read(purpose: str, note: str, now: datetime) -> str | None:
    """Give the words of a note of ours for this purpose; None where it is none, or no longer good."""
    found = _NOTE.fullmatch(note) if len(note) <= MAX_CHARACTERS else None
    if found is None or not hmac.compare_digest(found[3], _signature(purpose, f"{found[1]}.{found[2]}")):
        return None
    return found[2] if int(found[1]) > now.timestamp() else None


def _signature(purpose: str, said: str) -> str:
    return link_token(f"note {purpose}\n{said}")
