"""Blocking calls in a few threads; the same call made by several clients at a time runs once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Result = TypeVar("Result")


class StillRunningError(Exception):
    """The call did not finish within its timeout."""


class SharedCalls(Generic[Result]):
    """A small thread pool; it is used from one event loop only, so its table needs no lock."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._running: dict[str, asyncio.Future[Result]] = {}

    async def call(self, key: str, function: Callable[[], Result], timeout: float) -> Result:
        """The result of the function, or of the call with the same key that is running. Raises StillRunningError."""
        running = self._running.get(key)
        if running is None:
            running = asyncio.get_running_loop().run_in_executor(self._pool, function)
            self._running[key] = running
            running.add_done_callback(lambda done: self._finish(key, done))
        # wait() does not cancel the call on a timeout: others may be waiting for it.
        if not (await asyncio.wait({running}, timeout=timeout))[0]:
            raise StillRunningError
        return running.result()

    def close(self) -> None:
        """Cancel the calls that have not started."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _finish(self, key: str, done: "asyncio.Future[Result]") -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # retrieved here, in case every client is gone
