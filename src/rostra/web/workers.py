"""Blocking work of the desk, in two bounded sets of threads: the database, and slow hashes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from rostra.domain.errors import HouseError

STORE_THREADS: Final = 4
"""SQLite has one writer anyway; readers seldom wait."""

STORE_WAITING_MAX: Final = 200
"""Calls under way or waiting: at about a millisecond each, a fifth of a second of work."""

HASH_THREADS: Final = 2
"""Argon2 takes 19 MiB and some 20 ms each: two at once bound the memory and leave a core."""

HASH_WAITING_MAX: Final = 16
"""Log-ins under way or waiting: the last waits under a second."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class BusyError(HouseError):
    """More was asked for at once than the desk has threads and patience for (503)."""

    status = 503


class Workers:
    """Threads with a bound on what waits for them."""

    def __init__(self) -> None:
        self.store = Pool("store", STORE_THREADS, STORE_WAITING_MAX)
        self.hashes = Pool("hash", HASH_THREADS, HASH_WAITING_MAX)

    def close(self) -> None:
        """Finish what runs and end the threads."""
        self.store.close()
        self.hashes.close()


class Pool:
    """One set of threads; `run` refuses what exceeds `waiting_max`."""

    def __init__(self, name: str, threads: int, waiting_max: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting_max = waiting_max
        self._under_way = 0

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call `work` in a thread; BusyError if too much is waiting."""
        if self._under_way >= self._waiting_max:
            sentence = "The desk is busy. Try again in a few seconds."
            raise BusyError(sentence)
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: work(*args, **kwargs)
        )
        future.add_done_callback(self._done)
        return await future

    def close(self) -> None:
        """Finish what runs and end the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _done(self, _future: object) -> None:
        self._under_way -= 1
