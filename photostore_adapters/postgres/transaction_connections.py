"""Connections for transactions, which stay at hand between two of them."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from photostore_adapters.postgres.connections import IDLE_SECONDS, take_slot


@dataclass(frozen=True, slots=True)
class HeldConnection:
    """One and the same, as sessions have it and as the driver has it."""

    pooled: PoolProxiedConnection
    driver: Any


class TransactionConnections:
    """At most `size` connections of `engine`, whose pool must have room for as many and serve nobody else.

    Taking one from SQLAlchemy's pool and giving it back costs as much as a statement, so that is done only when a
    connection is new, failed, or lay idle for too long. Nor would the pool wake those who wait when one could not be made:
    they would wait to the end of their time for what nobody uses. Whoever gets none within `patience` seconds gets
    `TimeoutError`.
    """

    def __init__(self, engine: AsyncEngine, *, size: int, patience: float) -> None:
        self.engine = engine
        self._free = asyncio.Semaphore(size)
        self._patience = patience
        self._in_use = 0
        self._at_hand: list[tuple[HeldConnection, float]] = []
        self._closed = False

    @property
    def idle(self) -> int:
        """Connections that wait for work."""
        return len(self._at_hand)

    @property
    def in_use(self) -> int:
        return self._in_use

    async def take(self) -> HeldConnection:
        await take_slot(self._free, self._patience)
        try:
            held = self._kept() or await self._fresh()
        except BaseException:
            self._free.release()
            raise
        self._in_use += 1
        return held

    def give_back(self, held: HeldConnection) -> None:
        """Where it broke, or its transaction is not over, it is given up, and the database rolls back by itself."""
        try:
            if self._closed or not _is_fit(held):
                _give_up(held)
            else:
                self._at_hand.append((held, time.monotonic()))
        finally:
            self._in_use -= 1
            self._free.release()

    def close(self) -> None:
        """Leaves those at hand to the pool, to be disposed of with it; whatever is given back later is closed at once."""
        self._closed = True
        while self._at_hand:
            self._at_hand.pop()[0].pooled.close()

    def _kept(self) -> HeldConnection | None:
        """The one that was used last."""
        while self._at_hand:
            held, since = self._at_hand.pop()
            if not held.driver.is_closed() and time.monotonic() - since < IDLE_SECONDS:
                return held
            _give_up(held)
        return None

    async def _fresh(self) -> HeldConnection:
        pooled = await self.engine.raw_connection()
        return HeldConnection(pooled, pooled.driver_connection)


def _is_fit(held: HeldConnection) -> bool:
    return held.pooled.is_valid and not held.driver.is_closed() and not held.driver.is_in_transaction()


def _give_up(held: HeldConnection) -> None:
    if held.pooled.is_valid:
        held.pooled.invalidate()
    held.pooled.close()
