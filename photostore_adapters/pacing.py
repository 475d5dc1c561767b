"""A check that leaves room for everything else."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from photostore.check.pace import Pace

# Shorter pauses cost more than they are worth: what is owed adds up.
_SHORTEST = 0.05


class BoundedPace(Pace):
    """So many photos and bytes a second at most; `None` is as fast as it goes."""

    def __init__(
        self,
        *,
        photos: float | None,
        bytes: float | None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._photos = _Turnstile(photos, now, sleep)
        self._bytes = _Turnstile(bytes, now, sleep)

    async def looked_at(self, photos: int) -> None:
        await self._photos.pass_through(photos)

    async def read(self, byte_size: int) -> None:
        await self._bytes.pass_through(byte_size)


class _Turnstile:
    def __init__(
        self, per_second: float | None, now: Callable[[], float], sleep: Callable[[float], Awaitable[object]]
    ) -> None:
        self._per_second = per_second
        self._now, self._sleep = now, sleep
        self._free_at = 0.0

    async def pass_through(self, amount: int) -> None:
        if self._per_second is None:
            return
        now = self._now()
        self._free_at = max(self._free_at, now) + amount / self._per_second
        if self._free_at - now >= _SHORTEST:
            await self._sleep(self._free_at - now)
