"""Where each choice of the design stops scaling: the number at which it breaks, and what would come next."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import e

from bench.simulation.costs import MICRO, Costs
from bench.simulation.fanout import HOSTS_AT_ONCE
from bench.simulation.wave import Engagement, perform_seconds

ROWS_OF_AN_ACTIVITY = 4
PLANNING_SECONDS = 5.0
KEYS_MIB = 256.0
LANES_MIB = 1024.0
DIGEST_SECONDS = 1.0
GROUP = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """One choice. `number` is where it breaks, in `unit`."""

    choice: str
    number: float
    unit: str
    why: str
    next: str


def limits(costs: Costs) -> Iterator[Limit]:
    """Compute the limits from what operations cost."""
    yield from _storing(costs)
    yield from _sending(costs)
    yield from _remembering(costs)


def _storing(costs: Costs) -> Iterator[Limit]:
    row = ROWS_OF_AN_ACTIVITY * costs.plan_row_us + costs.commit_us / GROUP
    yield Limit(
        "SQLite: one writer",
        1 / (row * MICRO),
        "activities/s performed, by all workers together",
        f"{ROWS_OF_AN_ACTIVITY} rows each at {costs.plan_row_us:g} µs, one commit for {GROUP}; a second writer only waits",
        "PostgreSQL, which the same code runs on",
    )
    yield Limit(
        "one web process accepts",
        1 / (costs.accept_us * MICRO),
        "activities/s accepted",
        f"{costs.accept_us:g} µs of CPU each, on one core",
        f"COOPOLE_WEB_PROCESSES; then less work at the door, since verifying is only {costs.verify_us:g} µs of it",
    )
    yield Limit(
        "the journal in one database",
        1 / ((costs.plan_row_us + costs.delivery_rows_us) * MICRO),
        "activities/s through the journal",
        "each is inserted, leased and deleted by the one primary",
        "a journal for each half of the actors: order matters only within one actor",
    )
    yield Limit(
        "a home row for each reader, when a post comes",
        1 / (costs.home_row_us * MICRO),
        "home rows/s: posts/s times the members here who follow their author",
        f"{costs.home_row_us:g} µs a row; a section of 1,000 members holds this at 100 posts a second",
        "no rows for authors whom most members follow: their posts are joined when the timeline is read",
    )


def _sending(costs: Costs) -> Iterator[Limit]:
    yield Limit(
        "a row for each inbox and post",
        PLANNING_SECONDS / (costs.plan_row_us * MICRO),
        "inboxes of one actor",
        f"planning takes {PLANNING_SECONDS:g} s of the one writer a post, and {costs.delivery_row_bytes:g} bytes a row",
        "plan in slices of some thousand inboxes, largest hosts first; then one row a host, with a cursor over its inboxes",
    )
    core = 1 / (costs.delivery_us * MICRO)
    yield Limit(
        "one process sends",
        core,
        "deliveries/s of a worker",
        f"{costs.delivery_us:g} µs of CPU each, new connections {costs.tls_handshake_us:g} µs more",
        "a worker for each core: hosts are divided among them, nothing is shared but the database",
    )
    saved = costs.rsa_sign_us - costs.ed25519_sign_us
    quicker = 1 / ((costs.delivery_us - saved) * MICRO)
    yield Limit(
        "an RSA signature for each delivery",
        1 / (costs.rsa_sign_us * MICRO),
        "signatures/s of a core",
        f"{costs.rsa_sign_us / costs.delivery_us:.0%} of a delivery; the host's name is signed, so none is used twice",
        f"Ed25519 (RFC 9421) with hosts that take it: {saved:.0f} µs less, {quicker:,.0f} deliveries/s",
    )
    yield Limit(
        f"{HOSTS_AT_ONCE} lanes in a worker",
        LANES_MIB * 1024 / costs.lane_kib,
        f"lanes in {LANES_MIB:,.0f} MiB",
        f"{costs.lane_kib:g} KiB each; {HOSTS_AT_ONCE} carry {HOSTS_AT_ONCE / 0.3:,.0f} hosts/s that answer in 0.3 s, and "
        f"{HOSTS_AT_ONCE / 30:.0f} a second that hang for 30",
        "more lanes cost memory only; or less patience with a host that never answered before",
    )


def _remembering(costs: Costs) -> Iterator[Limit]:
    ten_million = 10_000_000 * costs.digest_follower_us * MICRO
    yield Limit(
        "digests of followers (FEP-8fcf), computed for each host",
        DIGEST_SECONDS / (costs.digest_follower_us * MICRO),
        "followers on the hosts of one post",
        f"{costs.digest_follower_us:g} µs a follower: a post to ten million costs {ten_million:.0f} s",
        "a digest kept for each host: XOR takes a follower in and out without the others",
    )
    yield Limit(
        "parsed keys in memory",
        KEYS_MIB * 1024 / costs.key_kib,
        f"actors in {KEYS_MIB:g} MiB, in each process",
        f"{costs.key_kib:g} KiB each; only those who write often need it",
        "a bound on what is kept: a key that is not there is read from the row of its actor",
    )
    engagement = Engagement()
    share, minutes = sum(engagement.counts(1).values()), engagement.busiest_after_seconds / 60
    capacity = 1 / (costs.accept_us * MICRO + perform_seconds(engagement, costs))
    yield Limit(
        "one core performs what comes back",
        capacity * engagement.busiest_after_seconds * e / share,
        "followers, of whom so many react to one post that a backlog begins",
        f"{share:.1%} of them react, most after {minutes:.0f} minutes; a core performs {capacity:.0f}/s",
        "the journal holds the backlog and nothing is lost; each core more moves the limit",
    )
    yield Limit(
        "answers kept until something is written",
        1 / (costs.build_page_us * MICRO),
        "pages/s of different addresses, while others write all the time",
        f"{costs.build_page_us:g} µs to build one anew, {costs.kept_page_us:g} µs to give a kept one",
        "keep answers by what they show, not by the state of the whole database; an HTTP cache in front for pages",
    )
