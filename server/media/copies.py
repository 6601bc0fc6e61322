"""Fetching pictures of other servers when somebody first looks at them, made anew like those of members.

Films and sounds are fetched in the same way, by server/media/film_copies.py.

What another server sends may be huge, slow, endless or a bomb: few are fetched at once, fewer of one host, each within
bounds of size and time, onto the disk and not into memory, and decoded by a program apart. What cannot be had is
remembered. Everybody who looks meanwhile waits for the same fetch.   Source: docs/decisions/0029
"""

import asyncio
import tempfile
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import structlog

from federation import policy
from federation.context import Context
from federation.errors import FederationError, MalformedActivity, RemoteUnavailable
from federation.uris import host_of
from models.media_copy import MediaCopy, picture_key
from server.errors import Invalid, NotFound, Unavailable
from server.media.store import MediaStore

AT_ONCE = 8
AT_ONCE_OF_A_HOST = 4
MADE_AT_ONCE = 2
MAX_WAITING = 256
MAX_WAITING_FOR_A_HOST = 96
HOST_RESTS_FOR = timedelta(minutes=1)
MAX_RESTING = 1000
ACCEPT = "image/webp,image/avif,image/png,image/jpeg,image/gif;q=0.9,image/*;q=0.5"

log = structlog.get_logger()


class Copies:
    """The pictures of other servers, as one process fetches and finds them."""

    key_of = staticmethod(picture_key)

    def __init__(self, store: MediaStore, at_once: int = AT_ONCE, of_a_host: int = AT_ONCE_OF_A_HOST) -> None:
        self.store = store
        self._of_a_host = of_a_host
        self._fetching: dict[str, asyncio.Task[MediaCopy]] = {}
        self._hosts: dict[str, _Host] = {}
        self._resting: OrderedDict[str, datetime] = OrderedDict()
        self._turn = asyncio.Semaphore(at_once)
        self._making = asyncio.Semaphore(MADE_AT_ONCE)

    async def find(self, url: str, ctx: Context) -> MediaCopy:
        """Give the copy of a picture, fetched now where there is none.

        Raises:
            NotFound: there is no picture to be had.
            Unavailable: too many are being fetched, or there is no room.
        """
        row = await MediaCopy.of(self.key_of(url))
        if row is not None and row.retry_at is not None and row.retry_at > ctx.now():
            raise NotFound("There is no such picture.")
        await check_host(url)
        if row is None or not row.is_there:
            row = await asyncio.shield(self._begun(url, ctx))
        if not row.is_there:
            raise NotFound("There is no such picture.")
        return row

    async def lost(self, row: MediaCopy) -> None:
        """Forget a copy whose file is gone, so that it is fetched anew."""
        await MediaCopy.filter(id=row.id, name=row.name).delete()

    def _begun(self, url: str, ctx: Context) -> "asyncio.Task[MediaCopy]":
        """Give the fetch of a picture that is going on, or a new one.

        Raises:
            Unavailable: too many are.
        """
        if (task := self._fetching.get(url)) is not None:
            return task
        host = self._hosts.setdefault(host_of(url), _Host(self._of_a_host))
        if len(self._fetching) >= MAX_WAITING or host.waiting >= MAX_WAITING_FOR_A_HOST:
            raise Unavailable("Too many pictures are being fetched. Ask again in a moment.")
        host.waiting += 1
        self._fetching[url] = task = asyncio.create_task(self._fetch(url, host, ctx))
        task.add_done_callback(lambda done: self._ended(url, host))
        return task

    def _ended(self, url: str, host: "_Host") -> None:
        del self._fetching[url]
        host.waiting -= 1
        if not host.waiting:
            self._hosts.pop(host_of(url), None)

    async def _fetch(self, url: str, host: "_Host", ctx: Context) -> MediaCopy:
        try:
            async with host.turn, self._turn:
                return await self._make(url, ctx)
        except (FederationError, Invalid) as error:
            log.info("cannot be copied", host=host_of(url), why=str(error))
            return await self._miss(url, error, ctx.now())

    async def _miss(self, url: str, error: Exception, now: datetime) -> MediaCopy:
        """Write down that there is none."""
        return await MediaCopy.miss(self.key_of(url), now)

    async def _make(self, url: str, ctx: Context) -> MediaCopy:
        """Fetch a picture, make it anew and keep it.

        Raises:
            FederationError: it cannot be had.
            Invalid: it is none.
            Unavailable: there is no room.
        """
        async with self.store.room() as folder:
            with tempfile.TemporaryFile(dir=folder) as file:
                await self._download(url, file, ctx, accept=ACCEPT, max_body_bytes=self.store.max_bytes)
                async with self.store.made_anew(file, self._making) as made:
                    await self.store.put_in_place(made)
                    return await MediaCopy.keep(self.key_of(url), made.name, made.total_bytes, ctx.now())

    async def _download(self, url: str, file: BinaryIO, ctx: Context, **terms: Any) -> None:
        """Write what another server has into a file.

        Raises:
            FederationError: it cannot be had.
            Unavailable: there is no room.
        """
        self._check_rested(host_of(url), ctx.now())
        try:
            await ctx.client.download(url, file, **terms)
        except RemoteUnavailable:
            self._rest(host_of(url), ctx.now())
            raise
        except OSError as error:
            raise Unavailable("This server has no room for pictures left.") from error

    def _check_rested(self, host: str, now: datetime) -> None:
        """Refuse a host that has just failed, so that nobody waits for it picture after picture.

        Raises:
            RemoteUnavailable: it has.
        """
        if self._resting.get(host, now) > now:
            raise RemoteUnavailable(f"{host} has just failed")

    def _rest(self, host: str, now: datetime) -> None:
        self._resting[host] = now + HOST_RESTS_FOR
        self._resting.move_to_end(host)
        if len(self._resting) > MAX_RESTING:
            self._resting.popitem(last=False)


async def check_host(url: str) -> None:
    """Refuse the pictures of a host of which a rule says so, those that are here as well.

    Raises:
        NotFound: one does, or this is no address of a host.
    """
    try:
        host = host_of(url)
    except MalformedActivity as error:
        raise NotFound("There is no such picture.") from error
    said = (await policy.policies([host]))[host]
    if said.is_suspended or said.rejects_media:
        raise NotFound("Pictures from there are not shown here.")


class _Host:
    """How many wait for one host, and whose turn it is."""

    def __init__(self, at_once: int) -> None:
        self.waiting = 0
        self.turn = asyncio.Semaphore(at_once)
