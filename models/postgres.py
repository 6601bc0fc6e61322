"""Tortoise's PostgreSQL backend, for a server that may go away and come back.

Differences from `tortoise.backends.asyncpg`: a transaction that cannot begin, because the server went away or the task
was cancelled, gives its connection back, or a few restarts of PostgreSQL would empty the pool for ever; a database that
cannot work now raises DBConnectionError, whatever asyncpg calls it.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter
from types import TracebackType
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

from models import timing
from models.trail import FollowedClient

_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
)


class PostgresClient(FollowedClient, AsyncpgDBClient):
    """A Tortoise client whose transactions do not lose connections."""

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        started = perf_counter()
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except _AWAY as error:
            if isinstance(error, ValueError):  # what asyncpg says of a value that fits no column
                raise
            raise DBConnectionError(error) from error
        finally:
            timing.tell(started)

    def _in_transaction(self) -> TransactionContext:
        return PooledTransactionContext(PostgresTransaction(self), self._pool_init_lock)

    @translate_exceptions
    async def acquire(self) -> Any:
        """Take a connection of the pool.

        Raises:
            DBConnectionError: the server is away, or has no more to give.
        """
        if not self._pool:
            async with self._pool_init_lock:
                if not self._pool:
                    await self.create_connection(with_db=True)
        pool: Any = self._pool
        return await pool.acquire()

    async def give_back(self, connection: Any) -> None:
        """Return a connection to the pool, which drops it if it is broken."""
        pool: Any = self._pool
        if pool is not None:
            with suppress(*_AWAY):
                await pool.release(connection)


class PostgresTransaction(PostgresClient, TransactionWrapper):
    """A transaction, or a savepoint in one."""

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(PostgresTransaction(self))

    @translate_exceptions
    async def commit(self) -> None:
        """Keep what the transaction did.

        Raises:
            DBConnectionError: whether it is kept is not known: the server went away.
        """
        await TransactionWrapper.commit(self)

    @translate_exceptions
    async def rollback(self) -> None:
        """Drop what the transaction did.

        Raises:
            DBConnectionError: the server went away, and with it what the transaction did.
        """
        await TransactionWrapper.rollback(self)


class PooledTransactionContext(TransactionContextPooled):
    """A transaction on a connection of the pool, which has it back however the transaction begins and ends."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Take a connection and begin."""
        parent: Any = self.client._parent
        self.client._connection = await parent.acquire()
        try:
            await self.client.begin()
        except BaseException:  # a cancelled task loses its connection as easily as a failed one
            await parent.give_back(self.client._connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what was done, or drop it after an error."""
        parent: Any = self.client._parent
        get_connections().reset(self.token)
        try:
            if not self.client._finalized:
                await (self.client.rollback() if error is not None else self.client.commit())
        finally:
            await parent.give_back(self.client._connection)


client_class = PostgresClient
