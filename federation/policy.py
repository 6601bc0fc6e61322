"""The rules that need nothing but rows: which domains may speak here, whose names an activity may use, what is wanted."""

from collections.abc import Iterable

from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, RejectedByPolicy
from federation.jsonld import uri_of
from federation.passing import is_for_members_here
from federation.uris import host_of, same_origin
from models.actor import Actor
from models.host import DomainRule, Severity


def domains_above(host: str) -> list[str]:
    """Give a host without its port and every domain above it: 'a.b.c' gives ['a.b.c', 'b.c', 'c']."""
    labels = host.rpartition(":")[0].split(".") if ":" in host and not host.endswith("]") else host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


async def blocked_hosts(hosts: Iterable[str]) -> set[str]:
    """Tell which of these hosts a rule suspends, itself or by a domain above it."""
    above = {host: domains_above(host) for host in hosts}
    every = {domain for domains in above.values() for domain in domains}
    if not every:
        return set()
    rules = DomainRule.filter(domain__in=list(every), severity=Severity.SUSPEND)
    suspended = set(await rules.values_list("domain", flat=True))
    return {host for host, domains in above.items() if suspended.intersection(domains)}


async def check_host(host: str) -> None:
    """Refuse a host that a rule suspends.

    Raises:
        RejectedByPolicy: it is suspended.
    """
    if await blocked_hosts([host]):
        raise RejectedByPolicy(f"{host.partition(':')[0]} is blocked here")


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
    members of a group by that group's own server, or it answers or shows a post that is here.
    """
    if actor.is_local or actor.id in ctx.known.followed_ids or activity.uri in ctx.known.passed_on:
        return True
    if is_for_members_here(activity, actor, ctx):
        return True
    invited = uri_of(activity.document.get("target")) if activity.type == "Invite" else None
    named = (*activity.addresses, invited or "")
    if any(found.is_local for uri in named if (found := ctx.known.actors.get(uri))):
        return True
    related = (activity.object_uri, uri_of((activity.object or {}).get("inReplyTo")))
    return any(uri in ctx.known.posts for uri in related if uri)
