"""Times as clients read them: other shapes silently become "now" in some of them."""

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """Write a time as '2026-11-22T18:00:00.000Z'."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def midnight(moment: datetime) -> str:
    """Write the day of a time, as its first instant."""
    return f"{day(moment)}T00:00:00.000Z"


def day(moment: datetime) -> str:
    """Write the day of a time as '2026-11-22'."""
    return moment.astimezone(UTC).date().isoformat()
