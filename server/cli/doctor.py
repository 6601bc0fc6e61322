"""`coopole doctor`: is this server fit to talk to others, and where not, how to mend it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote, urlsplit

import typer
from arq.connections import create_pool
from redis.exceptions import RedisError
from rich.markup import escape
from rich.table import Table
from tortoise.exceptions import BaseORMException
from tortoise.transactions import in_transaction

from federation import webfinger
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import FederationError
from models import database
from models.actor import Actor
from models.delivery import Delivery
from models.host import Host
from models.inbox import InboxMessage
from models.section import Section
from models.setting import Setting
from server.cli.console import broker_url, out, with_context
from server.config import Settings
from server.mail.sending import MailFailed, mailer_of
from server.queue import QUEUE_NAME, redis_settings

MOST_CLOCK_SECONDS = 30
LEAST_FREE_BYTES = 500 * 1024 * 1024
JSON = "application/json"


class Verdict(StrEnum):
    """What a check found."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` says how to mend it where it is not good."""

    subject: str
    verdict: Verdict
    what: str
    advice: str = ""


COLOURS = {Verdict.GOOD: "green", Verdict.DOUBTFUL: "yellow", Verdict.BAD: "red"}


def doctor(
    handle: Annotated[str | None, typer.Option(help="Somebody on another server, to try it with.")] = None,
) -> None:
    """Check domain, TLS, clock, database, broker, and federation both ways; say how to mend what is wrong."""

    async def work(ctx: Context, settings: Settings) -> list[Finding]:
        return [finding async for finding in examine(ctx, settings, handle)]

    findings = with_context(work)
    table = Table("", "Checked", "Found", "What to do", show_lines=False)
    for finding in findings:
        mark = f"[{COLOURS[finding.verdict]}]{finding.verdict.value}[/]"
        table.add_row(mark, finding.subject, escape(finding.what), escape(finding.advice))
    out.print(table)
    raise typer.Exit(1 if any(finding.verdict is Verdict.BAD for finding in findings) else 0)


async def examine(ctx: Context, settings: Settings, handle: str | None = None) -> AsyncIterator[Finding]:
    """Look at everything, one finding after the other."""
    checks: list[Callable[[], Awaitable[Finding]]] = [
        lambda: check_domain(settings),
        lambda: check_tls(settings),
        lambda: check_database(settings),
        lambda: check_disk(settings),
        lambda: check_broker(settings),
        lambda: check_backlog(ctx),
        lambda: check_mail(settings),
        lambda: check_incoming(ctx),
        *([lambda: check_handles(ctx)] if ctx.names.handle_domain else []),
        lambda: check_outgoing(ctx, handle),
        lambda: check_clock(ctx),
    ]
    for check in checks:
        yield await check()


async def check_domain(settings: Settings) -> Finding:
    """Look the domain up."""
    host = urlsplit(settings.origin).hostname or ""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        advice = f"Add an A or AAAA record for {host} that names this machine, at whoever sold you the domain."
        return Finding("domain", Verdict.BAD, f"{host} has no address", advice)
    addresses = sorted({str(item[4][0]) for item in found})
    if host in ("localhost", "127.0.0.1"):
        advice = "Nobody else can reach it. Run `coopole init --domain your.domain` before you invite people."
        return Finding("domain", Verdict.DOUBTFUL, f"{host} is this machine alone", advice)
    return Finding("domain", Verdict.GOOD, f"{host} is {', '.join(addresses)}")


async def check_tls(settings: Settings) -> Finding:
    """See whether the origin is https; that the certificate is good is shown by the visit from outside."""
    if settings.is_secure:
        return Finding("TLS", Verdict.GOOD, "the origin is https")
    advice = "Put Caddy or nginx in front (docs/deploy.md) and set COOPOLE_ORIGIN to the https:// address."
    return Finding("TLS", Verdict.DOUBTFUL, "the origin is plain http, which other servers refuse", advice)


async def check_database(settings: Settings) -> Finding:
    """Write and read a row, and see whether the tables are of this version."""
    kind = "PostgreSQL" if database.is_postgres() else "SQLite"
    try:
        pending = await database.pending_migrations()
        async with in_transaction():
            await Setting.write("doctor", "was here")
            await Setting.filter(name="doctor").delete()
    except BaseORMException as error:
        advice = "Is the disk full, or the database server away? Nothing accepted so far is lost."
        return Finding("database", Verdict.BAD, f"{kind}: {error}", advice)
    if pending:
        return Finding("database", Verdict.BAD, f"{len(pending)} changes of tables wait", "Run `coopole migrate`.")
    return Finding("database", Verdict.GOOD, f"{kind} answers, tables up to date")


async def check_disk(settings: Settings) -> Finding:
    """See how much room is left."""
    try:
        free = shutil.disk_usage(settings.data).free
    except OSError as error:
        advice = "Set COOPOLE_DATA to the folder that `coopole init` made."
        return Finding("disk", Verdict.DOUBTFUL, f"{settings.data}: {error.strerror}", advice)
    what = f"{free // (1024 * 1024)} MiB free in {settings.data}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", Verdict.BAD, what, "Free some room: with a full disk new posts are refused.")
    return Finding("disk", Verdict.GOOD, what)


async def check_broker(settings: Settings) -> Finding:
    """Ask the broker for a sign of life, and for the workers that look at it."""
    url = broker_url(settings)
    if not url:
        return Finding("broker", Verdict.BAD, "none is running", "Start the server: `coopole serve`.")
    try:
        pool = await create_pool(replace(redis_settings(url), conn_retries=0), default_queue_name=QUEUE_NAME)
        try:
            await pool.ping()
            keys = [key async for key in pool.scan_iter("coopole:health:*")]
        finally:
            await pool.aclose()
    except (RedisError, OSError) as error:
        advice = "Start the server, or the Redis that COOPOLE_REDIS_URL names. Meanwhile work waits in the database."
        return Finding("broker", Verdict.BAD, f"does not answer: {error}", advice)
    if not keys:
        return Finding("broker", Verdict.BAD, "answers, but no worker is at work", "Start one: `coopole worker`.")
    return Finding("broker", Verdict.GOOD, f"answers; {len(keys)} workers")


async def check_backlog(ctx: Context) -> Finding:
    """See what waits: activities that arrived, deliveries that are due, hosts that do not answer."""
    arrived = await InboxMessage.all().count()
    owed = await Delivery.filter(due_at__not_isnull=True).count()
    silent = await Host.filter(retry_at__gt=ctx.now()).count()
    what = f"{arrived} arrived, {owed} to deliver, {silent} silent servers"
    late = await Delivery.filter(due_at__lt=ctx.now(), leased_until=None, host__not_in=await _silent_hosts(ctx)).count()
    if arrived > 1000 or late > 1000:
        return Finding("work", Verdict.DOUBTFUL, what, "Are the workers running? More of them: COOPOLE_WORKERS.")
    return Finding("work", Verdict.GOOD, what)


async def _silent_hosts(ctx: Context) -> list[str]:
    rows = Host.filter(retry_at__gt=ctx.now()).values_list("name", flat=True)
    return [str(name) for name in await rows] or [""]


async def check_mail(settings: Settings) -> Finding:
    """See whether the mail server lets us in; no letter is sent."""
    if not settings.smtp_url:
        advice = "Set COOPOLE_SMTP_URL (docs/deploy.md), or letters reach nobody."
        return Finding("e-mail", Verdict.DOUBTFUL, f"letters are put into {settings.data / 'mail'}", advice)
    try:
        await mailer_of(settings).try_out()
    except MailFailed as error:
        advice = "Look at COOPOLE_SMTP_URL: name, port, user, password; and at the certificate of the mail server."
        return Finding("e-mail", Verdict.BAD, str(error), advice)
    return Finding("e-mail", Verdict.GOOD, "the mail server lets us in; `coopole mail try` sends a letter")


async def check_incoming(ctx: Context) -> Finding:
    """Visit this server by its public address, as another server would: WebFinger, then the actor."""
    section = await Section.filter(is_main=True).select_related("actor").first()
    if section is None:
        return Finding("incoming", Verdict.DOUBTFUL, "there is no section yet", "Finish the set-up in a browser.")
    resource = quote(f"acct:{section.actor.username}@{ctx.names.host}")
    url = f"{ctx.names.origin}/.well-known/webfinger?resource={resource}"
    try:
        await ctx.client.get(url, accept="application/jrd+json", signer=None)
        document = await Dereferencer(ctx.client, ctx.signer).document(section.actor.uri)
    except FederationError as error:
        advice = (
            "Is the server running, and does the reverse proxy pass /.well-known, /actors and the Host header on? "
            "A certificate error is mended there too (docs/deploy.md)."
        )
        return Finding("incoming", Verdict.BAD, str(error), advice)
    if document.get("id") != section.actor.uri:
        return Finding("incoming", Verdict.BAD, "another server answers at our address", "Check the proxy's upstream.")
    return Finding("incoming", Verdict.GOOD, f"@{ctx.names.handle(section.actor.username)} can be found from outside")


async def check_handles(ctx: Context) -> Finding:
    """Ask the domain of the handles for the main section, as another server would: it must send the question on to us."""
    section = await Section.filter(is_main=True).select_related("actor").first()
    if section is None:
        return Finding("handles", Verdict.DOUBTFUL, "there is no section yet", "Finish the set-up in a browser.")
    handle, domain = ctx.names.handle(section.actor.username), ctx.names.handle_domain
    advice = (
        f"Have {domain} redirect /.well-known/webfinger and /.well-known/host-meta to {ctx.names.origin} "
        "(docs/deploy.md, “Handles of another domain”)."
    )
    try:
        jrd = await webfinger.look_up(handle, ctx.client, webfinger.scheme_for(domain, ctx.client))
    except FederationError as error:
        return Finding("handles", Verdict.BAD, f"{domain}: {error}", advice)
    if jrd.actor_uri != section.actor.uri:
        return Finding("handles", Verdict.BAD, f"{domain} says that @{handle} is {jrd.actor_uri}", advice)
    return Finding("handles", Verdict.GOOD, f"{domain} says that @{handle} is {jrd.actor_uri}")


async def check_outgoing(ctx: Context, handle: str | None) -> Finding:
    """Fetch somebody from another server: the one named, or one met before."""
    met = await Actor.filter(is_local=False, gone_at=None).order_by("-fetched_at").first()
    try:
        if handle is not None:
            uri = (await webfinger.look_up(handle, ctx.client)).actor_uri
        elif met is not None:
            uri = met.uri
        else:
            return Finding("outgoing", Verdict.DOUBTFUL, "nobody met yet", "Try: coopole doctor --handle @user@host")
        await Dereferencer(ctx.client, ctx.signer).document(uri)
    except FederationError as error:
        advice = "Does a firewall stop outgoing https? Try with another server: coopole doctor --handle @user@host"
        return Finding("outgoing", Verdict.BAD, str(error), advice)
    return Finding("outgoing", Verdict.GOOD, f"{uri} was fetched, signed by this server")


async def check_clock(ctx: Context) -> Finding:
    """Compare this machine's clock with another server's; signatures are refused when it is wrong."""
    met = await Actor.filter(is_local=False, gone_at=None).order_by("-fetched_at").first()
    if met is None:
        return Finding("clock", Verdict.DOUBTFUL, "no other server to compare with yet", "Run this again later.")
    url = f"{urlsplit(met.uri).scheme}://{urlsplit(met.uri).netloc}/.well-known/nodeinfo"
    try:
        answer = await ctx.client.get(url, accept=JSON)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (FederationError, KeyError, ValueError) as error:
        return Finding(
            "clock", Verdict.DOUBTFUL, f"{met.host} does not tell the time: {error}", "Run this again later."
        )
    return judge_clock(theirs, ctx.now(), met.host)


def judge_clock(theirs: datetime, ours: datetime, host: str) -> Finding:
    """Judge the difference between two clocks; HTTP dates have whole seconds, and are in UTC if they say nothing."""
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    off = abs((ours - theirs).total_seconds())
    if off > MOST_CLOCK_SECONDS:
        advice = "Switch time synchronisation on: timedatectl set-ntp true"
        return Finding("clock", Verdict.BAD, f"{off:.0f} s off the clock of {host}", advice)
    return Finding("clock", Verdict.GOOD, f"agrees with {host}")
