"""Connections that stay at hand between two statements."""

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import asyncpg

# Longer than that, and a firewall may have forgotten the connection without telling anybody.
IDLE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ConnectionKind:
    """What the connections of a process are: the driver's own, or a class of that."""

    cls: type[Any] = asyncpg.Connection


async def take_slot(free: asyncio.Semaphore, patience: float) -> None:
    """Raise `TimeoutError` when there is none in time. Most find one at once, without a timer."""
    if free.locked():
        async with asyncio.timeout(patience):
            await free.acquire()
    else:
        await free.acquire()


class Connections:
    """At most `size` connections of `pool`, which must allow as many.

    Taking one from asyncpg's pool and giving it back costs as much as a third of a page of photos, so that is done only
    when a connection is new, failed, or lay idle for too long. Whoever gets none within `patience` seconds gets
    `TimeoutError`.
    """

    def __init__(self, pool: asyncpg.Pool, *, size: int, patience: float) -> None:
        self._pool = pool
        self._size = size
        self._patience = patience
        self._free = asyncio.Semaphore(size)
        self._in_use = 0
        self._at_hand: list[tuple[Any, float]] = []

    @property
    def idle(self) -> int:
        """Connections that wait for work."""
        return int(self._pool.get_size()) - self._in_use

    @property
    def in_use(self) -> int:
        return self._in_use

    def borrow(self) -> "_Borrowed":
        """A connection, for as long as the block lasts."""
        return _Borrowed(self)

    async def take(self) -> Any:
        await take_slot(self._free, self._patience)
        try:
            connection = await self._fresh()
        except BaseException:
            self._free.release()
            raise
        self._in_use += 1
        return connection

    async def give_back(self, connection: Any, *, healthy: bool) -> None:
        try:
            if healthy and _lives(connection):
                self._at_hand.append((connection, time.monotonic()))
            else:
                await self._pool.release(connection)
        finally:
            self._in_use -= 1
            self._free.release()

    async def _fresh(self) -> Any:
        while self._at_hand:
            connection, since = self._at_hand.pop()
            if _lives(connection):
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.terminate()
            await self._pool.release(connection)
        return await self._pool.acquire(timeout=self._patience)


def _lives(connection: Any) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # one that broke was taken back by the pool
        return False


class _Borrowed:
    __slots__ = ("_connection", "_connections")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: Any = None

    async def __aenter__(self) -> Any:
        self._connection = await self._connections.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.give_back(self._connection, healthy=error is None)
