"""Other servers: how followers are spread over them, how far away they are, and which of them do not work."""

import random
from dataclasses import dataclass
from enum import StrEnum

HOUR = 3600.0


class Health(StrEnum):
    """How a server answers."""

    GOOD = "good"
    REFUSES = "refuses"
    FAILS = "fails"
    HANGS = "hangs"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who follows. `exponent` says how uneven servers are: the n-th largest has 1/n^exponent of the largest.

    `without_shared_inbox` is the share of the smaller half of the servers that take one delivery for each follower.
    """

    followers: int = 10_000_000
    servers: int = 20_000
    exponent: float = 1.1
    without_shared_inbox: float = 0.06
    refusing: float = 0.03
    failing: float = 0.02
    hanging: float = 0.02
    never_heals: float = 0.5
    heals_after_hours: float = 6.0
    round_trip_ms: float = 60.0
    thinking_ms: float = 80.0


@dataclass(frozen=True, slots=True)
class Server:
    """One server. `inboxes` is how many deliveries it takes to reach its followers; times in seconds."""

    followers: int
    inboxes: int
    round_trip: float
    thinking: float
    health: Health
    heals_at: float

    def works(self, moment: float) -> bool:
        """Whether it takes a delivery now."""
        return self.health is Health.GOOD or moment >= self.heals_at


def spread(total: int, servers: int, exponent: float) -> list[int]:
    """Spread followers over servers, the largest first, at least one each: their sum is `total`.

    Raises:
        ValueError: there are fewer followers than servers.
    """
    if total < servers:
        raise ValueError(f"{total} followers cannot be on {servers} servers")
    weights = [1 / rank**exponent for rank in range(1, servers + 1)]
    whole = sum(weights)
    shares = [1 + int((total - servers) * weight / whole) for weight in weights]
    for rank in range(total - sum(shares)):
        shares[rank % servers] += 1
    return shares


def make_servers(audience: Audience, seed: int) -> list[Server]:
    """Draw the servers of an audience, the largest first.

    The largest hundredth all work: they have people who see to it. The larger half all have shared inboxes.
    """
    draw = random.Random(seed)
    sizes = spread(audience.followers, audience.servers, audience.exponent)
    return [_server(audience, draw, size, (rank + 1) / audience.servers) for rank, size in enumerate(sizes)]


def _server(audience: Audience, draw: random.Random, followers: int, place: float) -> Server:
    """Draw a server; `place` is 0 for the largest and 1 for the smallest."""
    health, heals_at = _health(audience, draw)
    lacks_shared = draw.random() < audience.without_shared_inbox and place > 0.5
    round_trip = draw.lognormvariate(0, 0.8) * audience.round_trip_ms / 1000
    thinking = draw.lognormvariate(0, 0.7) * audience.thinking_ms / 1000
    if place <= 0.01:
        health, heals_at = Health.GOOD, 0.0
    return Server(followers, followers if lacks_shared else 1, round_trip, thinking, health, heals_at)


def _health(audience: Audience, draw: random.Random) -> tuple[Health, float]:
    kinds = {Health.REFUSES: audience.refusing, Health.FAILS: audience.failing, Health.HANGS: audience.hanging}
    is_dead, after = draw.random() < audience.never_heals, draw.expovariate(1 / (audience.heals_after_hours * HOUR))
    lot = draw.random()
    for health, share in kinds.items():
        if lot < share:
            return health, float("inf") if is_dead else after
        lot -= share
    return Health.GOOD, 0.0


def distinct_servers(followers: float, sizes: list[int]) -> float:
    """How many servers so many followers are expected to be on, if each is on a server as likely as it is large."""
    whole = sum(sizes)
    return sum(1.0 - float((1 - size / whole) ** followers) for size in sizes)
