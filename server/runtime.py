"""What every process of ours opens before it works, and closes after: database, keys, network, queue, Context."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from tortoise.exceptions import BaseORMException, IntegrityError, OperationalError

from federation.actors import Met, create_local, forget_signers, keep_many, signer_of
from federation.context import Columns, Context, Work
from federation.facts import Fact
from federation.http import HttpClient
from federation.knocking import Knocker
from federation.verification import KEYS
from models import database, secrets
from models.actor import Actor, ActorType
from models.ids import claim_process_number
from server.config import VERSION, ConfigurationError, Settings
from server.group_commit import GroupCommit
from server.push.subscribers import has_subscribers
from server.queue import Queue
from server.reactions import react
from server.streaming.news import publisher

INSTANCE_USERNAME = "instance"


def clock() -> datetime:
    """Tell the time: aware UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    settings: Settings, *, redis_url: str | None = None, pool_size: int = 8, flushes: bool = True
) -> AsyncIterator[Context]:
    """Open everything a process needs and lend it as a Context; close it at the end.

    `flushes`: see `database.open_database`.

    Raises:
        ConfigurationError: there is no secret key, or the tables are not of this version.
    """
    if not settings.secret_key:
        raise ConfigurationError("there is no secret key yet: run `coopole serve` or `coopole init` first")
    secrets.use_key(settings.secret_key)
    await database.open_database(settings.database_url, pool_size=pool_size, flushes=flushes)
    queue = Queue(settings.redis_url if redis_url is None else redis_url)
    client = http_client(settings)
    try:
        await _check_database()
        if await database.pending_migrations():
            raise ConfigurationError("the database is of an older version: run `coopole migrate`")
        await claim_process_number()
        instance = await instance_actor(settings)
        yield Context(
            names=settings.names,
            now=clock,
            client=client,
            signer=await signer_of(instance.id),
            react=react,
            wake=queue.wake,
            publish=_publisher(queue),
            keep_actor=_keeper(),
        )
    finally:
        await client.close()
        await queue.close()
        await database.close_database()
        forget_signers()
        KEYS.forget()


def _publisher(queue: Queue) -> Callable[[Sequence[Fact]], Awaitable[None]]:
    """Make what tells of facts: open streams, and, where any client wants to be told, whoever pushes."""
    to_streams = publisher(queue.publish)

    async def publish(facts: Sequence[Fact]) -> None:
        await to_streams(facts)
        if await has_subscribers():
            await queue.wake(Work.PUSH)

    return publish


def _keeper() -> Callable[[Columns], Awaitable[Actor]]:
    """Make what writes the rows of actors that were just fetched: those of the same few milliseconds together."""
    commit = GroupCommit(keep_many)

    async def keep(columns: Columns) -> Actor:
        met = Met(columns)
        await commit.add(met)
        if met.actor is None:
            raise met.error or OperationalError("an actor was not kept")
        return met.actor

    return keep


async def _check_database() -> None:
    """Ask the database for a sign of life.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        await database.select("SELECT 1 AS alive")
    except (BaseORMException, OSError) as error:
        raise ConfigurationError(f"the database cannot be reached: {error}") from error


def http_client(settings: Settings) -> HttpClient:
    """Make the client for other servers; it says who is asking."""
    return HttpClient(
        user_agent=f"Coopole/{VERSION} (+{settings.origin})",
        allow_private_addresses=settings.allow_private_addresses,
        allow_http=settings.allow_private_addresses,
        knocker=Knocker(is_kept=True),
    )


async def instance_actor(settings: Settings) -> Actor:
    """Give the actor of the server itself, which signs our fetches; made at the first start.

    Raises:
        ConfigurationError: the database is another address's: names given out are never changed.
    """
    names = settings.names
    if (actor := await Actor.get_or_none(uri=names.instance_actor)) is not None:
        return actor
    uri, now = names.instance_actor, clock()
    try:
        kind = ActorType.APPLICATION
        return await create_local(names, kind, INSTANCE_USERNAME, display_name=names.host, now=now, uri=uri)
    except IntegrityError:  # another process, starting at the same moment, was faster; or the address has changed
        actor = await Actor.get(local_name=INSTANCE_USERNAME)
    if actor.uri != uri:
        theirs = actor.uri.removesuffix("/actor")
        raise ConfigurationError(f"this database belongs to {theirs}, and COOPOLE_ORIGIN says {settings.origin}")
    return actor
