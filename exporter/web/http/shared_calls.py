"""Blocking calls in a few threads, one call for all who ask for the same at the same time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Result = TypeVar("Result")


class StillRunningError(Exception):
    """The call takes longer than its caller waits."""


class SharedCalls(Generic[Result]):
    """A small pool; used from one event loop only, so that its table needs no lock."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._running: dict[str, asyncio.Future[Result]] = {}

    async def call(self, key: str, function: Callable[[], Result], within: float) -> Result:
        """Return what the function gives, or is about to give to others; raises StillRunningError."""
        running = self._running.get(key)
        if running is None:
            running = asyncio.get_running_loop().run_in_executor(self._pool, function)
            self._running[key] = running
            running.add_done_callback(lambda done: self._finish(key, done))
        # wait() leaves the call alone when this client gives up: others may still want it.
        if not (await asyncio.wait({running}, timeout=within))[0]:
            raise StillRunningError
        return running.result()

    def close(self) -> None:
        """Start no further call; those that run are left to end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _finish(self, key: str, done: "asyncio.Future[Result]") -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # noticed here, in case that everybody who asked is gone
