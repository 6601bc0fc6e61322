"""What another server answered, and what its status means to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from federation.errors import FederationError, MalformedActivity, NotAuthorised, ObjectGone, RemoteUnavailable

MAX_RETRY_AFTER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server answered; `url` is where, after redirects; header names are lower-case."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


def raise_for_status(answer: Answer, now: datetime) -> None:
    """Turn a status without a document into the error that says what to do about it."""
    status = answer.status
    if 200 <= status < 300:
        return
    reason = f"{answer.url} answered {status}"
    if status >= 500 or status in (408, 429):
        wait = retry_after_seconds(answer.headers.get("retry-after"), now)
        raise RemoteUnavailable(reason, retry_after_seconds=wait)
    if status in (404, 410):
        raise ObjectGone(reason, is_permanent=status == 410)
    refusal: type[FederationError] = NotAuthorised if status in (401, 403, 451) else MalformedActivity
    raise refusal(reason)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, a number of seconds or a date; at most a day, None when there is none to read.

    Source: RFC 9110 §10.2.3
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MAX_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)
