"""A network of sections: each follows the national office and its neighbours, and has followers elsewhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from bench.simulation.costs import MICRO, Costs
from bench.simulation.servers import distinct_servers, spread

DAY_SECONDS = 86400
EVENING_MINUTES = 60
GRID = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Network:
    """The party. The busiest hour of election night has `evening` times the posts of an ordinary hour."""

    sections: int = 3000
    neighbours: int = 6
    followers: int = 300
    unevenness: float = 1.0
    members: int = 50
    posts_per_day: float = 4.0
    national_posts_per_day: float = 15.0
    national_followers: int = 500_000
    reactions_per_follower: float = 0.01
    evening: float = 60.0
    servers: int = 20_000
    exponent: float = 1.1


@dataclass(frozen=True, slots=True)
class Section:
    """One section's server: inboxes a post goes to, and what it does on an ordinary day and in its busiest minute."""

    followers: int
    inboxes: float
    posts_received_per_day: float
    reactions_per_day: float
    busiest_sent_per_second: float
    busiest_received_per_second: float
    bytes_per_year: float

    def busiest_cpu(self, costs: Costs) -> float:
        """How many cores the busiest minute takes."""
        received = costs.accept_us + costs.perform_note_us
        sent = costs.delivery_us + costs.tls_handshake_us
        return (self.busiest_sent_per_second * sent + self.busiest_received_per_second * received) * MICRO


class Reach:
    """How many servers a number of followers is on, looked up between points that are computed once."""

    def __init__(self, servers: int, exponent: float) -> None:
        sizes = spread(max(1_000_000, servers), servers, exponent)
        self._points = [(log(followers), distinct_servers(followers, sizes)) for followers in GRID]

    def of(self, followers: float) -> float:
        """Look it up; beyond the largest point it stays as it is there."""
        if followers <= 1:
            return max(0.0, followers)
        x = log(followers)
        for (x0, y0), (x1, y1) in zip(self._points, self._points[1:], strict=False):
            if x <= x1:
                return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        return self._points[-1][1]


def simulate(network: Network, costs: Costs, seed: int) -> tuple[Section, list[Section]]:
    """Draw an election night, minute by minute: (the national office, the sections)."""
    draw, reach = random.Random(seed), Reach(network.servers, network.exponent)
    followers = [
        max(1, round(network.followers * draw.lognormvariate(0, network.unevenness))) for _ in range(network.sections)
    ]
    hour_share = network.evening / (DAY_SECONDS / 60)
    nights = [[poisson(draw, network.posts_per_day * hour_share) for _ in range(EVENING_MINUTES)] for _ in followers]
    national_night = [poisson(draw, network.national_posts_per_day * hour_share) for _ in range(EVENING_MINUTES)]
    sections = [
        _section(network, costs, draw, reach, followers[number], nights, number, national_night)
        for number in range(network.sections)
    ]
    inboxes = reach.of(network.national_followers) + network.sections
    national = Section(
        followers=network.national_followers + network.sections,
        inboxes=inboxes,
        posts_received_per_day=0.0,
        reactions_per_day=network.national_posts_per_day * network.national_followers * network.reactions_per_follower,
        busiest_sent_per_second=max(national_night) * inboxes / 60,
        busiest_received_per_second=max(national_night)
        * network.national_followers
        * network.reactions_per_follower
        / 60,
        bytes_per_year=_bytes_per_year(
            network,
            costs,
            network.national_posts_per_day,
            0.0,
            network.national_posts_per_day * network.national_followers,
        ),
    )
    return national, sections


def _section(
    network: Network, costs: Costs, draw: random.Random, reach: Reach, followers: int,
    nights: Sequence[Sequence[int]], number: int, national_night: Sequence[int],
) -> Section:  # fmt: skip
    near = [(number + step) % network.sections for step in range(1, network.neighbours // 2 + 1)]
    near += [(number - step) % network.sections for step in range(1, network.neighbours - len(near) + 1)]
    inboxes = reach.of(followers) + network.neighbours
    reactions = followers * network.reactions_per_follower
    received = [
        sum(nights[one][minute] for one in near)
        + national_night[minute]
        + poisson(draw, nights[number][minute] * reactions)
        for minute in range(EVENING_MINUTES)
    ]
    posts_received = network.neighbours * network.posts_per_day + network.national_posts_per_day
    return Section(
        followers=followers,
        inboxes=inboxes,
        posts_received_per_day=posts_received,
        reactions_per_day=network.posts_per_day * reactions,
        busiest_sent_per_second=max(nights[number]) * inboxes / 60,
        busiest_received_per_second=max(received) / 60,
        bytes_per_year=_bytes_per_year(
            network, costs, network.posts_per_day, posts_received, network.posts_per_day * followers
        ),
    )


def _bytes_per_year(network: Network, costs: Costs, own: float, received: float, seen: float) -> float:
    """Count what rows of a year take; every member has a home row of everything. `seen`: posts times followers, a day."""
    post = costs.post_row_bytes + costs.activity_row_bytes + network.members * costs.home_row_bytes
    reaction = costs.reaction_row_bytes + costs.notification_row_bytes + costs.activity_row_bytes
    return 365 * ((own + received) * post + seen * network.reactions_per_follower * reaction)


def poisson(draw: random.Random, mean: float) -> int:
    """Draw how often something happens that happens `mean` times on average.   Source: Knuth, TAOCP 2, 3.4.1"""
    if mean > 50:
        return max(0, round(draw.gauss(mean, mean**0.5)))
    floor, product, count = exp(-mean), draw.random(), 0
    while product > floor:
        product *= draw.random()
        count += 1
    return count


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
