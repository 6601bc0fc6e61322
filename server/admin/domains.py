"""Rules for domains: set, take back, and what they do to the actors already met."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tortoise.transactions import in_transaction

from federation import sending_away
from federation.context import Context
from federation.errors import MalformedActivity
from federation.facts import OutOfSight
from federation.handlers import follow
from federation.policy import HostPolicy, domains_above, nearest
from federation.uris import host_of, parse_uri
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.follow import Follow
from models.host import EVERY_DOMAIN, DomainRule, Severity
from models.post import Post
from server.errors import Invalid, NotFound

KEPT_FOR = timedelta(days=30)
ACTORS_AT_ONCE = 500
POSTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """What an administrator says of a domain."""

    severity: Severity = Severity.SUSPEND
    rejects_media: bool = False
    rejects_reports: bool = False
    is_obfuscated: bool = False
    is_unlisted: bool = False
    comment: str = ""
    public_comment: str = ""


def checked_domain(text: str) -> str:
    """Read a domain as hosts are compared: lower case, ASCII, no port; an address of the web counts as its domain.

    Raises:
        Invalid: it is no domain.
    """
    is_address = "://" in text
    try:
        uri = parse_uri(text if is_address else f"https://{text.strip().strip('.')}")
    except MalformedActivity as error:
        raise Invalid(f"{text!r} is not a domain.") from error
    if not is_address and uri.url != f"{uri.origin}/":
        raise Invalid(f"{text!r} is not a domain.")
    return f"[{uri.host}]" if ":" in uri.host else uri.host


async def set_rule(domain: str, rule: Rule, ctx: Context) -> None:
    """Set the rule for a domain and all below it, and have it at once: whoever is blocked is shown nowhere from now on.

    Raises:
        Invalid: it is this server's own domain.
    """
    if domain in (*domains_above(ctx.names.host), *domains_above(ctx.names.handle_host)):
        raise Invalid(f"{domain} is this server.")
    said = {name: getattr(rule, name) for name in Rule.__slots__}
    async with in_transaction():
        await DomainRule.update_or_create(said, domain=domain)
        hidden = await _apply(domain, ctx)
    await _tell(hidden, ctx)


async def remove_rule(domain: str, ctx: Context) -> None:
    """Take a rule back: what was hidden by it is shown again, follows that it ended stay ended.

    Raises:
        NotFound: there is none.
    """
    async with in_transaction():
        if not await DomainRule.filter(domain=domain).delete():
            raise NotFound(f"There is no rule for {domain}.")
        hidden = await _apply(domain, ctx)
    await _tell(hidden, ctx)


async def allow_only_listed(ctx: Context, *, is_wanted: bool) -> None:
    """Let only domains speak that have a rule of their own which lets them, or all others again."""
    async with in_transaction():
        if is_wanted:
            await DomainRule.update_or_create({"severity": Severity.SUSPEND, "is_unlisted": True}, domain=EVERY_DOMAIN)
        else:
            await DomainRule.filter(domain=EVERY_DOMAIN).delete()
        hidden = await _apply(EVERY_DOMAIN, ctx)
    await _tell(hidden, ctx)


async def rules() -> list[DomainRule]:
    """Give every rule for a domain, in alphabetical order."""
    return await DomainRule.exclude(domain=EVERY_DOMAIN).order_by("domain")


async def is_only_listed() -> bool:
    """Whether only domains with a rule of their own may speak."""
    return await DomainRule.exists(domain=EVERY_DOMAIN, severity=Severity.SUSPEND)


async def follows_at_stake(domain: str) -> tuple[int, int]:
    """Count the follows that blocking a domain would end: (of ours there, of theirs here)."""
    ids = [actor.id for actor in await _actors_of(domain)]
    out_count = in_count = 0
    for some in _slices(ids):
        out_count += await Follow.filter(followed_id__in=some, follower__is_local=True).count()
        in_count += await Follow.filter(follower_id__in=some, followed__is_local=True).count()
    return out_count, in_count


async def _actors_of(domain: str) -> list[Actor]:
    """Load the remote actors of a domain and all below it, with no more than their names."""
    found = Actor.filter(is_local=False)
    if domain != EVERY_DOMAIN:
        found = found.filter(uri__contains=domain)
    rows = await found.only("id", "uri", "blocked_at", "is_silenced", "is_media_rejected")
    return [actor for actor in rows if domain == EVERY_DOMAIN or domain in domains_above(host_of(actor.uri))]


async def _tell(hidden: list[int], ctx: Context) -> None:
    """Tell whoever has a stream open that what these actors wrote is not shown any more."""
    for some in _slices(hidden):
        await ctx.publish((OutOfSight(tuple(some)),))


async def _apply(domain: str, ctx: Context) -> list[int]:
    """Make the actors of a domain what the rules now say of them.

    The follows of those who are blocked end, and they come to no event of ours any more: a worker gives their places away.

    Those who are blocked now and were not before are named.
    """
    hidden: list[int] = []
    by_domain = {rule.domain: rule for rule in await DomainRule.all()}
    groups: dict[HostPolicy, list[Actor]] = {}
    for actor in await _actors_of(domain):
        said = nearest([*domains_above(host_of(actor.uri)), EVERY_DOMAIN], by_domain)
        groups.setdefault(said, []).append(actor)
    for said, actors in groups.items():
        flags = {"is_silenced": said.is_silenced, "is_media_rejected": said.rejects_media}
        for some in _slices([actor.id for actor in actors]):
            await Actor.filter(id__in=some).update(**flags)
        newly = [actor.id for actor in actors if said.is_suspended and actor.blocked_at is None]
        free = [actor.id for actor in actors if not said.is_suspended and actor.blocked_at is not None]
        hidden += newly
        for some in _slices(newly):
            await Actor.filter(id__in=some).update(blocked_at=ctx.now())
            await _end_follows(some, ctx)
            for uri in await sending_away.shut_out(some, ctx):
                await Errand.ask_anew(ErrandType.MOVE_UP, uri, ctx.now())
        for some in _slices(free):
            await Actor.filter(id__in=some).update(blocked_at=None)
    return hidden


async def _end_follows(actor_ids: list[int], ctx: Context) -> None:
    """End every follow to and from these actors. Nobody there is told: nothing is sent to a blocked domain."""
    for side in ("follower_id__in", "followed_id__in"):
        for row in await Follow.filter(**{side: actor_ids}).select_related("follower", "followed"):
            await ctx.react((await follow.end(row)).facts)


def _slices(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + ACTORS_AT_ONCE] for start in range(0, len(ids), ACTORS_AT_ONCE))


async def purge(ctx: Context) -> int:
    """Delete some of what actors wrote who have been blocked for a month; how many posts that was."""
    blocked = Post.filter(is_local=False, actor__blocked_at__lt=ctx.now() - KEPT_FOR)
    ids = await blocked.limit(POSTS_AT_ONCE).values_list("id", flat=True)
    return int(await Post.filter(id__in=[int(str(id_)) for id_ in ids]).delete()) if ids else 0
