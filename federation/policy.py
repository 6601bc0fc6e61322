"""The rules that need nothing but rows: which domains may speak here, whose names an activity may use, what is wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from federation import transfers
from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, RejectedByPolicy
from federation.jsonld import uri_of
from federation.passing import is_for_members_here
from federation.uris import host_of, same_origin
from models.actor import Actor
from models.host import EVERY_DOMAIN, DomainRule, Severity


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """What the nearest rule says of a host: its own domain's, else that of one above it, else the one for every domain."""

    severity: Severity = Severity.NONE
    rejects_media: bool = False
    rejects_reports: bool = False

    @property
    def is_suspended(self) -> bool:
        """Whether nothing passes, either way."""
        return self.severity is Severity.SUSPEND

    @property
    def is_silenced(self) -> bool:
        """Whether only those see it who follow somebody there."""
        return self.severity is Severity.SILENCE


OPEN_HOST = HostPolicy()


def domains_above(host: str) -> list[str]:
    """Give a host without its port and every domain above it: 'a.b.c' gives ['a.b.c', 'b.c', 'c']."""
    labels = host.rpartition(":")[0].split(".") if ":" in host and not host.endswith("]") else host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


async def policies(hosts: Iterable[str]) -> dict[str, HostPolicy]:
    """Tell what the rules say of these hosts, in one query."""
    above = {host: [*domains_above(host), EVERY_DOMAIN] for host in hosts}
    every = {domain for domains in above.values() for domain in domains}
    if not every:
        return {}
    found = await DomainRule.of(every)
    if not found:
        return dict.fromkeys(above, OPEN_HOST)
    rules = {rule.domain: rule for rule in found}
    return {host: nearest(domains, rules) for host, domains in above.items()}


def nearest(domains: Iterable[str], rules: Mapping[str, DomainRule]) -> HostPolicy:
    """Read the first of these domains that there is a rule for."""
    rule = next((rules[domain] for domain in domains if domain in rules), None)
    if rule is None:
        return OPEN_HOST
    return HostPolicy(rule.severity, rule.rejects_media, rule.rejects_reports)


async def blocked_hosts(hosts: Iterable[str]) -> set[str]:
    """Tell which of these hosts may not speak here: suspended, or not allowed where only allowed domains may."""
    return {host for host, said in (await policies(hosts)).items() if said.is_suspended}


async def check_host(host: str) -> None:
    """Refuse a host that a rule suspends.

    Raises:
        RejectedByPolicy: it is suspended.
    """
    if await blocked_hosts([host]):
        raise RejectedByPolicy(f"{host.partition(':')[0]} is blocked here")


async def check_reports(host: str) -> None:
    """Refuse the reports of a host whose reports a rule rejects.

    Raises:
        RejectedByPolicy: it does.
    """
    if (await policies([host]))[host].rejects_reports:
        raise RejectedByPolicy(f"reports from {host.partition(':')[0]} are not taken here")


def check_names(activity: Activity, acting_uri: str) -> None:
    """Refuse an activity in another's name, or named after another's server.

    Raises:
        NotAuthorised: the actor is not who signed, or the id is not of the actor's origin.
    """
    if activity.actor_uri != acting_uri:
        raise NotAuthorised(f"{acting_uri} may not act as {activity.actor_uri}")
    if not same_origin(activity.uri, activity.actor_uri):
        raise NotAuthorised(f"{activity.uri} is not an id that {host_of(activity.actor_uri)} may give")


def is_wanted(activity: Activity, actor: Actor, ctx: Context) -> bool:
    """Whether anybody here asked for a publication of `actor`.

    Somebody follows it, or a group that somebody follows passes it on, or it is addressed to somebody here or to the
    members of a group by that group's own server, or it answers or shows a post that is here. Of a Move it counts who
    follows the actor that moves, or to what it belongs, unless it moves between groups, one of which lives here.
    """
    if (three := transfers.named(activity)) is not None:
        return three.is_here(ctx)
    if activity.type == "Move" and (moving := ctx.known.actors.get(activity.object_uri or "")) is not None:
        return moving.is_local or moving.id in ctx.known.followed_ids | ctx.known.expected_ids
    if actor.is_local or actor.id in ctx.known.followed_ids or activity.uri in ctx.known.passed_on:
        return True
    if is_for_members_here(activity, actor, ctx):
        return True
    named = (*activity.addresses, *activity.target_uris)
    if any(found.is_local for uri in named if (found := ctx.known.actors.get(uri))):
        return True
    related = (activity.object_uri, uri_of((activity.object or {}).get("inReplyTo")))
    return any(uri in ctx.known.posts for uri in related if uri)
