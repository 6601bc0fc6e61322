"""What every process of ours opens before it works, and closes after: database, keys, network, queue, Context."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from tortoise.exceptions import IntegrityError

from federation.actors import create_local, forget_signers, signer_of
from federation.context import Context
from federation.http import HttpClient
from federation.verification import KEYS
from models import database, secrets
from models.actor import Actor, ActorType
from models.ids import claim_process_number
from server.config import VERSION, ConfigurationError, Settings
from server.queue import Queue
from server.reactions import react

INSTANCE_USERNAME = "instance"


def clock() -> datetime:
    """Tell the time: aware UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(settings: Settings, *, redis_url: str | None = None, pool_size: int = 8) -> AsyncIterator[Context]:
    """Open everything a process needs and lend it as a Context; close it at the end.

    Raises:
        ConfigurationError: there is no secret key, or the tables are not of this version.
    """
    if not settings.secret_key:
        raise ConfigurationError("there is no secret key yet: run `coopole serve` or `coopole init` first")
    secrets.use_key(settings.secret_key)
    await database.open_database(settings.database_url, pool_size=pool_size)
    queue = Queue(settings.redis_url if redis_url is None else redis_url)
    client = http_client(settings)
    try:
        if await database.pending_migrations(settings.database_url):
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
        )
    finally:
        await client.close()
        await queue.close()
        await database.close_database()
        forget_signers()
        KEYS.forget()


def http_client(settings: Settings) -> HttpClient:
    """Make the client for other servers; it says who is asking."""
    return HttpClient(
        user_agent=f"Coopole/{VERSION} (+{settings.origin})",
        allow_private_addresses=settings.allow_private_addresses,
        allow_http=settings.allow_private_addresses,
        tls=None if settings.is_secure or not settings.allow_private_addresses else ssl.create_default_context(),
    )


async def instance_actor(settings: Settings) -> Actor:
    """Give the actor of the server itself, which signs our fetches; made at the first start."""
    names = settings.names
    if (actor := await Actor.get_or_none(uri=names.instance_actor)) is not None:
        return actor
    uri, now = names.instance_actor, clock()
    try:
        kind = ActorType.APPLICATION
        return await create_local(names, kind, INSTANCE_USERNAME, display_name=names.host, now=now, uri=uri)
    except IntegrityError:  # another process, starting at the same moment, was faster
        return await Actor.get(uri=uri)
