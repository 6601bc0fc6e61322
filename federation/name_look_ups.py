"""Looking names up without the dead ones holding up the living.

The system's resolver cannot be told to stop: a name whose servers are gone takes a thread for many seconds, each time.
"""

import asyncio
import socket
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

MAX_DOUBTED = 10_000
DOUBTED_SHARE = 3  # one thread in so many is for the names that could not be looked up last time


class NameLookUps:
    """Threads that ask the system's resolver (so that /etc/hosts counts); they are nobody else's.

    Names that could not be looked up last time have threads of their own, and wait only for each other.
    """

    def __init__(self, threads: int) -> None:
        doubted = max(1, threads // DOUBTED_SHARE)
        self._threads = ThreadPoolExecutor(max(1, threads - doubted), thread_name_prefix="resolver")
        self._threads_for_doubted = ThreadPoolExecutor(doubted, thread_name_prefix="resolver-doubted")
        self._doubted: OrderedDict[str, None] = OrderedDict()

    async def addresses(self, host: str, port: int, family: socket.AddressFamily) -> list[Any]:
        """Look up a name, as `getaddrinfo` does.

        Raises:
            OSError: it has no address, or nobody who knows it answers.
        """
        has_begun = False

        def look_up() -> list[Any]:
            nonlocal has_begun
            has_begun = True
            return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)

        threads = self._threads_for_doubted if host in self._doubted else self._threads
        try:
            found = await asyncio.get_running_loop().run_in_executor(threads, look_up)
        except (OSError, asyncio.CancelledError):
            if has_begun:
                self._doubt(host)
            raise
        self._doubted.pop(host, None)
        return found

    def _doubt(self, host: str) -> None:
        self._doubted[host] = None
        self._doubted.move_to_end(host)
        if len(self._doubted) > MAX_DOUBTED:
            self._doubted.popitem(last=False)

    def close(self) -> None:
        """Let the threads end when they have their answers."""
        for threads in (self._threads, self._threads_for_doubted):
            threads.shutdown(wait=False, cancel_futures=True)
