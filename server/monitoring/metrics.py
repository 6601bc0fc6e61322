"""Every number this server counts: one definition each, none elsewhere. `backlog` and `processes` are looked up instead.

No label names a person, another server or an address: a label has as few values as this code does.
"""

from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

import server.monitoring.shared_values as shared
from federation.errors import BadSignature, FederationError, ObjectGone, RejectedByPolicy, RemoteUnavailable
from federation.handlers import HANDLERS
from models import timing
from server.monitoring import processes

REGISTRY = CollectorRegistry(auto_describe=False)

_ANSWER_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
_WORK_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0)
_ROW_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 500)

HTTP_SECONDS = Histogram(
    "coopole_http_request_seconds",
    "Time from a request to the end of its answer, by method, route template and status.",
    ("method", "route", "status"),
    registry=REGISTRY,
    buckets=_ANSWER_BUCKETS,
)
INBOX_ACCEPT_SECONDS = Histogram(
    "coopole_inbox_accept_seconds",
    "Time from the receipt of an activity to its 202.",
    registry=REGISTRY,
    buckets=_ANSWER_BUCKETS,
)
INBOX_PERFORM_SECONDS = Histogram(
    "coopole_inbox_perform_seconds",
    "Time from the arrival of an activity until it is performed or refused.",
    registry=REGISTRY,
    buckets=_WORK_BUCKETS,
)
SIGNATURES = Counter(
    "coopole_signatures",
    "Signed requests of other servers, verified or refused, by reason.",
    ("result", "reason"),
    registry=REGISTRY,
)
ACTIVITIES = Counter(
    "coopole_activities",
    "Activities that arrived and what became of them: performed, known, refused, put_off, given_up; by type and reason.",
    ("type", "result", "reason"),
    registry=REGISTRY,
)
DELIVERY_SECONDS = Histogram(
    "coopole_delivery_seconds",
    "Time that sending one activity to one inbox takes, by outcome: delivered, host_waits, put_off, refused, failed.",
    ("outcome",),
    registry=REGISTRY,
    buckets=_WORK_BUCKETS,
)
LETTER_TRIES = Counter(
    "coopole_letter_tries",
    "Letters handed to the mail server, by outcome: sent, put_off, refused, given_up.",
    ("outcome",),
    registry=REGISTRY,
)
GROUP_ROWS = Histogram(
    "coopole_group_commit_rows",
    "Rows written in one transaction, by what they are: journal or settled deliveries.",
    ("of",),
    registry=REGISTRY,
    buckets=_ROW_BUCKETS,
)
DATABASE_SECONDS = Counter(
    "coopole_database_seconds",
    "Time spent on database statements, and on beginning and ending transactions, by kind of process.",
    ("process",),
    registry=REGISTRY,
)
DATABASE_STATEMENTS = Counter(
    "coopole_database_statements",
    "Database statements, and transactions begun and ended, by kind of process.",
    ("process",),
    registry=REGISTRY,
)

_VERIFIED = SIGNATURES.labels("verified", "")
count_journal_rows = GROUP_ROWS.labels("journal").observe
count_settled_rows = GROUP_ROWS.labels("settled").observe

_TYPES = frozenset(type_ for type_, _ in HANDLERS)

log = structlog.get_logger()


def folder_in(data: Path) -> Path:
    """Name the folder in which the processes of one data directory keep their numbers."""
    return data / "metrics"


def watch_process(data: Path, name: str) -> None:
    """Have this process counted under its name, such as worker-1. A server that cannot count serves all the same."""
    try:
        shared.share(folder_in(data), name)
        processes.sign_in(folder_in(data), name)
    except OSError as error:
        log.warning("numbers are not shared", error=repr(error))
    kind = name.partition("-")[0]
    seconds, statements = DATABASE_SECONDS.labels(kind), DATABASE_STATEMENTS.labels(kind)

    def count(spent_seconds: float) -> None:
        seconds.inc(spent_seconds)
        statements.inc()

    timing.listen(count)


def count_activity(type_: str, result: str, error: Exception | None = None) -> None:
    """Count what became of an activity; what is no type of HANDLERS counts as other."""
    reason = "" if error is None else type(error).__name__
    ACTIVITIES.labels(type_ if type_ in _TYPES else "other", result, reason).inc()


def count_signature(error: FederationError | None = None) -> None:
    """Count a signed request that was verified, or refused for this error."""
    if error is None:
        _VERIFIED.inc()
    else:
        SIGNATURES.labels("refused", reason_of(error)).inc()


def reason_of(error: FederationError) -> str:
    """Say in one word why a signature was refused."""
    match error:
        case BadSignature():
            return error.reason
        case RejectedByPolicy():
            return "blocked"
        case ObjectGone():
            return "gone"
        case RemoteUnavailable():
            return "unavailable"
    return "malformed"
