"""What comes back: replies, likes, announces and follows; and the fetches of all the servers that were told."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from bench.simulation.costs import MICRO, Costs

STEP_SECONDS = 10.0
LONGEST_SECONDS = 72 * 3600.0


@dataclass(frozen=True, slots=True)
class Engagement:
    """What share of the followers does what, when most of them do it, and how many of them we have never met."""

    likes: float = 0.02
    announces: float = 0.005
    replies: float = 0.001
    follows: float = 0.001
    busiest_after_seconds: float = 2700.0
    unknown: float = 0.7

    def rate(self, moment: float, total: float) -> float:
        """How many of `total` come in a second, `moment` seconds after the post: quickly more, slowly less."""
        peak = self.busiest_after_seconds
        return total * moment / peak**2 * exp(-moment / peak)

    def counts(self, followers: int) -> Mapping[str, float]:
        """How many of each come in all."""
        shares = {"likes": self.likes, "announces": self.announces, "replies": self.replies, "follows": self.follows}
        return {kind: followers * share for kind, share in shares.items()}


@dataclass(slots=True)
class Wave:
    """What the machine made of it. `waiting_at_door` counts the requests that had no answer yet, at worst."""

    arrived: float = 0.0
    performed: float = 0.0
    peak_per_second: float = 0.0
    deepest_journal: float = 0.0
    longest_wait: float = 0.0
    waiting_at_door: float = 0.0
    quiet_at: float = 0.0
    cpu_seconds: float = 0.0
    journal_bytes: float = 0.0


def perform_seconds(engagement: Engagement, costs: Costs) -> float:
    """Mean CPU seconds of a worker for one activity, meeting its actor included."""
    of = {
        "likes": costs.perform_reaction_us,
        "announces": costs.perform_reaction_us,
        "replies": costs.perform_note_us,
        "follows": costs.perform_follow_us,
    }
    counts = engagement.counts(1_000_000)
    work = sum(counts[kind] * of[kind] for kind in counts) / sum(counts.values())
    return (work + engagement.unknown * costs.meet_actor_us) * MICRO


def come_back(followers: int, engagement: Engagement, cores: int, workers: int, webs: int, costs: Costs) -> Wave:
    """Let the wave come in steps of ten seconds, and work it off: first the door, then with the cores left the journal."""
    total = sum(engagement.counts(followers).values())
    accept, perform = costs.accept_us * MICRO, perform_seconds(engagement, costs)
    wave, door, journal, moment = Wave(), 0.0, 0.0, 0.0
    while moment < LONGEST_SECONDS and (moment < engagement.busiest_after_seconds * 20 or door + journal > 0.5):
        coming = engagement.rate(moment + STEP_SECONDS / 2, total)
        door += coming * STEP_SECONDS
        accepted = min(door, min(webs, cores) * STEP_SECONDS / accept)
        free = cores * STEP_SECONDS - accepted * accept
        door, journal = door - accepted, journal + accepted
        performed = min(journal, min(free, workers * STEP_SECONDS) / perform)
        journal -= performed
        moment += STEP_SECONDS
        wave.arrived += coming * STEP_SECONDS
        wave.performed += performed
        wave.cpu_seconds += accepted * accept + performed * perform
        wave.peak_per_second = max(wave.peak_per_second, coming)
        wave.deepest_journal = max(wave.deepest_journal, journal)
        wave.waiting_at_door = max(wave.waiting_at_door, door)
        wave.longest_wait = max(
            wave.longest_wait, (door + journal) / max(performed / STEP_SECONDS, 1e-9) if journal > 1 else 0
        )
        if journal + door > 1:
            wave.quiet_at = moment
    wave.journal_bytes = wave.deepest_journal * costs.journal_row_bytes
    return wave


@dataclass(frozen=True, slots=True)
class Herd:
    """The fetches of one page by every server that heard of it."""

    fetches: int
    busiest_second: int
    built_anew: int
    cpu_seconds: float
    busiest_cpu: float
    sent_bytes: float


def herd(arrivals: Sequence[float], spread_seconds: float, costs: Costs, seed: int) -> Herd:
    """Fetch the page from each server, at any moment within `spread_seconds` after it has the post.

    While the post is being delivered the database is written all the time, and what is kept is dropped at each commit:
    an answer is built anew once for every pause between two commits in which somebody asks.
    """
    draw = random.Random(seed)
    times = [moment + draw.uniform(0, spread_seconds) for moment in arrivals]
    pause, seconds, pauses = costs.group_commit_ms / 1000, dict[int, int](), dict[int, set[int]]()
    for moment in times:
        second = int(moment)
        seconds[second] = seconds.get(second, 0) + 1
        pauses.setdefault(second, set()).add(int(moment / pause))
    built = sum(len(found) for found in pauses.values())
    spent = {
        second: (len(pauses[second]) * costs.build_page_us + (count - len(pauses[second])) * costs.kept_page_us) * MICRO
        for second, count in seconds.items()
    }
    return Herd(
        fetches=len(times),
        busiest_second=max(seconds.values(), default=0),
        built_anew=built,
        cpu_seconds=sum(spent.values()),
        busiest_cpu=max(spent.values(), default=0.0),
        sent_bytes=len(times) * (costs.page_bytes + costs.headers_bytes + costs.handshake_bytes),
    )
