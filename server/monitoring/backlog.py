"""What the rows say is still to do, in numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.delivery import Delivery
from models.errand import Errand
from models.host import Host
from models.inbox import InboxMessage
from models.mail import Letter


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and for how long. Each table's states add up to its rows, but for errands.

    `inbox`: due, leased (a worker has it), waiting (put off). `deliveries`: due, leased, host_waits (its host failed and
    is left alone for a while), put_off, given_up. `hosts`: total, failing (when last tried), waiting (left alone for now).
    `letters`: due, leased, failed (to be tried again later).
    The ages are those of the oldest row that is due and that no worker has; 0 where there is none.
    """

    inbox: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    hosts: dict[str, int] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    errands_due: int = 0
    oldest_message_seconds: float = 0.0
    oldest_delivery_seconds: float = 0.0
    oldest_letter_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FailingHost:
    """A server that did not answer when last tried, and what is owed to it."""

    name: str
    failures: int
    failing_since: datetime | None
    retry_at: datetime | None
    owed: int
    last_error: str


async def take_stock(now: datetime) -> Backlog:
    """Count what is to do; some fifteen queries, each answered by an index."""
    is_free = Q(leased_until=None) | Q(leased_until__lt=now)
    messages, free = InboxMessage.filter(due_at__lte=now), InboxMessage.filter(is_free, due_at__lte=now)
    message_total, message_arrived, message_due = (
        await InboxMessage.all().count(),
        await messages.count(),
        await free.count(),
    )
    letters = Letter.filter(is_free, due_at__lte=now)
    letters_due = await letters.count()
    asleep = Subquery(Host.filter(retry_at__gt=now).values("name"))
    owed = Delivery.filter(due_at__lte=now)
    leased = await Delivery.filter(leased_until__gte=now).count()
    host_waits = await owed.filter(host__in=asleep).count()  # none of them is leased: a host in use is not left alone
    delivery_due = max(await owed.count() - leased - host_waits, 0)
    ready = owed.filter(is_free, host__not_in=asleep)  # reads past all that is owed to hosts asleep: costly if many
    return Backlog(
        inbox={
            "due": message_due,
            "leased": message_arrived - message_due,
            "waiting": message_total - message_arrived,
        },
        deliveries={
            "due": delivery_due,
            "leased": leased,
            "host_waits": host_waits,
            "put_off": await Delivery.filter(due_at__gt=now).count(),
            "given_up": await Delivery.filter(due_at=None).count(),
        },
        hosts={
            "total": await Host.all().count(),
            "failing": await Host.filter(failures__gt=0).count(),
            "waiting": await Host.filter(retry_at__gt=now).count(),
        },
        letters={
            "due": letters_due,
            "leased": await Letter.filter(leased_until__gte=now).count(),
            "failed": await Letter.filter(is_free, due_at__gt=now).count(),
        },
        errands_due=await Errand.filter(is_free, rests_until=None, due_at__lte=now).count(),
        oldest_message_seconds=await _age_of_oldest(free, now) if message_due else 0.0,
        oldest_delivery_seconds=await _age_of_oldest(ready, now) if delivery_due else 0.0,
        oldest_letter_seconds=await _age_of_oldest(letters, now) if letters_due else 0.0,
    )


async def _age_of_oldest(rows: QuerySet[Any], now: datetime) -> float:
    due_at: Any = await rows.order_by("due_at", "id").first().values_list("due_at", flat=True)
    return (now - due_at).total_seconds() if isinstance(due_at, datetime) else 0.0


async def failing_hosts(limit: int) -> list[FailingHost]:
    """Name the servers that have failed most often in a row, worst first."""
    rows = await Host.filter(failures__gt=0).order_by("-failures", "failing_since", "name").limit(limit)
    return [
        FailingHost(
            row.name,
            row.failures,
            row.failing_since,
            row.retry_at,
            await Delivery.filter(host=row.name, due_at__not_isnull=True).count(),
            row.last_error,
        )
        for row in rows
    ]
