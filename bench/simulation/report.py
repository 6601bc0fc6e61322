"""The page of the simulation: what was assumed, what came out, and where the design stops scaling."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench import table
from bench.simulation import network as networks
from bench.simulation.costs import MICRO, Costs
from bench.simulation.fanout import FanOut, Machine, fan_out, sent_bytes
from bench.simulation.limits import limits
from bench.simulation.network import Network, Section, quantile
from bench.simulation.servers import Audience, Health, Server, make_servers
from bench.simulation.wave import Engagement, come_back, herd, perform_seconds

MACHINES = (Machine(1, 1), Machine(2, 1), Machine(2, 2), Machine(4, 4), Machine(16, 8), Machine(16, 16))
GIB = 1024**3
MIB = 1024**2
WIDTH = 119
_END = "\0"
FAN_OUT_HEADERS = ("cores, workers", "50 %", "90 %", "99 %", "100 %", "servers/s", "CPU s", "lanes at most")
WAVE_HEADERS = (
    *("cores, workers, webs", "at most a second", "deepest journal", "MiB", "longest wait, s"),
    *("backlog gone, min", "CPU s"),
)
HERD_HEADERS = (
    *("cores, workers", "within", "fetches", "in the busiest second", "built anew", "CPU s"),
    *("cores in the busiest second", "MiB"),
)
NETWORK_HEADERS = ("", "inboxes a post", "received a day", "deliveries/s", "received/s", "cores", "GiB a year")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is assumed, and the seed of every draw."""

    audience: Audience = field(default_factory=Audience)
    engagement: Engagement = field(default_factory=Engagement)
    network: Network = field(default_factory=Network)
    costs: Costs = field(default_factory=Costs)
    machines: Sequence[Machine] = MACHINES
    seed: int = 2026


def page(plan: Plan) -> str:
    """Simulate everything and write it up, as Markdown."""
    servers = make_servers(plan.audience, plan.seed)
    outs = {machine: fan_out(servers, machine, plan.costs, plan.seed) for machine in plan.machines}
    parts = (
        _introduction(),
        _fan_out(plan, servers, outs),
        _what_ifs(plan, servers),
        _wave(plan),
        _herd(plan, outs),
        _network(plan),
        _limits(plan),
        _costs(plan),
    )
    return "\n\n".join("\n".join(_reflowed(part)) for part in parts) + "\n"


def _reflowed(lines: Iterable[str]) -> Iterator[str]:
    """Fill the lines of paragraphs and of list items; tables and headings stay as they are."""
    gathered: list[str] = []
    for line in (*lines, _END):
        continues = line.startswith("  ") or not line.startswith(("|", "#", "-"))
        if gathered and (line in ("", _END) or not continues):
            yield textwrap.fill(
                " ".join(gathered), WIDTH, subsequent_indent="  " if gathered[0].startswith("-") else ""
            )
            gathered = []
        if not line or line.startswith(("|", "#")):
            yield line
        elif line != _END:
            gathered.append(line.strip())


def _introduction() -> Iterator[str]:
    yield "# Simulation"
    yield ""
    yield "Made by `make simulate`: do not edit. **Nothing here was measured as a whole.** Single"
    yield "operations were, on one"
    yield "machine ([what each costs](#what-the-simulation-starts-from), [how they were measured](performance.md)); a"
    yield "simulation with a fixed seed puts them together. It says what is possible and what gives"
    yield "first, not what will happen."


def _fan_out(plan: Plan, servers: Sequence[Server], outs: Mapping[Machine, FanOut]) -> Iterator[str]:
    audience = plan.audience
    inboxes, median = sum(server.inboxes for server in servers), servers[len(servers) // 2].followers
    yield f"## One post to {audience.followers:,} followers on {audience.servers:,} servers"
    yield ""
    yield f"The largest server has {servers[0].followers:,} of them, half of the servers {median:,} or fewer."
    yield f"{audience.without_shared_inbox:.0%} of the smaller half have no shared inbox: {inboxes:,}"
    yield "deliveries reach all."
    yield f"{audience.refusing:.0%} of the servers refuse connections, {audience.failing:.0%} answer with errors and"
    yield f"{audience.hanging:.0%} hang for 30 seconds; {audience.never_heals:.0%} of these never come back, the others"
    yield f"after {audience.heals_after_hours:g} hours on average. A round trip takes"
    yield f"{audience.round_trip_ms:g} ms and an"
    yield f"answer {audience.thinking_ms:g} ms in the median; every first delivery takes a TLS handshake."
    yield ""
    yield "When the servers that work have the post, in seconds after it was published:"
    yield ""
    rows = [
        [
            f"{machine.cores}, {machine.workers}",
            *(f"{out.reached(share):.1f}" for share in (0.5, 0.9, 0.99, 1.0)),
            f"{0.99 * len(out.healthy) / max(out.reached(0.99), 1e-9):,.0f}",
            f"{out.cpu_seconds:.0f}",
            f"{out.busiest_lanes:,}",
        ]
        for machine, out in outs.items()
    ]
    yield from table.markdown(FAN_OUT_HEADERS, rows)
    yield ""
    yield from _around_the_fan_out(plan.costs, inboxes, list(outs.values()))


def _around_the_fan_out(costs: Costs, inboxes: int, outs: Sequence[FanOut]) -> Iterator[str]:
    first, last = outs[0], outs[-1]
    sent, lanes = sent_bytes(first, costs), [out.busiest_lanes * costs.lane_kib / 1024 for out in (first, last)]
    rows_mib, vain = inboxes * costs.delivery_row_bytes / MIB, first.attempts - first.delivered
    back, megabits = max(first.healed, default=0) / 3600, 8 * sent / 1e6 / max(last.reached(0.99), 1e-9)
    yield f"- Planning: {inboxes:,} rows in one statement, {first.planned_at:.1f} s, {rows_mib:.0f} MiB"
    yield "  until they are settled."
    yield f"- Bandwidth: {sent / MIB:.0f} MiB in all, with {first.handshakes:,} handshakes: {megabits:.0f}"
    yield "  Mbit/s on the largest"
    yield "  machine until 99 % have it."
    yield f"- Retries: {vain:,} attempts in vain in seven days. {len(first.healed):,} servers had the post"
    yield "  after they came back,"
    yield f"  the last after {back:.0f} hours; {first.given_up:,} deliveries were given up."
    yield f"- Lanes: {lanes[0]:.0f} MiB with one worker, {lanes[1]:.0f} MiB with the most."
    yield "- That a server hangs is known only after 30 seconds, and it holds a lane until then."


def _what_ifs(plan: Plan, servers: Sequence[Server]) -> Iterator[str]:
    costs, four, seed = plan.costs, Machine(4, 4), plan.seed
    ed25519 = replace(costs, delivery_us=costs.delivery_us - costs.rsa_sign_us + costs.ed25519_sign_us)
    outs = {
        "as it is": fan_out(servers, four, costs, seed),
        "every server works": fan_out([replace(one, health=Health.GOOD) for one in servers], four, costs, seed),
        "768 lanes in each worker": fan_out(servers, Machine(4, 4, lanes=768), costs, seed),
        "4 lanes in each worker": fan_out(servers, Machine(4, 4, lanes=4, failing_lanes=4), costs, seed),
        "Ed25519 in place of RSA": fan_out(servers, four, ed25519, seed),
        "one core for the four workers": fan_out(servers, Machine(1, 4), costs, seed),
    }
    rows = [
        [name, *(f"{out.reached(share):,.1f}" for share in (0.5, 0.99, 1.0)), f"{out.cpu_seconds:,.0f}"]
        for name, out in outs.items()
    ]
    alone = sum(server.followers for server in servers) * costs.delivery_us * MICRO
    reckoned = [f"{alone / four.cores * share:,.0f}" for share in (0.5, 0.99, 1.0)]
    rows.append(["no server has a shared inbox (reckoned)", *reckoned, f"{alone:,.0f}"])
    yield "What the choices are worth, on 4 cores with 4 workers:"
    yield ""
    yield from table.markdown(("", "50 %, s", "99 %, s", "100 %, s", "CPU s"), rows)


def _wave(plan: Plan) -> Iterator[str]:
    engagement, costs = plan.engagement, plan.costs
    counts = engagement.counts(plan.audience.followers)
    performing = 1000 * perform_seconds(engagement, costs)
    yield "## What comes back"
    yield ""
    yield f"{', '.join(f'{count:,.0f} {kind}' for kind, count in counts.items())}: most of them"
    yield f"{engagement.busiest_after_seconds / 60:.0f} minutes after the post, {engagement.unknown:.0%}"
    yield "from actors never met."
    yield f"One costs {performing:.1f} ms of a worker on average, and {costs.accept_us / 1000:g} ms at the door."
    yield "The second table is the same within a tenth of the time, as after a call on television."
    for share in (1.0, 0.1):
        hurried = replace(engagement, busiest_after_seconds=engagement.busiest_after_seconds * share)
        yield ""
        yield from table.markdown(WAVE_HEADERS, [_wave_row(plan, machine, hurried) for machine in plan.machines])


def _wave_row(plan: Plan, machine: Machine, engagement: Engagement) -> list[str]:
    webs = max(1, machine.workers // 2)
    wave = come_back(plan.audience.followers, engagement, machine.cores, machine.workers, webs, plan.costs)
    return [
        f"{machine.cores}, {machine.workers}, {webs}",
        f"{wave.peak_per_second:.0f}",
        f"{wave.deepest_journal:,.0f}",
        f"{wave.journal_bytes / MIB:,.0f}",
        f"{wave.longest_wait:,.0f}",
        f"{wave.quiet_at / 60:,.0f}",
        f"{wave.cpu_seconds:,.0f}",
    ]


def _herd(plan: Plan, outs: Mapping[Machine, FanOut]) -> Iterator[str]:
    yield "## Everybody fetches the page"
    yield ""
    yield "Each server that has the post fetches its page once, for a preview, at any moment within the"
    yield "time given. Meanwhile"
    yield "the fan-out writes, and each commit drops the kept answers: the page is built anew for each"
    yield "pause in which somebody"
    yield "asks. More than one core in the busiest second means that one web process falls behind for a moment."
    yield "It comes on top of the fan-out: on one core the two slow each other down."
    yield ""
    rows = []
    for machine, out in outs.items():
        for spread_seconds in (1.0, 60.0):
            found = herd(out.healthy, spread_seconds, plan.costs, plan.seed)
            rows.append(
                [
                    f"{machine.cores}, {machine.workers}",
                    f"{spread_seconds:g} s",
                    f"{found.fetches:,}",
                    f"{found.busiest_second:,}",
                    f"{found.built_anew:,}",
                    f"{found.cpu_seconds:.0f}",
                    f"{found.busiest_cpu:.2f}",
                    f"{found.sent_bytes / MIB:.0f}",
                ]
            )
    yield from table.markdown(HERD_HEADERS, rows)


def _network(plan: Plan) -> Iterator[str]:
    network, costs = plan.network, plan.costs
    national, sections = networks.simulate(network, costs, plan.seed)
    yield f"## A network of {network.sections:,} sections"
    yield ""
    yield f"Each section follows the national office and {network.neighbours} neighbours, has"
    yield f"{network.members} members and"
    yield f"about {network.followers} followers elsewhere, and publishes {network.posts_per_day:g} posts a"
    yield "day. The national office"
    yield f"has {network.national_followers:,} followers and publishes {network.national_posts_per_day:g}."
    yield "In the busiest hour of"
    yield f"election night everybody publishes {network.evening:g} times as much as usual;"
    yield f"{network.reactions_per_follower:.0%} of"
    yield "the followers react to each post. Deliveries, received and cores are those of the busiest minute."
    yield "At worst: all reactions come in the minute of their post."
    yield ""
    names = {"half of the sections, at most": 0.5, "99 % of the sections, at most": 0.99, "the busiest section": 1.0}
    cells = [_network_figures(section, costs) for section in sections]
    rows = [
        [name, *_network_cells([quantile(column, share) for column in zip(*cells, strict=True)])]
        for name, share in names.items()
    ]
    rows.append(["the national office", *_network_cells(_network_figures(national, costs))])
    yield from table.markdown(NETWORK_HEADERS, rows)
    yield ""
    sent = sum(section.busiest_sent_per_second for section in sections)
    yield f"All sections together make {sent:,.0f} deliveries a second at most, each on its own machine."
    yield "What a year takes are rows with their indexes; pictures come on top."


def _network_figures(section: Section, costs: Costs) -> list[float]:
    return [
        section.inboxes,
        section.posts_received_per_day + section.reactions_per_day,
        section.busiest_sent_per_second,
        section.busiest_received_per_second,
        section.busiest_cpu(costs),
        section.bytes_per_year / GIB,
    ]


def _network_cells(figures: Sequence[float]) -> list[str]:
    formats = (",.0f", ",.0f", ",.1f", ",.1f", ".2f", ".2f")
    return [format(figure, how) for figure, how in zip(figures, formats, strict=True)]


def _limits(plan: Plan) -> Iterator[str]:
    yield "## Where each choice stops scaling"
    yield ""
    rows = [
        [limit.choice, f"{_rounded(limit.number):,.0f} {limit.unit}", limit.why, limit.next]
        for limit in limits(plan.costs)
    ]
    yield from table.markdown(("Choice", "Breaks at", "Because", "Next"), rows)


def _rounded(number: float) -> float:
    """Keep two digits: more would pretend to know."""
    return float(f"{number:.2g}")


def _costs(plan: Plan) -> Iterator[str]:
    yield "## What the simulation starts from"
    yield ""
    yield "These lines are `bench/simulation/costs.py`; what says *estimated* was not measured."
    yield ""
    rows = [[f"`{name}`", *rest] for name, *rest in plan.costs.rows()]
    yield from table.markdown(("Operation", "Cost", "Unit", "Where from"), rows)
