"""Who may take a connection for a transaction."""

import asyncio


class ConnectionSlots:
    """As many as the pool has connections: whoever holds one finds a connection there, or room to make one.

    The pool would wake those who wait when a connection is given back, and never when one could not be made: they would
    wait to the end of their time for what nobody uses.
    """

    def __init__(self, count: int, *, patience: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._patience = patience

    async def take(self) -> None:
        """Raise `TimeoutError` when none is free in time."""
        if self._free.locked():
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        else:
            await self._free.acquire()  # at once

    def give_back(self) -> None:
        self._free.release()
