"""The simulation keeps its books: nothing is lost, more cores are never slower, the draws are what they say."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import simulate
from bench.simulation import network as networks
from bench.simulation.costs import Costs
from bench.simulation.fanout import GIVE_UP_AFTER, HANG_SECONDS, FanOut, Machine, fan_out
from bench.simulation.limits import limits
from bench.simulation.network import Network, Reach, poisson, quantile
from bench.simulation.servers import Audience, Health, Server, distinct_servers, make_servers, spread
from bench.simulation.wave import Engagement, come_back, herd

SMALL = Audience(followers=20_000, servers=400, refusing=0.05, failing=0.05, hanging=0.05)
COSTS = Costs()
WORKERS = (1, 2, 4, 16)


def sent(machine: Machine, audience: Audience = SMALL) -> FanOut:
    return fan_out(make_servers(audience, seed=3), machine, COSTS, seed=3)


def good(inboxes: int = 1) -> Server:
    return Server(max(1, inboxes), inboxes, 0.05, 0.1, Health.GOOD, 0.0)


def bad(health: Health, heals_at: float) -> Server:
    return replace(good(), health=health, heals_at=heals_at)


# Followers and servers


@settings(max_examples=40)
@given(
    st.integers(1, 300).flatmap(
        lambda servers: st.tuples(st.integers(servers, 10**6), st.just(servers), st.floats(0.0, 2.5))
    )
)
def test_every_follower_is_on_a_server_and_no_server_is_empty(drawn: tuple[int, int, float]):
    total, servers, exponent = drawn

    sizes = spread(total, servers, exponent)

    assert sum(sizes) == total
    assert len(sizes) == servers
    assert min(sizes) >= 1
    assert sizes == sorted(sizes, reverse=True)


def test_more_servers_than_followers_are_refused():
    with pytest.raises(ValueError, match="cannot be on"):
        spread(3, 4, 1.0)


def test_the_same_seed_draws_the_same_servers():
    assert make_servers(SMALL, seed=1) == make_servers(SMALL, seed=1)
    assert make_servers(SMALL, seed=1) != make_servers(SMALL, seed=2)


def test_as_many_servers_are_broken_as_the_audience_says():
    servers = make_servers(Audience(followers=10**6, servers=10_000, hanging=0.1), seed=1)

    assert sum(server.health is Health.HANGS for server in servers) == pytest.approx(1000, rel=0.15)
    assert all(server.health is Health.GOOD and server.inboxes == 1 for server in servers[:100])


@settings(max_examples=40)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50), st.floats(0, 10_000), st.floats(0, 10_000))
def test_more_followers_are_on_more_servers_never_on_more_than_there_are(sizes: list[int], some: float, more: float):
    few, many = sorted((some, more))

    assert 0 <= distinct_servers(few, sizes) <= distinct_servers(many, sizes) + 1e-9
    assert distinct_servers(many, sizes) <= min(len(sizes), max(many, 1)) + 1e-6


# One post to everybody


@pytest.mark.parametrize("workers", WORKERS)
def test_every_delivery_is_made_or_given_up(workers: int):
    out = sent(Machine(workers, workers))

    assert out.delivered + out.given_up == sum(server.inboxes for server in make_servers(SMALL, seed=3))
    assert out.attempts >= out.delivered


def test_every_server_that_works_is_reached_once():
    out = sent(Machine(4, 4))

    assert len(out.healthy) == sum(server.health is Health.GOOD for server in make_servers(SMALL, seed=3))


def test_more_cores_are_never_slower():
    servers = make_servers(replace(SMALL, servers=2000), seed=3)
    outs = [fan_out(servers, Machine(count, count), COSTS, seed=3) for count in WORKERS]

    for share in (0.5, 0.9, 0.99, 1.0):
        times = [out.reached(share) for out in outs]
        assert times == sorted(times, reverse=True)


def test_workers_that_share_a_core_are_slower_than_workers_with_one_each():
    assert sent(Machine(1, 4)).reached(0.99) > sent(Machine(4, 4)).reached(0.99)


def test_lanes_are_never_more_than_the_workers_have():
    assert sent(Machine(2, 2, lanes=10, failing_lanes=3)).busiest_lanes <= 20


def test_a_share_is_reached_no_later_than_a_larger_one():
    out = sent(Machine(2, 2))

    assert out.planned_at < out.reached(0.5) <= out.reached(0.9) <= out.reached(1.0) == max(out.healthy)


def test_hosts_that_hang_hold_up_the_others_where_there_are_few_lanes():
    servers = [bad(Health.HANGS, float("inf"))] * 40 + [good()] * 40

    few, many = (fan_out(servers, Machine(1, 1, lanes, 4), COSTS, seed=1) for lanes in (4, 192))

    assert few.reached(1.0) > HANG_SECONDS
    assert many.reached(1.0) < HANG_SECONDS


def test_a_server_that_comes_back_gets_the_post_then():
    out = fan_out([bad(Health.REFUSES, 3600.0)], Machine(1, 1), COSTS, seed=1)

    assert out.given_up == 0
    assert out.healthy == []
    assert 3600 < out.healed[0] < 2 * 3600 + 600


def test_a_server_that_never_comes_back_is_given_up_after_a_few_tries():
    out = fan_out([bad(Health.FAILS, float("inf"))], Machine(1, 1), COSTS, seed=1)

    assert (out.delivered, out.given_up) == (0, 1)
    assert 10 < out.attempts < 30
    assert GIVE_UP_AFTER == 7 * 86400


def test_a_server_without_a_shared_inbox_takes_a_delivery_for_each_follower():
    out = fan_out([good(inboxes=100)], Machine(1, 1), COSTS, seed=1)

    assert out.delivered == 100
    assert len(out.healthy) == 1
    assert out.handshakes == 1


def test_sending_to_nobody_costs_nothing():
    out = fan_out([], Machine(1, 1), COSTS, seed=1)

    assert (out.reached(1.0), out.attempts, out.cpu_seconds) == (0.0, 0, 0.0)


# What comes back


@pytest.mark.parametrize("cores", [1, 4])
def test_everything_that_comes_back_is_performed(cores: int):
    engagement = Engagement(busiest_after_seconds=300)

    wave = come_back(5_000_000, engagement, cores, cores, 1, COSTS)

    assert wave.arrived == pytest.approx(sum(engagement.counts(5_000_000).values()), rel=0.001)
    assert wave.performed == pytest.approx(wave.arrived, abs=1)


def test_more_cores_have_less_of_a_backlog():
    hurried = Engagement(busiest_after_seconds=270)

    depths = [come_back(10_000_000, hurried, count, count, 1, COSTS).deepest_journal for count in (1, 2, 4)]

    assert depths == sorted(depths, reverse=True)
    assert depths[0] > depths[-1]


@settings(max_examples=40)
@given(st.lists(st.floats(0, 600), max_size=200), st.floats(0.001, 120))
def test_each_server_fetches_once_and_no_answer_is_built_more_often_than_fetched(arrivals: list[float], within: float):
    found = herd(arrivals, within, COSTS, seed=1)

    assert found.fetches == len(arrivals)
    assert found.built_anew <= found.fetches
    assert found.busiest_second <= found.fetches
    assert found.busiest_cpu <= found.cpu_seconds + 1e-9


def test_a_herd_at_one_moment_is_given_one_answer():
    assert herd([10.0] * 1000, 0.0, COSTS, seed=1).built_anew == 1


# Sections


def test_each_section_has_what_it_is_said_to_have():
    network = Network(sections=40, servers=500)

    national, sections = networks.simulate(network, COSTS, seed=1)

    assert len(sections) == 40
    assert all(section.inboxes <= section.followers + network.neighbours + 1e-6 for section in sections)
    assert national.inboxes > max(section.inboxes for section in sections)
    assert all(section.bytes_per_year > 0 for section in sections)


def test_a_busier_evening_costs_more():
    calm, busy = (
        networks.simulate(Network(sections=40, servers=500, evening=evening), COSTS, 1) for evening in (1, 600)
    )

    assert sum(one.busiest_sent_per_second for one in busy[1]) > sum(one.busiest_sent_per_second for one in calm[1])


def test_the_reach_of_more_followers_is_no_smaller():
    reach = Reach(500, 1.1)

    found = [reach.of(followers) for followers in (0, 1, 5, 50, 500, 5000, 10**6, 10**8)]

    assert found == sorted(found)
    assert found[-1] <= 500


@settings(max_examples=20)
@given(st.floats(0.01, 200), st.integers(0, 10**6))
def test_draws_have_the_mean_they_are_asked_for(mean: float, seed: int):
    draw = random.Random(seed)
    drawn = [poisson(draw, mean) for _ in range(500)]

    assert sum(drawn) / 500 == pytest.approx(mean, abs=6 * (mean / 500) ** 0.5 + 0.05)


def test_a_quantile_of_one_is_the_largest():
    assert (quantile([3, 1, 2], 0.0), quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 1.0)) == (1, 2, 3)


# The page


def test_a_cost_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="accept_us"):
        Costs(accept_us=0)


def test_every_cost_says_where_it_is_from():
    assert all(unit and where for _, _, unit, where in COSTS.rows())


def test_the_page_in_the_repository_was_made_from_these_costs():
    text = simulate.PAGE.read_text()

    stale = [name for name, value, unit, _ in COSTS.rows() if f"| `{name}` | {value} | {unit} |" not in text]
    assert stale == [], "run make simulate"


def test_cheaper_signatures_move_the_limit_of_sending():
    def sending(costs: Costs) -> float:
        return next(limit.number for limit in limits(costs) if limit.choice == "one process sends")

    assert sending(replace(COSTS, delivery_us=COSTS.delivery_us / 2)) == pytest.approx(2 * sending(COSTS))


def test_the_page_is_written_and_the_same_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    size = ["--followers", "5000", "--servers", "100", "--sections", "20"]

    assert simulate.main([*size, "--out", str(tmp_path / "first.md")]) == 0
    assert simulate.main([*size, "--out", str(tmp_path / "second.md")]) == 0

    text = (tmp_path / "first.md").read_text()
    assert text == (tmp_path / "second.md").read_text()
    assert "## One post to 5,000 followers on 100 servers" in text
    assert "## Where each choice stops scaling" in text
    assert text in capsys.readouterr().out


def test_more_servers_than_followers_are_refused_on_the_command_line():
    with pytest.raises(SystemExit):
        simulate.arguments(["--followers", "10", "--servers", "11"])
