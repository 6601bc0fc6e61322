"""The numbers as Prometheus reads them.   Source: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from server.monitoring import processes
from server.monitoring.backlog import Backlog
from server.monitoring.metrics import REGISTRY, folder_in
from server.monitoring.processes import Cost
from server.monitoring.shared_values import summed


class _Given(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def exposed(data: Path, stock: Backlog | None) -> bytes:
    """Write every number, those of all processes of a data directory added up; without `stock` the database is away."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given([*_counted(data), *stock_metrics(stock), *cost_metrics(_costs(data))]))
    return generate_latest(registry)


def _counted(data: Path) -> list[Metric]:
    """Give what was counted: by all processes where they share, else by this one."""
    return summed(folder_in(data)) or list(REGISTRY.collect())


def _costs(data: Path) -> list[Cost]:
    return list(processes.living(folder_in(data))) or list(processes.own("web"))


def stock_metrics(stock: Backlog | None) -> Iterator[Metric]:
    """Give what the rows say."""
    yield GaugeMetricFamily("coopole_database_up", "Whether the database answered.", float(stock is not None))
    if stock is None:
        return
    yield _by_state("coopole_inbox_messages", "Activities that arrived and are not performed yet.", stock.inbox)
    yield _by_state("coopole_delivery_rows", "Deliveries owed, and those given up.", stock.deliveries)
    yield _by_state("coopole_hosts", "Other servers that this one has delivered to or tried to.", stock.hosts)
    yield _by_state("coopole_letters", "Letters to be sent, and those that failed and are tried again.", stock.letters)
    yield GaugeMetricFamily("coopole_errands_due", "Things to fetch that nobody waits for.", stock.errands_due)
    yield GaugeMetricFamily(
        "coopole_inbox_oldest_due_seconds",
        "How long the oldest activity that is due, and that no worker has, has been due.",
        stock.oldest_message_seconds,
    )
    yield GaugeMetricFamily(
        "coopole_delivery_oldest_due_seconds",
        "How long the oldest delivery that is due to a host that answers, and that no worker has, has been due.",
        stock.oldest_delivery_seconds,
    )
    yield GaugeMetricFamily(
        "coopole_letters_oldest_due_seconds",
        "How long the oldest letter that is due, and that no worker has, has been due.",
        stock.oldest_letter_seconds,
    )


def cost_metrics(costs: Iterable[Cost]) -> Iterator[Metric]:
    """Give what the processes cost."""
    memory = GaugeMetricFamily("coopole_process_resident_bytes", "Memory a process holds.", labels=["process"])
    spent = CounterMetricFamily("coopole_process_cpu_seconds", "CPU time a process took.", labels=["process"])
    for cost in costs:
        memory.add_metric([cost.name], cost.resident_bytes)
        spent.add_metric([cost.name], cost.cpu_seconds)
    yield memory
    yield spent


def _by_state(name: str, help_text: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family
