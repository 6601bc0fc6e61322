"""What one operation costs: the numbers every simulation starts from, each with where it was measured.

Change a number here when it has been measured anew, and run `make simulate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

MICRO = 1e-6


def _cost(value: float, unit: str, where: str) -> float:
    made: float = field(default=value, metadata={"unit": unit, "where": where})
    return made


_HERE = "one core of the machine of docs/performance.md"
_ROWS = "4,000 rows of usual lengths in SQLite, indexes included"
_GUESS = "estimated"


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU in microseconds, sizes in bytes, memory in KiB."""

    delivery_us: float = _cost(1160, "µs", "docs/performance.md: fan-out to own inboxes, everything included")
    rsa_sign_us: float = _cost(330, "µs", f"cryptography, RSA-2048, {_HERE}; part of a delivery")
    http_post_us: float = _cost(180, "µs", "aiohttp, kept-alive connection, CPU of the sender; part of a delivery")
    delivery_rows_us: float = _cost(52, "µs", "two hand-written statements a row, SQLite; part of a delivery")
    ed25519_sign_us: float = _cost(40, "µs", f"cryptography, {_HERE}")
    tls_handshake_us: float = _cost(690, "µs", f"client side, TLS 1.3, ECDSA P-256, {_HERE}")
    plan_row_us: float = _cost(26, "µs", "one row of many in one statement, SQLite")
    digest_follower_us: float = _cost(1.24, "µs", f"SHA-256 of an address and XOR, {_HERE}")
    verify_us: float = _cost(27, "µs", f"cryptography, RSA-2048, {_HERE}; part of accepting")
    accept_us: float = _cost(1000, "µs", "docs/performance.md: web process, one activity into the journal")
    perform_note_us: float = _cost(750, "µs", "docs/performance.md: worker, one note of a batch of 100")
    perform_reaction_us: float = _cost(750, "µs", f"{_GUESS}: like a note")
    perform_follow_us: float = _cost(14500, "µs", "docs/performance.md: a new follower, less accepting and meeting it")
    meet_actor_us: float = _cost(2500, "µs", f"{_GUESS}: one signed fetch with a handshake, and the rows of an actor")
    home_row_us: float = _cost(9, "µs", "one row of INSERT … SELECT, SQLite")
    build_page_us: float = _cost(10000, "µs", "docs/performance.md: an answer built anew")
    kept_page_us: float = _cost(160, "µs", "docs/performance.md: a kept page")
    commit_us: float = _cost(1500, "µs", f"{_GUESS}: one write to disk (fsync), shared by a group")
    group_commit_ms: float = _cost(10, "ms", f"{_GUESS}: pause between two commits of a busy server")
    document_bytes: float = _cost(1300, "bytes", "Create(Note) of fedbench's length")
    headers_bytes: float = _cost(900, "bytes", "a signed POST and its answer")
    handshake_bytes: float = _cost(4500, "bytes", f"{_GUESS}: TLS 1.3 with a chain of two certificates")
    page_bytes: float = _cost(12000, "bytes", "a post as HTML")
    delivery_row_bytes: float = _cost(290, "bytes", _ROWS)
    journal_row_bytes: float = _cost(1600, "bytes", _ROWS)
    post_row_bytes: float = _cost(2250, "bytes", _ROWS)
    activity_row_bytes: float = _cost(1470, "bytes", _ROWS)
    actor_row_bytes: float = _cost(1250, "bytes", _ROWS)
    home_row_bytes: float = _cost(110, "bytes", _ROWS)
    reaction_row_bytes: float = _cost(220, "bytes", _ROWS)
    notification_row_bytes: float = _cost(132, "bytes", _ROWS)
    key_kib: float = _cost(0.94, "KiB", "a parsed public key of RSA-2048")
    lane_kib: float = _cost(60, "KiB", f"{_GUESS}: a TLS connection (21, measured with both ends), buffers, tasks")

    def __post_init__(self) -> None:
        wrong = [item.name for item in fields(self) if not getattr(self, item.name) > 0]
        if wrong:
            raise ValueError(f"costs must be positive: {', '.join(wrong)}")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give each cost as a row of a table: (name, value, unit, where from)."""
        for item in fields(self):
            value = getattr(self, item.name)
            yield item.name, f"{value:g}", item.metadata["unit"], item.metadata["where"]
