"""What the commands share: one console for each stream, and one way to open this server's database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from rich.console import Console
from rich.markup import escape

from federation.context import Context
from server.cli.broker import EmbeddedBroker
from server.config import Settings, read_settings
from server.runtime import running

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Result = TypeVar("Result")


def refuse(message: str) -> NoReturn:
    """Say in one sentence why it cannot be done, and leave with status 1."""
    err.print(f"[bold red]coopole:[/] {escape(message)}")
    sys.exit(1)


def with_context(work: Callable[[Context, Settings], Awaitable[Result]]) -> Result:
    """Run one piece of work on this server's database, its workers being woken as by the web."""
    settings = read_settings()

    async def opened() -> Result:
        async with running(settings, redis_url=broker_url(settings)) as context:
            return await work(context, settings)

    return asyncio.run(opened())


def broker_url(settings: Settings) -> str:
    """Give the broker to wake workers through: the one configured, or the one that `coopole serve` runs, if it does."""
    return settings.redis_url or EmbeddedBroker(settings.data / "valkey").running_url()
