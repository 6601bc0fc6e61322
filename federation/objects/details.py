"""What a member shows to the managers of a section on another server, as the document that this section alone is given.

    {"type": "SharedDetails", "id": …, "attributedTo": member, "audience": section, "keepUntil": moment, "details": [
      {"type": "SharedDetail", "name": "email", "value": "zoe@post.example", "consent":
        {"version": 1, "language": "fr", "content": the words agreed to, "published": moment}}]}

Whoever reads it has to check the values as if they had been typed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.errors import MalformedActivity, NotAuthorised
from federation.jsonld import Json, each, instant_of, integer_of, text_of, type_of, uri_of, written_instant
from federation.signed_request import CLOCK_SKEW_SECONDS
from federation.vocabulary import DETAILS_CONTEXT, DETAILS_NOTICE_CONTEXT

TYPE = "SharedDetails"
NAMES = frozenset({"email", "phone"})
KEEP_FOR = timedelta(days=30)
MAX_DETAILS = 10
MAX_VALUE_CHARACTERS = 254
MAX_WORDS_CHARACTERS = 4000
MAX_DOCUMENT_BYTES = 65_536

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})?")


@dataclass(frozen=True, slots=True)
class Agreement:
    """The consent by which something is shown: the very words, their version, and when they were agreed to."""

    version: int
    language: str
    words: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is shown: `name` is "email" or "phone"."""

    name: str
    value: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Between:
    """Who shows it to whom, and under which uri, so that a document can be held against it."""

    uri: str
    member_uri: str
    group_uri: str


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is shown, and until when it may be kept without being read again."""

    details: tuple[Detail, ...]
    keep_until: datetime


def notice(uri: str) -> Json:
    """Write the object of the Update that says no more than that something has changed."""
    return {"@context": DETAILS_NOTICE_CONTEXT, "id": uri, "type": TYPE}


def write(between: Between, details: Iterable[Detail], *, now: datetime) -> Json:
    """Write what a member of ours shows."""
    return {
        "@context": DETAILS_CONTEXT,
        "id": between.uri,
        "type": TYPE,
        "attributedTo": between.member_uri,
        "audience": between.group_uri,
        "keepUntil": written_instant(now + KEEP_FOR),
        "details": [_written(detail) for detail in details],
    }


def _written(detail: Detail) -> Json:
    agreement = detail.agreement
    consent = {
        "version": agreement.version,
        "language": agreement.language,
        "content": agreement.words,
        "published": written_instant(agreement.given_at),
    }
    return {"type": "SharedDetail", "name": detail.name, "value": detail.value, "consent": consent}


def read(document: Json, between: Between, *, now: datetime) -> Shown:
    """Read what a member of another server shows; what of it is not whole is left out.

    Raises:
        NotAuthorised: it is another document, of somebody else, or for another section.
        MalformedActivity: it is none, or may not be kept.
    """
    if type_of(document) != TYPE:
        raise MalformedActivity("the document has another type")
    named = (document.get("id"), uri_of(document.get("attributedTo")), uri_of(document.get("audience")))
    if named != (between.uri, between.member_uri, between.group_uri):
        raise NotAuthorised("the document is another one, of somebody else, or for another section")
    keep_until = instant_of(document.get("keepUntil"))
    if keep_until is None or keep_until <= now:
        raise MalformedActivity("the document does not say until when it may be kept, or only until a time gone by")
    found: dict[str, Detail] = {}
    for item in list(each(document.get("details")))[:MAX_DETAILS]:
        if (detail := _read_detail(item, now)) is not None:
            found.setdefault(detail.name, detail)
    return Shown(tuple(found.values()), min(keep_until, now + KEEP_FOR))


def _read_detail(item: Any, now: datetime) -> Detail | None:
    if not isinstance(item, dict) or type_of(item) != "SharedDetail":
        return None
    name, value = item.get("name"), item.get("value")
    agreement = _read_agreement(item.get("consent"), now)
    if not isinstance(name, str) or name not in NAMES or agreement is None:
        return None
    is_whole = isinstance(value, str) and 0 < len(value) <= MAX_VALUE_CHARACTERS and value.isprintable()
    return Detail(name, value, agreement) if is_whole and isinstance(value, str) else None


def _read_agreement(consent: Any, now: datetime) -> Agreement | None:
    """Read a consent; None for one that does not say to what, or when, or that was given in the future."""
    if not isinstance(consent, dict):
        return None
    version, given_at = integer_of(consent.get("version")), instant_of(consent.get("published"))
    language, words = text_of(consent.get("language")), text_of(consent.get("content")).strip()
    if not version or given_at is None or given_at > now + timedelta(seconds=CLOCK_SKEW_SECONDS):
        return None
    if not _LANGUAGE.fullmatch(language) or not 0 < len(words) <= MAX_WORDS_CHARACTERS:
        return None
    return Agreement(version, language, words, given_at)
