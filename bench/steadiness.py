"""What a long run says: whether memory grows, whether everything was worked off, whether anything failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST_MIB_PER_MINUTE = 1.0
LEAST_SAMPLES = 3
MOST_LATE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the server. `pss_mib` counts shared pages once; `anonymous_mib` of it belongs to no file.

    `processes` says how much of the latter each process holds, by its name.
    """

    seconds: float
    pss_mib: float
    anonymous_mib: float
    journal: int
    deliveries: int
    processes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is known at the end.

    `drained_after` is None where the queues did not become empty; `late_seconds` says how far the load fell behind its
    own rate, because the server was slow to answer.
    """

    samples: Sequence[Sample]
    warm_up_seconds: float
    drained_after: float | None
    left: int
    late_seconds: float = 0.0
    errors: Sequence[str] = ()
    failures: Mapping[str, int] = field(default_factory=dict)
    bad_signatures: int = 0

    @property
    def slope(self) -> float | None:
        """How fast memory grew after the warm-up, in MiB a minute; None where there was too little to see.

        What is mapped from files is left out: a database that grows is no leak, and the kernel takes those pages back.
        """
        return slope([(s.seconds / 60, s.anonymous_mib) for s in self._warm])

    @property
    def whole_slope(self) -> float | None:
        """The same with what is mapped from files, such as the database."""
        return slope([(s.seconds / 60, s.pss_mib) for s in self._warm])

    @property
    def _warm(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.seconds >= self.warm_up_seconds]

    def problems(self) -> list[str]:
        """Say what is wrong; nothing where the server is steady."""
        found, grown = [], self.slope
        if grown is None:
            found.append("too short a run to see whether memory grows")
        elif grown >= MOST_MIB_PER_MINUTE:
            found.append(f"memory grows by {grown:.2f} MiB a minute")
        if self.late_seconds > MOST_LATE_SECONDS:
            found.append(f"the server is too slow for this load: it fell {self.late_seconds:.0f} s behind")
        if self.drained_after is None:
            found.append(f"{self.left} rows are still queued")
        if self.errors:
            found.append(f"{len(self.errors)} errors in the log, the last: {self.errors[-1][:300]}")
        found += [f"{count} requests ended in {answer}" for answer, count in self.failures.items()]
        if self.bad_signatures:
            found.append(f"{self.bad_signatures} deliveries badly signed")
        return found

    def lines(self) -> list[str]:
        """Write it for a reader."""
        first, last = self.samples[0], self.samples[-1]
        deepest = max(self.samples, key=lambda sample: sample.journal + sample.deliveries)
        drained = "not within the time given" if self.drained_after is None else f"{self.drained_after:.1f} s"
        return [
            f"memory (PSS): {first.pss_mib:.1f} MiB at first, {last.pss_mib:.1f} at last, "
            f"of which {first.anonymous_mib:.1f} and {last.anonymous_mib:.1f} belong to no file",
            *(f"  {name}: {first.processes.get(name, 0):.1f} and {mib:.1f}" for name, mib in last.processes.items()),
            f"growth after the warm-up: {_mib(self.slope)} a minute ({_mib(self.whole_slope)} with mapped files)",
            f"queues: deepest {deepest.journal} received and {deepest.deliveries} to send, after "
            f"{deepest.seconds:.0f} s; empty after the load ended: {drained}",
            f"errors in the log: {len(self.errors)}; badly signed deliveries: {self.bad_signatures}",
        ]


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Fit a line by least squares; how much y grows when x grows by one. None where the points tell nothing."""
    if len(points) < LEAST_SAMPLES:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def _mib(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.2f} MiB"
