"""The rules that need nothing but rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import policy
from federation.activities import parse
from federation.context import Context
from federation.errors import NotAuthorised, RejectedByPolicy
from models.actor import Actor
from models.host import DomainRule
from tests import factories


@pytest.mark.parametrize(
    ("host", "domains"),
    [
        ("a.b.c", ["a.b.c", "b.c", "c"]),
        ("a.test:8443", ["a.test", "test"]),
        ("localhost", ["localhost"]),
        ("127.0.0.1:3000", ["127.0.0.1", "0.0.1", "0.1", "1"]),
        ("[2001:db8::1]", ["[2001:db8::1]"]),
        ("[2001:db8::1]:3000", ["[2001:db8::1]"]),
    ],
)
def test_a_host_is_below_each_of_its_domains(host: str, domains: list[str]) -> None:
    assert policy.domains_above(host) == domains


@given(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,4}(:[0-9]{2,4})?", fullmatch=True))
def test_each_domain_above_is_an_end_of_the_host(host: str) -> None:
    bare = host.partition(":")[0]
    above = policy.domains_above(host)
    assert above[0] == bare
    assert all(bare == domain or bare.endswith(f".{domain}") for domain in above)


@pytest.mark.parametrize("host", ["blocked.test", "www.blocked.test", "a.b.blocked.test", "blocked.test:8443"])
async def test_a_rule_blocks_a_domain_and_everything_below(db: str, blocked_origin: str, host: str) -> None:
    with pytest.raises(RejectedByPolicy, match="blocked"):
        await policy.check_host(host)


@pytest.mark.parametrize("host", ["test", "unblocked.test", "blocked.test.example", "blocked", "far.test"])
async def test_and_nothing_beside_or_above(db: str, blocked_origin: str, host: str) -> None:
    await policy.check_host(host)


async def test_blocked_hosts_are_told_apart(db: str, blocked_origin: str) -> None:
    await DomainRule.create(domain="bad.example")
    hosts = ["far.test", "x.blocked.test", "bad.example", "good.example"]
    assert await policy.blocked_hosts(hosts) == {"x.blocked.test", "bad.example"}
    assert await policy.blocked_hosts([]) == set()


def test_an_actor_acts_for_itself() -> None:
    activity = parse(factories.activity("Like", "https://far.test/users/noor", "https://lille.test/posts/1"))
    policy.check_names(activity, "https://far.test/users/noor")


@pytest.mark.parametrize("acting", ["https://far.test/users/eve", "https://elsewhere.test/users/noor", ""])
def test_nobody_acts_for_another(acting: str) -> None:
    activity = parse(factories.activity("Like", "https://far.test/users/noor", "https://lille.test/posts/1"))
    with pytest.raises(NotAuthorised, match="may not act as"):
        policy.check_names(activity, acting)


@pytest.mark.parametrize(
    "uri", ["https://elsewhere.test/1", "http://far.test/1", "https://far.test:8443/1", "https://sub.far.test/1"]
)
def test_an_activity_is_named_by_its_actors_server(uri: str) -> None:
    actor = "https://far.test/users/noor"
    with pytest.raises(NotAuthorised, match="not an id"):
        policy.check_names(parse(factories.activity("Like", actor, actor) | {"id": uri}), actor)


async def test_an_actor_of_ours_is_always_wanted(ctx: Context, member: Actor) -> None:
    assert policy.is_wanted(parse(factories.create(member.uri)), member, ctx.for_batch())


async def test_followers_of_a_member_are_not_somebody_here(ctx: Context, member: Actor, stranger: Actor) -> None:
    activity = parse(factories.create(stranger.uri, to=[str(member.followers_uri)]))
    ctx = ctx.for_batch()
    await ctx.known.load([member.uri, stranger.uri, *activity.addresses])
    assert not policy.is_wanted(activity, stranger, ctx)
