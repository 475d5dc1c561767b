"""Blocking calls out of the event loop, none of them abandoned halfway."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class BlobThreads:
    """A few threads of the store's own, so that a slow disk does not starve others who use the loop's default ones."""

    def __init__(self, size: int = 16) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="blobs")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`call(...)` in a thread. When cancelled, the call is waited for first: its file must not close under it."""
        work = asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await _settled(work)
            raise

    def close(self) -> None:
        self._pool.shutdown(wait=True)


async def _settled(work: asyncio.Future[T]) -> None:
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            continue  # told twice to stop; the thread cannot be stopped, only outlived
    if not work.cancelled():
        work.exception()  # looked at, so that asyncio does not complain that nobody did
