"""The transaction of one request or job."""

import asyncio
import time
from types import TracebackType
from typing import Self

from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.observability.metrics import DATABASE_SECONDS
from photostore_adapters.postgres.changes import PendingChanges
from photostore_adapters.postgres.errors import translate, translated
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.waiting import WaitingTransaction


class PostgresUnitOfWork(UnitOfWork):
    """One transaction at a time: a connection while it is open, from its first statement on, and none in between."""

    def __init__(self, transaction: Transaction, waiting: WaitingTransaction, changes: PendingChanges) -> None:
        self._transaction = transaction
        self._waiting = waiting
        self._changes = changes
        self._answers = False
        self._started = 0.0

    def answering(self) -> Self:
        self._answers = True
        return self

    async def __aenter__(self) -> Self:
        self._started = time.perf_counter()
        if self._waiting.transaction is not None:
            # What waited was not the last after all: it must not keep others waiting meanwhile.
            self._waiting.transaction = None
            await self._finish()
        assert not self._transaction.begun, "a transaction of this scope is open already"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._end(error)
        finally:
            outcome = "ok" if error is None else "failed"
            DATABASE_SECONDS.labels("transaction", outcome).observe(time.perf_counter() - self._started)

    async def _end(self, error: BaseException | None) -> None:
        waits, self._answers = self._answers and self._waiting.wanted, False
        if error is None:
            await self._finish(waits=waits)
            return
        # A connection that broke cannot roll back: the database does it by itself. What went wrong is what counts.
        await self._roll_back()
        known = translate(error) if isinstance(error, Exception) else None
        if known is not None:
            raise known from error

    async def _finish(self, *, waits: bool = False) -> None:
        """What is told comes last, since it locks the owner's feed. One that waits is committed together with its answer."""
        try:
            with translated():
                await self._changes.write()
                if not waits:
                    await self._transaction.commit()
            if waits:
                self._waiting.transaction = self._transaction
        except BaseException:
            # Refused, lost or cancelled: either way the next transaction of this scope begins afresh.
            await asyncio.shield(self._roll_back())
            raise

    async def _roll_back(self) -> None:
        self._changes.forget()
        try:
            await self._transaction.roll_back()
        except Exception as fault:
            if translate(fault) is None:
                raise
